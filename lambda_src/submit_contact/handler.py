"""POST /contact: a visitor's message to the team."""

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from customer_platform import settings
from customer_platform.aws import client
from customer_platform.http.api import api_handler
from customer_platform.http.requests import Event, json_object, no_query
from customer_platform.http.responses import Response, json_response
from customer_platform.http.validation import validated
from customer_platform.messages.accepting import accept, idempotency_key
from customer_platform.messages.contact import contact
from customer_platform.messages.limits import DAY, RecipientLimit
from customer_platform.messages.models import ContactRequest
from customer_platform.messages.store import MessageTable
from customer_platform.messages.submission import Outbox, Workflow
from customer_platform.observability import count

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True)
class Settings:
    messages_table_name: str
    recipients_table_name: str
    message_workflow_arn: str
    team_inbox: str
    messages_retention_days: int = settings.whole(91, 3650)
    acknowledgements_per_day: int = settings.whole(1, 1000)


SETTINGS = settings.read(Settings)
OUTBOX = Outbox(
    MessageTable(
        client("dynamodb"), SETTINGS.messages_table_name, SETTINGS.messages_retention_days
    ),
    Workflow(client("stepfunctions"), SETTINGS.message_workflow_arn),
    RecipientLimit(
        SETTINGS.recipients_table_name, SETTINGS.acknowledgements_per_day, DAY, "acknowledgement"
    ),
)


@api_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> Response:
    no_query(event)
    request = validated(ContactRequest, json_object(event))
    submitted = contact(
        request,
        idempotency_key(event, "POST /contact"),
        SETTINGS.team_inbox,
        functools.partial(accept, OUTBOX),
        OUTBOX,
    )
    if not submitted.repeated:
        count("ContactRequests")
    body = {"messageId": submitted.message_id, "status": submitted.status}
    return json_response(202, body, {"Cache-Control": "no-store"})
