"""Writing a batch of the feedback stream into the data lake."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Protocol

from customer_platform.dead_letters import DeadLetters, put_aside
from customer_platform.lake.rows import Row, row
from customer_platform.observability import logger
from customer_platform.stream_records import sift


class Lake(Protocol):
    def write(self, day: str, rows: list[Row], *, from_stream: bool) -> None: ...


def export(records: Iterable[Any], salt: bytes, lake: Lake, dead_letters: DeadLetters) -> None:
    """One object per day that the batch has rows of. A failure leaves the whole batch to be
    delivered again, which writes the same objects again.

    Records without an eventID, which the stream gives to each, were sent again by somebody.
    """
    records = list(records)
    from_stream = all(isinstance(record, dict) and record.get("eventID") for record in records)
    good, poison = sift(records, lambda change: row(change.image, salt))
    days: dict[str, dict[tuple[str, int], Row]] = defaultdict(dict)
    for found in good:
        days[found.day][found.feedback_id, found.revision] = found
    for day, rows in days.items():
        lake.write(day, list(rows.values()), from_stream=from_stream)
    logger.info(
        "Batch exported", extra={"records": len(records), "rows": len(good), "objects": len(days)}
    )
    put_aside(poison, dead_letters)
