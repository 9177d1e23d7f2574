"""report_failed_messages: what people are told every night, and what they are not."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from customer_platform import clock
from customer_platform.dynamodb import to_item
from customer_platform.jobs import BadEventError
from customer_platform.messages.report import AttentionIndex, Report, report
from tests.unit.platform import MESSAGES, Context, Platform

NOW = datetime(2026, 3, 31, 4, 30, tzinfo=UTC)


class Topic:
    """In SNS's place: what was published."""

    def __init__(self) -> None:
        self.published: list[dict[str, Any]] = []

    def publish(self, **request: Any) -> None:
        self.published.append(request)


@pytest.fixture
def topic(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Topic:
    made = Topic()
    module = platform.modules["report_failed_messages"]
    monkeypatch.setattr(module.NOTICES, "_sns", made)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return made


def put(
    platform: Platform,
    number: int,
    *,
    created: timedelta,
    status: str = "failed",
    reason: str | None = "bounced",
    updated: timedelta | None = None,
    channel: str = "email",
) -> str:
    """A record as old as `created`, last changed `updated` ago."""
    message_id = f"6e3f4c86-3a35-4a9e-b0c5-{number:012x}"
    made = clock.iso(NOW - created)
    item = {
        "messageId": message_id,
        "entry": "message",
        "recipient": "ada@example.com",
        "text": "Nobody's business",
        "status": status,
        "reason": reason,
        "channel": channel,
        "createdAt": made,
        "updatedAt": clock.iso(NOW - (created if updated is None else updated)),
        "attentionDay": None if status == "sent" else made[:10],
    }
    platform.dynamodb.put_item(TableName=MESSAGES, Item=to_item(item))
    return message_id


def run(platform: Platform, **event: Any) -> dict[str, Any]:
    answer: dict[str, Any] = platform.modules["report_failed_messages"].lambda_handler(
        event, Context()
    )
    return answer


def found(platform: Platform, hours: int = 24) -> Report:
    return report(AttentionIndex(platform.dynamodb, MESSAGES), NOW, hours)


HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def test_without_failures_nobody_is_told(platform: Platform, topic: Topic) -> None:
    put(platform, 1, created=2 * HOUR, status="sent")
    put(platform, 2, created=59 * MINUTE, status="queued", reason=None)
    assert run(platform) == {"failed": 0, "waiting": 0, "told": False}
    assert topic.published == []


def test_failures_are_told_by_reason_and_id_and_nothing_else(
    platform: Platform, topic: Topic
) -> None:
    bounced = [put(platform, number, created=(number + 1) * HOUR) for number in range(3)]
    refused = put(platform, 7, created=2 * HOUR, reason="MessageRejected", channel="sms")
    waiting = put(platform, 8, created=61 * MINUTE, status="queued", reason="throttled")
    assert run(platform) == {"failed": 4, "waiting": 1, "told": True}
    (published,) = topic.published
    assert published["TopicArn"].endswith(":warning-test")
    assert published["Subject"] == "Messages: 4 failed in 25 h, 1 waiting"
    message = json.loads(published["Message"])
    assert message["email"].splitlines() == [
        "Messages: 4 failed in 25 h, 1 waiting",
        "",
        "Failed: 4",
        f"email, bounced: 3: {', '.join(reversed(bounced))}",  # oldest first
        f"sms, MessageRejected: 1: {refused}",
        f"Queued for more than an hour: 1: {waiting}",
    ]
    facts = json.loads(message["default"])["metadata"]["additionalContext"]
    assert facts["sms, MessageRejected"] == f"1: {refused}"
    text = json.dumps(published)
    assert "ada@example.com" not in text
    assert "Nobody's business" not in text


def test_a_failure_is_told_in_the_night_after_it_however_old_the_message_is(
    platform: Platform,
) -> None:
    late = put(platform, 1, created=timedelta(days=6), updated=HOUR)
    put(platform, 2, created=timedelta(days=6))  # told of five nights ago
    put(platform, 3, created=25 * HOUR)
    assert found(platform).failed == {"email, bounced": [late]}
    assert found(platform, hours=26).failures == 2


def test_nothing_falls_between_two_nights(platform: Platform, topic: Topic) -> None:
    """This one runs some seconds later than the last, or SES told late."""
    put(platform, 1, created=3 * 24 * HOUR, updated=24 * HOUR + 5 * MINUTE)
    assert run(platform)["failed"] == 1


def test_what_waits_is_told_every_night(platform: Platform) -> None:
    stuck = put(platform, 1, created=timedelta(days=5), status="queued", reason=None)
    assert found(platform).waiting == [stuck]


def test_many_ids_are_counted_and_the_first_twenty_listed(platform: Platform) -> None:
    ids = [put(platform, number, created=(30 - number) * MINUTE) for number in range(25)]
    facts = found(platform).notice().facts
    assert facts["email, bounced"] == f"25: {', '.join(ids[:20])}, and 5 more"


def test_a_day_of_more_than_a_page_is_read_to_its_end(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        put(platform, number, created=(number + 1) * MINUTE)
    query = platform.dynamodb.query
    # DynamoDB ends a page at 1 MB.
    monkeypatch.setattr(platform.dynamodb, "query", lambda **asked: query(**asked, Limit=2))
    assert found(platform).failures == 5


@pytest.mark.parametrize("event", [{"hours": 0}, {"hours": 169}, {"hours": "24"}, {"days": 1}])
def test_other_events_are_refused(event: dict[str, Any], platform: Platform, topic: Topic) -> None:
    with pytest.raises(BadEventError):
        run(platform, **event)
    assert topic.published == []


def test_a_longer_report_may_be_asked_for(
    platform: Platform, topic: Topic, output: Callable[[], list[dict[str, Any]]]
) -> None:
    put(platform, 1, created=71 * HOUR)
    assert run(platform, hours=72) == {"failed": 1, "waiting": 0, "told": True}
    assert topic.published[0]["Subject"] == "Messages: 1 failed in 72 h"
    assert "ada@example.com" not in json.dumps(output())
