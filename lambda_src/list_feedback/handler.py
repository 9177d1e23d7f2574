"""GET /feedback: the newest feedback, page by page."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from customer_platform import settings
from customer_platform.aws import client
from customer_platform.feedback.listing import (
    DEFAULT_LIMIT,
    LIMIT_RANGE,
    RATING_RANGE,
    Wanted,
    newest_page,
)
from customer_platform.feedback.sentiment.base import SENTIMENTS
from customer_platform.feedback.storage import FeedbackTable
from customer_platform.http.api import api_handler
from customer_platform.http.requests import Event, Query
from customer_platform.http.responses import Response, json_response

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True)
class Settings:
    feedback_table_name: str
    feedback_retention_days: int = settings.whole(1, 3650)
    list_shards: int = settings.whole(1, 64)


SETTINGS = settings.read(Settings)
TABLE = FeedbackTable(client("dynamodb"), SETTINGS.feedback_table_name)


@api_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> Response:
    query = Query(event, known={"limit", "lastKey", "sentiment", "rating"})
    wanted = Wanted(
        limit=query.integer("limit", LIMIT_RANGE) or DEFAULT_LIMIT,
        last_key=query.text("lastKey"),
        sentiment=query.choice("sentiment", SENTIMENTS),
        rating=query.integer("rating", RATING_RANGE),
    )
    query.check()
    page = newest_page(wanted, TABLE, SETTINGS.list_shards, SETTINGS.feedback_retention_days)
    body = {"items": page.items, "count": len(page.items), "lastKey": page.last_key}
    return json_response(200, body, {"Cache-Control": "no-store"})
