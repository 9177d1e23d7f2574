"""GET /analytics: totals, and with `?days=` one entry per day."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from customer_platform import clock, settings
from customer_platform.analytics.reading import AnalyticsReader, daily, summary
from customer_platform.aws import client
from customer_platform.http.api import api_handler
from customer_platform.http.requests import Event, Query
from customer_platform.http.responses import Response, json_response

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

DAYS_RANGE = (1, 90)


@dataclass(frozen=True)
class Settings:
    analytics_table_name: str
    aggregate_shards: int = settings.whole(1, 64)


SETTINGS = settings.read(Settings)
READER = AnalyticsReader(
    client("dynamodb"), SETTINGS.analytics_table_name, SETTINGS.aggregate_shards
)


@api_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> Response:
    query = Query(event, known={"days"})
    days = query.integer("days", DAYS_RANGE)
    query.check()
    if days is None:
        body = summary(READER.totals())
    else:
        today = clock.now().date()
        aggregates = READER.since(today - timedelta(days=days - 1))
        body = {**summary(aggregates), "daily": daily(aggregates, today, days)}
    return json_response(200, body, {"Cache-Control": "public, max-age=60"})
