"""Records of the feedback table's stream, checked before anything is done with them."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from customer_platform import clock
from customer_platform.feedback.sentiment.base import SENTIMENTS

RATINGS = range(1, 6)

REVISIONS = range(1, 256)

# What ops/restore.py puts on an item that it copies back from a backup: the item's revision then.
RESTORED = "restoredRevision"

type Image = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """What a record tells of one piece of feedback.

    `image` is the item as it became. `is_revision`: its sentiment was revised by re-analysis;
    else the item is new.
    """

    image: Image
    is_revision: bool = False

    @property
    def is_restored(self) -> bool:
        """Whether the item was copied back from a backup as it is here, rather than written or
        revised. The stream had all of it before.

        Raises PoisonError.
        """
        if RESTORED not in self.image:
            return False
        return attribute(self.image, RESTORED, "N") == str(revision(self.image))


class PoisonError(Exception):
    """A record that no retry can mend. The reason names the attribute, never its value."""


def sift[T](
    records: Iterable[Any], read: Callable[[Change], T]
) -> tuple[list[T], list[tuple[Any, str]]]:
    """What `read` makes of each new item and each revision, and the poison with its reasons.

    Nothing else matters: erasing or expiring feedback takes nothing back, and an item that is
    changed without being revised (a note of re-analysis) says nothing new. What is no record at
    all is poison.
    """
    good: list[T] = []
    poison: list[tuple[Any, str]] = []
    for record in records:
        name = record.get("eventName", "INSERT") if isinstance(record, dict) else "INSERT"
        if name == "MODIFY" and not _is_revised(record):
            continue
        if name not in ("INSERT", "MODIFY"):
            continue
        try:
            good.append(read(Change(_new_image(record), is_revision=name == "MODIFY")))
        except PoisonError as error:
            poison.append((record, str(error)))
    return good, poison


def _is_revised(record: dict[str, Any]) -> bool:
    try:
        return "revision" in record["dynamodb"]["NewImage"]
    except (KeyError, TypeError):
        return False


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


def sentiment(image: Image, name: str = "sentiment") -> str:
    found = attribute(image, name, "S")
    if found not in SENTIMENTS:
        raise PoisonError(f"{name} is unknown")
    return found


def revision(image: Image) -> int:
    """0 as first analysed; re-analysis makes it 1."""
    if "revision" not in image:
        return 0
    text = attribute(image, "revision", "N")
    if text not in {str(number) for number in REVISIONS}:
        raise PoisonError("revision is not a whole number from 1 to 255")
    return int(text)


def rating(image: Image) -> int | None:
    if "rating" not in image:
        return None
    text = attribute(image, "rating", "N")
    if text not in {str(number) for number in RATINGS}:
        raise PoisonError("rating is not a whole number from 1 to 5")
    return int(text)
