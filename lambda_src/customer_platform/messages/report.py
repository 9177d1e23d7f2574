"""The nightly report: which messages failed, and which have been waiting for long.

By the index `attention` of the table of messages, whose partitions are the days of their creation.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from customer_platform import clock
from customer_platform.deployments.notices import Notice
from customer_platform.dynamodb import from_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INDEX = "attention"
# A bounce comes within a day or two of the message, and nothing waits for longer.
DAYS = 7
# More than a day: schedules run some seconds later or earlier than the night before, and what SES
# tells comes after the time that it bears. What falls into both is told of twice.
HOURS = 25
_WAITS = timedelta(hours=1)
_IDS_SHOWN = 20


@dataclass(frozen=True)
class Attention:
    """A message that is queued or failed."""

    message_id: str
    status: str
    reason: str | None
    channel: str
    created_at: str
    updated_at: str


class AttentionIndex:
    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def of_day(self, day: str) -> Iterator[Attention]:
        """What of the messages that were created on a day (YYYY-MM-DD) is queued or failed."""
        start: dict[str, Any] = {}
        while True:
            answer = self._dynamodb.query(
                TableName=self._table,
                IndexName=INDEX,
                KeyConditionExpression="attentionDay = :day",
                ExpressionAttributeValues=to_item({":day": day}),
                **start,
            )
            for item in answer["Items"]:
                yield _attention(from_item(item))
            if not answer.get("LastEvaluatedKey"):
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def _attention(values: dict[str, Any]) -> Attention:
    return Attention(
        message_id=values["messageId"],
        status=values["status"],
        reason=values.get("reason"),
        channel=values["channel"],
        created_at=values["createdAt"],
        updated_at=values["updatedAt"],
    )


@dataclass(frozen=True)
class Report:
    """IDs of messages, oldest first.

    - failed: by channel and reason, those that failed within the hours that the report is about.
    - waiting: queued for more than an hour, whenever they were created.
    """

    hours: int
    failed: dict[str, list[str]]
    waiting: list[str]

    @property
    def failures(self) -> int:
        return sum(map(len, self.failed.values()))

    def notice(self) -> Notice:
        """What people are told: numbers, reasons and IDs. No address, and nothing of a message."""
        facts = {"Failed": str(self.failures)}
        for reason in sorted(self.failed, key=lambda one: (-len(self.failed[one]), one)):
            facts[reason] = _listed(self.failed[reason])
        if self.waiting:
            facts["Queued for more than an hour"] = _listed(self.waiting)
        title = f"Messages: {self.failures} failed in {self.hours} h"
        if self.waiting:
            title += f", {len(self.waiting)} waiting"
        return Notice(title, "messages-failed", facts)


def _listed(ids: list[str]) -> str:
    more = f", and {len(ids) - _IDS_SHOWN} more" if len(ids) > _IDS_SHOWN else ""
    return f"{len(ids)}: {', '.join(ids[:_IDS_SHOWN])}{more}"


def report(index: AttentionIndex, now: datetime, hours: int) -> Report:
    """About the hours before `now`, of messages that were created in the last DAYS days."""
    since = clock.iso(now - timedelta(hours=hours))
    overdue = clock.iso(now - _WAITS)
    failed: dict[str, list[str]] = defaultdict(list)
    waiting: list[str] = []
    for back in range(DAYS, -1, -1):
        day = (now - timedelta(days=back)).date().isoformat()
        for found in sorted(index.of_day(day), key=lambda one: one.created_at):
            if found.status == "failed" and found.updated_at >= since:
                failed[f"{found.channel}, {found.reason or 'no reason'}"].append(found.message_id)
            elif found.status == "queued" and found.created_at < overdue:
                waiting.append(found.message_id)
    return Report(hours, dict(failed), waiting)
