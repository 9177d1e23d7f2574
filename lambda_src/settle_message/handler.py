"""A step of the workflow customer-message: what could not be sent is failed, and told of:
`{"messageId": …, "outcome": one of settling.ENDED, "reason": …}`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from customer_platform import settings
from customer_platform.aws import client
from customer_platform.jobs import BadEventError, Event, job_handler
from customer_platform.messages.settling import ENDED, MessageDeadLetters, settle
from customer_platform.messages.store import MessageTable

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True)
class Settings:
    messages_table_name: str
    message_dead_letter_queue_url: str
    messages_retention_days: int = settings.whole(91, 3650)


SETTINGS = settings.read(Settings)
TABLE = MessageTable(
    client("dynamodb"), SETTINGS.messages_table_name, SETTINGS.messages_retention_days
)
DEAD_LETTERS = MessageDeadLetters(client("sqs"), SETTINGS.message_dead_letter_queue_url)


@job_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> dict[str, Any]:
    outcome = next((ended for ended in ENDED if ended == event.get("outcome")), None)
    if outcome is None:
        raise BadEventError("outcome must be one of " + ", ".join(ENDED))
    message_id, reason = str(event["messageId"]), str(event.get("reason") or "")
    return {**settle(message_id, outcome, reason, TABLE, DEAD_LETTERS)}
