"""Records of the feedback table's stream, checked before anything is counted."""

import uuid
from dataclasses import dataclass
from typing import Any

from customer_platform import clock
from customer_platform.feedback.sentiment.base import SENTIMENTS

RATINGS = range(1, 6)


class PoisonError(Exception):
    """A record that no retry can mend. The reason names the attribute, never its value."""


@dataclass(frozen=True)
class Counted:
    """What counting needs of one piece of feedback."""

    id: bytes  # the UUID's 16 bytes
    second: int  # of its creation, epoch
    day: str
    sentiment: str
    rating: int | None


def is_insert(record: Any) -> bool:
    """Only new feedback counts: erasing or expiring it lowers no total. What is no record
    at all passes, to be found poison."""
    return not isinstance(record, dict) or record.get("eventName", "INSERT") == "INSERT"


def counted(record: Any) -> Counted:
    """Raises PoisonError."""
    try:
        image = record["dynamodb"]["NewImage"]
    except (KeyError, TypeError):
        raise PoisonError("the record has no NewImage") from None
    feedback_id = _attribute(image, "feedbackId", "S")
    try:
        parsed = uuid.UUID(feedback_id)
    except ValueError:
        raise PoisonError("feedbackId is not a UUID") from None
    created_at = _attribute(image, "createdAt", "S")
    try:
        moment = clock.parse_iso(created_at)
    except ValueError:
        raise PoisonError("createdAt is not a UTC time with milliseconds") from None
    sentiment = _attribute(image, "sentiment", "S")
    if sentiment not in SENTIMENTS:
        raise PoisonError("sentiment is unknown")
    rating = None
    if "rating" in image:
        text = _attribute(image, "rating", "N")
        if text not in {str(number) for number in RATINGS}:
            raise PoisonError("rating is not a whole number from 1 to 5")
        rating = int(text)
    return Counted(parsed.bytes, int(moment.timestamp()), created_at[:10], sentiment, rating)


def _attribute(image: Any, name: str, kind: str) -> str:
    try:
        value = image[name][kind]
    except (KeyError, TypeError):
        raise PoisonError(f"{name} is missing or has another type than {kind}") from None
    if not isinstance(value, str):
        raise PoisonError(f"{name} is missing or has another type than {kind}")
    return value
