"""Counting the stream, exactly once."""

import copy
import json
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from customer_platform.analytics.counted import Counted, counted
from customer_platform.analytics.ledger import AnalyticsLedger, _parts, bucket_of
from customer_platform.dynamodb import from_item
from customer_platform.feedback.sentiment.base import SENTIMENTS
from customer_platform.stream_records import Change
from customer_platform.streams import BatchFailedError
from tests.unit import poison, seeding
from tests.unit.platform import ANALYTICS, FORM, TEXT, Context, Platform

NOW = datetime(2026, 3, 15, 0, 0, 30, tzinfo=UTC)
SECONDS = timedelta(seconds=1)


def counters(platform: Platform) -> dict[str, dict[str, int]]:
    """All aggregates, summed over the shards."""
    found: dict[str, dict[str, int]] = {}
    for item in map(from_item, platform.items(ANALYTICS)):
        if item["aggregateId"].startswith("global#"):
            period = found.setdefault(item["period"], {})
            for name, value in item.items():
                if name not in ("aggregateId", "period", "lastUpdated"):
                    period[name] = period.get(name, 0) + int(value)
    return found


def expected(items: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for item in map(from_item, items):
        for period in ("total", "day#" + item["createdAt"][:10]):
            counts = found.setdefault(period, {})
            rating = item.get("rating")
            added = {"totalCount": 1, item["sentiment"] + "Count": 1}
            if rating is not None:
                added |= {"ratedCount": 1, "sumRatings": int(rating)}
            for name, value in added.items():
                counts[name] = counts.get(name, 0) + value
    return found


def test_what_is_submitted_is_counted(platform: Platform) -> None:
    platform.post(FORM)
    platform.post(TEXT)
    assert platform.aggregate(seeding.stream(*platform.items())) == {"batchItemFailures": []}
    assert counters(platform) == expected(platform.items())


def test_replays_in_any_cut_count_once(platform: Platform) -> None:
    items = seeding.many(200, NOW, SECONDS)
    records = seeding.stream(*items)
    chance = random.Random(7)
    for start in range(0, 200, 40):
        platform.aggregate(records[start : start + 40])
    for _ in range(10):
        low, high = sorted(chance.sample(range(200), 2))
        part = records[low:high]
        chance.shuffle(part)
        platform.aggregate(part + part[:5])
    platform.aggregate(records)
    assert counters(platform) == expected(items)
    assert {"day#2026-03-14", "day#2026-03-15"} < counters(platform).keys()


def test_a_batch_that_was_cut_off_is_finished_by_its_retry(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = seeding.many(120, NOW, 10 * SECONDS)  # 120 buckets: two transactions
    client = platform.modules["stream_aggregator"].LEDGER._dynamodb
    real, calls = client.transact_write_items, []

    def cut_off(**parameters: Any) -> Any:
        calls.append(len(parameters["TransactItems"]))
        if len(calls) == 2:
            raise EndpointConnectionError(endpoint_url="dynamodb")
        return real(**parameters)

    monkeypatch.setattr(client, "transact_write_items", cut_off)
    with pytest.raises(BatchFailedError):
        platform.aggregate(seeding.stream(*items))
    assert 0 < counters(platform)["total"]["totalCount"] < 120
    platform.aggregate(seeding.stream(*items))
    assert counters(platform) == expected(items)
    assert len(calls) == 3


@pytest.mark.usefixtures("one_call_at_a_time")
def test_parallel_deliveries_count_once(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All threads read the ledger before any of them writes."""
    items = seeding.many(40, NOW, SECONDS)
    records = seeding.stream(*items)
    everybody_has_read = threading.Barrier(4)
    real = AnalyticsLedger._seen
    local = threading.local()

    def read_together(self: AnalyticsLedger, part: Any) -> Any:
        seen = real(self, part)
        if not getattr(local, "waited", False):
            local.waited = True
            everybody_has_read.wait(timeout=10)
        return seen

    monkeypatch.setattr(AnalyticsLedger, "_seen", read_together)
    batches = [records, records[:30], records[10:], records[::-1]]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(platform.aggregate, batches))
    assert counters(platform) == expected(items)


def _cancelled(*reasons: str) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": "TransactionCanceledException", "Message": ""},
            "CancellationReasons": [{"Code": reason} for reason in reasons],
        },
        "TransactWriteItems",
    )


def test_conflicts_are_retried_then_left_to_the_stream(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = seeding.many(3, NOW, SECONDS)
    client = platform.modules["stream_aggregator"].LEDGER._dynamodb
    real, left = client.transact_write_items, [5]

    def contended(**parameters: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise _cancelled("None", "TransactionConflict", "None", "ConditionalCheckFailed")
        return real(**parameters)

    monkeypatch.setattr(client, "transact_write_items", contended)
    platform.aggregate(seeding.stream(*items))
    assert counters(platform) == expected(items)
    left[0] = 1000
    with pytest.raises(BatchFailedError):
        platform.aggregate(seeding.stream(seeding.item(NOW)))
    assert counters(platform) == expected(items)


def test_other_cancellations_are_raised_at_once(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = platform.modules["stream_aggregator"].LEDGER._dynamodb
    calls: list[Any] = []

    def refuse(**parameters: Any) -> Any:
        calls.append(parameters)
        raise _cancelled("ValidationError", "TransactionConflict")

    monkeypatch.setattr(client, "transact_write_items", refuse)
    with pytest.raises(BatchFailedError):
        platform.aggregate(seeding.stream(seeding.item(NOW)))
    assert len(calls) == 1


def _transactions(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of the transactions that follow."""
    client = platform.modules["stream_aggregator"].LEDGER._dynamodb
    real, sizes = client.transact_write_items, []

    def measured(**parameters: Any) -> Any:
        sizes.append(len(parameters["TransactItems"]))
        return real(**parameters)

    monkeypatch.setattr(client, "transact_write_items", measured)
    return sizes


def test_writes_are_per_batch_not_per_record(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = _transactions(platform, monkeypatch)
    records = seeding.stream(*seeding.many(100, NOW + 9 * SECONDS, timedelta(milliseconds=10)))
    platform.aggregate(records)
    assert sizes == [3]  # one bucket, one day, one total
    platform.aggregate(records)
    assert sizes == [3]  # nothing new, nothing written


@pytest.mark.parametrize("apart", [10 * SECONDS, timedelta(hours=18)])
def test_transactions_stay_within_their_limit(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, apart: timedelta
) -> None:
    sizes = _transactions(platform, monkeypatch)
    items = seeding.many(130, NOW, apart)
    platform.aggregate(seeding.stream(*items))
    assert len(sizes) > 1
    assert max(sizes) <= 100
    assert counters(platform) == expected(items)


def test_totals_are_spread_over_shards(platform: Platform) -> None:
    ledger = AnalyticsLedger(platform.dynamodb, ANALYTICS, 4)
    items = seeding.many(100, NOW, 10 * SECONDS)
    for _ in range(2):
        ledger.count(counted(Change(item)) for item in items)
    totals = [i for i in map(from_item, platform.items(ANALYTICS)) if i["period"] == "total"]
    assert len(totals) == 4
    assert counters(platform) == expected(items)


def test_the_ledger_outlives_the_stream(platform: Platform) -> None:
    """Also for feedback that is imported long after it was written."""
    platform.aggregate(seeding.stream(seeding.item(NOW - timedelta(days=300))))
    [ledger] = [i for i in platform.items(ANALYTICS) if i["period"] == {"S": "ids"}]
    left = int(ledger["expiresAt"]["N"]) - datetime.now(UTC).timestamp()
    assert left == pytest.approx(15 * 86_400, abs=60)
    assert [len(key) for key in ledger["ids"]["BS"]] == [16]


def test_only_new_feedback_counts(platform: Platform) -> None:
    records = seeding.stream(*seeding.many(2, NOW, SECONDS))
    records[0]["eventName"] = "REMOVE"
    records[1]["eventName"] = "MODIFY"
    assert platform.aggregate(records) == {"batchItemFailures": []}
    assert platform.aggregate([]) == {"batchItemFailures": []}
    assert platform.items(ANALYTICS) == []


# --- revisions


def test_a_revision_moves_the_item_from_one_sentiment_to_the_other(platform: Platform) -> None:
    items = [seeding.pending(NOW, sentiment="neutral", rating=4), seeding.item(NOW)]
    after = seeding.revised(items[0], "negative")
    platform.aggregate(seeding.stream(*items))
    platform.aggregate(seeding.stream(after, name="MODIFY"))
    assert counters(platform) == _with_zero(expected([after, items[1]]), "neutralCount")
    assert platform.analytics().body["sentiment"] == {
        "positive": 1, "neutral": 0, "negative": 1, "mixed": 0,
    }  # fmt: skip


def test_the_same_sentiment_moves_nothing(platform: Platform) -> None:
    item = seeding.pending(NOW, sentiment="neutral")
    platform.aggregate(seeding.stream(item))
    before = counters(platform)
    for _ in range(2):
        platform.aggregate(seeding.stream(seeding.revised(item, "neutral"), name="MODIFY"))
    assert counters(platform) == before


def test_revisions_that_cancel_out_are_remembered(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [seeding.pending(NOW, sentiment=s) for s in ("neutral", "negative")]
    after = [seeding.revised(i, s) for i, s in zip(items, ("negative", "neutral"), strict=True)]
    platform.aggregate(seeding.stream(*items))
    before = counters(platform)
    sizes = _transactions(platform, monkeypatch)
    platform.aggregate(seeding.stream(*after, name="MODIFY"))
    assert counters(platform) == before
    assert sizes == [1]  # the ledger's item alone
    platform.aggregate(seeding.stream(after[0], name="MODIFY"))
    assert counters(platform) == before


def test_items_and_revisions_count_once_in_any_order_and_cut(platform: Platform) -> None:
    chance = random.Random(11)
    items = seeding.many(120, NOW, SECONDS)
    after = [seeding.revised(item, chance.choice(SENTIMENTS)) for item in items[::2]]
    records = seeding.stream(*items) + seeding.stream(*after, name="MODIFY")
    chance.shuffle(records)
    for _ in range(10):
        low, high = sorted(chance.sample(range(len(records)), 2))
        platform.aggregate(records[low:high])
    platform.aggregate(records)
    now = {item["feedbackId"]["S"]: item for item in [*items, *after]}
    assert _without_zeros(counters(platform)) == _without_zeros(expected(list(now.values())))


def _with_zero(found: dict[str, dict[str, int]], name: str) -> dict[str, dict[str, int]]:
    return {period: {**counts, name: 0} for period, counts in found.items()}


def _without_zeros(found: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    return {p: {name: n for name, n in c.items() if n} for p, c in found.items()}


def test_a_revision_that_comes_before_its_item_looks_like_nothing(platform: Platform) -> None:
    """Its item's batch may lie on the dead-letter queue."""
    item = seeding.pending(NOW, sentiment="neutral")
    after = seeding.revised(item, "positive")
    platform.aggregate(seeding.stream(after, name="MODIFY"))
    body = platform.analytics().body
    assert body["totalFeedback"] == 0
    assert set(body["sentiment"].values()) == {0}
    assert set(body["sentimentPercentage"].values()) == {0}
    other = seeding.item(NOW, sentiment="positive")
    platform.aggregate(seeding.stream(other))
    assert platform.analytics().body["sentiment"]["positive"] == 1
    # Sent again by an operator, as it is now: it counts as it was first.
    platform.aggregate(seeding.stream(after))
    body = platform.analytics().body
    assert (body["totalFeedback"], body["sentiment"]["positive"]) == (2, 2)
    assert _without_zeros(counters(platform)) == expected([after, other])


def test_revisions_have_ledger_items_of_their_own(platform: Platform) -> None:
    item = seeding.pending(NOW)
    platform.aggregate(seeding.stream(item))
    platform.aggregate(seeding.stream(seeding.revised(item, "mixed"), name="MODIFY"))
    ledger = [i for i in map(from_item, platform.items(ANALYTICS)) if "ids" in i]
    assert len({i["aggregateId"] for i in ledger}) == 1
    assert {i["period"] for i in ledger} == {"ids", "ids#1"}
    assert all(len(i["ids"]) == 1 for i in ledger)


def test_other_changes_of_an_item_are_nobodys_business(platform: Platform) -> None:
    item = seeding.item(NOW, analysisProblem="UNSUPPORTED_LANGUAGE")
    [record] = seeding.stream(item, name="MODIFY")
    without_image = copy.deepcopy(record)
    del without_image["dynamodb"]["NewImage"]
    for records in ([record], [without_image], [{"eventName": "MODIFY"}]):
        platform.aggregate(records)
        platform.export(records)
    assert platform.items(ANALYTICS) == []
    assert platform.lake() == {}
    assert platform.dead_letters() == []


REVISION_POISON = {
    "revision 0": {"revision": {"N": "0"}},
    "revision 1.5": {"revision": {"N": "1.5"}},
    "revision as text": {"revision": {"S": "1"}},
    "revision 256": {"revision": {"N": "256"}},
    "revised from nothing": {"revisedFrom": {"NULL": True}},
    "revised from what is unknown": {"revisedFrom": {"S": "glad"}},
}


@pytest.mark.parametrize("spoilt", REVISION_POISON.values(), ids=REVISION_POISON)
@pytest.mark.parametrize("name", ["INSERT", "MODIFY"])
def test_poisoned_revisions_are_put_aside(
    platform: Platform, spoilt: dict[str, Any], name: str
) -> None:
    item = seeding.revised(seeding.pending(NOW), "mixed")
    platform.aggregate(seeding.stream(item | spoilt, name=name))
    assert counters(platform) == {}
    assert len(platform.dead_letters()) == 1


POISON: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no image": lambda record: record["dynamodb"].pop("NewImage"),
    "no change": lambda record: record.pop("dynamodb"),
    "no id": lambda record: record["dynamodb"]["NewImage"].pop("feedbackId"),
    "id": lambda record: record["dynamodb"]["NewImage"].update(feedbackId={"S": "x"}),
    "id of another type": lambda r: r["dynamodb"]["NewImage"].update(feedbackId={"N": "1"}),
    "no time": lambda record: record["dynamodb"]["NewImage"].pop("createdAt"),
    "time": lambda record: record["dynamodb"]["NewImage"].update(createdAt={"S": "yesterday"}),
    "impossible time": lambda record: record["dynamodb"]["NewImage"].update(
        createdAt={"S": "2026-02-30T00:00:00.000Z"}
    ),
    "sentiment": lambda record: record["dynamodb"]["NewImage"].update(sentiment={"S": "glad"}),
    "rating 6": lambda record: record["dynamodb"]["NewImage"].update(rating={"N": "6"}),
    "rating 0": lambda record: record["dynamodb"]["NewImage"].update(rating={"N": "0"}),
    "rating 4.5": lambda record: record["dynamodb"]["NewImage"].update(rating={"N": "4.5"}),
    "rating as text": lambda record: record["dynamodb"]["NewImage"].update(rating={"S": "5"}),
    "rating null": lambda record: record["dynamodb"]["NewImage"].update(rating={"NULL": True}),
    "rating of another shape": lambda r: r["dynamodb"]["NewImage"].update(rating={"N": ["5"]}),
    "keys of another shape": lambda record: record["dynamodb"].update(Keys=5, NewImage=None),
}


@pytest.mark.parametrize("spoil", POISON.values(), ids=POISON)
def test_poison_is_put_aside_and_the_rest_counted(
    platform: Platform,
    output: Callable[[], list[dict[str, Any]]],
    spoil: poison.Spoil,
) -> None:
    items, records = poison.batch(NOW, spoil)
    assert platform.aggregate(records) == {"batchItemFailures": []}
    assert counters(platform) == expected([items[0], items[2]])
    [message] = platform.dead_letters()
    body = json.loads(message["Body"])
    assert body.keys() == {"reason", "eventID", "sequenceNumber", "keys"}
    assert body["eventID"] == records[1]["eventID"]
    poison.assert_told(message, output())


@pytest.mark.parametrize("record", [None, 5, "record", [], {}])
def test_what_is_no_record_is_poison(platform: Platform, record: Any) -> None:
    assert platform.aggregate([record]) == {"batchItemFailures": []}
    assert len(platform.dead_letters()) == 1


def test_the_same_poison_makes_the_same_message(platform: Platform) -> None:
    record = seeding.stream(seeding.item(NOW, sentiment="glad"))
    platform.aggregate(record)
    platform.aggregate(copy.deepcopy(record))
    first, second = platform.dead_letters()
    assert first["Body"] == second["Body"]
    assert set(json.loads(first["Body"])["keys"]) == {"feedbackId", "timestamp"}


def test_a_failing_queue_fails_the_batch_but_not_the_count(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = seeding.item(NOW)
    records = seeding.stream(good, seeding.item(NOW, sentiment="glad"))
    queue = platform.modules["stream_aggregator"].DEAD_LETTERS

    def down(**_parameters: Any) -> Any:
        raise EndpointConnectionError(endpoint_url="sqs")

    with monkeypatch.context() as patch:
        patch.setattr(queue._sqs, "send_message", down)
        with pytest.raises(BatchFailedError):
            platform.aggregate(records)
    platform.aggregate(records)
    assert counters(platform) == expected([good])
    assert len(platform.dead_letters()) == 1


def test_one_bucket_with_days_of_its_own_fits_a_transaction() -> None:
    items = seeding.many(500, NOW, timedelta(hours=13))
    buckets: dict[tuple[int, int], dict[bytes, Counted]] = {}
    for record in [counted(Change(item)) for item in items]:
        buckets.setdefault(bucket_of(record), {})[record.id] = record
    parts = list(_parts(buckets))
    assert sum(map(len, parts)) == len(buckets)
    for part in parts:
        days = {record.day for entries in part.values() for record in entries.values()}
        assert len(part) + len(days) + 1 <= 100


def test_it_answers_health_events(platform: Platform) -> None:
    handler = platform.modules["stream_aggregator"].lambda_handler
    assert handler({"healthCheck": True}, Context()) == {"status": "ok", "version": "7"}
