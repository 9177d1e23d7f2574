"""Stored feedback, without the time that thousands of requests take."""

import random
import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from customer_platform import clock
from customer_platform.dynamodb import to_item
from customer_platform.feedback.partitions import (
    DayKind,
    DayShard,
    PendingShard,
)
from customer_platform.feedback.sentiment.base import SENTIMENTS
from customer_platform.shards import shard_of, sort_key
from tests.unit.platform import ENVIRONMENT, FEEDBACK

SHARDS = int(ENVIRONMENT["LIST_SHARDS"])


def item(
    moment: datetime,
    *,
    sentiment: str = "positive",
    rating: int | None = 5,
    shards: int = SHARDS,
    feedback_id: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    created_at = clock.iso(moment)
    feedback_id = feedback_id or str(uuid.uuid4())
    timestamp = int(moment.timestamp())
    return to_item(
        {
            "feedbackId": feedback_id,
            "timestamp": timestamp,
            "createdAt": created_at,
            "name": "Ada",
            "email": "ada@example.com",
            "rating": rating,
            "message": f"message of {created_at}",
            "sentiment": sentiment,
            "sentimentScores": {name: Decimal("0.25") for name in SENTIMENTS},
            "engine": "lexicon",
            "language": "en",
            "listBucket": DayShard(created_at[:10], shard_of(feedback_id, shards)).bucket,
            "kindBucket": DayKind(created_at[:10], sentiment, rating or 0).bucket,
            "sortKey": sort_key(created_at, feedback_id),
            "expiresAt": timestamp + 30 * 86_400,
            **more,
        }
    )


def pending(moment: datetime, *, sentiment: str = "neutral", **more: Any) -> dict[str, Any]:
    """As it is stored when the lexicon stood in for Comprehend."""
    feedback_id = more.pop("feedback_id", None) or str(uuid.uuid4())
    bucket = PendingShard(shard_of(feedback_id, SHARDS)).bucket
    return item(moment, sentiment=sentiment, feedback_id=feedback_id, pendingBucket=bucket, **more)


def revised(stored: dict[str, Any], sentiment: str) -> dict[str, Any]:
    """The item after re-analysis."""
    changes = {
        "sentiment": sentiment,
        "engine": "comprehend",
        "revision": 1,
        "revisedFrom": stored["sentiment"]["S"],
    }
    return {n: v for n, v in stored.items() if n != "pendingBucket"} | to_item(changes)


def store(*items: dict[str, Any]) -> None:
    """Straight into moto: a thousand items in a moment."""
    table = _table(FEEDBACK)
    for values in items:
        table.put_item(values)


def clear(name: str) -> None:
    _table(name).items.clear()


def _table(name: str) -> Any:
    return dynamodb_backends[DEFAULT_ACCOUNT_ID][ENVIRONMENT["AWS_REGION"]].get_table(name)


def many(
    count: int, newest: datetime, apart: timedelta, *, seed: int = 1, **options: Any
) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    return [
        item(
            newest - number * apart,
            sentiment=chance.choice(SENTIMENTS),
            rating=chance.choice([None, 1, 2, 3, 4, 5]),
            feedback_id=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            **options,
        )
        for number in range(count)
    ]


def stream(*items: dict[str, Any], name: str = "INSERT") -> list[dict[str, Any]]:
    """Records as the table's stream delivers them: of new items, or MODIFY."""
    return [
        {
            "eventID": f"event-{name}-{values['feedbackId']['S']}",
            "eventName": name,
            "eventSource": "aws:dynamodb",
            "dynamodb": {
                "Keys": {name: values[name] for name in ("feedbackId", "timestamp")},
                "NewImage": values,
                "SequenceNumber": str(number),
                "StreamViewType": "NEW_IMAGE",
            },
        }
        for number, values in enumerate(items)
    ]
