"""GET /messages/{messageId}: what became of a message, without recipient and content. The gateway
asks for an API key before this runs."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from customer_platform import clock, settings
from customer_platform.aws import client
from customer_platform.http.api import api_handler
from customer_platform.http.errors import NotFoundError
from customer_platform.http.requests import Event, no_query, path_uuid
from customer_platform.http.responses import Response, json_response
from customer_platform.messages.records import Entry, Head
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
    found = TABLE.history(path_uuid(event, "messageId"))
    # DynamoDB may delete what has expired days late.
    if found is None or found[0].expires_at <= clock.now().timestamp():
        raise NotFoundError("There is no message with this id")
    return json_response(200, _public(*found), {"Cache-Control": "no-store"})


def _public(head: Head, history: list[Entry]) -> dict[str, Any]:
    body = {
        "messageId": head.message_id,
        "channel": head.channel,
        "status": head.status,
        "attempts": head.attempts,
        "createdAt": head.created_at,
        "updatedAt": head.updated_at,
        "reason": head.reason,
        "history": [_given(asdict(entry)) for entry in history],
    }
    return _given(body)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
