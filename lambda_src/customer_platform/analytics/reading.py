"""GET /analytics: reads the aggregates, never the feedback."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from customer_platform.analytics.counters import (
    COUNTER_NAMES,
    TOTAL,
    Counters,
    aggregate_id,
    day_period,
)
from customer_platform.dynamodb import batch_get, from_item, to_item
from customer_platform.feedback.sentiment.base import SENTIMENTS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Aggregates:
    total: Counters
    days: dict[str, Counters]
    last_updated: str | None


class AnalyticsReader:
    """Counts its reads in `requests` and `items_read`, like FeedbackTable."""

    def __init__(self, dynamodb: "DynamoDBClient", name: str, shards: int) -> None:
        self._dynamodb = dynamodb
        self._name = name
        self._shards = range(shards)
        self.requests = 0
        self.items_read = 0

    def totals(self) -> Aggregates:
        keys = [{"aggregateId": aggregate_id(s), "period": TOTAL} for s in self._shards]
        self.requests += 1
        return self._sum(batch_get(self._dynamodb, self._name, keys, consistent=False))

    def since(self, first: date) -> Aggregates:
        """Totals and the days from `first` on: one Query per shard, at most 92 items each."""
        items: list[dict[str, Any]] = []
        for shard in self._shards:
            answer = self._dynamodb.query(
                TableName=self._name,
                KeyConditionExpression="aggregateId = :id AND #period BETWEEN :first AND :total",
                ExpressionAttributeNames={"#period": "period"},
                ExpressionAttributeValues=to_item(
                    {
                        ":id": aggregate_id(shard),
                        ":first": day_period(first.isoformat()),
                        ":total": TOTAL,
                    }
                ),
            )
            self.requests += 1
            items += [from_item(item) for item in answer["Items"]]
        return self._sum(items)

    def _sum(self, items: list[dict[str, Any]]) -> Aggregates:
        self.items_read += len(items)
        total: Counters = Counter()
        days: dict[str, Counters] = defaultdict(Counter)
        updated: str | None = None
        for item in items:
            counters = {name: int(item.get(name, 0)) for name in COUNTER_NAMES}
            if item["period"] == TOTAL:
                total.update(counters)
                updated = max(updated or "", item["lastUpdated"])
            else:
                days[item["period"].removeprefix("day#")].update(counters)
        return Aggregates(total, days, updated)


def summary(aggregates: Aggregates) -> dict[str, Any]:
    total = aggregates.total
    counts = _sentiments(total)
    return {
        "totalFeedback": total["totalCount"],
        "averageRating": _average(total),
        "sentiment": counts,
        "sentimentPercentage": {
            name: round(100 * count / total["totalCount"], 1) if total["totalCount"] else 0
            for name, count in counts.items()
        },
        "lastUpdated": aggregates.last_updated,
    }


def daily(aggregates: Aggregates, last: date, days: int) -> list[dict[str, Any]]:
    """One entry per day up to `last`, oldest first; days without feedback are zeros."""
    entries: list[dict[str, Any]] = []
    for back in reversed(range(days)):
        day = (last - timedelta(days=back)).isoformat()
        counters = aggregates.days.get(day, Counter())
        entries.append(
            {
                "date": day,
                "count": counters["totalCount"],
                "averageRating": _average(counters),
                "sentiment": _sentiments(counters),
            }
        )
    return entries


def _average(counters: Counters) -> float:
    """Of the feedback that has a rating; 0, which no rating can be, when there is none."""
    rated = counters["ratedCount"]
    return round(counters["sumRatings"] / rated, 2) if rated else 0


def _sentiments(counters: Counters) -> dict[str, int]:
    """Never below zero, and they add up to what was counted.

    A revision may be counted before its item (whose batch waits on the dead-letter queue, say):
    it is taken from one sentiment, and nothing is there yet to take it from. Until it is, such
    revisions are left out of where they went, the fullest first.
    """
    counts: dict[str, int] = {name: counters[f"{name}Count"] for name in SENTIMENTS}
    ahead = -sum(count for count in counts.values() if count < 0)
    for name in sorted(counts, key=lambda name: -counts[name]):
        less = min(ahead, max(counts[name], 0))
        counts[name] = max(counts[name] - less, 0)
        ahead -= less
    return counts
