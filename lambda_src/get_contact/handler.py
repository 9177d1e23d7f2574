"""GET /contact/{messageId}: whether a visitor's message to the team was sent, and nothing else.

Public, so it answers for messages of POST /contact only: ids of others are not told apart from ids
that nothing has.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from customer_platform import clock, settings
from customer_platform.aws import client
from customer_platform.http.api import api_handler
from customer_platform.http.errors import NotFoundError
from customer_platform.http.requests import Event, no_query, path_uuid
from customer_platform.http.responses import Response, json_response
from customer_platform.messages.store import MessageTable

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True)
class Settings:
    messages_table_name: str
    messages_retention_days: int = settings.whole(91, 3650)


SETTINGS = settings.read(Settings)
TABLE = MessageTable(
    client("dynamodb"), SETTINGS.messages_table_name, SETTINGS.messages_retention_days
)


@api_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> Response:
    no_query(event)
    head = TABLE.head(path_uuid(event, "messageId"))
    # DynamoDB may delete what has expired days late.
    if head is None or head.template != "contact" or head.expires_at <= clock.now().timestamp():
        raise NotFoundError("There is no message with this id")
    body = {"messageId": head.message_id, "status": head.status}
    return json_response(200, body, {"Cache-Control": "no-store"})
