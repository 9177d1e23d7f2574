"""Called by a task's schedule: hands the reminder to the messages system."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from customer_platform import settings
from customer_platform.aws import client
from customer_platform.http.requests import UUID
from customer_platform.jobs import BadEventError, Event, job_handler
from customer_platform.messages.limits import RecipientLimit
from customer_platform.messages.store import MessageTable
from customer_platform.messages.submission import Outbox, Workflow
from customer_platform.tasks import due_dates
from customer_platform.tasks.activity import ActivityTable
from customer_platform.tasks.reminding import Reminding, remind
from customer_platform.tasks.storage import TaskTable

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True)
class Settings:
    tasks_table_name: str
    task_activity_table_name: str
    messages_table_name: str
    recipients_table_name: str
    message_workflow_arn: str
    team_inbox: str
    messages_retention_days: int = settings.whole(1, 3650)
    messages_per_hour: int = settings.whole(1, 1000)
    task_activity_retention_days: int = settings.whole(1, 3650)
    reminder_lead_minutes: int = settings.whole(1, 43_200)


SETTINGS = settings.read(Settings)
_dynamodb = client("dynamodb")
PARTS = Reminding(
    tasks=TaskTable(_dynamodb, SETTINGS.tasks_table_name),
    activity=ActivityTable(
        _dynamodb, SETTINGS.task_activity_table_name, SETTINGS.task_activity_retention_days
    ),
    outbox=Outbox(
        MessageTable(_dynamodb, SETTINGS.messages_table_name, SETTINGS.messages_retention_days),
        Workflow(client("stepfunctions"), SETTINGS.message_workflow_arn),
        RecipientLimit(SETTINGS.recipients_table_name, SETTINGS.messages_per_hour),
    ),
    team_inbox=SETTINGS.team_inbox,
    lead=timedelta(minutes=SETTINGS.reminder_lead_minutes),
)


@job_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> dict[str, Any]:
    task_id, due_date = event.get("TaskId"), event.get("DueDate")
    if not isinstance(task_id, str) or not re.fullmatch(UUID, task_id):
        raise BadEventError("TaskId must be the ID of a task")
    try:
        due = due_dates.parse(due_date if isinstance(due_date, str) else "")
    except ValueError:
        raise BadEventError("DueDate must be the due date of the task") from None
    return {"outcome": remind(PARTS, task_id, due)}
