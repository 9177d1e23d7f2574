"""Reminders of tasks: the schedules that the stream keeps, and what a schedule calls."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from customer_platform import clock
from customer_platform.dynamodb import from_item
from customer_platform.jobs import BadEventError, JobFailedError
from tests.unit.platform import ENVIRONMENT, MESSAGES, Context, Platform

NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
GROUP = ENVIRONMENT["REMINDER_GROUP"]
DUE = "2026-03-16T12:00:00Z"

type Move = Callable[[timedelta], None]


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> Move:
    moment = [NOW]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    return lambda step: moment.__setitem__(0, moment[0] + step)


@pytest.fixture
def scheduler(platform: Platform) -> Any:
    made = boto3.client("scheduler")
    made.create_schedule_group(Name=GROUP)
    return made


@pytest.fixture
def started(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Executions of the messages' workflow, which moto does not run."""
    calls: list[dict[str, Any]] = []
    workflow = platform.modules["send_task_reminder"].PARTS.outbox._workflow
    monkeypatch.setattr(
        workflow._stepfunctions, "start_execution", lambda **call: calls.append(call)
    )
    return calls


def create(platform: Platform, **fields: Any) -> str:
    answer = platform.create_task({"Title": "Renew it", "DueDate": DUE} | fields)
    return str(answer.body["TaskId"])


def record(task_id: str, entry: str = "task") -> dict[str, Any]:
    """As the stream delivers it; what the task was then is nobody's business."""
    keys = {"TaskId": {"S": task_id}, "Entry": {"S": entry}}
    return {"eventID": uuid.uuid4().hex, "eventName": "MODIFY", "dynamodb": {"Keys": keys}}


def stream(platform: Platform, *records: Any) -> None:
    handler = platform.modules["schedule_task_reminders"].lambda_handler
    assert handler({"Records": list(records)}, Context()) == {"batchItemFailures": []}


def schedules(scheduler: Any) -> dict[str, str]:
    """Task => when its schedule runs."""
    found = scheduler.list_schedules(GroupName=GROUP)["Schedules"]
    return {
        entry["Name"]: scheduler.get_schedule(Name=entry["Name"], GroupName=GROUP)[
            "ScheduleExpression"
        ]
        for entry in found
    }


def remind(platform: Platform, task_id: Any, due: Any = DUE, **more: Any) -> str:
    handler = platform.modules["send_task_reminder"].lambda_handler
    answer = handler({"TaskId": task_id, "DueDate": due, **more}, Context())
    return str(answer["outcome"])


def messages(platform: Platform) -> list[dict[str, Any]]:
    found = map(from_item, platform.items(MESSAGES))
    return [item for item in found if item["entry"] == "message"]


def reminded(platform: Platform, task_id: str) -> list[dict[str, Any]]:
    log = platform.task_activity(task_id).body
    return [entry for entry in log if entry["Action"] == "reminded"]


# --- schedules


def test_a_task_that_is_due_has_a_schedule(platform: Platform, scheduler: Any) -> None:
    task_id = create(platform)
    stream(platform, record(task_id))
    made = scheduler.get_schedule(Name=task_id, GroupName=GROUP)
    assert made["ScheduleExpression"] == "at(2026-03-16T11:00:00)"
    assert made["ScheduleExpressionTimezone"] == "UTC"
    assert made["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert made["ActionAfterCompletion"] == "DELETE"
    assert made["Target"]["Arn"] == ENVIRONMENT["REMINDER_TARGET_ARN"]
    assert made["Target"]["RoleArn"] == ENVIRONMENT["REMINDER_ROLE_ARN"]
    assert made["Target"]["DeadLetterConfig"] == {"Arn": ENVIRONMENT["REMINDER_DEAD_LETTER_ARN"]}
    assert json.loads(made["Target"]["Input"]) == {"TaskId": task_id, "DueDate": DUE}


def test_a_reminder_whose_time_is_over_comes_in_a_minute(
    platform: Platform, scheduler: Any
) -> None:
    task_id = create(platform, DueDate="2026-03-15T12:30:00Z")
    stream(platform, record(task_id))
    assert schedules(scheduler) == {task_id: "at(2026-03-15T12:01:00)"}


@pytest.mark.parametrize(
    "fields",
    [{"DueDate": None}, {"DueDate": "2026-03-15T12:00:00Z"}, {"Status": "Completed"}],
    ids=str,
)
def test_there_is_none_for_what_is_not_due(
    platform: Platform, scheduler: Any, fields: dict[str, Any]
) -> None:
    stream(platform, record(create(platform, **fields)))
    assert schedules(scheduler) == {}


@pytest.mark.parametrize(
    ("fields", "expression"),
    [
        ({"DueDate": "2026-03-20T12:00:00Z"}, "at(2026-03-20T11:00:00)"),
        ({"Title": "Other"}, "at(2026-03-16T11:00:00)"),
        ({"DueDate": None}, None),
        ({"Status": "Completed"}, None),
        (None, None),
    ],
    ids=str,
)
def test_a_schedule_follows_its_task(
    platform: Platform, scheduler: Any, fields: dict[str, Any] | None, expression: str | None
) -> None:
    task_id = create(platform)
    first = record(task_id)
    stream(platform, first)
    if fields is None:
        platform.delete_task(task_id)
    else:
        platform.update_task(task_id, fields)
    wanted = {task_id: expression} if expression else {}
    for batch in ([record(task_id)], [first], [record(task_id), first, first]):
        stream(platform, *batch)  # late and repeated records change nothing
        assert schedules(scheduler) == wanted


def test_a_schedule_that_runs_while_it_is_replaced_is_made_anew(
    platform: Platform, scheduler: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = create(platform)
    stream(platform, record(task_id))
    client = platform.modules["schedule_task_reminders"].SCHEDULES._scheduler
    update = client.update_schedule

    def gone(**request: Any) -> Any:
        scheduler.delete_schedule(Name=task_id, GroupName=GROUP)
        return update(**request)

    monkeypatch.setattr(client, "update_schedule", gone)
    stream(platform, record(task_id))
    assert schedules(scheduler) == {task_id: "at(2026-03-16T11:00:00)"}


def test_poison_is_put_aside_and_the_batch_goes_on(platform: Platform, scheduler: Any) -> None:
    task_id = create(platform)
    stream(platform, {}, "x", record(task_id, "tag#a"), record(task_id))
    assert schedules(scheduler).keys() == {task_id}
    reasons = [json.loads(letter["Body"])["reason"] for letter in platform.dead_letters()]
    assert reasons == ["the record names no task"] * 3


def _refusing(code: str) -> Callable[..., Any]:
    def refuse(**_request: Any) -> Any:
        raise ClientError({"Error": {"Code": code, "Message": "secret"}}, "CreateSchedule")

    return refuse


def test_what_the_scheduler_never_takes_is_put_aside(
    platform: Platform, scheduler: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = create(platform)
    client = platform.modules["schedule_task_reminders"].SCHEDULES._scheduler
    monkeypatch.setattr(client, "create_schedule", _refusing("ValidationException"))
    stream(platform, record(task_id))
    [letter] = platform.dead_letters()
    body = json.loads(letter["Body"])
    assert body["reason"] == "the scheduler takes no such schedule"
    assert body["keys"] == {"TaskId": {"S": task_id}}


def test_what_a_retry_can_mend_is_raised(
    platform: Platform, scheduler: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from customer_platform.streams import BatchFailedError

    task_id = create(platform)
    client = platform.modules["schedule_task_reminders"].SCHEDULES._scheduler
    monkeypatch.setattr(client, "create_schedule", _refusing("ThrottlingException"))
    with pytest.raises(BatchFailedError):
        stream(platform, record(task_id))
    assert platform.dead_letters() == []


# --- what a schedule calls


def test_the_team_is_told(platform: Platform, started: list[dict[str, Any]], now: Move) -> None:
    task_id = create(platform, Priority="High", Tags=["a", "b"], Description="It expires.")
    now(timedelta(hours=23))
    assert remind(platform, task_id) == "submitted"
    [message] = messages(platform)
    assert message["recipient"] == ENVIRONMENT["TEAM_INBOX"]
    assert (message["template"], message["channel"]) == ("reminder", "email")
    assert message["subject"] == "Due 2026-03-16 12:00 UTC: Renew it"
    assert message["text"].splitlines() == [
        "Renew it", "Due: 2026-03-16 12:00 UTC", "Status: Open", "Priority: High", "Tags: a, b",
        f"Task: {task_id}", "", "It expires.",
    ]  # fmt: skip
    [call] = started
    assert call["stateMachineArn"] == ENVIRONMENT["MESSAGE_WORKFLOW_ARN"]
    assert call["name"] == message["messageId"]
    [entry] = reminded(platform, task_id)
    assert entry == {"At": "2026-03-16T11:00:00Z", "Action": "reminded", "Version": 1}


def test_once_per_due_date(platform: Platform, started: list[dict[str, Any]]) -> None:
    task_id = create(platform)
    assert [remind(platform, task_id) for _ in range(3)] == ["submitted", "repeated", "repeated"]
    platform.update_task(task_id, {"Title": "Other"})
    assert remind(platform, task_id) == "repeated"
    assert len(messages(platform)) == len(reminded(platform, task_id)) == 1
    later = "2026-03-18T12:00:00Z"
    platform.update_task(task_id, {"DueDate": later})
    assert remind(platform, task_id) == "unwanted"  # a schedule that has not followed yet
    assert remind(platform, task_id, later) == "submitted"
    assert len(messages(platform)) == len(reminded(platform, task_id)) == 2


@pytest.mark.parametrize(
    "fields",
    [{"Status": "Completed"}, {"DueDate": None}, {"DueDate": "2026-04-01T00:00:00Z"}, None],
    ids=str,
)
def test_nobody_is_told_of_what_is_not_due_any_more(
    platform: Platform, started: list[dict[str, Any]], fields: dict[str, Any] | None
) -> None:
    task_id = create(platform)
    if fields is None:
        platform.delete_task(task_id)
    else:
        platform.update_task(task_id, fields)
    assert remind(platform, task_id) == "unwanted"
    assert messages(platform) == started == reminded(platform, task_id) == []


def test_a_reminder_that_comes_after_the_due_date_is_none(
    platform: Platform, started: list[dict[str, Any]], now: Move
) -> None:
    task_id = create(platform)
    now(timedelta(days=1))
    assert remind(platform, task_id) == "unwanted"
    assert messages(platform) == started == []


def test_what_stopped_in_the_middle_goes_on(
    platform: Platform, started: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """First the workflow does not start, then the activity is not written."""
    task_id = create(platform)
    parts = platform.modules["send_task_reminder"].PARTS
    stepfunctions = parts.outbox._workflow._stepfunctions
    with monkeypatch.context() as patch:
        patch.setattr(stepfunctions, "start_execution", _refusing("ThrottlingException"))
        with pytest.raises(JobFailedError):
            remind(platform, task_id)
    with monkeypatch.context() as patch:
        patch.setattr(parts.activity._dynamodb, "put_item", _refusing("ThrottlingException"))
        with pytest.raises(JobFailedError):
            remind(platform, task_id)
    assert remind(platform, task_id) == "repeated"
    assert len(messages(platform)) == len(reminded(platform, task_id)) == 1
    assert len({call["name"] for call in started}) == 1


def test_a_task_that_changes_before_its_reminder_is_started_is_still_reminded_of(
    platform: Platform, started: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = create(platform)
    stepfunctions = platform.modules["send_task_reminder"].PARTS.outbox._workflow._stepfunctions
    with monkeypatch.context() as patch:
        patch.setattr(stepfunctions, "start_execution", _refusing("ThrottlingException"))
        with pytest.raises(JobFailedError):
            remind(platform, task_id)
    platform.update_task(task_id, {"Title": "Other"})
    assert remind(platform, task_id) == "repeated"
    [message] = messages(platform)
    assert [call["name"] for call in started] == [message["messageId"]]
    assert len(reminded(platform, task_id)) == 1


def test_a_long_title_is_cut_in_the_subject(
    platform: Platform, started: list[dict[str, Any]]
) -> None:
    remind(platform, create(platform, Title="x" * 200))
    [message] = messages(platform)
    assert len(message["subject"]) == 200


@pytest.mark.parametrize("event", [{}, {"TaskId": "x"}, {"DueDate": "tomorrow"}, {"DueDate": 5}])
def test_a_bad_event_is_refused(platform: Platform, event: dict[str, Any]) -> None:
    good: dict[str, Any] = {"TaskId": str(uuid.uuid4()), "DueDate": DUE} if event else {}
    with pytest.raises(BadEventError):
        platform.modules["send_task_reminder"].lambda_handler(good | event, Context())
