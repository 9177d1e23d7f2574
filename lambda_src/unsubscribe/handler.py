"""POST /unsubscribe/{messageId}/{token}: the recipient of a message wants no more (RFC 8058).

The mail program asks by itself, as the message's List-Unsubscribe header says. The token in the
address is who asks; nothing of the body is read.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from customer_platform import clock, settings
from customer_platform.aws import client
from customer_platform.http.api import api_handler
from customer_platform.http.errors import NotFoundError
from customer_platform.http.requests import Event, no_query
from customer_platform.http.responses import Response, json_response
from customer_platform.messages.store import MessageTable
from customer_platform.messages.suppression import SuppressionList
from customer_platform.messages.unsubscription import UnknownLinkError, unsubscribe

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True)
class Settings:
    messages_table_name: str
    recipients_table_name: str
    messages_retention_days: int = settings.whole(1, 3650)


SETTINGS = settings.read(Settings)
_dynamodb = client("dynamodb")
MESSAGES = MessageTable(_dynamodb, SETTINGS.messages_table_name, SETTINGS.messages_retention_days)
SUPPRESSION = SuppressionList(_dynamodb, SETTINGS.recipients_table_name)


@api_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> Response:
    no_query(event)
    path = event.get("pathParameters") or {}
    try:
        unsubscribe(
            str(path.get("messageId", "")),
            str(path.get("token", "")),
            MESSAGES,
            SUPPRESSION,
            clock.now(),
        )
    except UnknownLinkError:
        raise NotFoundError("There is nothing to unsubscribe from under this address") from None
    return json_response(200, {"status": "unsubscribed"}, {"Cache-Control": "no-store"})
