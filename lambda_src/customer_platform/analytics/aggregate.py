"""Counting a batch of the feedback stream."""

from collections.abc import Iterable
from typing import Any, Protocol

from customer_platform.analytics.stream_records import Counted, PoisonError, counted, is_insert
from customer_platform.observability import count, logger


class Ledger(Protocol):
    def count(self, records: Iterable[Counted]) -> int: ...


class DeadLetters(Protocol):
    def send(self, record: Any, reason: str) -> None: ...


def aggregate(records: list[Any], ledger: Ledger, dead_letters: DeadLetters) -> None:
    """Good records are counted before poison is sent away: a failing queue delays none."""
    good: list[Counted] = []
    poison: list[tuple[Any, str]] = []
    for record in filter(is_insert, records):
        try:
            good.append(counted(record))
        except PoisonError as error:
            poison.append((record, str(error)))
    fresh = ledger.count(good)
    logger.info(
        "Batch counted",
        extra={"records": len(records), "counted": fresh, "repeated": len(good) - fresh},
    )
    for record, reason in poison:
        dead_letters.send(record, reason)
        logger.error("Poison record", extra={"reason": reason})
    if poison:
        count("PoisonRecords", len(poison))
