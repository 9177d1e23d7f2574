"""The module `workflow`: what it makes, what its roles may do, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.plan.conftest import FIXTURES, Planner, Refusals, differences, inventory

MACHINE = "arn:aws:states:us-west-1:123456789012:stateMachine:orders-cleaning-test"
KEY = "arn:aws:kms:us-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"


def statements(plan: Planner, module: str, document: str) -> dict[str, dict[str, Any]]:
    address = f"module.{module}.data.aws_iam_policy_document.{document}"
    found = plan(FIXTURES / "workflow").statements()[address]
    return {statement["sid"]: statement for statement in found}


def test_inventory(plan: Planner) -> None:
    assert differences(plan(FIXTURES / "workflow"), inventory("workflow")) == []


def test_the_schedule_may_start_this_machine_and_nothing_else(plan: Planner) -> None:
    queue = "arn:aws:sqs:us-west-1:123456789012:orders-cleaning-test-schedule-dlq"
    assert {
        sid: (statement["actions"], statement["resources"])
        for sid, statement in statements(plan, "nightly", "schedule").items()
    } == {
        "StartWorkflow": (["states:StartExecution"], [MACHINE]),
        "SendDeadLetters": (["sqs:SendMessage"], [queue]),
        "UseKeyThroughQueue": (["kms:Decrypt", "kms:GenerateDataKey"], [KEY]),
    }


def test_roles_are_assumed_for_this_account_and_machine_only(plan: Planner) -> None:
    for document, service, wanted in (
        ("assume", "states.amazonaws.com", {"aws:SourceAccount", "aws:SourceArn"}),
        ("schedule_assume", "scheduler.amazonaws.com", {"aws:SourceAccount"}),
    ):
        (statement,) = statements(plan, "nightly", document).values()
        (principal,) = statement["principals"]
        assert principal["identifiers"] == [service]
        assert {condition["variable"] for condition in statement["condition"]} == wanted
    (statement,) = statements(plan, "nightly", "assume").values()
    assert [MACHINE] in [condition["values"] for condition in statement["condition"]]


def test_the_machine_may_do_what_was_named(plan: Planner) -> None:
    allowed = statements(plan, "nightly", "permissions")
    assert allowed.keys() == {"DeleteOrders", "Sentiment"}
    assert allowed["DeleteOrders"]["actions"] == ["dynamodb:DeleteItem"]
    assert allowed["DeleteOrders"]["condition"][0]["values"] == ["old"]
    assert allowed["Sentiment"]["resources"] == ["*"]


def test_traces_and_key_are_allowed_where_they_are_used(plan: Planner) -> None:
    nightly = statements(plan, "nightly", "runtime")
    assert nightly.keys() == {"DeliverLogs", "WriteTraces", "UseKeyThroughServices"}
    assert statements(plan, "plain", "runtime").keys() == {"DeliverLogs"}
    (condition,) = nightly["UseKeyThroughServices"]["condition"]
    assert condition["values"] == ["dynamodb.us-west-1.amazonaws.com", "s3.us-west-1.amazonaws.com"]


def test_the_alarm_counts_every_end_without_success(plan: Planner) -> None:
    alarms = plan(FIXTURES / "workflow").resources("aws_cloudwatch_metric_alarm")
    queries = alarms["module.nightly.aws_cloudwatch_metric_alarm.unsuccessful"]["metric_query"]
    metrics = [query["metric"][0] for query in queries if query["metric"]]
    assert {metric["metric_name"] for metric in metrics} == {
        "ExecutionsAborted", "ExecutionsFailed", "ExecutionsTimedOut",
    }  # fmt: skip
    assert all(metric["dimensions"] == {"StateMachineArn": MACHINE} for metric in metrics)
    (told,) = [query for query in queries if query["return_data"]]
    assert told["expression"] == "SUM(METRICS())"


GOOD = {
    "name": "greeting-test",
    "definition": json.dumps(
        {"StartAt": "A", "TimeoutSeconds": 1, "States": {"A": {"Type": "Succeed"}}}
    ),
}
PERMISSION: dict[str, Any] = {
    "actions": ["s3:GetObject"],
    "resources": ["arn:aws:s3:::bucket-test/*"],
}
NIGHTLY: dict[str, Any] = {"expression": "rate(1 day)"}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "name": ({"name": "a.b"}, "name must be 1 to 64"),
    "no_states": ({"definition": '{"TimeoutSeconds": 1}'}, "JSON with StartAt and States"),
    "no_end": (
        {"definition": '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'},
        "must have TimeoutSeconds",
    ),
    "sid": ({"permissions": {"Read it": PERMISSION}}, "letters and digits only"),
    "wildcard_action": (
        {"permissions": {"Read": PERMISSION | {"actions": ["s3:Get*"]}}},
        "without wildcards",
    ),
    "no_resource": ({"permissions": {"Read": PERMISSION | {"resources": []}}}, "at least one"),
    "any_resource": ({"permissions": {"Read": PERMISSION | {"resources": ["*"]}}}, "must be ARNs"),
    "no_reason": (
        {"permissions_without_arn": {"A": {"actions": ["xray:GetGroups"], "reason": "-"}}},
        "must give its reason",
    ),
    "role_name": ({"role_name": "a" * 65}, "must have 1 to 64 characters"),
    "schedule_role_name": (
        {"schedule": NIGHTLY, "schedule_role_name": "a" * 65},
        "must have 1 to 64 characters",
    ),
    "expression": ({"schedule": {"expression": "nightly"}}, "cron(…), rate(…) or at(…)"),
    "input": ({"schedule": NIGHTLY | {"input": "{"}}, "schedule.input must be JSON"),
    "window": ({"schedule": NIGHTLY | {"flexible_window_minutes": 0.5}}, "from 0 to 1440"),
    "attempts": ({"schedule": NIGHTLY | {"maximum_retry_attempts": 186}}, "from 0 to 185"),
    "age": ({"schedule": NIGHTLY | {"maximum_event_age_in_seconds": 59}}, "60 to 86400"),
    "log_level": ({"log_level": "OFF"}, "ERROR, FATAL or ALL"),
    "retention": ({"log_retention_days": 2}, "a period that CloudWatch Logs knows"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_inputs_are_refused(case: str, refusals: Refusals) -> None:
    answers = refusals("workflow", GOOD, {name: wrong for name, (wrong, _) in WRONG.items()})
    (problem,) = answers[case]
    assert WRONG[case][1] in problem


def test_what_aws_would_refuse_is_refused(refusals: Refusals) -> None:
    """By the answer of ops/state_machines.py: it stands in for AWS's check at plan time."""
    astray = GOOD | {
        "definition": json.dumps(
            {
                "StartAt": "A",
                "TimeoutSeconds": 1,
                "States": {"A": {"Type": "Pass", "Next": "B"}},
            }
        )
    }
    answers = refusals("workflow", GOOD, {"astray": astray}, "definitions")
    assert any("A leads to B, which is no state" in text for text in answers["astray"])
