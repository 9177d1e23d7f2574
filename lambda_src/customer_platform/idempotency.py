"""`Idempotency-Key`: a repeated request gets the first answer and stores nothing.

The record is written in one transaction with what the request stores, so there is no moment at
which a crash leaves one without the other. It holds no personal data: the first answer is rebuilt
from the repeated body, whose hash proves that it is the same.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from customer_platform.dynamodb import from_item, to_item
from customer_platform.http.errors import IdempotencyConflictError, invalid
from customer_platform.http.requests import Event, header

KEY_PATTERN = r"^[!-~]{1,128}$"
LIFETIME_SECONDS = 24 * 3600


@dataclass(frozen=True)
class IdempotencyRecord:
    idempotency_key: str
    request_hash: str
    kind: str  # of body, where a route takes several
    answer: Mapping[str, str]  # what of the first answer the body does not tell
    expires_at: int

    def assert_repeated_by(self, repeat: "IdempotencyRecord") -> None:
        """Raises IdempotencyConflictError if the other request has another body."""
        if (self.request_hash, self.kind) != (repeat.request_hash, repeat.kind):
            raise IdempotencyConflictError("The Idempotency-Key was used with another body")


def key_of(event: Event) -> str | None:
    """The header of a request; raises ValidationError for one that is no key."""
    key = header(event, "Idempotency-Key")
    if key is not None and not re.fullmatch(KEY_PATTERN, key):
        issue = "must be 1 to 128 visible ASCII characters"
        raise invalid([{"field": "Idempotency-Key", "issue": issue}])
    return key


def key_hash(route: str, key: str) -> str:
    """Keys are the clients' own words and may be anything: a hash keeps them out of the table."""
    return hashlib.sha256(f"{route}\n{key}".encode()).hexdigest()


def request_hash(key: str, body: dict[str, Any]) -> str:
    """The key salts it: without the key, nobody can find a short body by trying."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{key}\n{canonical}".encode()).hexdigest()


class IdempotencyTable:
    def __init__(self, name: str) -> None:
        self._name = name

    def put_request(self, record: IdempotencyRecord, now: int) -> dict[str, Any]:
        """A Put for a transaction. DynamoDB may delete an expired record days late, so an
        expired one counts as absent."""
        item = {
            "idempotencyKey": record.idempotency_key,
            "requestHash": record.request_hash,
            "kind": record.kind,
            **record.answer,
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
            idempotency_key=values.pop("idempotencyKey"),
            request_hash=values.pop("requestHash"),
            kind=values.pop("kind"),
            expires_at=int(values.pop("expiresAt")),
            answer=values,
        )
