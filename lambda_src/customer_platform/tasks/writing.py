"""Creating, changing and deleting tasks: task, tag rows and activity in one transaction."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Never, Self

from customer_platform import clock, settings
from customer_platform.http.errors import PreconditionFailedError
from customer_platform.observability import count
from customer_platform.overload import OverloadedError, pause
from customer_platform.tasks.activity import Action, ActivityTable, Entry, differences
from customer_platform.tasks.etags import Expected
from customer_platform.tasks.paths import not_found
from customer_platform.tasks.records import Task, with_values
from customer_platform.tasks.storage import TaskTable
from customer_platform.transactions import ConditionFailedError, transact

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ATTEMPTS = 8  # of a change that meets others; one of the parties gets through each time


@dataclass(frozen=True, kw_only=True)
class WriterSettings:
    """Of a function that writes tasks."""

    tasks_table_name: str
    task_activity_table_name: str
    task_activity_retention_days: int = settings.whole(1, 3650)
    task_shards: int = settings.whole(1, 16)


@dataclass(frozen=True)
class TaskStore:
    """Where tasks are written."""

    dynamodb: "DynamoDBClient"
    tasks: TaskTable
    activity: ActivityTable
    shards: int

    @classmethod
    def of(cls, dynamodb: "DynamoDBClient", writer: WriterSettings) -> Self:
        return cls(
            dynamodb,
            TaskTable(dynamodb, writer.tasks_table_name),
            ActivityTable(
                dynamodb, writer.task_activity_table_name, writer.task_activity_retention_days
            ),
            writer.task_shards,
        )


def new_task(values: dict[str, Any]) -> Task:
    """`values` has all of `Task.values`."""
    empty = Task(
        task_id=str(uuid.uuid4()),
        title="",
        description="",
        status="Open",
        created_at=clock.iso(clock.now()),
        version=1,
    )
    return with_values(empty, values, version=1)


def creation(store: TaskStore, task: Task) -> list[dict[str, Any]]:
    """Everything that creating a task writes."""
    entry = Entry(task.task_id, "created", task.version, clock.parse_iso(task.created_at))
    return [*store.tasks.creation(task, store.shards), store.activity.addition(entry)]


def create(store: TaskStore, task: Task, beside: Sequence[dict[str, Any]] = ()) -> Task:
    """Write a task, after `beside`, or nothing. Raises ConditionFailedError, OverloadedError."""
    transact(store.dynamodb, [*beside, *creation(store, task)], "task")
    count("TaskChanges", Action="created")
    return task


def update(store: TaskStore, task_id: str, named: dict[str, Any], expected: Expected) -> Task:
    """Give the named fields their values; the others keep what they have when it is written.

    What is as asked already is not written, and no new version. Raises NotFoundError,
    PreconditionFailedError, OverloadedError.
    """

    def change(before: Task) -> tuple[Task, list[dict[str, Any]]]:
        after = with_values(before, before.values() | named, before.version + 1)
        changes = differences(before, after)
        if not changes:
            return before, []
        entry = Entry(task_id, "updated", after.version, clock.now(), changes)
        parts = store.tasks.change(before, after, store.shards)
        return after, [*parts, store.activity.addition(entry)]

    return _write(store, task_id, expected, "updated", change)


def delete(store: TaskStore, task_id: str, expected: Expected) -> None:
    """Raises NotFoundError, PreconditionFailedError, OverloadedError."""

    def remove(before: Task) -> tuple[Task, list[dict[str, Any]]]:
        gone = replace(before, version=before.version + 1)
        entry = Entry(task_id, "deleted", gone.version, clock.now())
        return gone, [*store.tasks.removal(before), store.activity.addition(entry)]

    _write(store, task_id, expected, "deleted", remove)


def _write(
    store: TaskStore,
    task_id: str,
    expected: Expected,
    action: Action,
    work: Callable[[Task], tuple[Task, list[dict[str, Any]]]],
) -> Task:
    """Read, decide and write, again while another request writes in between."""
    for attempt in range(_ATTEMPTS):
        before = store.tasks.get(task_id)
        if before is None:
            not_found(task_id)
        if not expected.is_met_by(before.version):
            _changed(task_id)
        after, parts = work(before)
        if not parts:
            return before
        try:
            transact(store.dynamodb, parts, "task")
        except ConditionFailedError:
            pause(attempt)
        else:
            count("TaskChanges", Action=action)
            return after
    raise OverloadedError("task")


def _changed(task_id: str) -> Never:
    raise PreconditionFailedError(f"Task with ID '{task_id}' was changed since it was read")
