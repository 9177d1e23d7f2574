"""Reminders: which one a task wants, and the schedules that keep them.

A stream record says which task was written, not what it is now: records may come late, twice, or
after the task is gone. So the task is read, and its schedule made to agree with it. A schedule that
nevertheless outlives its task does no harm: who is called by it asks the task again.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from botocore.exceptions import ClientError

from customer_platform import clock
from customer_platform.dead_letters import DeadLetters, put_aside
from customer_platform.observability import error_code
from customer_platform.tasks.records import Task
from customer_platform.tasks.storage import ENTRY

_SOON = timedelta(minutes=1)  # a schedule in the past is never run


@dataclass(frozen=True)
class Reminder:
    task_id: str
    due_date: str
    at: datetime


def is_wanted(task: Task, now: datetime) -> bool:
    """Whether somebody is to be reminded of it, now or later."""
    return task.due_date is not None and task.status != "Completed" and moment(task.due_date) > now


def reminder_of(task: Task, now: datetime, lead: timedelta) -> Reminder | None:
    if task.due_date is None or not is_wanted(task, now):
        return None
    at = max(moment(task.due_date) - lead, now + _SOON)
    return Reminder(task.task_id, task.due_date, at)


def moment(due_date: str) -> datetime:
    return datetime.fromisoformat(due_date)


class Schedules(Protocol):
    def put(self, reminder: Reminder) -> None: ...

    def remove(self, task_id: str) -> None: ...


class Tasks(Protocol):
    def all_of(self, task_ids: list[str]) -> dict[str, Task]: ...


@dataclass(frozen=True)
class Target:
    """What a schedule calls, with which role, and where what cannot be called goes."""

    arn: str
    role_arn: str
    dead_letter_arn: str


class ReminderSchedules:
    """A schedule per task, called after it, in a group of its own."""

    def __init__(self, scheduler: Any, group: str, target: Target) -> None:
        self._scheduler = scheduler
        self._group = group
        self._target = target

    def put(self, reminder: Reminder) -> None:
        """Make it, or make the one that is there agree. It goes by itself once it has run."""
        request = self._request(reminder)
        try:
            self._scheduler.create_schedule(**request)
        except ClientError as error:
            if error_code(error) != "ConflictException":
                raise
            self._replace(request)

    def _replace(self, request: dict[str, Any]) -> None:
        try:
            self._scheduler.update_schedule(**request)
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise
            self._scheduler.create_schedule(**request)  # it ran in between

    def remove(self, task_id: str) -> None:
        try:
            self._scheduler.delete_schedule(Name=task_id, GroupName=self._group)
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":
                raise

    def _request(self, reminder: Reminder) -> dict[str, Any]:
        event = {"TaskId": reminder.task_id, "DueDate": reminder.due_date}
        return {
            "Name": reminder.task_id,
            "GroupName": self._group,
            "ScheduleExpression": f"at({reminder.at:%Y-%m-%dT%H:%M:%S})",
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "Target": {
                "Arn": self._target.arn,
                "RoleArn": self._target.role_arn,
                "Input": json.dumps(event),
                "RetryPolicy": {
                    "MaximumRetryAttempts": 10,
                    "MaximumEventAgeInSeconds": 3600,
                },
                "DeadLetterConfig": {"Arn": self._target.dead_letter_arn},
            },
        }


def reconcile(
    records: list[Any],
    tasks: Tasks,
    schedules: Schedules,
    dead_letters: DeadLetters,
    lead: timedelta,
) -> None:
    """Make the schedules of the tasks that records name agree with the tasks.

    Raises what a retry can mend. A record that names no task, and a task that the scheduler takes
    no schedule for, are put aside.
    """
    poison: list[tuple[Any, str]] = []
    named: dict[str, Any] = {}
    for record in records:
        task_id = _task_of(record)
        if task_id is None:
            poison.append((record, "the record names no task"))
        else:
            named[task_id] = record
    present = tasks.all_of(list(named))
    now = clock.now()
    for task_id, record in named.items():
        task = present.get(task_id)
        reminder = reminder_of(task, now, lead) if task else None
        try:
            if reminder:
                schedules.put(reminder)
            else:
                schedules.remove(task_id)
        except ClientError as error:
            if error_code(error) != "ValidationException":
                raise
            poison.append((record, "the scheduler takes no such schedule"))
    put_aside(poison, dead_letters)


def _task_of(record: Any) -> str | None:
    try:
        keys = record["dynamodb"]["Keys"]
        task_id, entry = keys["TaskId"]["S"], keys["Entry"]["S"]
    except (KeyError, TypeError):
        return None
    return task_id if isinstance(task_id, str) and entry == ENTRY else None
