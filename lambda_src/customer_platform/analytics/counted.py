"""What counting needs of one piece of feedback."""

from dataclasses import dataclass

from customer_platform import clock, stream_records
from customer_platform.analytics.counters import Counters, moved, one
from customer_platform.stream_records import Change


@dataclass(frozen=True)
class Counted:
    """A new item, or one revision of an item: each counts once."""

    id: bytes  # the UUID's 16 bytes
    revision: int  # 0: the item itself
    second: int  # of its creation, epoch
    day: str
    counters: Counters  # what it adds
    restored: bool = False  # copied back from a backup


def counted(change: Change) -> Counted:
    """Raises PoisonError.

    A new item counts as it was first analysed, also where its image is younger than its
    revision (an operator may send it again as it is now): what the revision moves, it moves
    from there.
    """
    image = change.image
    created_at = stream_records.created_at(image)
    revision = stream_records.revision(image)
    sentiment = stream_records.sentiment(image)
    rating = stream_records.rating(image)
    first = stream_records.sentiment(image, "revisedFrom") if revision else sentiment
    return Counted(
        id=stream_records.feedback_id(image).bytes,
        revision=revision if change.is_revision else 0,
        second=int(clock.parse_iso(created_at).timestamp()),
        day=created_at[:10],
        counters=moved(first, sentiment) if change.is_revision else one(first, rating),
        restored=change.is_restored,
    )
