"""Permissions that no stack of the embedded cloud can prove: what is said about them is true.

tests/e2e/test_permission_mutation.py proves the others, on the stack of envs/local.tfvars. So what
roles may do elsewhere and not there must be reviewed (tests/reviewed_permissions.yaml).
"""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from tests.plan.conftest import ROOT, Plan, Planner
from tests.reviewed import Entry, Reviewed

REVIEWED = Reviewed.read()
STACK = ROOT / "terraform"
KEY = "arn:aws:kms:us-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"


def stack(plan: Planner, environment: str, **variables: Any) -> Plan:
    return plan(
        STACK,
        {"environment_suffix": "pr123"} | variables,
        STACK / "envs" / f"{environment}.tfvars",
    )


def granted(made: Plan) -> dict[tuple[str, str, str], dict[str, Any]]:
    """(policy document of a function's role, Sid, action) => its statement."""
    documents = {
        f"{module}.data.aws_iam_policy_document.{name}"
        for module in (
            address.rpartition(".aws_lambda_function.")[0]
            for address in made.resources("aws_lambda_function")
        )
        for name in ("runtime", "permissions")
    }
    return {
        (address, statement["sid"], action): statement
        for address, statements in made.statements().items()
        if address in documents
        for statement in statements
        for action in statement["actions"]
    }


def elsewhere(plan: Planner) -> list[Plan]:
    """Every other way of configuring a stack that changes what its roles may do."""
    return [
        stack(plan, "preview"),
        stack(plan, "production"),
        stack(plan, "production", kms_key_arn=KEY),
    ]


def test_what_is_granted_elsewhere_is_granted_locally_or_reviewed(plan: Planner) -> None:
    here = granted(stack(plan, "local"))
    assert here
    only_elsewhere = {grant for made in elsewhere(plan) for grant in granted(made)} - here.keys()
    listed = {(entry.sid, entry.action) for entry in REVIEWED.elsewhere}
    assert {(sid, action) for _, sid, action in only_elsewhere} == listed, (
        "what no stack of the embedded cloud has must be in tests/reviewed_permissions.yaml, "
        "under not_applied, and nothing else"
    )


def test_what_is_never_asked_for_is_granted(plan: Planner) -> None:
    here = {(sid, action) for _, sid, action in granted(stack(plan, "local"))}
    assert {(entry.sid, entry.action) for entry in REVIEWED.applied} <= here


MORE_SERVICES = {
    "lake_exporter": {"s3", "ssm"},
    "release_steps": {"sns"},
    "report_failed_messages": {"sns"},
    "rollback_orchestrator": {"sns"},
}


def test_a_key_is_used_through_services_only(plan: Planner) -> None:
    """Every role has the key exactly where the stack has one, and never by itself."""
    made = stack(plan, "production", kms_key_arn=KEY)
    by_role: dict[str, set[str]] = {}
    for (address, sid, action), statement in granted(made).items():
        if action.startswith("kms:"):
            assert sid == "UseKeyThroughServices"
            assert statement["resources"] == [KEY]
            (condition,) = statement["condition"]
            assert (condition["test"], condition["variable"]) == ("StringEquals", "kms:ViaService")
            services = {name.split(".")[0] for name in condition["values"]}
            handler = address.split('"')[1]
            assert services == {"dynamodb", "lambda", "sqs"} | MORE_SERVICES.get(handler, set())
            by_role.setdefault(address, set()).add(action)
    assert len(by_role) == len(made.resources("aws_lambda_function"))
    entries = {e.action for e in REVIEWED.elsewhere if e.sid == "UseKeyThroughServices"}
    assert all(actions == entries for actions in by_role.values())
    # Without one, topics have a key of their own, and those who publish use it through SNS.
    for (address, sid, action), statement in granted(stack(plan, "production")).items():
        if action.startswith("kms:"):
            assert address.split('"')[1] in {
                "release_steps", "report_failed_messages", "rollback_orchestrator",
            }  # fmt: skip
            assert (sid, action) in {
                ("EncryptNotices", "kms:Decrypt"), ("EncryptNotices", "kms:GenerateDataKey"),
            }  # fmt: skip
            (condition,) = statement["condition"]
            assert condition["variable"] == "kms:ViaService"
            assert condition["values"] == ["sns.us-west-1.amazonaws.com"]


ENTRIES = [*REVIEWED.applied, *REVIEWED.elsewhere]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.sid}-{entry.action}")
def test_every_reviewed_permission_is_argued(entry: Entry) -> None:
    """AWS's own policy for the purpose holds the action, and the tests that it names exist."""
    assert len(entry.reason) > 20
    assert entry.documentation.startswith("https://docs.aws.amazon.com/")
    if entry.managed_policy:
        published = json.loads(aws_managed_policies_data)[entry.managed_policy]["Document"]
        assert entry.action in [
            action for statement in published["Statement"] for action in statement["Action"]
        ]
    assert entry.tests
    for node in entry.tests:
        file, _, name = node.partition("::")
        functions = ast.parse((ROOT / file).read_text()).body
        assert name in [f.name for f in functions if isinstance(f, ast.FunctionDef)], node
