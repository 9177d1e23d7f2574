"""POST /messages: accept one message and start its workflow. The gateway asks for an API key before
this runs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from customer_platform import settings
from customer_platform.aws import client
from customer_platform.http.api import api_handler
from customer_platform.http.requests import Event, json_object, no_query
from customer_platform.http.responses import Response, json_response
from customer_platform.http.validation import validated
from customer_platform.messages.accepting import accept, idempotency_key
from customer_platform.messages.limits import RecipientLimit
from customer_platform.messages.models import EmailMessage
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
    message = validated(EmailMessage, json_object(event))
    submission = Submission(
        channel=message.channel,
        recipient=message.email,
        subject=message.subject,
        text=message.message,
        template="message",
        key=idempotency_key(event, "POST /messages"),
    )
    submitted = accept(OUTBOX, submission)
    if not submitted.repeated:
        count("MessagesAccepted", Channel=message.channel)
    body = {"messageId": submitted.message_id, "status": submitted.status}
    return json_response(202, body, {"Cache-Control": "no-store"})
