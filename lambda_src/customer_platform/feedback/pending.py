"""What waits for re-analysis: the lexicon answered while Comprehend did not."""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from customer_platform.dynamodb import from_item, to_item
from customer_platform.feedback.partitions import UNRATED, DayKind, PendingShard
from customer_platform.feedback.sentiment.base import Analysis
from customer_platform.overload import codes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INDEX = "pending-analysis"
_PAGE = 100
_IS_PENDING = "attribute_exists(pendingBucket)"  # and so the item exists: nobody erased it


@dataclass(frozen=True)
class Pending:
    """One piece of feedback, as far as re-analysis needs it."""

    feedback_id: str
    timestamp: int
    sort_key: str
    created_at: str
    message: str
    sentiment: str  # the lexicon's
    rating: int | None
    failures: int  # answers of Comprehend that said "not this text"


class PendingFeedback:
    """The index `pending-analysis` of the feedback table, and the ways out of it."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str, shards: int) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._shards = shards

    def oldest(self, since: str) -> Iterator[Pending]:
        """What was created at `since` (as clock.iso writes it) or later, oldest first.

        One Query per shard, and further pages only when they are needed. An index is a moment
        behind its table: what has just been done may still be in it.
        """
        shards = (self._shard(shard, since) for shard in range(self._shards))
        return heapq.merge(*shards, key=attrgetter("sort_key"))

    def revise(self, pending: Pending, analysis: Analysis) -> bool:
        """Replace the lexicon's answer, once. False if the item is not pending any more: erased,
        or done by another run."""
        kind = DayKind(pending.created_at[:10], analysis.sentiment, pending.rating or UNRATED)
        return self._update(
            pending,
            "SET sentiment = :sentiment, sentimentScores = :scores, engine = :engine, "
            "#language = :language, kindBucket = :kind, revision = :one, revisedFrom = :was "
            "REMOVE pendingBucket, analysisFailures",
            condition="engine = :lexicon AND sentiment = :was AND attribute_not_exists(revision)",
            names={"#language": "language"},  # a reserved word
            values={
                ":sentiment": analysis.sentiment,
                ":scores": asdict(analysis.scores),
                ":engine": analysis.engine,
                ":language": analysis.language,
                ":kind": kind.bucket,
                ":one": 1,
                ":was": pending.sentiment,
                ":lexicon": "lexicon",
            },
        )

    def give_up(self, pending: Pending, code: str) -> bool:
        """Take the item out of the index for good, with the reason. False as `revise`."""
        return self._update(
            pending,
            "SET analysisProblem = :code REMOVE pendingBucket",
            values={":code": code[:100]},
        )

    def count_failure(self, pending: Pending) -> bool:
        """False as `revise`."""
        return self._update(
            pending,
            "SET analysisFailures = :failures",
            values={":failures": pending.failures + 1},
        )

    def _shard(self, shard: int, since: str) -> Iterator[Pending]:
        start: dict[str, Any] = {}
        while True:
            answer = self._dynamodb.query(
                TableName=self._table,
                IndexName=INDEX,
                KeyConditionExpression="pendingBucket = :bucket AND sortKey >= :since",
                ExpressionAttributeValues=to_item(
                    {":bucket": PendingShard(shard).bucket, ":since": since}
                ),
                Limit=_PAGE,
                **start,
            )
            yield from map(_pending, answer["Items"])
            if not answer.get("LastEvaluatedKey"):
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _update(
        self,
        pending: Pending,
        update: str,
        *,
        values: Mapping[str, Any],
        condition: str | None = None,
        names: Mapping[str, str] | None = None,
    ) -> bool:
        key = {"feedbackId": pending.feedback_id, "timestamp": pending.timestamp}
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=to_item(key),
                UpdateExpression=update,
                ConditionExpression=" AND ".join(filter(None, [_IS_PENDING, condition])),
                ExpressionAttributeValues=to_item(values),
                **({"ExpressionAttributeNames": dict(names)} if names else {}),  # type: ignore[arg-type]
            )
        except ClientError as error:
            if codes(error) != {"ConditionalCheckFailedException"}:
                raise
            return False
        return True


def _pending(item: Mapping[str, Any]) -> Pending:
    values = from_item(item)
    rating = values.get("rating")
    return Pending(
        feedback_id=values["feedbackId"],
        timestamp=int(values["timestamp"]),
        sort_key=values["sortKey"],
        created_at=values["createdAt"],
        message=values["message"],
        sentiment=values["sentiment"],
        rating=None if rating is None else int(rating),
        failures=int(values.get("analysisFailures", 0)),
    )
