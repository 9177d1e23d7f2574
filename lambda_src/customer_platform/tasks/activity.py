"""The table `task-activity`: what happened to a task, for a while, also after it is gone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from customer_platform import clock
from customer_platform.dynamodb import from_item, to_item
from customer_platform.overload import codes
from customer_platform.tasks.records import Task, in_seconds

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

type Action = Literal["created", "updated", "deleted", "reminded"]

_DAY = 86_400
# A text may be long, and the log keeps every one: that it changed is enough.
_NOT_QUOTED = frozenset({"Description"})


@dataclass(frozen=True)
class Entry:
    """What a request did. `changes` are names and what they were and became."""

    task_id: str
    action: Action
    version: int
    at: datetime
    changes: tuple[Mapping[str, Any], ...] = ()

    @property
    def key(self) -> str:
        """Orders by time. A version is written by one request; a reminder is none, and there is one
        for its time, whatever the version then."""
        version = 0 if self.action == "reminded" else self.version
        return f"{clock.iso(self.at)}#{version:010d}#{self.action}"


KEY_PATTERN = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#\d{10}#[a-z]{1,16}"


def differences(before: Task, after: Task) -> tuple[Mapping[str, Any], ...]:
    """A value that was or became unset is left out."""
    found = []
    for name, old in before.values().items():
        new = after.values()[name]
        if old == new:
            continue
        change = {"Field": name}
        if name not in _NOT_QUOTED:
            change |= {side: value for side, value in (("From", old), ("To", new)) if value}
        found.append(change)
    return tuple(found)


class ActivityTable:
    def __init__(self, dynamodb: "DynamoDBClient", name: str, retention_days: int) -> None:
        self._dynamodb = dynamodb
        self._name = name
        self._retention = retention_days * _DAY

    def addition(self, entry: Entry) -> dict[str, Any]:
        """A part of the transaction that does what the entry says."""
        return {"Put": self.put_request(entry)}

    def put_request(self, entry: Entry) -> dict[str, Any]:
        item = {
            "TaskId": entry.task_id,
            "Entry": entry.key,
            "At": in_seconds(clock.iso(entry.at)),
            "Action": entry.action,
            "Version": entry.version,
            "Changes": list(entry.changes) or None,
            "expiresAt": int(entry.at.timestamp()) + self._retention,
        }
        return {"TableName": self._name, "Item": to_item(item)}

    def add_once(self, entry: Entry) -> None:
        """Written before, it stays as it is."""
        request = self.put_request(entry)
        try:
            self._dynamodb.put_item(**request, ConditionExpression="attribute_not_exists(TaskId)")
        except ClientError as error:
            if codes(error) != {"ConditionalCheckFailedException"}:
                raise

    def newest(self, task_id: str, before: str, limit: int, now: int) -> list[dict[str, Any]]:
        """At most `limit` entries below the key `before`. What is past its time is gone, even
        while DynamoDB has not got round to deleting it."""
        answer = self._dynamodb.query(
            TableName=self._name,
            KeyConditionExpression="TaskId = :id AND Entry < :before",
            ExpressionAttributeValues=to_item({":id": task_id, ":before": before}),
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=limit,
        )
        return [item for item in map(from_item, answer["Items"]) if item["expiresAt"] > now]


def public(item: Mapping[str, Any]) -> dict[str, Any]:
    """An entry as the API shows it."""
    shown = {name: item[name] for name in ("At", "Action", "Version")}
    return {**shown, "Changes": item["Changes"]} if "Changes" in item else shown
