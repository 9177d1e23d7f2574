"""The table of messages: record and history change together, or not at all."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ReadTimeoutError

from customer_platform import clock
from customer_platform.dynamodb import from_item, to_item
from customer_platform.messages.limits import HOUR, RecipientLimit
from customer_platform.messages.recipients import limit_key
from customer_platform.messages.records import OUTCOME_UNKNOWN, Change, Message
from customer_platform.messages.store import BesideRefusedError, MessageTable
from customer_platform.messages.submission import (
    KeyReusedError,
    NotStartedError,
    Outbox,
    RateLimitedError,
    Submission,
)
from tests.unit.platform import MESSAGES, RECIPIENTS, Platform

NOW = datetime(2025, 12, 27, 16, 30, tzinfo=UTC)
ID = "6e3f4c86-3a35-4a9e-b0c5-2a2d0b1f8f10"


@pytest.fixture
def table(platform: Platform) -> MessageTable:
    return MessageTable(platform.dynamodb, MESSAGES, retention_days=91)


def _message(**other: object) -> Message:
    values = {
        "message_id": ID,
        "channel": "email",
        "recipient": "ada@example.com",
        "subject": "Hello",
        "text": "How are you?",
        "template": "message",
        "reply_to": None,
        "request_hash": "hash",
        "created_at": NOW,
    }
    return Message(**values | other)  # type: ignore[arg-type]


def _at(seconds: int) -> datetime:
    return NOW + timedelta(seconds=seconds)


def _states(table: MessageTable, message_id: str = ID) -> list[str]:
    found = table.history(message_id)
    assert found
    return [entry.state for entry in found[1]]


def _record(platform: Platform) -> dict[str, object]:
    item = platform.dynamodb.get_item(
        TableName=MESSAGES, Key=to_item({"messageId": ID, "entry": "message"})
    )["Item"]
    return from_item(item)


def test_a_message_is_stored_with_its_first_state(platform: Platform, table: MessageTable) -> None:
    assert table.create(_message()) is None
    head = table.head(ID)
    assert head
    assert (head.status, head.phase, head.attempts, head.reason) == ("queued", "queued", 0, None)
    assert head.expires_at == int(_at(91 * 86_400).timestamp())
    assert len(head.unsubscribe_token) >= 32
    assert _states(table) == ["queued"]
    assert {"attentionDay": "2025-12-27", "createdDay": "2025-12-27"}.items() <= _record(
        platform
    ).items()


def test_a_second_one_under_its_id_gets_the_first(table: MessageTable) -> None:
    table.create(_message())
    earlier = table.create(_message(text="Something else", request_hash="other"))
    assert earlier
    assert (earlier.text, earlier.request_hash) == ("How are you?", "hash")
    assert _states(table) == ["queued"]


def test_what_is_refused_beside_it_is_not_stored(platform: Platform, table: MessageTable) -> None:
    limit = RecipientLimit(RECIPIENTS, limit=1, seconds=HOUR)
    part = limit.transaction_part(limit_key("ada@example.com"), NOW)
    assert table.create(_message(), [part]) is None
    other = "00000000-3a35-4a9e-b0c5-2a2d0b1f8f10"
    with pytest.raises(BesideRefusedError):
        table.create(_message(message_id=other), [part])
    assert table.history(other) is None
    # A repeat counts for nobody, though the limit is reached.
    assert table.create(_message(), [part]) is not None


def test_the_way_of_a_message_that_is_sent(platform: Platform, table: MessageTable) -> None:
    table.create(_message())
    claim = Change("sending", _at(1), "sending", ("queued",), claim="one", attempt=1)
    assert table.make(ID, claim) == "made"
    assert table.make(ID, Change("sending", _at(2), "sending", ("queued",), claim="two")) == (
        "refused"
    )
    head = table.head(ID)
    assert head
    assert (head.claim, head.attempts, head.status) == ("one", 1, "queued")
    sent = Change(
        "sent", _at(3), "sent", ("sending", "in_doubt"), claimed_by="one",
        provider_message_id="ses-1",
    )  # fmt: skip
    assert table.make(ID, Change("sent", _at(3), "sent", ("sending",), claimed_by="two")) == (
        "refused"
    )
    assert table.make(ID, sent) == "made"
    assert _states(table) == ["queued", "sending", "sent"]
    record = _record(platform)
    assert (record["status"], record["providerMessageId"]) == ("sent", "ses-1")
    assert record["updatedAt"] == clock.iso(_at(3))
    assert "attentionDay" not in record


def test_a_change_that_is_told_again_is_made_once(table: MessageTable) -> None:
    table.create(_message())
    delivered = Change("delivered", _at(5), name="delivered#event-1")
    assert table.make(ID, delivered) == "made"
    assert table.make(ID, delivered) == "repeated"
    assert _states(table) == ["queued", "delivered"]
    head = table.head(ID)
    assert head
    assert head.updated_at == clock.iso(NOW)  # the record is left as it is


def test_nothing_is_told_of_a_message_that_is_not_there(table: MessageTable) -> None:
    assert table.make(ID, Change("delivered", NOW)) == "refused"
    assert table.make(ID, Change("failed", NOW, "failed", reason="x")) == "refused"
    assert table.history(ID) is None
    assert table.head(ID) is None


def test_one_that_fails_after_it_was_sent_asks_for_attention_again(
    platform: Platform, table: MessageTable
) -> None:
    table.create(_message())
    table.make(ID, Change("sent", _at(1), "sent", ("queued",)))
    assert table.make(ID, Change("bounced", _at(90_000), "failed", reason="bounced")) == "made"
    record = _record(platform)
    assert (record["status"], record["reason"]) == ("failed", "bounced")
    assert record["attentionDay"] == "2025-12-27"  # of its creation


@pytest.mark.parametrize(
    ("reason", "late", "outcome"),
    [
        (OUTCOME_UNKNOWN, True, "made"),
        (OUTCOME_UNKNOWN, False, "refused"),
        ("bounced", True, "refused"),
    ],
)
def test_only_an_unknown_outcome_becomes_known_later(
    reason: str, late: bool, outcome: str, platform: Platform, table: MessageTable
) -> None:
    table.create(_message())
    table.make(ID, Change("failed", _at(1), "failed", reason=reason))
    sent = Change("sent", _at(2), "sent", ("sending", "in_doubt"), late=late)
    assert table.make(ID, sent) == outcome
    assert ("reason" in _record(platform)) == (outcome == "refused")


class _Starts:
    def __init__(self) -> None:
        self.started: list[tuple[str, str]] = []
        self.error: Exception | None = None

    def start(self, message_id: str, channel: str) -> None:
        if self.error:
            raise self.error
        self.started.append((message_id, channel))


def _submission(**other: object) -> Submission:
    values = {
        "channel": "email",
        "recipient": "ada@example.com",
        "subject": "Hello",
        "text": "How are you?",
        "template": "message",
    }
    return Submission(**values | other)  # type: ignore[arg-type]


def _outbox(table: MessageTable, starts: _Starts, limit: int = 20) -> Outbox:
    return Outbox(table, starts, RecipientLimit(RECIPIENTS, limit))


def test_the_same_key_is_the_same_message_and_the_same_execution(table: MessageTable) -> None:
    starts = _Starts()
    outbox = _outbox(table, starts, limit=1)
    first = outbox.submit(_submission(key="tasks\n1"))
    again = outbox.submit(_submission(key="tasks\n1"))
    assert (first.status, first.repeated) == ("queued", False)
    assert (again.message_id, again.status, again.repeated) == (first.message_id, "queued", True)
    assert starts.started == [(first.message_id, "email")] * 2  # Step Functions takes it once
    with pytest.raises(KeyReusedError):
        outbox.submit(_submission(key="tasks\n1", text="Something else"))


def test_a_repeat_of_what_is_done_starts_nothing(table: MessageTable) -> None:
    starts = _Starts()
    outbox = _outbox(table, starts)
    first = outbox.submit(_submission(key="key"))
    table.make(first.message_id, Change("sent", clock.now(), "sent"))
    assert outbox.submit(_submission(key="key")).status == "sent"
    assert len(starts.started) == 1


def test_without_a_key_every_submission_is_a_message(table: MessageTable) -> None:
    outbox = _outbox(table, _Starts())
    assert outbox.submit(_submission()).message_id != outbox.submit(_submission()).message_id


def test_a_mailbox_gets_no_more_than_its_limit(table: MessageTable) -> None:
    outbox = _outbox(table, _Starts(), limit=2)
    outbox.submit(_submission())
    outbox.submit(_submission(recipient="ADA+other@example.com"))
    with pytest.raises(RateLimitedError) as refused:
        outbox.submit(_submission())
    assert 1 <= refused.value.retry_after <= HOUR
    assert not outbox.submit(_submission(limited=False)).repeated
    assert not outbox.submit(_submission(recipient="grace@example.com")).repeated


def test_a_workflow_that_does_not_start_is_started_by_the_repeat(table: MessageTable) -> None:
    starts = _Starts()
    starts.error = ReadTimeoutError(endpoint_url="states")
    outbox = _outbox(table, starts)
    with pytest.raises(NotStartedError):
        outbox.submit(_submission(key="key"))
    starts.error = None
    assert outbox.submit(_submission(key="key")).repeated
    assert len(starts.started) == 1
