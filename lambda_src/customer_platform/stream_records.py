"""Records of the feedback table's stream, checked before anything is done with them."""

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from customer_platform import clock
from customer_platform.feedback.sentiment.base import SENTIMENTS

RATINGS = range(1, 6)

type Image = dict[str, Any]


class PoisonError(Exception):
    """A record that no retry can mend. The reason names the attribute, never its value."""


def sift[T](
    records: Iterable[Any], read: Callable[[Image], T]
) -> tuple[list[T], list[tuple[Any, str]]]:
    """What `read` makes of the image of each new item, and the poison with its reasons.

    Only new feedback matters: erasing or expiring it takes nothing back. What is no record
    at all is poison.
    """
    good: list[T] = []
    poison: list[tuple[Any, str]] = []
    for record in records:
        if isinstance(record, dict) and record.get("eventName", "INSERT") != "INSERT":
            continue
        try:
            good.append(read(_new_image(record)))
        except PoisonError as error:
            poison.append((record, str(error)))
    return good, poison


def _new_image(record: Any) -> Image:
    try:
        image = record["dynamodb"]["NewImage"]
    except (KeyError, TypeError):
        raise PoisonError("the record has no NewImage") from None
    if not isinstance(image, dict):
        raise PoisonError("the record has no NewImage")
    return image


# --- attributes that more than one consumer reads; each raises PoisonError


def attribute(image: Image, name: str, kind: str) -> str:
    try:
        value = image[name][kind]
    except (KeyError, TypeError):
        raise PoisonError(f"{name} is missing or has another type than {kind}") from None
    if not isinstance(value, str):
        raise PoisonError(f"{name} is missing or has another type than {kind}")
    return value


def feedback_id(image: Image) -> uuid.UUID:
    try:
        return uuid.UUID(attribute(image, "feedbackId", "S"))
    except ValueError:
        raise PoisonError("feedbackId is not a UUID") from None


def created_at(image: Image) -> str:
    """As `clock.iso` writes it."""
    text = attribute(image, "createdAt", "S")
    try:
        clock.parse_iso(text)
    except ValueError:
        raise PoisonError("createdAt is not a UTC time with milliseconds") from None
    return text


def sentiment(image: Image) -> str:
    found = attribute(image, "sentiment", "S")
    if found not in SENTIMENTS:
        raise PoisonError("sentiment is unknown")
    return found


def rating(image: Image) -> int | None:
    if "rating" not in image:
        return None
    text = attribute(image, "rating", "N")
    if text not in {str(number) for number in RATINGS}:
        raise PoisonError("rating is not a whole number from 1 to 5")
    return int(text)
