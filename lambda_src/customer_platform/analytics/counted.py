"""What counting needs of one piece of feedback."""

from dataclasses import dataclass

from customer_platform import clock, stream_records
from customer_platform.stream_records import Image


@dataclass(frozen=True)
class Counted:
    id: bytes  # the UUID's 16 bytes
    second: int  # of its creation, epoch
    day: str
    sentiment: str
    rating: int | None


def counted(image: Image) -> Counted:
    """Raises PoisonError."""
    created_at = stream_records.created_at(image)
    return Counted(
        id=stream_records.feedback_id(image).bytes,
        second=int(clock.parse_iso(created_at).timestamp()),
        day=created_at[:10],
        sentiment=stream_records.sentiment(image),
        rating=stream_records.rating(image),
    )
