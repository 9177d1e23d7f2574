"""Exactly-once counting.

A stream delivers at least once: a batch may come again whole, in part, in other cuts, or
twice at the same time. So the same transaction that adds to the counters also adds the ids
to a ledger, on condition that the ledger is as it was read. Ids that are in it are skipped,
and a transaction that lost a race reads again.

The ledger has one item per two seconds of creation time: a binary set of ids and a version. What
re-analysis revised is counted by itself, after the item or before it, and has ledger items of its
own, so that an item and its revision do not share the room of one.
An id takes 17 bytes of an item's 400 KB, which makes room for 24,000 in two seconds: 12,000
new pieces of feedback per second, more than the stage's throttle may let in
(terraform/variables.tf). Writing an item costs its whole size, so the throughput of a partition
(1,000 write units per second) is reached earlier, near 1,700 per second with batches of 100;
beyond it, counting lags behind and catches up.

Ids are kept for 15 days after they were counted, far beyond the 24 hours that a stream
remembers, and a day longer than a dead-letter queue. An item that is copied back from a backup may
be older than that: it was counted when it was new, and is not counted again whatever the ledger
knows.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from customer_platform import clock
from customer_platform.analytics.counted import Counted
from customer_platform.analytics.counters import (
    TOTAL,
    Counters,
    aggregate_id,
    day_period,
)
from customer_platform.dynamodb import BATCH_LIMIT, batch_get, to_item
from customer_platform.overload import OVERLOAD_CODES, OverloadedError, codes, pause

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BUCKET_SECONDS = 2
_PERIOD = "ids"
_KEPT = timedelta(days=15)
# For so long after it was written, what was counted is in the ledger.
_SURELY_KNOWN = timedelta(days=14)
_ATTEMPTS = 12
_RETRIED = OVERLOAD_CODES | {"ConditionalCheckFailed"}  # lost a race, or too much at once

# Two seconds of creation time, and the revision that was counted (0: the item itself).
type Bucket = tuple[int, int]
type Buckets = dict[Bucket, dict[bytes, Counted]]


class AnalyticsLedger:
    """The writing side of the table `analytics`."""

    def __init__(self, dynamodb: "DynamoDBClient", name: str, shards: int) -> None:
        self._dynamodb = dynamodb
        self._name = name
        self._shards = shards

    def count(self, records: Iterable[Counted]) -> int:
        """Count what is not counted yet; returns how many that were.

        Writes one item per bucket and day and one total for each shard that is involved, not
        one per record. Each transaction stands for itself: after a crash between two of
        them, a retry skips the first and does the second.
        """
        forgotten = (clock.now() - _SURELY_KNOWN).timestamp()
        buckets: Buckets = defaultdict(dict)
        for record in records:
            if not (record.restored and record.second < forgotten):
                buckets[bucket_of(record)][record.id] = record
        return sum(
            self._count_part(shard, part)
            for shard in range(self._shards)
            for part in _parts({b: r for b, r in buckets.items() if self._shard(b) == shard})
        )

    def _count_part(self, shard: int, part: Buckets) -> int:
        for attempt in range(_ATTEMPTS):
            seen = self._seen(part)
            fresh: Buckets = {}
            for bucket, records in part.items():
                known = seen[bucket][0]
                unknown = {key: r for key, r in records.items() if key not in known}
                if unknown:
                    fresh[bucket] = unknown
            if not fresh:
                return 0
            try:
                self._dynamodb.transact_write_items(
                    TransactItems=self._writes(shard, fresh, seen)  # type: ignore[arg-type]
                )
            except ClientError as error:
                reasons = codes(error)
                if not reasons or not reasons <= _RETRIED:
                    raise
                pause(attempt)
            else:
                return sum(map(len, fresh.values()))
        raise OverloadedError("analytics ledger")

    def _seen(self, part: Buckets) -> dict[Bucket, tuple[set[bytes], int | None]]:
        """Ids and version of each bucket; no version if there is no such item yet."""
        seen: dict[Bucket, tuple[set[bytes], int | None]] = {b: (set(), None) for b in part}
        keys = [_ledger_key(bucket) for bucket in part]
        buckets = {
            (key["aggregateId"], key["period"]): b for key, b in zip(keys, part, strict=True)
        }
        for item in batch_get(self._dynamodb, self._name, keys, consistent=True):
            bucket = buckets[item["aggregateId"], item["period"]]
            seen[bucket] = ({bytes(key) for key in item["ids"]}, int(item["revision"]))
        return seen

    def _writes(
        self, shard: int, fresh: Buckets, seen: dict[Bucket, tuple[set[bytes], int | None]]
    ) -> list[dict[str, Any]]:
        now = clock.now()
        expires = int((now + _KEPT).timestamp())
        total: Counters = Counter()
        days: dict[str, Counters] = defaultdict(Counter)
        writes: list[dict[str, Any]] = []
        for bucket, records in fresh.items():
            writes.append(self._ledger_update(bucket, set(records), seen[bucket][1], expires))
            for record in records.values():
                total.update(record.counters)
                days[record.day].update(record.counters)
        for period, counters in [(TOTAL, total), *((day_period(d), c) for d, c in days.items())]:
            moves = {name: amount for name, amount in counters.items() if amount}
            if moves:  # a revision may leave everything as it was, or two may cancel out
                writes.append(self._counters_update(shard, period, moves, clock.iso(now)))
        return writes

    def _ledger_update(
        self, bucket: Bucket, ids: set[bytes], version: int | None, expires: int
    ) -> dict[str, Any]:
        condition = "attribute_not_exists(revision)" if version is None else "revision = :seen"
        values = {":ids": ids, ":one": 1, ":expires": expires, ":seen": version}
        return {
            "Update": {
                "TableName": self._name,
                "Key": to_item(_ledger_key(bucket)),
                "UpdateExpression": "ADD ids :ids, revision :one SET expiresAt = :expires",
                "ConditionExpression": condition,
                "ExpressionAttributeValues": to_item(values),
            }
        }

    def _counters_update(
        self, shard: int, period: str, counters: dict[str, int], now: str
    ) -> dict[str, Any]:
        adds = ", ".join(f"{name} :{name}" for name in counters)
        return {
            "Update": {
                "TableName": self._name,
                "Key": to_item({"aggregateId": aggregate_id(shard), "period": period}),
                "UpdateExpression": f"ADD {adds} SET lastUpdated = :now",
                "ExpressionAttributeValues": to_item(
                    {":now": now, **{f":{name}": amount for name, amount in counters.items()}}
                ),
            }
        }

    def _shard(self, bucket: Bucket) -> int:
        """The same on every machine and run, which `hash` is not; an item's and its revision's."""
        return int.from_bytes(hashlib.sha256(str(bucket[0]).encode()).digest()[:4]) % self._shards


def bucket_of(record: Counted) -> Bucket:
    return record.second // BUCKET_SECONDS, record.revision


def _ledger_key(bucket: Bucket) -> dict[str, str]:
    second, revision = bucket
    period = f"{_PERIOD}#{revision}" if revision else _PERIOD
    return {"aggregateId": f"seen#{second}", "period": period}


def _parts(buckets: Buckets) -> Iterator[Buckets]:
    """Cut so that a part's writes (its buckets, their days, one total) fit a transaction."""
    part: Buckets = {}
    days: set[str] = set()
    for bucket, records in sorted(buckets.items()):
        more_days = days | {record.day for record in records.values()}
        if part and len(part) + 1 + len(more_days) + 1 > BATCH_LIMIT:
            yield part
            part, more_days = {}, {record.day for record in records.values()}
        part[bucket] = records
        days = more_days
    if part:
        yield part
