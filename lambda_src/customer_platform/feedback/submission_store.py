"""Writes of POST /feedback: the feedback alone, or with its idempotency record."""

from typing import TYPE_CHECKING

from customer_platform.feedback.records import Feedback
from customer_platform.feedback.storage import FeedbackTable
from customer_platform.idempotency import IdempotencyRecord, IdempotencyTable
from customer_platform.transactions import ConditionFailedError, transact

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class SubmissionStore:
    def __init__(
        self,
        dynamodb: "DynamoDBClient",
        feedback: FeedbackTable,
        idempotency: IdempotencyTable,
        shards: int,
        retention_days: int,
    ) -> None:
        self._dynamodb = dynamodb
        self._feedback = feedback
        self._idempotency = idempotency
        self._shards = shards
        self._retention_days = retention_days

    def add(self, feedback: Feedback) -> None:
        self._feedback.add(self._feedback.put_request(feedback, self._shards, self._retention_days))

    def add_once(self, feedback: Feedback, record: IdempotencyRecord) -> IdempotencyRecord | None:
        """Store both, or neither. Returns the earlier record if the key is taken."""
        parts = [
            {"Put": self._idempotency.put_request(record, feedback.timestamp)},
            {
                "Put": self._feedback.put_request(feedback, self._shards, self._retention_days),
            },
        ]
        try:
            transact(self._dynamodb, parts, "submission")
        except ConditionFailedError as error:
            # The id of the other part is new: it is the key's.
            return self._idempotency.record(error.parts[0])
        return None
