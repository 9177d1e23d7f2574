"""`Idempotency-Key`: a repeated request gets the first answer and stores nothing.

The record is written in one transaction with the feedback, so there is no moment at which
a crash leaves one without the other. It holds no personal data: the first answer is rebuilt
from the repeated body, whose hash proves that it is the same.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from customer_platform.dynamodb import from_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEY_PATTERN = r"^[!-~]{1,128}$"
LIFETIME_SECONDS = 24 * 3600


@dataclass(frozen=True)
class IdempotencyRecord:
    idempotency_key: str
    request_hash: str
    kind: str
    feedback_id: str
    created_at: str
    sentiment: str
    expires_at: int


def key_hash(route: str, key: str) -> str:
    """Keys are the clients' own words and may be anything: a hash keeps them out of the table."""
    return hashlib.sha256(f"{route}\n{key}".encode()).hexdigest()


def request_hash(key: str, body: dict[str, Any]) -> str:
    """The key salts it: without the key, nobody can find a short body by trying."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{key}\n{canonical}".encode()).hexdigest()


class IdempotencyTable:
    def __init__(self, dynamodb: "DynamoDBClient", name: str) -> None:
        self._dynamodb = dynamodb
        self._name = name

    def put_request(self, record: IdempotencyRecord, now: int) -> dict[str, Any]:
        """A Put for a transaction. DynamoDB may delete an expired record days late, so an
        expired one counts as absent."""
        item = {
            "idempotencyKey": record.idempotency_key,
            "requestHash": record.request_hash,
            "kind": record.kind,
            "feedbackId": record.feedback_id,
            "createdAt": record.created_at,
            "sentiment": record.sentiment,
            "expiresAt": record.expires_at,
        }
        return {
            "TableName": self._name,
            "Item": to_item(item),
            "ConditionExpression": "attribute_not_exists(idempotencyKey) OR expiresAt < :now",
            "ExpressionAttributeValues": to_item({":now": now}),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    @staticmethod
    def record(item: Mapping[str, Any]) -> IdempotencyRecord:
        values = from_item(item)
        return IdempotencyRecord(
            idempotency_key=values["idempotencyKey"],
            request_hash=values["requestHash"],
            kind=values["kind"],
            feedback_id=values["feedbackId"],
            created_at=values["createdAt"],
            sentiment=values["sentiment"],
            expires_at=int(values["expiresAt"]),
        )
