"""Poison records, put where an operator finds them."""

import json
from typing import TYPE_CHECKING, Any, Protocol

from customer_platform.observability import count, logger

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


_KEYS = ("feedbackId", "timestamp", "TaskId")


class DeadLetters(Protocol):
    def send(self, record: Any, reason: str) -> None: ...


def put_aside(poison: list[tuple[Any, str]], dead_letters: DeadLetters) -> None:
    """Send records away with their reasons, and make a metric of them."""
    for record, reason in poison:
        dead_letters.send(record, reason)
        logger.error("Poison record", extra={"reason": reason})
    if poison:
        count("PoisonRecords", len(poison))


class DeadLetterQueue:
    def __init__(self, sqs: "SQSClient", url: str) -> None:
        self._sqs = sqs
        self._url = url

    def send(self, record: Any, reason: str) -> None:
        """Keys and position in the stream, to find the item again; nothing a customer wrote.

        A batch that is retried sends its poison again: the same record gives the same body,
        so duplicates are seen to be duplicates.
        """
        entry = record if isinstance(record, dict) else {}
        change = entry.get("dynamodb")
        change = change if isinstance(change, dict) else {}
        keys = change.get("Keys")
        body = {
            "reason": reason,
            "eventID": _text(entry.get("eventID")),
            "sequenceNumber": _text(change.get("SequenceNumber")),
            "keys": {name: keys[name] for name in _KEYS if name in keys}
            if isinstance(keys, dict)
            else {},
        }
        self._sqs.send_message(
            QueueUrl=self._url,
            MessageBody=json.dumps(body, sort_keys=True, default=str),
            MessageAttributes={
                "reason": {"DataType": "String", "StringValue": reason},
            },
        )


def _text(value: object) -> str:
    return value if isinstance(value, str) and value else "unknown"
