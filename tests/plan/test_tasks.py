"""The task tracker in the plans of the root stack: indexes, reminders, who may what."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.plan.conftest import PlanError, Planner
from tests.plan.test_releases import allowed as permissions_of
from tests.plan.test_root import ENVIRONMENTS, SUFFIX, stack

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/task-reminders-{SUFFIX}"
SCHEDULES = f"arn:aws:scheduler:us-west-1:{ACCOUNT}:schedule"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_index_holds_keys_only(environment: str, plan: Planner) -> None:
    made = stack(plan, environment)
    table = made.resources("aws_dynamodb_table")["module.tasks_table.aws_dynamodb_table.this"]
    indexes = {index["name"]: index for index in table["global_secondary_index"]}
    assert indexes.keys() == {"recent", "by-kind", "by-tag", "by-due-date"}
    assert {index["projection_type"] for index in indexes.values()} == {"KEYS_ONLY"}
    activity = made.resources("aws_dynamodb_table")[
        "module.task_activity_table.aws_dynamodb_table.this"
    ]
    assert activity["ttl"][0]["attribute_name"] == "expiresAt"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_schedules_are_kept_in_a_group_of_their_own(environment: str, plan: Planner) -> None:
    made = stack(plan, environment)
    [group] = made.resources("aws_scheduler_schedule_group").values()
    assert group["name"] == f"task-reminders-{SUFFIX}"
    allowed = permissions_of(made, "schedule_task_reminders")
    keep = allowed["KeepSchedules"]
    assert sorted(keep["actions"]) == [
        f"scheduler:{verb}Schedule" for verb in ("Create", "Delete", "Update")
    ]
    # Planned without the embedded cloud's endpoint: only there are those of `default` beside.
    assert keep["resources"] == [f"{SCHEDULES}/task-reminders-{SUFFIX}/*"]
    passing = allowed["PassScheduleRole"]
    assert (passing["actions"], passing["resources"]) == (["iam:PassRole"], [ROLE])
    [condition] = passing["condition"]
    assert (condition["test"], condition["variable"], condition["values"]) == (
        "StringEquals", "iam:PassedToService", ["scheduler.amazonaws.com"],
    )  # fmt: skip


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_schedule_may_call_the_reminder_and_nothing_else(environment: str, plan: Planner) -> None:
    made = stack(plan, environment)
    role = made.resources("aws_iam_role")["aws_iam_role.task_reminders"]
    [trust] = json.loads(role["assume_role_policy"])["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    group = f"arn:aws:scheduler:us-west-1:{ACCOUNT}:schedule-group/task-reminders-{SUFFIX}"
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnEquals": {"aws:SourceArn": group},
    }
    policy = made.resources("aws_iam_role_policy")["aws_iam_role_policy.task_reminders"]["policy"]
    allowed = {found["Sid"]: found for found in json.loads(policy)["Statement"]}
    name = f"send-task-reminder-{SUFFIX}"
    assert {sid: (found["Action"], found["Resource"]) for sid, found in allowed.items()} == {
        "InvokeAlias": (
            "lambda:InvokeFunction", f"arn:aws:lambda:us-west-1:{ACCOUNT}:function:{name}:live",
        ),
        "SendDeadLetters": ("sqs:SendMessage", f"arn:aws:sqs:us-west-1:{ACCOUNT}:{name}-dlq"),
    }  # fmt: skip
    environment_of = made.resources("aws_lambda_function")[
        'module.function["schedule_task_reminders"].aws_lambda_function.this'
    ]["environment"][0]["variables"]
    assert environment_of["REMINDER_ROLE_ARN"] == ROLE
    assert environment_of["REMINDER_TARGET_ARN"] == allowed["InvokeAlias"]["Resource"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_stream_brings_tasks_and_no_rows_of_tags(environment: str, plan: Planner) -> None:
    mapping = stack(plan, environment).resources("aws_lambda_event_source_mapping")[
        'module.function["schedule_task_reminders"].aws_lambda_event_source_mapping.stream["tasks"]'
    ]
    patterns = [json.loads(f["pattern"]) for f in mapping["filter_criteria"][0]["filter"]]
    assert all(pattern["dynamodb"]["Keys"]["Entry"]["S"] == ["task"] for pattern in patterns)
    assert {name for pattern in patterns for name in pattern["eventName"]} == {
        "INSERT", "MODIFY", "REMOVE",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"list_shards": 0}, "list_shards must be"),
        ({"list_shards": 17}, "list_shards must be"),
        ({"activity_retention_days": 0}, "activity_retention_days must be"),
        ({"reminder_lead_minutes": 0}, "reminder_lead_minutes must be"),
        ({"reminder_lead_minutes": 43201}, "reminder_lead_minutes must be"),
        ({"reminder_lead_minutes": 1.5}, "reminder_lead_minutes must be"),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, Any], problem: str, plan: Planner) -> None:
    with pytest.raises(PlanError, match=problem):
        stack(plan, "local", tasks=settings)


def test_production_protects_its_tables(plan: Planner) -> None:
    with pytest.raises(PlanError, match="deletion_protection must be true in production"):
        stack(plan, "production", tasks={"deletion_protection": False})
