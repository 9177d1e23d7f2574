"""The invariant of counting, as a property: however the stream delivers, and whatever fails on
the way, every item is counted once, and every revision moves it once.

A model of a stream: records lie in shards, in order. A shard's consumer gets the next batch, of
any size, and gets it again, whole or in halves, until it succeeds. Shards know nothing of each
other; several deliveries run at the same time, and any part of what was written may come again.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from customer_platform.analytics.counters import COUNTER_NAMES
from customer_platform.analytics.ledger import AnalyticsLedger
from customer_platform.feedback.sentiment.base import SENTIMENTS
from customer_platform.streams import BatchFailedError
from tests.unit import seeding
from tests.unit.platform import ANALYTICS, Platform
from tests.unit.test_stream_aggregator import NOW, counters, expected
from tests.unit.turns import Turns

SHARDS = 3
POISON = "glad"  # no sentiment

# How many records, and how many seconds lie between two of them.
FEW = st.tuples(
    st.sampled_from([1, 2, 3, 5, 8, 12]), st.sampled_from([0, 0, 0.3, 1, 7, 3600, 50_000])
)
MANY = (130, 2.5)  # more than a transaction takes

type Record = dict[str, Any]


@dataclass
class Shard:
    records: list[Record] = field(default_factory=list)
    position: int = 0  # of the first record that was not delivered with success
    size: int | None = None  # of the next batch, after one failed

    @property
    def left(self) -> int:
        return len(self.records) - self.position


class Stream(RuleBasedStateMachine):
    """What is true at any moment: at least what was delivered with success is counted, and at
    most what was delivered at all, each once. A revision takes from one counter and gives to
    another, so "at least" and "at most" are told for each counter."""

    def __init__(self, platform: Platform, turns: Turns, ledger: Callable[[int], None]) -> None:
        super().__init__()
        self.platform = platform
        self.turns = turns
        self.use_ledger = ledger
        self.shards = [Shard() for _ in range(SHARDS)]
        self.written = 0
        self.succeeded: dict[str, Record] = {}  # by eventID
        self.tried: dict[str, Record] = {}
        seeding.clear(ANALYTICS)
        platform.dead_letters()

    @initialize(
        write_shards=st.sampled_from([1, 1, 3]),
        first=st.sampled_from([(1, 0.0), (2, 0.3), (3, 0.3), (4, 0.3), MANY]),
    )
    def start(self, write_shards: int, first: tuple[int, float]) -> None:
        """All shards have something of the same moment: then they meet in the ledger."""
        self.use_ledger(write_shards)
        for shard, amount in enumerate([first, (2, 0.3), (1, 0.3)]):
            self.write(shard, amount, ["positive"], [5], ["INSERT"])

    # --- what is written

    @rule(
        shard=st.integers(0, SHARDS - 1),
        amount=FEW,
        sentiments=st.lists(st.sampled_from([*SENTIMENTS, POISON]), min_size=1, max_size=5),
        ratings=st.lists(st.sampled_from([None, 1, 2, 3, 4, 5]), min_size=1, max_size=5),
        names=st.lists(
            st.sampled_from(["INSERT", "INSERT", "INSERT", "MODIFY", "REMOVE"]),
            min_size=1,
            max_size=5,
        ),
    )
    def write(
        self,
        shard: int,
        amount: tuple[int, float],
        sentiments: list[str],
        ratings: list[int | None],
        names: list[str],
    ) -> None:
        count, apart = amount
        for number in range(count):
            self.written += 1
            item = seeding.item(
                NOW - number * timedelta(seconds=apart),
                sentiment=sentiments[number % len(sentiments)],
                rating=ratings[number % len(ratings)],
                feedback_id=str(uuid.UUID(int=self.written, version=4)),
            )
            [record] = seeding.stream(item)
            record["eventName"] = names[number % len(names)]
            self.shards[shard].records.append(record)

    @rule(
        shard=st.integers(0, SHARDS - 1),
        share=st.integers(1, 4),
        sentiments=st.lists(st.sampled_from(SENTIMENTS), min_size=1, max_size=4),
    )
    def revise(self, shard: int, share: int, sentiments: list[str]) -> None:
        """Every so many of a shard's items, once each. All changes of an item are in one shard."""
        records = self.shards[shard].records
        revised = {r["dynamodb"]["Keys"]["feedbackId"]["S"] for r in records if _is_revision(r)}
        for number, record in enumerate([r for r in records if _is_new(r) and _is_good(r)]):
            item = record["dynamodb"]["NewImage"]
            if number % share == 0 and item["feedbackId"]["S"] not in revised:
                after = seeding.revised(item, sentiments[number % len(sentiments)])
                records += seeding.stream(after, name="MODIFY")

    # --- what is delivered

    @rule(numbers=st.sets(st.integers(0, SHARDS - 1), min_size=1), data=st.data())
    def deliver(self, numbers: set[int], data: st.DataObject) -> None:
        """The next batches of these shards, and pieces of what is there already, together."""
        works = [self._next_batch(number, data) for number in sorted(numbers)]
        works += [self._replay(number, data) for number in sorted(numbers) if data.draw(_OFTEN)]
        self.turns.together(works, lambda n: data.draw(st.integers(0, n - 1)))

    @rule(data=st.data())
    def replay_of_any_shards(self, data: st.DataObject) -> None:
        """Records of all shards in any order and with repetitions: worse than streams do."""
        everything = [record for shard in self.shards for record in shard.records]
        if everything:
            positions = st.integers(0, len(everything) - 1)
            picked = data.draw(st.lists(positions, min_size=1, max_size=30))
            batch = [everything[position] for position in picked]
            self.turns.together([lambda: self._try(batch)], lambda _: 0)

    @rule(after=st.integers(0, 8), answer=st.booleans())
    def trouble_ahead(self, after: int, answer: bool) -> None:
        self.turns.lose(after, answer=answer)

    def _next_batch(self, number: int, data: st.DataObject) -> Callable[[], None]:
        shard = self.shards[number]
        size = min(shard.left, shard.size or data.draw(st.sampled_from([1, 3, 10, 100, 200])))
        batch = shard.records[shard.position : shard.position + size]

        def work() -> None:
            if not batch:
                return
            try:
                self._deliver(batch)
            except BatchFailedError:
                shard.size = max(1, size // 2)  # bisect_batch_on_function_error
            else:
                shard.position += size
                shard.size = None

        return work

    def _replay(self, number: int, data: st.DataObject) -> Callable[[], None]:
        """Any cut of what was written, also across the consumer's position: a second consumer
        that does not know yet that it is one too many."""
        records = self.shards[number].records
        ends = st.integers(0, len(records))
        low, high = sorted((data.draw(ends), data.draw(ends)))
        return lambda: self._try(records[low:high])

    def _try(self, batch: list[Record]) -> None:
        try:
            self._deliver(batch)
        except BatchFailedError:
            return

    def _deliver(self, batch: list[Record]) -> None:
        by_id = {record["eventID"]: record for record in batch}
        self.tried |= by_id
        self.platform.aggregate(batch)
        self.succeeded |= by_id

    # --- what holds

    @invariant()
    def counted_is_between_delivered_and_tried(self) -> None:
        found = counters(self.platform)
        certain = _aggregates(self.succeeded)
        perhaps = {i: r for i, r in self.tried.items() if i not in self.succeeded}
        less, more = _aggregates(perhaps, sign=-1), _aggregates(perhaps, sign=1)
        assert found.keys() <= certain.keys() | less.keys() | more.keys()
        for period in found.keys() | certain.keys():
            for name in COUNTER_NAMES:
                value, sure, low, high = (
                    counts.get(period, {}).get(name, 0) for counts in (found, certain, less, more)
                )
                assert sure + low <= value <= sure + high, (period, name)

    @invariant()
    def what_is_shown_is_never_broken(self) -> None:
        body = self.platform.analytics().body
        assert sum(body["sentiment"].values()) == body["totalFeedback"]
        assert min(body["sentiment"].values()) >= 0

    def teardown(self) -> None:
        """When the trouble is over, every shard is read to its end."""
        self.turns.be_reliable()
        for shard in self.shards:
            self.platform.aggregate(shard.records[shard.position :])
        everything = {r["eventID"]: r for shard in self.shards for r in shard.records}
        assert _some(counters(self.platform)) == _some(_aggregates(everything))
        assert _some(counters(self.platform)) == _some(expected(_latest(everything)))
        bodies = {letter["Body"] for letter in self.platform.dead_letters()}
        poison = {i for i, r in everything.items() if _is_new(r) and not _is_good(r)}
        assert sorted(json.loads(body)["eventID"] for body in bodies) == sorted(poison)


_OFTEN = st.integers(0, 2).map(bool)


def _is_new(record: Record) -> bool:
    return bool(record["eventName"] == "INSERT")


def _is_revision(record: Record) -> bool:
    return record["eventName"] == "MODIFY" and "revision" in record["dynamodb"]["NewImage"]


def _is_good(record: Record) -> bool:
    return bool(record["dynamodb"]["NewImage"]["sentiment"]["S"] != POISON)


def _aggregates(records: dict[str, Record], sign: int = 0) -> dict[str, dict[str, int]]:
    """Each once; of what they add, all, or only what is above or below zero (`sign`)."""
    found: dict[str, dict[str, int]] = {}
    for record in records.values():
        for period, counts in _adds(record).items():
            for name, amount in counts.items():
                if amount * sign >= 0:
                    period_counts = found.setdefault(period, {})
                    period_counts[name] = period_counts.get(name, 0) + amount
    return found


def _adds(record: Record) -> dict[str, dict[str, int]]:
    image = record["dynamodb"]["NewImage"]
    if _is_new(record) and _is_good(record):
        return expected([image])
    if not _is_revision(record):
        return {}
    before, after = image["revisedFrom"]["S"], image["sentiment"]["S"]
    moves = {} if before == after else {f"{before}Count": -1, f"{after}Count": 1}
    return dict.fromkeys(("total", "day#" + image["createdAt"]["S"][:10]), moves)


def _latest(records: dict[str, Record]) -> list[dict[str, Any]]:
    """Every item as it is in the end."""
    found: dict[str, dict[str, Any]] = {}
    for record in records.values():
        if (_is_new(record) and _is_good(record)) or _is_revision(record):
            image = record["dynamodb"]["NewImage"]
            known = found.get(image["feedbackId"]["S"], {})
            if "revision" not in known:
                found[image["feedbackId"]["S"]] = image
    return list(found.values())


def _some(found: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """Without zeros: a counter that everything was taken from again stays, at zero."""
    return {period: {n: v for n, v in counts.items() if v} for period, counts in found.items()}


def test_every_item_is_counted_once_whatever_happens(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = Turns()
    turns.patch(monkeypatch)

    def use_ledger(shards: int) -> None:
        ledger = AnalyticsLedger(platform.dynamodb, ANALYTICS, shards)
        monkeypatch.setattr(platform.modules["stream_aggregator"], "LEDGER", ledger)

    class PlatformStream(Stream):
        def __init__(self) -> None:
            super().__init__(platform, turns, use_ledger)

    run_state_machine_as_test(
        PlatformStream,
        settings=settings(
            max_examples=25,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
