"""Counting a batch of the feedback stream."""

from collections.abc import Iterable
from typing import Any, Protocol

from customer_platform.analytics.counted import Counted, counted
from customer_platform.dead_letters import DeadLetters, put_aside
from customer_platform.observability import logger
from customer_platform.stream_records import sift


class Ledger(Protocol):
    def count(self, records: Iterable[Counted]) -> int: ...


def aggregate(records: list[Any], ledger: Ledger, dead_letters: DeadLetters) -> None:
    """Good records are counted before poison is sent away: a failing queue delays none."""
    good, poison = sift(records, counted)
    fresh = ledger.count(good)
    logger.info(
        "Batch counted",
        extra={"records": len(records), "counted": fresh, "repeated": len(good) - fresh},
    )
    put_aside(poison, dead_letters)
