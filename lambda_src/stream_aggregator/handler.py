"""Stream of the feedback table: counts new feedback, exactly once."""

from dataclasses import dataclass
from typing import Any

from customer_platform import settings
from customer_platform.analytics.aggregate import aggregate
from customer_platform.analytics.ledger import AnalyticsLedger
from customer_platform.aws import client
from customer_platform.dead_letters import DeadLetterQueue
from customer_platform.streams import stream_handler


@dataclass(frozen=True)
class Settings:
    analytics_table_name: str
    dead_letter_queue_url: str
    aggregate_shards: int = settings.whole(1, 64)


SETTINGS = settings.read(Settings)
LEDGER = AnalyticsLedger(
    client("dynamodb"), SETTINGS.analytics_table_name, SETTINGS.aggregate_shards
)
DEAD_LETTERS = DeadLetterQueue(client("sqs"), SETTINGS.dead_letter_queue_url)


@stream_handler
def lambda_handler(records: list[Any]) -> None:
    aggregate(records, LEDGER, DEAD_LETTERS)
