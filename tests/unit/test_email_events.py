"""record_email_events: what SES tells becomes history, status and suppression, exactly once."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from customer_platform import clock
from customer_platform.dynamodb import from_item
from customer_platform.jobs import BadEventError, JobFailedError
from customer_platform.messages.recipients import recipient_key
from customer_platform.messages.records import OUTCOME_UNKNOWN, Change, Head, Message, Phase
from customer_platform.messages.store import MessageTable
from customer_platform.messages.suppression import SuppressionList
from tests.unit.email_events import (
    ADDRESS,
    FEEDBACK,
    GREETING,
    SES_ID,
    bounce,
    complaint,
    delivered_by_sns,
    delivery,
    mail,
    reject,
    send,
)
from tests.unit.platform import MESSAGES, RECIPIENTS, Context, Platform

ID = "6e3f4c86-3a35-4a9e-b0c5-2a2d0b1f8f10"
OTHER = "00000000-3a35-4a9e-b0c5-2a2d0b1f8f10"
NOW = datetime(2017, 8, 5, 0, 40, tzinfo=UTC)
KEY = recipient_key(ADDRESS)

type Output = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def table(platform: Platform) -> MessageTable:
    return MessageTable(platform.dynamodb, MESSAGES, retention_days=91)


@pytest.fixture
def suppressed(platform: Platform) -> SuppressionList:
    return SuppressionList(platform.dynamodb, RECIPIENTS)


@pytest.fixture
def record(platform: Platform) -> Callable[..., dict[str, Any]]:
    handler = platform.modules["record_email_events"].lambda_handler

    def told(*events: dict[str, Any] | str) -> dict[str, Any]:
        answer: dict[str, Any] = handler(delivered_by_sns(*events), Context())
        return answer

    return told


def stored(table: MessageTable, phase: Phase = "sent", message_id: str = ID) -> None:
    """A message as it is while it is being sent, or afterwards."""
    message = Message(
        message_id=message_id, channel="email", recipient=ADDRESS, subject="Hello", text="There",
        template="message", reply_to=None, request_hash="hash", created_at=NOW,
    )  # fmt: skip
    assert table.create(message) is None
    steps: list[Change] = []
    if phase != "queued":
        steps.append(Change("sending", NOW + timedelta(seconds=1), "sending", claim="one"))
    if phase == "failed":
        unknown = Change("failed", NOW + timedelta(seconds=2), "failed", reason=OUTCOME_UNKNOWN)
        steps.append(unknown)
    elif phase in ("in_doubt", "sent"):
        steps.append(Change(phase, NOW + timedelta(seconds=2), phase))
    for step in steps:
        assert table.make(message_id, step) == "made"


def head(table: MessageTable) -> Head:
    found = table.head(ID)
    assert found
    return found


def history(table: MessageTable) -> list[tuple[str, str | None]]:
    found = table.history(ID)
    assert found
    return [(entry.state, entry.reason) for entry in found[1]]


def told_of(table: MessageTable) -> list[str]:
    """States since the message was being sent."""
    return [state for state, _ in history(table) if state not in {"queued", "sending"}]


# --- sent


@pytest.mark.parametrize("phase", ["queued", "sending", "in_doubt", "failed"])
def test_what_ses_says_it_sent_is_sent(
    phase: Phase, table: MessageTable, record: Callable[..., dict[str, Any]]
) -> None:
    """Whoever sent it may have crashed, timed out or given up."""
    stored(table, phase)
    assert record(send(ID)) == {"made": 1}
    assert (head(table).phase, head(table).status, head(table).reason) == ("sent", "sent", None)
    assert ("sent", None) in history(table)


def test_it_is_written_once_if_it_is_known(
    table: MessageTable, record: Callable[..., dict[str, Any]]
) -> None:
    stored(table, "sent")
    assert record(send(ID)) == {"refused": 1}
    assert told_of(table) == ["sent"]


def test_a_message_that_failed_for_a_known_reason_stays_failed(
    table: MessageTable, record: Callable[..., dict[str, Any]]
) -> None:
    stored(table, "sending")
    table.make(ID, Change("failed", NOW + timedelta(seconds=3), "failed", reason="refused"))
    assert record(send(ID)) == {"refused": 1}
    assert (head(table).status, head(table).reason) == ("failed", "refused")


def test_a_delivery_says_that_it_was_sent(
    table: MessageTable, record: Callable[..., dict[str, Any]]
) -> None:
    stored(table, "in_doubt")
    assert record(delivery(ID)) == {"made": 1}
    assert head(table).status == "sent"
    assert sorted(told_of(table)) == ["delivered", "in_doubt", "sent"]


# --- bounced, complained of, rejected


@pytest.mark.parametrize("phase", ["queued", "sending", "in_doubt", "sent", "failed"])
def test_a_bounce_fails_the_message_and_suppresses_the_recipient(
    phase: Phase, table: MessageTable, suppressed: SuppressionList,
    record: Callable[..., dict[str, Any]],
) -> None:  # fmt: skip
    stored(table, phase)
    assert record(bounce(ID)) == {"made": 1}
    assert (head(table).status, head(table).reason) == ("failed", "bounced")
    assert ("bounced", "bounced") in history(table)
    # Whom we wrote to, not where a server had the mail forwarded to.
    assert suppressed.reason(KEY) == "bounced"
    assert suppressed.reason(recipient_key("forwarded-to@example.net")) is None


def test_a_bounced_message_is_in_the_nightly_report(
    table: MessageTable, platform: Platform, record: Callable[..., dict[str, Any]]
) -> None:
    stored(table, "sent")
    assert "attentionDay" not in _item(platform)
    record(bounce(ID))
    assert _item(platform)["attentionDay"] == "2017-08-05"


def _item(platform: Platform) -> dict[str, Any]:
    key = {"messageId": {"S": ID}, "entry": {"S": "message"}}
    return from_item(platform.dynamodb.get_item(TableName=MESSAGES, Key=key)["Item"])


@pytest.mark.parametrize("kind", ["Transient", "Undetermined"])
def test_a_bounce_that_is_not_for_good_stands_in_the_history_only(
    kind: str, table: MessageTable, suppressed: SuppressionList,
    record: Callable[..., dict[str, Any]],
) -> None:  # fmt: skip
    stored(table, "sent")
    assert record(bounce(ID, kind=kind, sub="MailboxFull")) == {"made": 1}
    assert head(table).status == "sent"
    assert history(table)[-1] == ("bounced", "not for good: MailboxFull")
    assert suppressed.reason(KEY) is None


@pytest.mark.parametrize("sub", ["OnAccountSuppressionList", "Suppressed"])
def test_what_ses_itself_suppressed_was_not_sent(
    sub: str, table: MessageTable, record: Callable[..., dict[str, Any]]
) -> None:
    stored(table, "in_doubt")
    assert record(bounce(ID, sub=sub)) == {"made": 1}
    assert told_of(table) == ["in_doubt", "bounced"]
    assert head(table).status == "failed"


def test_a_complaint_suppresses_and_leaves_the_message_sent(
    table: MessageTable, suppressed: SuppressionList, record: Callable[..., dict[str, Any]]
) -> None:
    stored(table, "sent")
    assert record(complaint(ID)) == {"made": 1}
    assert (head(table).status, history(table)[-1]) == ("sent", ("complained", "abuse"))
    assert suppressed.reason(KEY) == "complained"


def test_a_complaint_of_the_accounts_list_was_not_sent(
    table: MessageTable, suppressed: SuppressionList, record: Callable[..., dict[str, Any]]
) -> None:
    stored(table, "in_doubt")
    record(complaint(ID, sub="OnAccountSuppressionList"))
    assert (head(table).status, head(table).reason) == ("failed", "complained")
    assert suppressed.reason(KEY) == "complained"


def test_not_spam_is_no_complaint(
    table: MessageTable, suppressed: SuppressionList, record: Callable[..., dict[str, Any]]
) -> None:
    stored(table, "sent")
    assert record(complaint(ID, kind="not-spam")) == {"made": 1}
    assert suppressed.reason(KEY) is None


def test_a_rejected_message_failed(
    table: MessageTable, suppressed: SuppressionList, record: Callable[..., dict[str, Any]]
) -> None:
    stored(table, "sent")
    record(reject(ID))
    assert (head(table).status, head(table).reason) == ("failed", "rejected by SES")
    assert suppressed.reason(KEY) is None


# --- again, out of order, of unknown messages


STORY = [send(ID), delivery(ID), bounce(ID), complaint(ID)]


def test_events_that_come_again_change_nothing(
    table: MessageTable, platform: Platform, record: Callable[..., dict[str, Any]]
) -> None:
    stored(table, "sending")
    record(*STORY)
    before = (platform.items(MESSAGES), platform.items(RECIPIENTS))
    for event in STORY[1:]:
        assert record(event) == {"repeated": 1}
    assert record(STORY[0]) in ({"repeated": 1}, {"refused": 1})
    assert record(*STORY, *STORY).keys() <= {"repeated", "refused"}
    assert (platform.items(MESSAGES), platform.items(RECIPIENTS)) == before


@pytest.mark.parametrize("order", list(itertools.permutations(range(len(STORY)))))
def test_their_order_makes_no_difference(
    order: tuple[int, ...], table: MessageTable, suppressed: SuppressionList,
    record: Callable[..., dict[str, Any]],
) -> None:  # fmt: skip
    stored(table, "in_doubt")
    for number in order:
        record(STORY[number])
    assert (head(table).status, head(table).reason) == ("failed", "bounced")
    assert set(told_of(table)) - {"sent"} == {"in_doubt", "delivered", "bounced", "complained"}
    assert suppressed.reason(KEY) in {"bounced", "complained"}


@pytest.mark.parametrize("event", [bounce(OTHER), bounce(None), complaint(OTHER), complaint(None)])
def test_who_must_be_suppressed_is_so_whatever_is_known_of_the_message(
    event: dict[str, Any], platform: Platform, suppressed: SuppressionList,
    record: Callable[..., dict[str, Any]],
) -> None:  # fmt: skip
    """It expired, or somebody else sent it by the same configuration set."""
    record(event)
    assert suppressed.reason(KEY) in {"bounced", "complained"}
    assert platform.items(MESSAGES) == []


def test_of_several_recipients_those_are_suppressed_that_bounced(
    suppressed: SuppressionList, record: Callable[..., dict[str, Any]]
) -> None:
    event = bounce(None)
    event["mail"]["destination"] = ["one@example.com", "two@example.com"]
    event["bounce"]["bouncedRecipients"] = [{"emailAddress": "Two@Example.com"}]
    assert record(event) == {"strange": 1}
    assert suppressed.reason(recipient_key("two@example.com")) == "bounced"
    assert suppressed.reason(recipient_key("one@example.com")) is None


def test_a_message_id_that_is_none_is_nobodys(
    platform: Platform, record: Callable[..., dict[str, Any]]
) -> None:
    assert record(send("message")) == {"strange": 1}
    assert platform.items(MESSAGES) == []


# --- what SES says besides, and what it never says


def test_the_greeting_and_other_events_say_nothing(
    platform: Platform, record: Callable[..., dict[str, Any]]
) -> None:
    delayed = {"eventType": "DeliveryDelay", "mail": mail(ID), "deliveryDelay": {}}
    assert record(GREETING, delayed) == {"nothing": 2}
    assert platform.items(MESSAGES) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"eventType": "Bounce"}',
        '{"eventType": ["Bounce"]}',
        json.dumps(bounce(ID) | {"bounce": {"timestamp": "yesterday"}}),
        json.dumps(send(ID) | {"mail": mail(ID) | {"destination": None}}),
        json.dumps(send(ID) | {"mail": mail(ID) | {"tags": {"messageId": []}}}),
    ],
)
def test_what_is_no_event_of_ses_is_refused_and_quoted_nowhere(
    text: str, record: Callable[..., dict[str, Any]], output: Output
) -> None:
    with pytest.raises(BadEventError, match="the message is no event of SES"):
        record(text)
    assert ADDRESS not in json.dumps(output())


def test_what_is_not_from_sns_is_refused(platform: Platform) -> None:
    with pytest.raises(BadEventError, match="none that SNS delivers"):
        platform.modules["record_email_events"].lambda_handler({"detail": {}}, Context())


def test_a_failure_is_raised_so_that_it_is_tried_again(
    platform: Platform, table: MessageTable, record: Callable[..., dict[str, Any]]
) -> None:
    stored(table, "sent")
    platform.dynamodb.delete_table(TableName=RECIPIENTS)
    with pytest.raises(JobFailedError):
        record(bounce(ID))
    assert head(table).status == "sent"


# --- privacy and metrics


def test_nothing_personal_is_logged_and_each_event_is_counted(
    table: MessageTable, record: Callable[..., dict[str, Any]], output: Output
) -> None:
    stored(table, "sending")
    output()
    record(*STORY, reject(ID), bounce(ID))
    lines = output()
    text = json.dumps(lines)
    for secret in (ADDRESS, "forwarded-to", "user unknown", "Message sent", "192.0.2"):
        assert secret not in text
    counted = [line["Event"] for line in lines if "EmailEvents" in line]
    assert counted == ["Send", "Delivery", "Bounce", "Complaint", "Reject"]
    logged = [line for line in lines if line.get("message") == "E-mail event"]
    assert {line["messageId"] for line in logged} == {ID}
    assert [line["outcome"] for line in logged][-1] == "repeated"
    assert FEEDBACK not in text
    assert SES_ID not in text


def test_times_are_those_of_ses(table: MessageTable, record: Callable[..., dict[str, Any]]) -> None:
    stored(table, "sent")
    record(bounce(ID))
    found = table.history(ID)
    assert found
    at = [entry.at for entry in found[1] if entry.state == "bounced"]
    assert at == [clock.iso(datetime(2017, 8, 5, 0, 41, 2, 669_000, tzinfo=UTC))]
