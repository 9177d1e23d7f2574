"""Exercises of the task tracker's functions."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from customer_platform.dynamodb import to_item
from customer_platform.tasks.activity import ActivityTable
from customer_platform.tasks.records import Task
from customer_platform.tasks.storage import TaskTable
from customer_platform.tasks.writing import TaskStore, creation, new_task
from customer_platform.transactions import transact
from tests.e2e.comprehend import invoke
from tests.e2e.iam.exercises import Ground, exercise, require

SCHEDULE_SECONDS = 15  # from a write to its schedule; measured: one
TASK = {
    "Title": "Made for an exercise",
    "Description": "",
    "Status": "Open",
    "Priority": "High",
    "DueDate": "2999-01-31T12:00:00Z",
}


def _tables(ground: Ground) -> tuple[str, str]:
    outputs = ground.deployment.outputs
    return str(outputs["tasks_table_name"]), str(outputs["task_activity_table_name"])


@contextmanager
def stored(ground: Ground) -> Iterator[Task]:
    """A task that root created as the function does, with a tag of its own."""
    tasks, activity = _tables(ground)
    store = TaskStore(
        ground.dynamodb,
        TaskTable(ground.dynamodb, tasks),
        ActivityTable(ground.dynamodb, activity, 1),
        int(ground.environment("create_task")["TASK_SHARDS"]),
    )
    task = new_task(TASK | {"Tags": [f"exercise {uuid.uuid4()}"]})
    transact(ground.dynamodb, creation(store, task), "task")
    try:
        yield task
    finally:
        forget(ground, task.task_id)


def entries(ground: Ground, table: str, task_id: str) -> list[str]:
    """What a table holds under a task's id."""
    answer = ground.dynamodb.query(
        TableName=table,
        KeyConditionExpression="TaskId = :id",
        ExpressionAttributeValues={":id": {"S": task_id}},
        ConsistentRead=True,
    )
    return [item["Entry"]["S"] for item in answer["Items"]]


def forget(ground: Ground, task_id: str) -> None:
    for table in _tables(ground):
        for entry in entries(ground, table, task_id):
            key = {"TaskId": {"S": task_id}, "Entry": {"S": entry}}
            ground.dynamodb.delete_item(TableName=table, Key=key)


def assert_logged(ground: Ground, task_id: str, action: str) -> None:
    _tasks, activity = _tables(ground)
    found = [entry for entry in entries(ground, activity, task_id) if entry.endswith(f"#{action}")]
    require(len(found) == 1, f"{len(found)} entries of the activity say {action}")


@exercise("create_task")
def create(ground: Ground) -> None:
    """With an idempotency key, which writes another table in the same transaction."""
    tasks, _activity = _tables(ground)
    key = {"Idempotency-Key": uuid.uuid4().hex}
    body = TASK | {"Tags": ["exercise"]}
    first = ground.request("POST", "/tasks", 201, json=body, headers=key).json()
    try:
        again = ground.request("POST", "/tasks", 201, json=body, headers=key).json()
        require(again == first, "a repeated creation got another answer")
        held = entries(ground, tasks, first["TaskId"])
        require(held == ["tag#exercise", "task"], "the task is not stored with its tag")
        assert_logged(ground, first["TaskId"], "created")
    finally:
        forget(ground, first["TaskId"])


@exercise("get_tasks")
def list_by_every_index(ground: Ground) -> None:
    with stored(ground) as task:
        for query in (
            {},
            {"Status": "Open", "Priority": "High"},
            {"Tag": task.tags[0]},
            {"DueAfter": TASK["DueDate"]},
        ):
            page = ground.request("GET", "/tasks", 200, params=query).json()
            found = [shown for shown in page if shown["TaskId"] == task.task_id]
            require(found == [task.public()], f"the list {query or ''} lacks what was just stored")


@exercise("get_task")
def get_one(ground: Ground) -> None:
    with stored(ground) as task:
        answer = ground.request("GET", f"/tasks/{task.task_id}", 200)
        require(answer.json() == task.public(), "another task was answered")
        require(answer.headers["etag"] == '"1"', "the ETag is not the task's version")


@exercise("update_task")
def change(ground: Ground) -> None:
    """Replaces the tag: a row is written and one deleted."""
    tasks, _activity = _tables(ground)
    with stored(ground) as task:
        changes: dict[str, Any] = {"Status": "Completed", "Tags": ["other"]}
        answer = ground.request("PUT", f"/tasks/{task.task_id}", 200, json=changes).json()
        require(answer["data"] == {"TaskId": task.task_id, **changes}, "not what was asked for")
        held = entries(ground, tasks, task.task_id)
        require(held == ["tag#other", "task"], "the tag was not replaced")
        assert_logged(ground, task.task_id, "updated")


@exercise("delete_task")
def delete(ground: Ground) -> None:
    tasks, _activity = _tables(ground)
    with stored(ground) as task:
        ground.request("DELETE", f"/tasks/{task.task_id}", 204)
        require(entries(ground, tasks, task.task_id) == [], "a deleted task is still stored")
        assert_logged(ground, task.task_id, "deleted")


@exercise("get_task_activity")
def read_activity(ground: Ground) -> None:
    """With entries, and without: then the task is looked for."""
    _tasks, activity = _tables(ground)
    with stored(ground) as task:
        path = f"/tasks/{task.task_id}/activity"
        [entry] = ground.request("GET", path, 200).json()
        require(entry["Action"] == "created", "the activity tells something else")
        [written] = entries(ground, activity, task.task_id)
        key = {"TaskId": {"S": task.task_id}, "Entry": {"S": written}}
        ground.dynamodb.delete_item(TableName=activity, Key=key)
        require(ground.request("GET", path, 200).json() == [], "an expired entry is shown")


# --- reminders


def _schedules(ground: Ground) -> Any:
    return ground.deployment.client("scheduler")


def _schedule(ground: Ground, task_id: str) -> str | None:
    """When the task's schedule runs, if there is one."""
    scheduler = _schedules(ground)
    group = ground.environment("schedule_task_reminders")["REMINDER_GROUP"]
    try:
        found = scheduler.get_schedule(Name=task_id, GroupName=group)
    except scheduler.exceptions.ResourceNotFoundException:
        return None
    return str(found["ScheduleExpression"])


def _until(ground: Ground, task_id: str, wanted: str | None) -> None:
    """The stream's consumer is called within a second; refused, it is called again and again."""
    deadline = time.monotonic() + SCHEDULE_SECONDS
    while _schedule(ground, task_id) != wanted:
        require(time.monotonic() < deadline, f"the schedule did not become {wanted}")
        time.sleep(0.2)


@exercise("schedule_task_reminders")
def keep_a_schedule(ground: Ground) -> None:
    """Made, replaced and removed with its task."""
    tasks, _activity = _tables(ground)
    key: dict[str, Any] = {}
    with stored(ground) as task:
        _until(ground, task.task_id, "at(2999-01-31T11:00:00)")
        key = to_item({"TaskId": task.task_id, "Entry": "task"})
        ground.dynamodb.update_item(
            TableName=tasks,
            Key=key,
            UpdateExpression="SET DueDate = :due",
            ExpressionAttributeValues=to_item({":due": "2999-02-01T12:00:00Z"}),
        )
        _until(ground, task.task_id, "at(2999-02-01T11:00:00)")
    _until(ground, task.task_id, None)
    # The stream brings no record without a task; what is none is put aside.
    mark = f"exercise {uuid.uuid4()}"
    _called(ground, "schedule_task_reminders", {"Records": [{"eventID": mark}]})
    require(_taken_from_queue(ground, "schedule_task_reminders", mark), "poison was not put aside")


def _called(ground: Ground, handler: str, event: dict[str, Any]) -> Any:
    error, answer = invoke(ground.deployment, handler, event, Qualifier="live")
    require(error is None, f"{handler} failed")
    return answer


def _taken_from_queue(ground: Ground, handler: str, mark: str) -> bool:
    """Whether the dead-letter queue held the record; it does not any more."""
    queue = ground.function(handler)["dead_letter_queue"]
    for _batch in range(20):
        found = ground.sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=5
        ).get("Messages", [])
        for message in found:
            if mark in message["Body"]:
                ground.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                return True
        if not found:
            return False
    return False


@exercise("send_task_reminder")
def remind(ground: Ground) -> None:
    """Called as its schedule does: the message is stored, and the activity tells of it."""
    with stored(ground) as task:
        event = {"TaskId": task.task_id, "DueDate": task.due_date}
        answer = _called(ground, "send_task_reminder", event)
        require(answer == {"outcome": "submitted"}, "the reminder was not handed in")
        assert_logged(ground, task.task_id, "reminded")
