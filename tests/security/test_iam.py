"""parliament and cloudsplaining: each kind of bad policy turns the gate red."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from ops import ROOT
from ops.security import iam
from ops.security.findings import ScannerError
from ops.security.plans import Plan, Resource

ACCOUNT = "123456789012"
TABLE = f"arn:aws:dynamodb:us-west-1:{ACCOUNT}:table/t"


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


# Case => kind, policy, scanner, rule.
BAD: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "privilege escalation": (
        "identity",
        policy(allow(["iam:CreatePolicyVersion"], f"arn:aws:iam::{ACCOUNT}:policy/own")),
        "cloudsplaining",
        "PRIVILEGE_ESCALATION",
    ),
    "new code for a function with another role": (
        "identity",
        policy(
            allow("lambda:UpdateFunctionCode", f"arn:aws:lambda:us-west-1:{ACCOUNT}:function:a")
        ),
        "cloudsplaining",
        "PRIVILEGE_ESCALATION",
    ),
    "credentials": (
        "identity",
        policy(allow("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/u")),
        "cloudsplaining",
        "CREDENTIALS_EXPOSURE",
    ),
    "data exfiltration": (
        "identity",
        policy(allow("s3:GetObject", "*")),
        "cloudsplaining",
        "DATA_EXFILTRATION",
    ),
    "writes anywhere": (
        "identity",
        policy(allow("dynamodb:PutItem", "*")),
        "cloudsplaining",
        "UNCONSTRAINED_WRITE",
    ),
    "permissions of anything": (
        "identity",
        policy(allow("s3:PutBucketPolicy", "*")),
        "cloudsplaining",
        "PERMISSIONS_MANAGEMENT",
    ),
    "all of a service": (
        "identity",
        policy(allow("dynamodb:*", "*")),
        "cloudsplaining",
        "SERVICE_WILDCARD",
    ),
    "all but some": (
        "identity",
        policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
        "cloudsplaining",
        "NOT_ACTION",
    ),
    "unknown action": (
        "identity",
        policy(allow("dynamodb:FetchItem", TABLE)),
        "parliament",
        "UNKNOWN_ACTION",
    ),
    "unknown service": (
        "identity",
        policy(allow("dynamo:GetItem", TABLE)),
        "parliament",
        "UNKNOWN_PREFIX",
    ),
    "wrong resource for the action": (
        "identity",
        policy(allow("sqs:SendMessage", TABLE)),
        "parliament",
        "RESOURCE_MISMATCH",
    ),
    "needless star": (
        "identity",
        policy(allow("sqs:SendMessage", "*")),
        "parliament",
        "RESOURCE_STAR",
    ),
    "unknown condition": (
        "identity",
        policy(
            allow("sqs:SendMessage", f"arn:aws:sqs:us-west-1:{ACCOUNT}:q",
                  Condition={"StringEquals": {"dynamodb:LeadingKeys": "a"}})
        ),
        "parliament",
        "UNKNOWN_CONDITION_FOR_ACTION",
    ),
    "unknown operator": (
        "identity",
        policy(allow("dynamodb:GetItem", TABLE, Condition={"Equals": {"aws:userid": "x"}})),
        "parliament",
        "UNKNOWN_OPERATOR",
    ),
    "two statements of one name": (
        "identity",
        policy(
            allow("dynamodb:GetItem", TABLE, Sid="A"), allow("dynamodb:Query", TABLE, Sid="A")
        ),
        "parliament",
        "DUPLICATE_SID",
    ),
    "no ARN": (
        "identity",
        policy(allow("dynamodb:GetItem", "table/t")),
        "parliament",
        "INVALID_ARN",
    ),
    "trust in nobody known": (
        "trust",
        policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "alice"}}),
        "parliament",
        "UNKNOWN_PRINCIPAL",
    ),
    "trust with an unknown action": (
        "trust",
        policy(
            {
                "Effect": "Allow",
                "Action": "sts:BecomeRole",
                "Principal": {"Service": "lambda.amazonaws.com"},
            }
        ),
        "parliament",
        "UNKNOWN_ACTION",
    ),
    "queue's policy for a bucket": (
        "resource",
        policy(
            {
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Principal": {"AWS": ACCOUNT},
                "Resource": f"arn:aws:sqs:us-west-1:{ACCOUNT}:q",
            }
        ),
        "parliament",
        "RESOURCE_MISMATCH",
    ),
}  # fmt: skip
ATTRIBUTES = {
    "identity": ("aws_iam_role_policy", "policy"),
    "trust": ("aws_iam_role", "assume_role_policy"),
    "resource": ("aws_sqs_queue", "policy"),
}


def resource(kind: str, **values: Any) -> Resource:
    return Resource(f"{kind}.a", kind, "a", {"arn": _arn(kind)} | values, (), ROOT / "terraform")


def _arn(kind: str) -> str:
    service = {"aws_iam_role": f"iam::{ACCOUNT}:role/a"}.get(kind, f"sqs:us-west-1:{ACCOUNT}:q")
    return f"arn:aws:{service}"


@pytest.fixture(scope="module")
def verdicts() -> dict[str, set[tuple[str, str]]]:
    """Case => scanners and rules that object; all cases in one run of the scanners."""
    found = []
    for case, (kind, document, _, _) in BAD.items():
        resource_kind, attribute = ATTRIBUTES[kind]
        having = resource(resource_kind, **{attribute: json.dumps(document)})
        found.append(iam.Policy(case, having, attribute, kind, document))
    said: dict[str, set[tuple[str, str]]] = {case: set() for case in BAD}
    for result in iam.scan_policies(found):
        for finding in result.failures:
            said[finding.variant].add((result.tool, finding.rule))
    return said


@pytest.mark.parametrize("case", BAD)
def test_a_bad_policy_is_found(case: str, verdicts: dict[str, set[tuple[str, str]]]) -> None:
    _, _, scanner, rule = BAD[case]
    assert (scanner, rule) in verdicts[case]


def test_all_policies_of_all_plans_are_read(made: list[Plan]) -> None:
    """Counted another way: every role has a trust policy and at least one other."""
    for plan in made:
        found = iam.policies(plan)
        roles = [r for r in plan.resources() if r.kind == "aws_iam_role"]
        inline = [r for r in plan.resources() if r.kind == "aws_iam_role_policy"]
        assert len([p for p in found if p.kind == "trust"]) == len(roles)
        assert len([p for p in found if p.kind == "identity"]) == len(inline) >= len(roles)
        for policy in found:
            assert policy.statements, policy.resource.address


def test_a_policy_that_cannot_be_read_is_an_error(made: list[Plan]) -> None:
    plan = made[0]
    raw = json.loads(json.dumps(plan.raw))
    (table,) = [
        m for m in raw["planned_values"]["root_module"]["child_modules"]
        if m["address"] == "module.feedback_table"
    ]  # fmt: skip
    table["resources"][0]["values"]["policy"] = "x1234"
    with pytest.raises(ScannerError, match=r"module\.feedback_table.*policy is no policy"):
        iam.policies(dataclasses.replace(plan, raw=raw))


def test_a_review_that_nothing_needs_is_reported(made: list[Plan]) -> None:
    assert iam.unused_reviews(made) == []
    without = [plan for plan in made if plan.variant.account_wide]
    assert any("xray:PutTraceSegments" in said for said in iam.unused_reviews(without))
