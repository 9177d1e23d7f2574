"""Stream of the table of tasks: keeps the schedule of each task's reminder."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from customer_platform import settings
from customer_platform.aws import client
from customer_platform.dead_letters import DeadLetterQueue
from customer_platform.streams import stream_handler
from customer_platform.tasks.reminders import ReminderSchedules, Target, reconcile
from customer_platform.tasks.storage import TaskTable


@dataclass(frozen=True)
class Settings:
    tasks_table_name: str
    dead_letter_queue_url: str
    reminder_group: str
    reminder_target_arn: str
    reminder_role_arn: str
    reminder_dead_letter_arn: str
    reminder_lead_minutes: int = settings.whole(1, 43_200)


SETTINGS = settings.read(Settings)
TABLE = TaskTable(client("dynamodb"), SETTINGS.tasks_table_name)
SCHEDULES = ReminderSchedules(
    client("scheduler"),
    SETTINGS.reminder_group,
    Target(
        SETTINGS.reminder_target_arn,
        SETTINGS.reminder_role_arn,
        SETTINGS.reminder_dead_letter_arn,
    ),
)
DEAD_LETTERS = DeadLetterQueue(client("sqs"), SETTINGS.dead_letter_queue_url)
LEAD = timedelta(minutes=SETTINGS.reminder_lead_minutes)


@stream_handler
def lambda_handler(records: list[Any]) -> None:
    reconcile(records, TABLE, SCHEDULES, DEAD_LETTERS, LEAD)
