"""On the topic of SES's events: what became of messages, and who must not be written to any more.

`{"Records": [{"Sns": {"Message": …}}]}`, as SNS delivers it.
"""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from customer_platform import settings
from customer_platform.aws import client
from customer_platform.jobs import BadEventError, Event, job_handler
from customer_platform.messages.events import Events, NotAnEventError, parse
from customer_platform.messages.store import MessageTable
from customer_platform.messages.suppression import SuppressionList
from customer_platform.observability import count, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True)
class Settings:
    messages_table_name: str
    recipients_table_name: str
    messages_retention_days: int = settings.whole(1, 3650)


SETTINGS = settings.read(Settings)
_dynamodb = client("dynamodb")
EVENTS = Events(
    MessageTable(_dynamodb, SETTINGS.messages_table_name, SETTINGS.messages_retention_days),
    SuppressionList(_dynamodb, SETTINGS.recipients_table_name),
)


@job_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> dict[str, Any]:
    outcomes: Counter[str] = Counter()
    for text in _texts(event):
        try:
            told = parse(text)
        except NotAnEventError as error:
            raise BadEventError(str(error)) from None
        if told is None:
            outcomes["nothing"] += 1
            continue
        outcome = EVENTS.record(told)
        outcomes[outcome] += 1
        if outcome != "repeated":
            count("EmailEvents", Event=told.kind)
        logger.info(
            "E-mail event",
            extra={
                "messageId": told.message_id,
                "event": told.kind,
                "detail": told.detail,
                "outcome": outcome,
            },
        )
    return dict(outcomes)


def _texts(event: Event) -> list[str]:
    try:
        return [str(record["Sns"]["Message"]) for record in event["Records"]]
    except (KeyError, TypeError):
        raise BadEventError("the event is none that SNS delivers") from None
