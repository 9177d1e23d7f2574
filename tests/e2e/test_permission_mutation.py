"""No permission is there for nothing: `make iam-mutation`.

Every function's role loses each of its permissions in turn, by IAM's API on the applied stack,
and the function's exercise must fail without it. The table is printed with `-s`; the whole
report is build/iam-mutation/report.json.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from rich.console import Console

from tests.e2e.conftest import Deployment
from tests.e2e.iam import mutation, report
from tests.e2e.iam.exercises import EXERCISES, ExerciseError, Ground, require
from tests.e2e.iam.mutation import (
    GOOD,
    ControlError,
    Mutation,
    Outcome,
    denied,
    inventory,
    workers,
)
from tests.e2e.iam.permissions import UnreadableRoleError, permissions, without
from tests.reviewed import Reviewed

REVIEWED = Reviewed.read()


@pytest.fixture(scope="module")
def ground(deployment: Deployment, api: httpx.Client) -> Iterator[Ground]:
    """The stack, whose roles must be in the end as they were."""
    ground = Ground(deployment, api)
    before = inventory(ground)
    yield ground
    assert inventory(ground) == before


def test_every_permission_is_needed(ground: Ground) -> None:
    console = Console(width=None if sys.stdout.isatty() else 160)
    started = time.monotonic()
    run = Mutation(ground, REVIEWED, lambda line: console.print(line, soft_wrap=True))
    verdicts = run.run(sorted(ground.deployment.outputs["functions"]))
    report.write(verdicts)
    report.show(verdicts, console)
    console.print(f"{len(verdicts)} permissions in {time.monotonic() - started:.0f} s")

    if bad := [verdict.line() for verdict in verdicts if verdict.outcome not in GOOD]:
        pytest.fail("\n".join(bad), pytrace=False)
    asked = {verdict.permission for verdict in verdicts}
    for handler in ground.deployment.outputs["functions"]:
        assert set(run.permissions(handler)) <= asked
    idle = [
        entry
        for entry in REVIEWED.applied
        if not any(entry.covers(verdict.permission) for verdict in verdicts)
    ]
    assert idle == [], "tests/reviewed_permissions.yaml has entries that no role needs"


def silently(_line: str) -> None:
    """Progress of runs whose outcome is made up."""


@contextmanager
def planted(ground: Ground, actions: list[str], arns: list[str]) -> Iterator[dict[str, Any]]:
    """The role of `health` may do something that it has no use for; the policy that says so."""
    iam, role = ground.deployment.client("iam"), ground.function("health")["role"]
    statement = {"Sid": "Planted", "Effect": "Allow", "Action": actions, "Resource": arns}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    at = {"RoleName": role, "PolicyName": "planted"}
    iam.put_role_policy(**at, PolicyDocument=json.dumps(document))
    try:
        yield document
        assert iam.get_role_policy(**at)["PolicyDocument"] == document
    finally:
        iam.delete_role_policy(**at)


def test_a_permission_that_nobody_needs_is_found(ground: Ground) -> None:
    """One that is added is reported, by action and by resource; also by a function that has only
    just started, and would have used it then."""
    table = ground.deployment.outputs["dynamodb_table_arn"]
    actions, arns = ["dynamodb:GetItem", "dynamodb:Query"], [table, f"{table}/index/recent"]
    cloud, name = ground.deployment.cloud.pid, ground.function("health")["name"]
    processes = set()

    def exercise(ground: Ground) -> None:
        EXERCISES["health"](ground)
        processes.update(workers(cloud, name))

    with planted(ground, actions, arns):
        verdicts = Mutation(ground, REVIEWED, silently, {"health": exercise}).run(["health"])
    unneeded = [v.permission for v in verdicts if v.outcome is Outcome.UNNEEDED]
    assert {(p.action, p.resource) for p in unneeded} == {(a, arn) for a in actions for arn in arns}
    assert {v.outcome for v in verdicts} == {Outcome.UNNEEDED, Outcome.NOT_ENFORCED}
    assert len(processes) == 1 + len(unneeded)


def test_a_failure_that_is_no_denial_proves_nothing(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mutation, "LOG_SECONDS", 0.5)
    iam, role = ground.deployment.client("iam"), ground.function("health")["role"]

    def exercise(ground: Ground) -> None:
        EXERCISES["health"](ground)
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
        require("planted" in names, "something else went wrong")

    with planted(ground, ["dynamodb:GetItem"], ["*"]):
        verdicts = Mutation(ground, REVIEWED, silently, {"health": exercise}).run(["health"])
    (planted_verdict,) = [v for v in verdicts if v.permission.sid == "Planted"]
    assert planted_verdict.outcome is Outcome.UNCLEAR
    assert planted_verdict.evidence == "something else went wrong"


def test_nothing_is_learnt_from_a_function_that_does_not_work(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exercise(_ground: Ground) -> None:
        raise ExerciseError("it is broken")

    monkeypatch.setattr(mutation, "SETTLE_SECONDS", 0)
    with pytest.raises(ControlError, match="permissions: it is broken"):
        Mutation(ground, REVIEWED, silently, {"health": exercise}).run(["health"])
    with pytest.raises(ControlError, match="get_feedback: add a function marked @exercise"):
        Mutation(ground, REVIEWED, silently, {"health": exercise}).run(["get_feedback"])


TWO_BY_TWO = {"Sid": "S", "Effect": "Allow", "Action": ["a:1", "a:2"], "Resource": ["r1", "r2"]}
ONE = {"Sid": "One", "Effect": "Allow", "Action": "a:1", "Resource": "r1"}


def test_a_permission_is_taken_out_of_a_policy_and_nothing_else_is() -> None:
    def pairs(policy: dict[str, Any]) -> set[tuple[str, str]]:
        return {(p.action, p.resource) for p in permissions("h", "role", {"p": policy})}

    deny = {"Effect": "Deny", "Action": "a:*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [TWO_BY_TWO, deny, ONE]}
    assert len(permissions("h", "role", {"p": document})) == 5
    square = {"Version": "2012-10-17", "Statement": TWO_BY_TWO}
    for permission in permissions("h", "role", {"p": square}):
        less = without(square, permission)
        assert less
        assert pairs(less) == pairs(square) - {(permission.action, permission.resource)}
        sids = [statement["Sid"] for statement in less["Statement"]]
        assert len(set(sids)) == len(sids)
    *_, last = permissions("h", "role", {"p": document})
    assert without(document, last) == document | {"Statement": [TWO_BY_TWO, deny]}
    alone = {"Version": "2012-10-17", "Statement": [ONE]}
    (only,) = permissions("h", "role", {"p": alone})
    assert without(alone, only) is None


@pytest.mark.parametrize("element", ["Action", "Resource"])
def test_a_role_that_says_what_it_may_not_is_refused(element: str) -> None:
    statement = {name: value for name, value in ONE.items() if name != element}
    policy = {"Statement": [statement | {f"Not{element}": "x"}]}
    with pytest.raises(UnreadableRoleError, match=f"allows by Not{element}"):
        permissions("h", "role", {"p": policy})


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (
            '{"errors": [{"code": "AccessDeniedException", "operation": "Query"}]}',
            "Query was refused with AccessDeniedException",
        ),
        ("botocore: An error occurred (AccessDenied) when calling", "AccessDenied"),
        ('{"code": "ResourceNotFoundException", "operation": "Query"}', None),
    ],
)
def test_a_denial_is_read_from_a_log(line: str, found: str | None) -> None:
    assert denied(line) == found
