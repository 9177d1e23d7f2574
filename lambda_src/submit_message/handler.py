"""POST /messages: accept one message and start its workflow. The gateway asks for an API key before
this runs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from customer_platform import settings
from customer_platform.aws import client
from customer_platform.http.api import api_handler
from customer_platform.http.errors import invalid
from customer_platform.http.requests import Event, json_object, no_query
from customer_platform.http.responses import Response, json_response
from customer_platform.http.validation import validated
from customer_platform.messages.accepting import accept, idempotency_key
from customer_platform.messages.limits import RecipientLimit
from customer_platform.messages.models import EmailMessage, SmsMessage
from customer_platform.messages.store import MessageTable
from customer_platform.messages.submission import Outbox, Submission, Workflow
from customer_platform.observability import count

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True)
class Settings:
    messages_table_name: str
    recipients_table_name: str
    message_workflow_arn: str
    sms: Literal["on", "off"]
    messages_retention_days: int = settings.whole(91, 3650)
    messages_per_hour: int = settings.whole(1, 1000)


SETTINGS = settings.read(Settings)
OUTBOX = Outbox(
    MessageTable(
        client("dynamodb"), SETTINGS.messages_table_name, SETTINGS.messages_retention_days
    ),
    Workflow(client("stepfunctions"), SETTINGS.message_workflow_arn),
    RecipientLimit(SETTINGS.recipients_table_name, SETTINGS.messages_per_hour),
)


@api_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> Response:
    no_query(event)
    submission = _submission(json_object(event), idempotency_key(event, "POST /messages"))
    submitted = accept(OUTBOX, submission)
    if not submitted.repeated:
        count("MessagesAccepted", Channel=submission.channel)
    body = {"messageId": submitted.message_id, "status": submitted.status}
    return json_response(202, body, {"Cache-Control": "no-store"})


def _submission(body: dict[str, Any], key: str | None) -> Submission:
    if body.get("channel") == "sms":
        return _text_message(body, key)
    message = validated(EmailMessage, body)
    return Submission(
        channel=message.channel,
        recipient=message.email,
        subject=message.subject,
        text=message.message,
        template="message",
        key=key,
    )


def _text_message(body: dict[str, Any], key: str | None) -> Submission:
    if SETTINGS.sms == "off":
        raise invalid([{"field": "channel", "issue": "must be email: no text messages are sent"}])
    message = validated(SmsMessage, body)
    return Submission(
        channel=message.channel,
        recipient=message.phone,
        subject="",
        text=message.message,
        template="message",
        key=key,
    )
