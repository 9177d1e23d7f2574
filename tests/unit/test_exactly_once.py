"""The invariant of counting, as a property: however the stream delivers, and whatever fails on
the way, every item is counted once."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customer_platform.analytics.ledger import AnalyticsLedger
from customer_platform.dynamodb import from_item
from customer_platform.streams import BatchFailedError
from tests.unit import seeding
from tests.unit.platform import ANALYTICS, Platform
from tests.unit.test_stream_aggregator import NOW, counters, expected


@dataclass(frozen=True)
class Delivery:
    """One or more batches at the same time; a batch is positions in the stream, in any order
    and with repetitions."""

    together: list[list[int]]


@dataclass(frozen=True)
class Story:
    """What a stream of `apart` spaced items went through."""

    apart: timedelta
    size: int
    deliveries: list[Delivery]
    lost_requests: set[int]
    lost_answers: set[int]
    shards: int


@st.composite
def stories(draw: st.DrawFn) -> Story:
    size = draw(st.integers(1, 40))
    positions = st.integers(0, size - 1)

    def cut(low: int, high: int) -> list[int]:
        return list(range(min(low, high), max(low, high) + 1))

    batch = st.one_of(
        st.builds(cut, positions, positions),  # as a stream cuts it
        st.lists(positions, min_size=1, max_size=size + 5),  # shards mixed, records repeated
    )
    return Story(
        apart=timedelta(seconds=draw(st.sampled_from([0, 0.3, 1, 7, 3600, 50_000]))),
        size=size,
        deliveries=draw(
            st.lists(st.builds(Delivery, st.lists(batch, min_size=1, max_size=3)), max_size=8)
        ),
        lost_requests=draw(st.sets(st.integers(0, 12), max_size=4)),
        lost_answers=draw(st.sets(st.integers(0, 12), max_size=4)),
        shards=draw(st.sampled_from([1, 1, 3])),
    )


def _clear(platform: Platform) -> None:
    for item in map(from_item, platform.items(ANALYTICS)):
        key = {name: {"S": item[name]} for name in ("aggregateId", "period")}
        platform.dynamodb.delete_item(TableName=ANALYTICS, Key=key)


@pytest.mark.usefixtures("one_call_at_a_time")
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=stories())
def test_every_item_is_counted_once_whatever_happens(story: Story, platform: Platform) -> None:
    _clear(platform)
    aggregator = platform.modules["stream_aggregator"]
    items = seeding.many(story.size, NOW, story.apart)
    records = seeding.stream(*items)
    client = platform.dynamodb
    real = client.transact_write_items
    calls = 0

    def unreliable(**parameters: Any) -> Any:
        nonlocal calls
        number, calls = calls, calls + 1
        if number in story.lost_requests:
            raise ReadTimeoutError(endpoint_url="the request never arrived")
        answer = real(**parameters)
        if number in story.lost_answers:
            raise ReadTimeoutError(endpoint_url="it was done, and nobody heard")
        return answer

    def deliver(batch: list[int]) -> None:
        # A failed batch comes again: the last delivery below stands for that.
        with contextlib.suppress(BatchFailedError):
            platform.aggregate([records[position] for position in batch])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aggregator, "LEDGER", AnalyticsLedger(client, ANALYTICS, story.shards))
        patch.setattr(client, "transact_write_items", unreliable)
        for delivery in story.deliveries:
            with ThreadPoolExecutor(len(delivery.together)) as pool:
                list(pool.map(deliver, delivery.together))
        patch.setattr(client, "transact_write_items", real)
        platform.aggregate(records)
        assert counters(platform) == expected(items)
        platform.aggregate(records)
        assert counters(platform) == expected(items)
