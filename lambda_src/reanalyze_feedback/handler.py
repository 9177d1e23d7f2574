"""On a schedule: Comprehend's answer for what the lexicon answered while it was down.

An operator may ask for more than the schedule does: `{"days": 30, "items": 5000}`.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from customer_platform import clock, settings
from customer_platform.aws import client
from customer_platform.feedback.pending import PendingFeedback
from customer_platform.feedback.reanalysis import Outcome, reanalyze
from customer_platform.feedback.sentiment.batch import ComprehendBatch
from customer_platform.feedback.sentiment.settings import SentimentSettings
from customer_platform.jobs import BadEventError, Event, job_handler, whole

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

MAX_ITEMS = 10_000


@dataclass(frozen=True)
class Settings:
    feedback_table_name: str
    feedback_retention_days: int = settings.whole(1, 3650)
    list_shards: int = settings.whole(1, 64)
    reanalysis_days: int = settings.whole(1, 3650)
    reanalysis_items: int = settings.whole(1, MAX_ITEMS)


SETTINGS = settings.read(Settings)
SENTIMENT = settings.read(SentimentSettings)
TABLE = PendingFeedback(client("dynamodb"), SETTINGS.feedback_table_name, SETTINGS.list_shards)
# Nobody waits for the answer, and 25 long texts take Comprehend longer than one.
ANALYZER = ComprehendBatch(
    client("comprehend", region=SENTIMENT.comprehend_region, read_timeout=5),
    SENTIMENT.language_code,
)


@job_handler
def lambda_handler(event: Event, context: "LambdaContext") -> dict[str, Any]:
    if unknown := event.keys() - {"days", "items"}:
        raise BadEventError(f"the event may have days and items, and has {len(unknown)} more")
    retention = SETTINGS.feedback_retention_days
    default = min(SETTINGS.reanalysis_days, retention)
    days = whole(event, "days", default, retention)
    items = whole(event, "items", SETTINGS.reanalysis_items, MAX_ITEMS)
    if SENTIMENT.sentiment_engine != "comprehend":
        return Outcome(stopped_by="the engine is the lexicon").answer()
    return reanalyze(
        TABLE,
        ANALYZER,
        since=clock.iso(clock.now() - timedelta(days=days)),
        limit=items,
        seconds_left=lambda: context.get_remaining_time_in_millis() / 1000,
    ).answer()
