"""The table `messages`: a record per message, and beside it an entry per state change.

Record and entry are written in one transaction: what the history says happened, and nothing else
did.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from customer_platform import clock
from customer_platform.dynamodb import from_item, to_item
from customer_platform.messages.records import (
    OUTCOME_UNKNOWN,
    STATUS,
    Change,
    Entry,
    Head,
    Message,
    Phase,
    State,
)
from customer_platform.transactions import ConditionFailedError, transact

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RECORD = "message"  # the range key of the record
_STATE = "state#"

type Outcome = Literal["made", "repeated", "refused"]


class BesideRefusedError(Exception):
    """A part of the transaction that is not the message's own did not take it."""


class MessageTable:
    def __init__(self, dynamodb: "DynamoDBClient", name: str, retention_days: int) -> None:
        self._dynamodb = dynamodb
        self._name = name
        self._retention = timedelta(days=retention_days)

    # --- writing

    def create(self, message: Message, beside: Sequence[dict[str, Any]] = ()) -> Head | None:
        """Store a message as queued, together with `beside`, or nothing.

        Returns the record that is there already under the same id, or None. Raises
        BesideRefusedError.
        """
        at = clock.iso(message.created_at)
        values = {
            "channel": message.channel,
            "recipient": message.recipient,
            "subject": message.subject,
            "text": message.text,
            "template": message.template,
            "replyTo": message.reply_to,
            "unsubscribeToken": message.unsubscribe_token,
            "requestHash": message.request_hash,
            "status": "queued",
            "phase": "queued",
            "attempts": 0,
            "createdAt": at,
            "updatedAt": at,
            "createdDay": at[:10],
            "attentionDay": at[:10],
        }
        put = self._put(message.message_id, RECORD, message.created_at, values)
        put["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        queued = Change("queued", message.created_at)
        parts = [{"Put": put}, self._entry_part(message.message_id, queued), *beside]
        try:
            transact(self._dynamodb, parts, "message")
        except ConditionFailedError as refusal:
            if 0 in refusal.parts:
                return _head(from_item(refusal.parts[0]))
            raise BesideRefusedError from None
        return None

    def make(
        self,
        message_id: str,
        change: Change,
        beside: Sequence[dict[str, Any]] = (),
        patience: float = 0,
    ) -> Outcome:
        """Change record and history, together with `beside`, or nothing; `patience` as `transact`
        has it.

        "repeated": the same change was told before. "refused": the record is not as the change
        supposes, or there is none. Raises BesideRefusedError.
        """
        parts = [
            self._entry_part(message_id, change),
            self._record_part(message_id, change),
            *beside,
        ]
        try:
            transact(self._dynamodb, parts, "message", patience)
        except ConditionFailedError as refusal:
            if 0 in refusal.parts:
                return "repeated"
            if 1 in refusal.parts:
                return "refused"
            raise BesideRefusedError from None
        return "made"

    def _entry_part(self, message_id: str, change: Change) -> dict[str, Any]:
        entry = f"{_STATE}{clock.iso(change.at)}#{change.name or change.state}"
        values = {
            "state": change.state,
            "at": clock.iso(change.at),
            "reason": change.reason,
            "attempt": change.attempt,
        }
        return {"Put": self._put(message_id, entry, change.at, values)}

    def _put(
        self, message_id: str, entry: str, at: datetime, values: dict[str, Any]
    ) -> dict[str, Any]:
        item = {
            "messageId": message_id,
            "entry": entry,
            **values,
            "expiresAt": int((at + self._retention).timestamp()),
        }
        return {
            "TableName": self._name,
            "Item": to_item(item),
            "ConditionExpression": "attribute_not_exists(messageId)",
        }

    def _record_part(self, message_id: str, change: Change) -> dict[str, Any]:
        part: dict[str, Any] = {
            "TableName": self._name,
            "Key": to_item({"messageId": message_id, "entry": RECORD}),
        }
        condition, values, names = _condition(change)
        part["ConditionExpression"] = condition
        update: str | None = None
        if change.phase is not None:
            update, more, used = _update(change, change.phase)
            values |= more
            names |= used
            part["UpdateExpression"] = update
        if values:
            part["ExpressionAttributeValues"] = to_item(values)
        if names:
            part["ExpressionAttributeNames"] = {f"#{name}": name for name in names}
        return {"ConditionCheck" if update is None else "Update": part}

    # --- reading

    def head(self, message_id: str) -> Head | None:
        item = self._dynamodb.get_item(
            TableName=self._name,
            Key=to_item({"messageId": message_id, "entry": RECORD}),
            ConsistentRead=True,
        ).get("Item")
        return _head(from_item(item)) if item else None

    def history(self, message_id: str) -> tuple[Head, list[Entry]] | None:
        """Record and state changes, oldest first; None if there is no such message."""
        items: list[dict[str, Any]] = []
        start: dict[str, Any] = {}
        while True:
            answer = self._dynamodb.query(
                TableName=self._name,
                KeyConditionExpression="messageId = :id",
                ExpressionAttributeValues=to_item({":id": message_id}),
                ConsistentRead=True,  # who just submitted it must find it
                **start,
            )
            items += [from_item(item) for item in answer["Items"]]
            if not answer.get("LastEvaluatedKey"):
                break
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
        heads = [_head(item) for item in items if item["entry"] == RECORD]
        entries = [_entry(item) for item in items if item["entry"].startswith(_STATE)]
        return (heads[0], entries) if heads else None


def _condition(change: Change) -> tuple[str, dict[str, Any], set[str]]:
    """When the record may become what the change says: the expression, its values and names."""
    conditions = ["attribute_exists(messageId)"]
    values: dict[str, Any] = {}
    names: set[str] = set()
    if change.since:
        values |= {f":since{number}": phase for number, phase in enumerate(change.since)}
        names.add("phase")
        among = f"#phase IN ({', '.join(values)})"
        if change.late:
            values |= {":failed": "failed", ":unknown": OUTCOME_UNKNOWN}
            names.add("reason")
            among = f"({among} OR (#phase = :failed AND #reason = :unknown))"
        conditions.append(among)
    if change.claimed_by is not None:
        values[":claimedBy"] = change.claimed_by
        names.add("claim")
        conditions.append("#claim = :claimedBy")
    return " AND ".join(conditions), values, names


def _update(change: Change, phase: Phase) -> tuple[str, dict[str, Any], set[str]]:
    """What the record becomes: the expression, its values and names."""
    status = STATUS[phase]
    sets = {
        "phase": phase,
        "status": status,
        "updatedAt": clock.iso(change.at),
        "reason": change.reason,
        "claim": change.claim,
        "providerMessageId": change.provider_message_id,
    }
    values: dict[str, Any] = {
        f":{name}": value for name, value in sets.items() if value is not None
    }
    assignments = [f"#{name[1:]} = {name}" for name in values]
    names = {name[1:] for name in values} | {"attentionDay", "reason"}
    removed = [] if change.reason is not None else ["#reason"]
    if status == "sent":
        removed.append("#attentionDay")
    else:
        names.add("createdDay")
        assignments.append("#attentionDay = #createdDay")
    if change.claim is not None:
        names.add("attempts")
        values[":one"] = 1
        assignments.append("#attempts = #attempts + :one")
    expression = "SET " + ", ".join(assignments)
    return expression + (" REMOVE " + ", ".join(removed) if removed else ""), values, names


def _head(item: dict[str, Any]) -> Head:
    return Head(
        message_id=item["messageId"],
        channel=item["channel"],
        recipient=item["recipient"],
        subject=item["subject"],
        text=item["text"],
        template=item["template"],
        reply_to=item.get("replyTo"),
        unsubscribe_token=item["unsubscribeToken"],
        request_hash=item["requestHash"],
        status=item["status"],
        phase=item["phase"],
        attempts=int(item["attempts"]),
        reason=item.get("reason"),
        claim=item.get("claim"),
        created_at=item["createdAt"],
        updated_at=item["updatedAt"],
        expires_at=int(item["expiresAt"]),
    )


def _entry(item: dict[str, Any]) -> Entry:
    state: State = item["state"]
    attempt = item.get("attempt")
    return Entry(state, item["at"], item.get("reason"), None if attempt is None else int(attempt))
