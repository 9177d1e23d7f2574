"""One task as the platform keeps it and as the API shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from customer_platform.shards import sort_key

Status = Literal["Open", "In Progress", "Completed"]
Priority = Literal["Low", "Medium", "High"]
STATUSES: tuple[Status, ...] = get_args(Status)
PRIORITIES: tuple[Priority, ...] = get_args(Priority)


@dataclass(frozen=True)
class Task:
    task_id: str
    title: str
    description: str
    status: Status
    created_at: str  # as clock.iso writes it
    version: int  # 1 as created; every change adds 1
    priority: Priority | None = None
    tags: tuple[str, ...] = field(default=())
    due_date: str | None = None  # as due_dates.parse returns it

    @property
    def sort_key(self) -> str:
        return sort_key(self.created_at, self.task_id)

    @property
    def due_key(self) -> str | None:
        return None if self.due_date is None else sort_key(self.due_date, self.task_id)

    def public(self) -> dict[str, Any]:
        """As document 3 shows it; what its later phase adds appears only where it is set."""
        shown: dict[str, Any] = {
            "TaskId": self.task_id,
            "Title": self.title,
            "Description": self.description,
            "Status": self.status,
            "CreatedAt": in_seconds(self.created_at),
            "Priority": self.priority,
            "Tags": list(self.tags) or None,
            "DueDate": self.due_date,
        }
        return {name: value for name, value in shown.items() if value is not None}

    def values(self) -> dict[str, Any]:
        """What a change may name, by its name in the API."""
        return {
            "Title": self.title,
            "Description": self.description,
            "Status": self.status,
            "Priority": self.priority,
            "Tags": list(self.tags),
            "DueDate": self.due_date,
        }


def with_values(task: Task, values: Mapping[str, Any], version: int) -> Task:
    """The task with every value of `values`, which has all of `Task.values`."""
    return Task(
        task_id=task.task_id,
        created_at=task.created_at,
        version=version,
        title=values["Title"],
        description=values["Description"],
        status=values["Status"],
        priority=values["Priority"],
        tags=tuple(values["Tags"]),
        due_date=values["DueDate"],
    )


def in_seconds(moment: str) -> str:
    """Times of the task tracker have no fractions: 2025-12-27T16:30:00Z."""
    return f"{moment[:19]}Z"
