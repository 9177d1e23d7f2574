"""Writing a batch of the feedback stream into the data lake."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Protocol

from customer_platform.dead_letters import DeadLetters, put_aside
from customer_platform.lake.rows import Row, row
from customer_platform.observability import logger
from customer_platform.stream_records import Change, sift


class Lake(Protocol):
    def write(self, day: str, rows: list[Row], *, from_stream: bool) -> None: ...


def export(records: Iterable[Any], salt: bytes, lake: Lake, dead_letters: DeadLetters) -> None:
    """One object per day that the batch has rows of. A failure leaves the whole batch to be
    delivered again, which writes the same objects again.

    Records without an eventID, which the stream gives to each, were sent again by somebody. Items
    that were copied back from a backup come by the stream, but in an order of their own: under the
    name of the first of them lies an object with rows of others.
    """
    records = list(records)
    by_stream = all(isinstance(record, dict) and record.get("eventID") for record in records)

    def read(change: Change) -> tuple[Row, bool]:
        return row(change.image, salt), by_stream and not change.is_restored

    good, poison = sift(records, read)
    objects: dict[tuple[str, bool], dict[tuple[str, int], Row]] = defaultdict(dict)
    for found, from_stream in good:
        objects[found.day, from_stream][found.feedback_id, found.revision] = found
    for (day, from_stream), rows in objects.items():
        lake.write(day, list(rows.values()), from_stream=from_stream)
    logger.info(
        "Batch exported",
        extra={"records": len(records), "rows": len(good), "objects": len(objects)},
    )
    put_aside(poison, dead_letters)
