"""Messages as the tables hold them, put there by root: for what is told of messages afterwards."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from customer_platform import clock
from customer_platform.messages.recipients import recipient_key
from customer_platform.messages.records import Change, Channel, Entry, Head, Message, Phase
from customer_platform.messages.store import MessageTable
from customer_platform.messages.suppression import SuppressionList
from tests.e2e.conftest import Deployment


@dataclass(frozen=True)
class Stored:
    """One message, and what is known of its recipient."""

    message: Message
    table: MessageTable
    suppression: SuppressionList

    @property
    def id(self) -> str:
        return self.message.message_id

    def head(self) -> Head:
        found = self.table.head(self.id)
        assert found
        return found

    def history(self) -> list[Entry]:
        found = self.table.history(self.id)
        assert found
        return found[1]

    def states(self) -> list[str]:
        return [entry.state for entry in self.history()]

    def suppressed(self) -> str | None:
        return self.suppression.reason(recipient_key(self.message.recipient))


@contextmanager
def stored(
    deployment: Deployment,
    phase: Phase = "in_doubt",
    hours_ago: int = 0,
    channel: Channel = "email",
) -> Iterator[Stored]:
    """A message to an address of its own, as it is while it is sent. Afterwards, neither it nor
    what is known of its recipient is there."""
    dynamodb = deployment.client("dynamodb")
    now = clock.now() - timedelta(hours=hours_ago)
    message = Message(
        message_id=str(uuid.uuid4()),
        channel=channel,
        recipient=f"{uuid.uuid4().hex}@example.com" if channel == "email" else a_phone(),
        subject="Hello",
        text="How are you?",
        template="message",
        reply_to=None,
        request_hash="stored by a test",
        created_at=now,
    )
    outputs = deployment.outputs
    made = Stored(
        message,
        MessageTable(dynamodb, outputs["messages_table_name"], retention_days=1),
        SuppressionList(dynamodb, outputs["recipients_table_name"]),
    )
    made.table.create(message)
    if phase != "queued":
        reason = "refused by a test" if phase == "failed" else None
        state: Any = phase
        made.table.make(message.message_id, Change(state, now, phase, reason=reason))
    try:
        yield made
    finally:
        forget(dynamodb, outputs["messages_table_name"], "messageId", message.message_id)
        key = recipient_key(message.recipient)
        forget(dynamodb, outputs["recipients_table_name"], "recipient", key)


def a_phone() -> str:
    """A number that nobody else of the tests has."""
    return f"+1{uuid.uuid4().int % 10**10:010}"


def forget(dynamodb: Any, table: str, name: str, value: str) -> None:
    """Delete what a table holds under a hash key."""
    found = dynamodb.query(
        TableName=table,
        KeyConditionExpression="#name = :value",
        ExpressionAttributeNames={"#name": name, "#entry": "entry"},
        ExpressionAttributeValues={":value": {"S": value}},
        ProjectionExpression="#name, #entry",
        ConsistentRead=True,
    )
    for key in found["Items"]:
        dynamodb.delete_item(TableName=table, Key=key)
