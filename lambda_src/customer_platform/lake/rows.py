"""One piece of feedback as a row of the data lake: no name, no e-mail address."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from customer_platform import stream_records
from customer_platform.lake.redaction import redacted
from customer_platform.stream_records import Image, PoisonError, attribute

ENGINES = ("comprehend", "lexicon")
SCORES = ("positive", "neutral", "negative", "mixed")
ANONYMOUS = "anonymous"


@dataclass(frozen=True)
class Row:
    feedback_id: str
    revision: int
    day: str  # YYYY-MM-DD of its creation, UTC: the partition
    line: bytes  # JSON, no line end


def row(image: Image, salt: bytes) -> Row:
    """The columns are those of the table `feedback` in terraform/datalake.tf.

    Raises PoisonError.
    """
    feedback_id = str(stream_records.feedback_id(image))
    created_at = stream_records.created_at(image)
    engine = attribute(image, "engine", "S")
    if engine not in ENGINES:
        raise PoisonError("engine is unknown")
    revision = stream_records.revision(image)
    name, email = _optional(image, "name"), _optional(image, "email")
    columns = {
        "feedback_id": feedback_id,
        # As Hive's JSON reader wants a timestamp: UTC, no zone.
        "created_at": created_at.replace("T", " ").removesuffix("Z"),
        "customer": _customer(email, _optional(image, "customerId"), salt),
        "rating": stream_records.rating(image),
        "message": redacted(attribute(image, "message", "S"), name, email),
        "sentiment": stream_records.sentiment(image),
        "sentiment_engine": engine,
        "language": attribute(image, "language", "S"),
        **_scores(image),
        "revision": revision,
    }
    return Row(
        feedback_id, revision, created_at[:10], json.dumps(columns, ensure_ascii=False).encode()
    )


def _customer(email: str | None, customer_id: str | None, salt: bytes) -> str | None:
    """The same customer, the same hash, within one stack; nobody without the salt can tell who.
    None when there is nobody to tell apart."""
    if email is not None:
        identity = f"email:{email.lower()}"
    elif customer_id is not None and customer_id != ANONYMOUS:
        identity = f"id:{customer_id}"
    else:
        return None
    return hmac.new(salt, identity.encode(), hashlib.sha256).hexdigest()[:32]


def _scores(image: Image) -> dict[str, float]:
    scores: Any = image.get("sentimentScores")
    try:
        found = {f"score_{name}": float(Decimal(scores["M"][name]["N"])) for name in SCORES}
    except (KeyError, TypeError, ValueError, InvalidOperation):
        raise PoisonError("sentimentScores is not a map of four numbers") from None
    if not all(0 <= score <= 1 for score in found.values()):
        raise PoisonError("sentimentScores has a number that is no share")
    return found


def _optional(image: Image, name: str) -> str | None:
    return attribute(image, name, "S") if name in image else None
