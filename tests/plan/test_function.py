"""The module `function`: what it makes, what its role may do, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.plan.conftest import FIXTURES, Plan, Planner, Refusals, differences, inventory


def test_inventory(plan: Planner) -> None:
    assert differences(plan(FIXTURES / "function"), inventory("function")) == []


def test_no_queue_without_being_asked(plan: Planner) -> None:
    assert plan(FIXTURES / "function").outputs() == {"plain_dead_letter_queue": None}


def runtime(made: Plan, module: str) -> dict[str, dict[str, Any]]:
    """Statements of the role's own policy, by Sid."""
    document = f"module.{module}.data.aws_iam_policy_document.runtime"
    return {statement["sid"]: statement for statement in made.statements()[document]}


def test_role_may_do_what_the_parts_of_the_module_need(plan: Planner) -> None:
    made = plan(FIXTURES / "function")
    assert {sid: set(found["actions"]) for sid, found in runtime(made, "consumer").items()} == {
        "WriteLogs": {"logs:CreateLogStream", "logs:PutLogEvents"},
        "SendDeadLetters": {"sqs:SendMessage"},
        "ReadStreams": {
            "dynamodb:DescribeStream",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
        },
        "ListStreams": {"dynamodb:ListStreams"},
        "UseKeyThroughServices": {
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey",
        },
    }
    assert set(runtime(made, "plain")) == {"WriteLogs", "WriteTraces"}


def test_schedules_may_invoke_the_alias_and_nothing_else(plan: Planner) -> None:
    made = plan(FIXTURES / "function")
    document = "module.consumer.data.aws_iam_policy_document.schedules"
    statements = {statement["sid"]: statement for statement in made.statements()[document]}
    assert {sid: set(found["actions"]) for sid, found in statements.items()} == {
        "InvokeAlias": {"lambda:InvokeFunction"},
        "SendDeadLetters": {"sqs:SendMessage"},
        "UseKeyThroughServices": {"kms:Decrypt", "kms:GenerateDataKey"},
    }
    assert all("*" not in (found.get("resources") or []) for found in statements.values())
    role = made.resources()["module.consumer.aws_iam_role.schedules[0]"]
    (trust,) = json.loads(role["assume_role_policy"])["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnEquals": {
            "aws:SourceArn": "arn:aws:scheduler:us-west-1:123456789012:schedule-group/default"
        },
    }


def test_only_actions_without_a_resource_are_allowed_everywhere(plan: Planner) -> None:
    made = plan(FIXTURES / "function")
    everywhere = {
        sid
        for module in ("consumer", "plain")
        for sid, statement in runtime(made, module).items()
        if "*" in statement["resources"]
    }
    assert everywhere == {"ListStreams", "WriteTraces"}


def test_permissions_are_the_callers_and_no_more(plan: Planner) -> None:
    made = plan(FIXTURES / "function")
    policies = {
        address: json.loads(values["policy"])["Statement"]
        for address, values in made.resources("aws_iam_role_policy").items()
        if values["name"] == "permissions"
    }
    assert policies == {
        "module.consumer.aws_iam_role_policy.permissions[0]": [
            {
                "Sid": "Count",
                "Effect": "Allow",
                "Action": "dynamodb:UpdateItem",
                "Resource": "arn:aws:dynamodb:us-west-1:123456789012:table/analytics-test",
                "Condition": {"ForAllValues:StringEquals": {"dynamodb:Attributes": "totalCount"}},
            },
            {
                "Sid": "Sentiment",
                "Effect": "Allow",
                "Action": "comprehend:DetectSentiment",
                "Resource": "*",
            },
            {
                "Sid": "Texts",
                "Effect": "Allow",
                "Action": "sns:Publish",
                "Resource": "*",
            },
            {
                "Sid": "TextsExcept",
                "Effect": "Deny",
                "Action": "sns:Publish",
                "Resource": "arn:aws:sns:*:*:*",
            },
        ]
    }


def test_queue_refuses_plain_http(plan: Planner) -> None:
    made = plan(FIXTURES / "function")
    queue = made.resources()["module.consumer.aws_sqs_queue.dead_letter[0]"]
    (statement,) = json.loads(queue["policy"])["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"].endswith(":stream-aggregator-test-dlq")


GOOD = {"name": "worker-test", "package": "package.zip"}
TABLE = "arn:aws:dynamodb:us-west-1:123456789012:table/t"
ALLOW = {"actions": ["dynamodb:GetItem"], "resources": [TABLE]}
SOURCE = {"stream_arn": f"{TABLE}/stream/2026-01-01T00:00:00.000"}


def source(**wrong: Any) -> dict[str, Any]:
    return {"dead_letter_queue": {}, "event_sources": {"feed": SOURCE | wrong}}


SCHEDULE = {"expression": "rate(1 day)"}


def schedule(**wrong: Any) -> dict[str, Any]:
    return {"dead_letter_queue": {}, "schedules": {"nightly": SCHEDULE | wrong}}


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "name": ({"name": "no spaces", "role_name": "role"}, "name must be 1 to 64"),
    "description": ({"description": "x" * 257}, "at most 256 characters"),
    "package": ({"package": "missing.zip"}, "There is no package missing.zip"),
    "architecture": ({"architecture": "arm"}, "architecture must be arm64 or x86_64"),
    "memory_size": ({"memory_size": 64}, "memory_size must be a whole number from 128"),
    "timeout": ({"timeout": 901}, "timeout must be a whole number from 1 to 900"),
    "reserved_concurrency": ({"reserved_concurrency": -1}, "reserved_concurrency must be"),
    "tracing": ({"tracing": "On"}, "tracing must be Active or PassThrough"),
    "long_role_name": (
        {"name": "x" * 54, "role_name": None},
        "must have 1 to 64 characters that IAM allows",
    ),
    "permission_name": ({"permissions": {"Read it": ALLOW}}, "letters and digits only"),
    "wildcard_action": (
        {"permissions": {"Read": ALLOW | {"actions": ["dynamodb:*"]}}},
        "without wildcards",
    ),
    "partial_wildcard_action": (
        {"permissions": {"Read": ALLOW | {"actions": ["dynamodb:Get*"]}}},
        "without wildcards",
    ),
    "empty_permission": (
        {"permissions": {"Read": ALLOW | {"resources": []}}},
        "at least one action and one resource",
    ),
    "any_resource": (
        {"permissions": {"Read": ALLOW | {"resources": ["*"]}}},
        "belongs in permissions_without_arn",
    ),
    "resource_of_any_service": (
        {"permissions": {"Read": ALLOW | {"resources": ["arn:aws:*:*:*:*"]}}},
        "ARNs that name their service",
    ),
    "same_name_twice": (
        {
            "permissions": {"Read": ALLOW},
            "permissions_without_arn": {
                "Read": {"actions": ["comprehend:DetectSentiment"], "reason": "has no resource"}
            },
        },
        "none that permissions uses",
    ),
    "wildcard_action_without_arn": (
        {
            "permissions_without_arn": {
                "Read": {"actions": ["comprehend:*"], "reason": "has no resource"}
            }
        },
        "without wildcards",
    ),
    "no_reason": (
        {"permissions_without_arn": {"Read": {"actions": ["comprehend:X"], "reason": " "}}},
        "must give its reason",
    ),
    "except_anything": (
        {
            "permissions_without_arn": {
                "A": {"actions": ["sns:Publish"], "reason": "phones have no ARN", "except": ["*"]}
            }
        },
        "except must be ARNs",
    ),
    "queue_retention": (
        {"dead_letter_queue": {"message_retention_seconds": 59}},
        "must be 60 to 1209600",
    ),
    "asynchronous_retries": (
        {"asynchronous": {"maximum_retry_attempts": 3}},
        "maximum_retry_attempts must be 0, 1 or 2",
    ),
    "asynchronous_age": (
        {"asynchronous": {"maximum_event_age_in_seconds": 30}},
        "maximum_event_age_in_seconds must be 60 to 21600",
    ),
    "source_without_queue": (
        {"event_sources": {"feed": SOURCE}},
        "event_sources need a dead_letter_queue",
    ),
    "source_is_no_stream": (source(stream_arn=TABLE), "must be the ARN of a DynamoDB stream"),
    "starting_position": (source(starting_position="END"), "must be TRIM_HORIZON or LATEST"),
    "parallelization": (source(parallelization_factor=11), "whole number from 1 to 10"),
    "batch_size": (source(batch_size=10001), "batch_size must be 1 to 10000"),
    "batch_without_window": (
        source(batch_size=11, maximum_batching_window_in_seconds=0),
        "needs a maximum_batching_window_in_seconds",
    ),
    "filter": (source(filters=["eventName = INSERT"]), "filters must be JSON"),
    "schedule_without_queue": (
        {"schedules": {"nightly": SCHEDULE}},
        "schedules need a dead_letter_queue",
    ),
    "schedule_name": (
        {"dead_letter_queue": {}, "schedules": {"Every Night": SCHEDULE}},
        "Names of schedules must be lower-case letters",
    ),
    "long_schedule_name": (
        {"dead_letter_queue": {}, "schedules": {"x" * 60: SCHEDULE}},
        "at most 64 characters together with the function's",
    ),
    "schedules_role_name": (
        {
            "name": "x" * 55,
            "role_name": "role",
            "dead_letter_queue": {},
            "schedules": {"nightly": SCHEDULE},
        },
        "must have at most 54 characters",
    ),
    "schedule_expression": (schedule(expression="daily"), "must be rate(…), cron(…) or at(…)"),
    "schedule_input": (schedule(input="days = 1"), "schedules.input must be JSON"),
    "schedule_window": (schedule(flexible_window_minutes=1441), "must be 0 to 1440"),
    "schedule_retries": (schedule(maximum_retry_attempts=186), "must be 0 to 185"),
    "schedule_age": (schedule(maximum_event_age_in_seconds=59), "60 to 86400"),
    "log_retention": ({"log_retention_days": 2}, "a period that CloudWatch Logs knows"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_inputs_are_refused(case: str, refusals: Refusals) -> None:
    answers = refusals("function", GOOD, {name: wrong for name, (wrong, _) in WRONG.items()})
    (problem,) = answers[case]
    assert WRONG[case][1] in problem
