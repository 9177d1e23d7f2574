"""GET /feedback: the newest items, page by page, at a price that does not depend on how
many are stored.

Walks the days backwards. Each day's partitions hold at most what the page still needs, are
read side by side, and are merged by sort key. Days are read in windows that double (1, 2,
4, 8 days), so that a quiet month does not take thirty round trips one after the other.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import repeat
from typing import Protocol

from customer_platform import clock
from customer_platform.feedback import cursor
from customer_platform.feedback.partitions import UNRATED, DayKind, DayShard, Partition
from customer_platform.feedback.records import PublicFeedback
from customer_platform.feedback.sentiment.base import SENTIMENTS, Sentiment
from customer_platform.shards import sort_key

LIMIT_RANGE = (1, 100)
DEFAULT_LIMIT = 10
RATING_RANGE = (1, 5)
# Of one page. Enough for a month of days with one filter or a few shards; when they are used
# up, the page ends early with a cursor.
MAX_QUERIES = 200
_MAX_WINDOW = 8
_CLOCK_SKEW = timedelta(minutes=5)  # between the machines that write and this one

# boto3 has imported this module anyway; threads start with the first page.
_pool = ThreadPoolExecutor(max_workers=8)


class Feedbacks(Protocol):
    def newest(self, partition: Partition, before: str, limit: int) -> list[PublicFeedback]: ...


@dataclass(frozen=True)
class Wanted:
    limit: int = DEFAULT_LIMIT
    last_key: str | None = None
    sentiment: Sentiment | None = None
    rating: int | None = None

    @property
    def filters(self) -> str:
        return f"sentiment={self.sentiment}&rating={self.rating}"


@dataclass(frozen=True)
class Page:
    items: list[PublicFeedback]
    last_key: str | None


def newest_page(wanted: Wanted, table: Feedbacks, shards: int, retention_days: int) -> Page:
    """A page holds fewer items than asked for when it is the last one, or when matching
    items are so rare that looking further has to wait for the next request."""
    now = clock.now()
    oldest = now - timedelta(days=retention_days)
    position = _start(wanted, now)
    day = date.fromisoformat(position[:10])
    if day < oldest.date():
        return Page([], None)
    if len(position) == len("YYYY-MM-DD"):  # that day is done
        day -= timedelta(days=1)

    found: list[PublicFeedback] = []
    for days in _windows(day, oldest.date(), len(_partitions(wanted, day, shards))):
        needed = wanted.limit + 1 - len(found)  # one more tells whether there is a next page
        partitions = [p for d in days for p in _partitions(wanted, d, shards)]
        batches = _pool.map(table.newest, partitions, repeat(position), repeat(needed))
        found += sorted((item for batch in batches for item in batch), key=_order, reverse=True)
        # What is past its time may lie there until DynamoDB deletes it.
        kept = [item for item in found if item["createdAt"] >= clock.iso(oldest)]
        if len(kept) > wanted.limit:
            items = kept[: wanted.limit]
            return Page(items, cursor.encode(_order(items[-1]), wanted.filters))
        found = kept
        position = days[-1].isoformat()
    if date.fromisoformat(position[:10]) > oldest.date():
        return Page(found, cursor.encode(position, wanted.filters))
    return Page(found, None)


def _start(wanted: Wanted, now: datetime) -> str:
    tomorrow = (now + _CLOCK_SKEW).date() + timedelta(days=1)
    newest = tomorrow.isoformat()
    if wanted.last_key is None:
        return newest
    return min(newest, cursor.decode(wanted.last_key, wanted.filters))


def _windows(day: date, oldest: date, partitions_per_day: int) -> Iterator[list[date]]:
    """Days from `day` back to `oldest`, until the queries of a page are used up."""
    budget = max(1, MAX_QUERIES // partitions_per_day)
    size = 1
    while day >= oldest and budget > 0:
        size = min(size, budget, (day - oldest).days + 1)
        yield [day - timedelta(days=back) for back in range(size)]
        day -= timedelta(days=size)
        budget -= size
        size = min(size * 2, _MAX_WINDOW)


def _partitions(wanted: Wanted, day: date, shards: int) -> list[Partition]:
    name = day.isoformat()
    if wanted.sentiment is None and wanted.rating is None:
        return [DayShard(name, shard) for shard in range(shards)]
    sentiments = (wanted.sentiment,) if wanted.sentiment else SENTIMENTS
    ratings = (wanted.rating,) if wanted.rating else (UNRATED, *range(1, RATING_RANGE[1] + 1))
    return [DayKind(name, sentiment, rating) for sentiment in sentiments for rating in ratings]


def _order(item: PublicFeedback) -> str:
    return sort_key(item["createdAt"], item["feedbackId"])
