"""No permission is there for nothing: `make iam-mutation`.

Every function's role loses each of its permissions in turn, by IAM's API on the applied stack,
and the function's exercise must fail without it. The table is printed with `-s`; the whole
report is build/iam-mutation/report.json.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator

import httpx
import pytest
from rich.console import Console

from tests.e2e.conftest import Deployment
from tests.e2e.iam import report
from tests.e2e.iam.exercises import Ground
from tests.e2e.iam.mutation import GOOD, Mutation, Outcome, inventory
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
    console = Console(width=150 if "CI" in os.environ else None)
    started = time.monotonic()
    mutation = Mutation(ground, REVIEWED, lambda line: console.print(line, soft_wrap=True))
    verdicts = mutation.run(sorted(ground.deployment.outputs["functions"]))
    report.write(verdicts)
    report.show(verdicts, console)
    console.print(f"{len(verdicts)} permissions in {time.monotonic() - started:.0f} s")

    assert [verdict.line() for verdict in verdicts if verdict.outcome not in GOOD] == []
    asked = {verdict.permission for verdict in verdicts}
    for handler in ground.deployment.outputs["functions"]:
        assert set(mutation.permissions(handler)) <= asked
    idle = [
        entry
        for entry in REVIEWED.applied
        if not any(entry.covers(verdict.permission) for verdict in verdicts)
    ]
    assert idle == [], "tests/reviewed_permissions.yaml has entries that no role needs"


def test_a_permission_that_nobody_needs_is_found(ground: Ground) -> None:
    """A permission that is added is reported, whether of an action or of a resource."""
    iam = ground.deployment.client("iam")
    role = ground.function("health")["role"]
    table = ground.deployment.outputs["dynamodb_table_arn"]
    statement = {
        "Sid": "ForNothing",
        "Effect": "Allow",
        "Action": ["dynamodb:GetItem", "dynamodb:Query"],
        "Resource": [table, f"{table}/index/recent"],
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    iam.put_role_policy(RoleName=role, PolicyName="planted", PolicyDocument=json.dumps(document))
    try:
        verdicts = Mutation(ground, REVIEWED, print).run(["health"])
        found = iam.get_role_policy(RoleName=role, PolicyName="planted")["PolicyDocument"]
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="planted")
    assert found == document
    unneeded = [v.permission for v in verdicts if v.outcome is Outcome.UNNEEDED]
    assert {(p.action, p.resource) for p in unneeded} == {
        (action, arn) for action in statement["Action"] for arn in statement["Resource"]
    }
    assert {p.handler for p in unneeded} == {"health"}
    assert {v.outcome for v in verdicts} == {Outcome.UNNEEDED, Outcome.NOT_ENFORCED}
