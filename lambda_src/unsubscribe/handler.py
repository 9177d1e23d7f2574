"""/unsubscribe/{messageId}/{token}: the recipient of a message wants no more (RFC 8058).

POST: the mail program asks by itself, as the message's List-Unsubscribe header says, or a person
presses the button of the page. The token in the address is who asks; nothing of the body is read.
GET: that page, for whoever opens the address. It changes nothing, because programs that look for
bad links open it too.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from customer_platform import clock, settings
from customer_platform.aws import client
from customer_platform.http import pages
from customer_platform.http.api import api_handler
from customer_platform.http.errors import NotFoundError
from customer_platform.http.requests import Event, no_query
from customer_platform.http.responses import Response, json_response
from customer_platform.messages.store import MessageTable
from customer_platform.messages.suppression import SuppressionList
from customer_platform.messages.unsubscription import UnknownLinkError, unsubscribe, well_formed

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True)
class Settings:
    messages_table_name: str
    recipients_table_name: str
    team_inbox: str
    messages_retention_days: int = settings.whole(1, 3650)


_QUESTION = (
    "<p>You will get no more messages from us at the address that this one was sent to.</p>"
    '<form method="post"><button type="submit">Unsubscribe</button></form>'
)
_DONE = "<p>You will get no more messages from us. You can close this page.</p>"
_UNKNOWN = (
    "<p>There is nothing to unsubscribe from under this address: perhaps a part of the link is "
    "missing, or the message is so old that it is forgotten.</p>"
)

SETTINGS = settings.read(Settings)
_dynamodb = client("dynamodb")
MESSAGES = MessageTable(_dynamodb, SETTINGS.messages_table_name, SETTINGS.messages_retention_days)
SUPPRESSION = SuppressionList(_dynamodb, SETTINGS.recipients_table_name)


@api_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> Response:
    no_query(event)
    path = event.get("pathParameters") or {}
    link = (str(path.get("messageId", "")), str(path.get("token", "")))
    try:
        if event.get("httpMethod") == "GET":
            # The same for every link: whether there is such a message is not shown.
            well_formed(*link)
            return pages.page(200, "Unsubscribe", _QUESTION)
        unsubscribe(link, MESSAGES, SUPPRESSION, SETTINGS.team_inbox, clock.now())
    except UnknownLinkError:
        if pages.wanted(event):
            return pages.page(404, "Unknown address", _UNKNOWN)
        raise NotFoundError("There is nothing to unsubscribe from under this address") from None
    if pages.wanted(event):
        return pages.page(200, "You are unsubscribed", _DONE)
    return json_response(200, {"status": "unsubscribed"}, {"Cache-Control": "no-store"})
