"""Writes of POST /feedback: the feedback alone, or with its idempotency record."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from customer_platform.feedback.idempotency import IdempotencyRecord, IdempotencyTable
from customer_platform.feedback.records import Feedback
from customer_platform.feedback.storage import FeedbackTable
from customer_platform.overload import OverloadedError, codes, is_overload, pause

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ATTEMPTS = 6


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
        for attempt in range(_ATTEMPTS):
            try:
                self._dynamodb.transact_write_items(TransactItems=parts)  # type: ignore[arg-type]
            except ClientError as error:
                if "ConditionalCheckFailed" in codes(error):
                    # Two parts, and the id of the other one is new: it is the key's.
                    earlier = error.response["CancellationReasons"][0]["Item"]
                    return self._idempotency.record(earlier)
                # Another request with the same key is being stored just now, or throttling.
                if not is_overload(error):
                    raise
                pause(attempt)
            else:
                return None
        raise OverloadedError("submission")
