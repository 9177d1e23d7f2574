"""The table `customer-feedback`: keys, indexes and expressions."""

import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from customer_platform.dynamodb import from_item, to_item
from customer_platform.feedback.partitions import (
    UNRATED,
    DayKind,
    DayShard,
    Partition,
    PendingShard,
)
from customer_platform.feedback.records import Feedback, PublicFeedback
from customer_platform.overload import codes
from customer_platform.shards import shard_of, sort_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ANONYMOUS = "Anonymous"


class FeedbackTable:
    """Counts its reads in `queries` and `items_read`: a page's price must not depend on how
    much is stored, and tests hold it to that."""

    def __init__(self, dynamodb: "DynamoDBClient", name: str) -> None:
        self._dynamodb = dynamodb
        self._name = name
        self._counting = threading.Lock()
        self.queries = 0
        self.items_read = 0

    # --- writing

    def put_request(self, feedback: Feedback, shards: int, retention_days: int) -> dict[str, Any]:
        """The parameters of a Put: on its own, or within a transaction."""
        day = feedback.created_at[:10]
        analysis = feedback.analysis
        shard = shard_of(feedback.feedback_id, shards)
        kind = DayKind(day, analysis.sentiment, feedback.rating or UNRATED)
        item = {
            "feedbackId": feedback.feedback_id,
            "timestamp": feedback.timestamp,
            "createdAt": feedback.created_at,
            "name": feedback.name,
            "email": feedback.email,
            "rating": feedback.rating,
            "customerId": feedback.customer_id,
            "message": feedback.message,
            "sentiment": analysis.sentiment,
            "sentimentScores": asdict(analysis.scores),
            "engine": analysis.engine,
            "language": analysis.language,
            "listBucket": DayShard(day, shard).bucket,
            "kindBucket": kind.bucket,
            "pendingBucket": PendingShard(shard).bucket if analysis.is_substitute else None,
            "sortKey": sort_key(feedback.created_at, feedback.feedback_id),
            "expiresAt": feedback.timestamp + retention_days * 86_400,
        }
        return {
            "TableName": self._name,
            "Item": to_item(item),
            "ConditionExpression": "attribute_not_exists(feedbackId)",
        }

    def add(self, request: dict[str, Any]) -> None:
        try:
            self._dynamodb.put_item(**request)
        except ClientError as error:
            # The id is new and random, so the item that is there can only be this one: the
            # client repeated a put whose answer got lost.
            if codes(error) != {"ConditionalCheckFailedException"}:
                raise

    def delete(self, feedback_id: str) -> bool:
        """Erase; False if there was nothing. Reads the sort key first, which no caller knows."""
        found = self._query(
            KeyConditionExpression="feedbackId = :id",
            ExpressionAttributeValues=to_item({":id": feedback_id}),
            ProjectionExpression="feedbackId, #timestamp",
            ExpressionAttributeNames={"#timestamp": "timestamp"},
            ConsistentRead=True,
        )["Items"]
        for key in found:
            self._dynamodb.delete_item(TableName=self._name, Key=key)
        return bool(found)

    # --- reading

    def get(self, feedback_id: str, now: int) -> PublicFeedback | None:
        """What is past its time is gone, even while DynamoDB has not got round to deleting
        it (that may take days)."""
        found = self._query(
            KeyConditionExpression="feedbackId = :id",
            ExpressionAttributeValues=to_item({":id": feedback_id}),
            ProjectionExpression=(
                "feedbackId, #name, rating, message, sentiment, createdAt, expiresAt"
            ),
            ExpressionAttributeNames={"#name": "name"},
            ConsistentRead=True,  # who just submitted it must find it
            Limit=1,
        )["Items"]
        if not found:
            return None
        item = from_item(found[0])
        return _public(item) if item["expiresAt"] > now else None

    def newest(self, partition: Partition, before: str, limit: int) -> list[PublicFeedback]:
        """At most `limit` of a partition's items whose sort key is below `before`."""
        index, key = (
            ("recent", "listBucket")
            if isinstance(partition, DayShard)
            else ("recent-by-kind", "kindBucket")
        )
        found: list[PublicFeedback] = []
        start: dict[str, Any] = {}
        while len(found) < limit:
            answer = self._query(
                IndexName=index,
                KeyConditionExpression=f"{key} = :bucket AND sortKey < :before",
                ExpressionAttributeValues=to_item({":bucket": partition.bucket, ":before": before}),
                ScanIndexForward=False,
                Limit=limit - len(found),
                **start,
            )
            found += [_public(from_item(item)) for item in answer["Items"]]
            # Long messages: a Query stops at 1 MB, before its limit.
            if not answer.get("LastEvaluatedKey"):
                break
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
        return found

    def _query(self, **parameters: Any) -> dict[str, Any]:
        answer: dict[str, Any] = dict(self._dynamodb.query(TableName=self._name, **parameters))
        with self._counting:  # pages read partitions in several threads
            self.queries += 1
            self.items_read += answer["ScannedCount"]
        return answer


def _public(item: dict[str, Any]) -> PublicFeedback:
    rating = item.get("rating")
    return {
        "feedbackId": item["feedbackId"],
        "name": item.get("name", _ANONYMOUS),
        "rating": None if rating is None else int(rating),
        "message": item["message"],
        "sentiment": item["sentiment"],
        "createdAt": item["createdAt"],
    }
