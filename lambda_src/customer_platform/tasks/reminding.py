"""Sending the reminder of a task to the team.

To the team and nobody else: anybody may create a task, and must not have mail sent by it to whom
he likes.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol

from customer_platform import clock
from customer_platform.messages.records import Head
from customer_platform.messages.submission import KeyReusedError, Submission, Submitted
from customer_platform.tasks.activity import Entry
from customer_platform.tasks.records import Task
from customer_platform.tasks.reminders import is_wanted, moment

type Outcome = Literal["submitted", "repeated", "unwanted"]

_MAX_SUBJECT = 200


class Tasks(Protocol):
    def get(self, task_id: str) -> Task | None: ...


class Activity(Protocol):
    def add_once(self, entry: Entry) -> None: ...


class Outbox(Protocol):
    def submit(self, submission: Submission) -> Submitted: ...

    def resume(self, earlier: Head) -> None: ...


@dataclass(frozen=True)
class Reminding:
    tasks: Tasks
    activity: Activity
    outbox: Outbox
    team_inbox: str
    lead: timedelta


def remind(parts: Reminding, task_id: str, due_date: str) -> Outcome:
    """One message per task and due date, however often this is called.

    Raises NotStartedError and what the tables raise: calling again goes on where it stopped.
    """
    task = parts.tasks.get(task_id)
    if task is None or task.due_date != due_date or not is_wanted(task, clock.now()):
        return "unwanted"  # deleted, completed, due at another time, or over
    try:
        submitted = parts.outbox.submit(_submission(task, due_date, parts.team_inbox))
        outcome: Outcome = "repeated" if submitted.repeated else "submitted"
    except KeyReusedError as error:
        # They are reminded of the task as it was then; its workflow may not have started.
        parts.outbox.resume(error.earlier)
        outcome = "repeated"
    parts.activity.add_once(_entry(task, due_date, parts.lead))
    return outcome


def _submission(task: Task, due_date: str, team_inbox: str) -> Submission:
    due = f"{moment(due_date):%Y-%m-%d %H:%M} UTC"
    lines = [
        task.title,
        f"Due: {due}",
        f"Status: {task.status}",
        *([f"Priority: {task.priority}"] if task.priority else []),
        *([f"Tags: {', '.join(task.tags)}"] if task.tags else []),
        f"Task: {task.task_id}",
        *(["", task.description] if task.description else []),
    ]
    return Submission(
        channel="email",
        recipient=team_inbox,
        subject=f"Due {due}: {task.title}"[:_MAX_SUBJECT],
        text="\n".join(lines),
        template="reminder",
        key=f"reminder {task.task_id} {due_date}",
        limited=False,  # whoever floods the tracker would keep the others' reminders out
    )


def _entry(task: Task, due_date: str, lead: timedelta) -> Entry:
    """The same for a task and a due date, so that it is written once: it tells when they were to be
    reminded, but not before there was a task."""
    at = max(moment(due_date) - lead, clock.parse_iso(task.created_at))
    return Entry(task.task_id, "reminded", task.version, at)
