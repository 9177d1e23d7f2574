"""GET /analytics."""

import json
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

from customer_platform import clock
from customer_platform.analytics.reading import AnalyticsReader
from customer_platform.dynamodb import to_item
from tests.unit import seeding
from tests.unit.platform import ANALYTICS, Platform

NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
NOTHING = {"positive": 0, "neutral": 0, "negative": 0, "mixed": 0}


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def test_nothing_counted(platform: Platform) -> None:
    answer = platform.analytics()
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert answer.body == {
        "totalFeedback": 0,
        "averageRating": 0,
        "sentiment": NOTHING,
        "sentimentPercentage": NOTHING,
        "lastUpdated": None,
    }


def test_totals(platform: Platform) -> None:
    kinds = [("positive", 5), ("positive", 4), ("negative", None), ("mixed", 4), ("neutral", None)]
    items = [seeding.item(NOW, sentiment=s, rating=r) for s, r in kinds]
    platform.aggregate(seeding.stream(*items, seeding.item(NOW, rating=5)))
    answer = platform.analytics()
    assert answer.body == {
        "totalFeedback": 6,
        "averageRating": 4.5,
        "sentiment": {"positive": 3, "neutral": 1, "negative": 1, "mixed": 1},
        "sentimentPercentage": {"positive": 50, "neutral": 16.7, "negative": 16.7, "mixed": 16.7},
        "lastUpdated": "2026-03-15T12:00:00.000Z",
    }
    assert '"totalFeedback":6,' in answer.text  # an integer, though DynamoDB's are Decimal


def test_days(platform: Platform) -> None:
    ages = [0, 0, 2, 89, 90]
    items = [seeding.item(NOW - timedelta(days=age), rating=1 + n) for n, age in enumerate(ages)]
    platform.aggregate(seeding.stream(*items))
    daily = platform.analytics(days=3).body["daily"]
    one = {**NOTHING, "positive": 1}
    assert daily == [
        {"date": "2026-03-13", "count": 1, "averageRating": 3, "sentiment": one},
        {"date": "2026-03-14", "count": 0, "averageRating": 0, "sentiment": NOTHING},
        {
            "date": "2026-03-15",
            "count": 2,
            "averageRating": 1.5,
            "sentiment": {**one, "positive": 2},
        },
    ]
    whole = platform.analytics(days=90).body
    assert whole["totalFeedback"] == 5
    assert len(whole["daily"]) == 90
    assert sum(day["count"] for day in whole["daily"]) == 4
    assert [day["date"] for day in whole["daily"]] == sorted(day["date"] for day in whole["daily"])
    assert "daily" not in platform.analytics().body


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"days": 0}, "days"),
        ({"days": 91}, "days"),
        ({"days": "x"}, "days"),
        ({"days": ["1", "1"]}, "days"),
        ({"day": 1}, "day"),
    ],
)
def test_bad_parameters(platform: Platform, query: dict[str, Any], field: str) -> None:
    answer = platform.analytics(**query)
    assert (answer.status, answer.body["error"]) == (400, "ValidationError")
    assert [detail["field"] for detail in answer.body["details"]] == [field]


def test_shards_are_summed(platform: Platform) -> None:
    for shard in range(101):  # more than one BatchGetItem takes
        for period in ("total", "day#2026-03-15"):
            counters = {"totalCount": 2, "positiveCount": 2, "ratedCount": 1, "sumRatings": 4}
            item = {"aggregateId": f"global#{shard}", "period": period, **counters}
            stamp = f"2026-03-15T00:00:00.{shard:03}Z"
            platform.dynamodb.put_item(
                TableName=ANALYTICS, Item=to_item({**item, "lastUpdated": stamp})
            )
    reader = AnalyticsReader(platform.dynamodb, ANALYTICS, 101)
    for aggregates in (reader.totals(), reader.since(NOW.date())):
        assert +aggregates.total == {
            "totalCount": 202, "positiveCount": 202, "ratedCount": 101, "sumRatings": 404,
        }  # fmt: skip
        assert aggregates.last_updated == "2026-03-15T00:00:00.100Z"
    assert aggregates.days["2026-03-15"] == aggregates.total


def test_unprocessed_keys_are_asked_for_again(
    platform: Platform, modules: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.aggregate(seeding.stream(seeding.item(NOW)))
    client = modules["get_analytics"].READER._dynamodb
    real = client.batch_get_item
    calls: list[Any] = []

    def throttled(**parameters: Any) -> Any:
        calls.append(parameters)
        if len(calls) < 4:
            return {"Responses": {}, "UnprocessedKeys": parameters["RequestItems"]}
        return real(**parameters)

    monkeypatch.setattr(client, "batch_get_item", throttled)
    assert platform.analytics().body["totalFeedback"] == 1
    monkeypatch.setattr(
        client,
        "batch_get_item",
        lambda **parameters: {"Responses": {}, "UnprocessedKeys": parameters["RequestItems"]},
    )
    answer = platform.analytics()
    assert (answer.status, answer.headers["Retry-After"]) == (503, "2")


@pytest.mark.parametrize("query", [{}, {"days": 90}])
def test_reading_costs_the_same_with_10_and_10_000_counted(
    platform: Platform, query: dict[str, int]
) -> None:
    reader = platform.modules["get_analytics"].READER

    def price() -> tuple[int, int]:
        reader.requests = reader.items_read = 0
        assert platform.analytics(**query).status == 200
        return reader.requests, reader.items_read

    def count(number: int, seed: int) -> None:
        items = seeding.many(number, NOW, timedelta(milliseconds=3), seed=seed)
        platform.aggregate(seeding.stream(*items))

    count(10, seed=1)
    few = price()
    count(9_990, seed=2)
    assert platform.analytics().body["totalFeedback"] == 10_000
    assert price() == few == (1, 2 if query else 1)


def test_numbers_are_plain_json(platform: Platform) -> None:
    platform.aggregate(seeding.stream(*seeding.many(7, NOW, timedelta(seconds=1))))
    body = json.loads(platform.analytics(days=1).text, parse_float=lambda text: ("float", text))
    assert all(isinstance(value, int) for value in body["sentiment"].values())
