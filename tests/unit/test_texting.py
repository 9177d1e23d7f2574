"""Text messages: what is accepted, what SNS is asked, and what a month of them may cost."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from customer_platform import clock
from customer_platform.messages.limits import SpendingLimit
from customer_platform.messages.models import SMS_MAX
from customer_platform.messages.recipients import recipient_key
from customer_platform.messages.records import Message
from customer_platform.messages.store import MessageTable
from customer_platform.messages.suppression import SuppressionList
from customer_platform.messages.texting import Purse, Texter
from tests.unit.platform import MESSAGES, RECIPIENTS, Context, Platform

NOW = datetime(2026, 3, 31, 22, 59, tzinfo=UTC)
ID = "6e3f4c86-3a35-4a9e-b0c5-2a2d0b1f8f10"
PHONE = "+14155550100"
TEXT = "Your order will be with you tomorrow."


class Sns:
    """In SNS's place: answers, or fails, as it is told."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.failure: Exception | None = None

    def publish(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
        if self.failure is not None:
            raise self.failure
        return {"MessageId": f"sns-{len(self.asked)}"}

    def close(self) -> None:
        """A new connection for every message."""


@pytest.fixture
def sns() -> Sns:
    return Sns()


@pytest.fixture
def table(platform: Platform) -> MessageTable:
    return MessageTable(platform.dynamodb, MESSAGES, retention_days=91)


@pytest.fixture
def send(
    platform: Platform, sns: Sns, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., dict[str, Any]]:
    """The function, with 10 cents a message and 25 cents a month."""
    module = platform.modules["send_sms"]
    purse = Purse(platform.dynamodb, SpendingLimit(RECIPIENTS, 250), 100)
    monkeypatch.setattr(module.SENDING, "_deliver", Texter(sns, purse).deliver)
    times = itertools.count()
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(milliseconds=next(times)))

    def step(message_id: str = ID) -> dict[str, Any]:
        answer: dict[str, Any] = module.lambda_handler({"messageId": message_id}, Context())
        return answer

    return step


def stored(table: MessageTable, message_id: str = ID) -> None:
    table.create(
        Message(
            message_id=message_id, channel="sms", recipient=PHONE, subject="", text=TEXT,
            template="message", reply_to=None, request_hash="hash", created_at=NOW,
        )
    )  # fmt: skip


def refusal(code: str, status: int) -> ClientError:
    answer: Any = {
        "Error": {"Code": code, "Message": f"Invalid parameter: {PHONE}"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, "Publish")


def spent(platform: Platform) -> int:
    key = {"recipient": {"S": "sms"}, "entry": {"S": "month#2026-03"}}
    item = platform.dynamodb.get_item(TableName=RECIPIENTS, Key=key).get("Item", {})
    return int(item.get("spent", {"N": "0"})["N"])


def status(table: MessageTable, message_id: str = ID) -> tuple[str, str]:
    head = table.head(message_id)
    assert head
    return head.status, head.phase


# --- sending


def test_what_sns_is_asked(
    send: Callable[..., dict[str, Any]], sns: Sns, table: MessageTable, platform: Platform
) -> None:
    stored(table)
    assert send() == {"outcome": "sent", "reason": ""}
    assert sns.asked == [
        {
            "PhoneNumber": PHONE,
            "Message": TEXT,
            "MessageAttributes": {
                "AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"},
                "AWS.SNS.SMS.MaxPrice": {"DataType": "Number", "StringValue": "0.100"},
            },
        }
    ]
    assert status(table) == ("sent", "sent")
    assert spent(platform) == 100


def test_a_retry_sends_nothing(
    send: Callable[..., dict[str, Any]], sns: Sns, table: MessageTable, platform: Platform
) -> None:
    stored(table)
    assert [send()["outcome"] for _ in range(3)] == ["sent", "sent", "sent"]
    assert len(sns.asked) == 1
    assert spent(platform) == 100


def test_beyond_the_months_limit_nothing_is_sent(
    send: Callable[..., dict[str, Any]], sns: Sns, table: MessageTable, platform: Platform,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    outcomes = []
    for number in range(3):
        stored(table, f"{ID[:-1]}{number}")
        outcomes.append(send(f"{ID[:-1]}{number}"))
    assert [answer["outcome"] for answer in outcomes] == ["sent", "sent", "refused"]
    assert outcomes[-1]["reason"] == "monthly limit of text messages reached"
    assert len(sns.asked) == 2
    assert spent(platform) == 200
    april = datetime(2026, 4, 1, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: april)
    stored(table, f"{ID[:-1]}9")
    assert send(f"{ID[:-1]}9")["outcome"] == "sent"


@pytest.mark.parametrize(
    "failure",
    [
        refusal("Throttled", 429),
        refusal("ThrottledException", 400),
        refusal("ServiceUnavailable", 503),
        ConnectTimeoutError(endpoint_url="sns"),
        EndpointConnectionError(endpoint_url="sns"),
    ],
)
def test_what_was_not_accepted_costs_nothing_and_is_tried_again(
    failure: Exception, send: Callable[..., dict[str, Any]], sns: Sns, table: MessageTable,
    platform: Platform,
) -> None:  # fmt: skip
    stored(table)
    sns.failure = failure
    assert send()["outcome"] == "throttled"
    assert (status(table), spent(platform)) == (("queued", "queued"), 0)
    sns.failure = None
    assert send()["outcome"] == "sent"
    assert spent(platform) == 100


@pytest.mark.parametrize(
    "failure", [refusal("InternalError", 500), ReadTimeoutError(endpoint_url="sns")]
)
def test_what_may_have_been_accepted_is_in_doubt_and_counts(
    failure: Exception, send: Callable[..., dict[str, Any]], sns: Sns, table: MessageTable,
    platform: Platform,
) -> None:  # fmt: skip
    stored(table)
    sns.failure = failure
    assert send()["outcome"] == "in_doubt"
    sns.failure = None
    assert send()["outcome"] == "in_doubt"  # never by itself
    assert (len(sns.asked), spent(platform)) == (1, 100)
    assert status(table) == ("queued", "in_doubt")


def test_what_sns_will_never_send_is_refused_and_costs_nothing(
    send: Callable[..., dict[str, Any]], sns: Sns, table: MessageTable, platform: Platform,
    output: Callable[[], list[dict[str, Any]]],
) -> None:  # fmt: skip
    stored(table)
    sns.failure = refusal("InvalidParameter", 400)
    assert send() == {"outcome": "refused", "reason": "InvalidParameter"}
    assert spent(platform) == 0
    assert PHONE not in json.dumps(output())


@pytest.mark.parametrize(
    "error", [refusal("InternalServerError", 500), ConnectTimeoutError(endpoint_url="dynamodb")]
)
def test_without_its_limit_nothing_is_sent(
    error: Exception, send: Callable[..., dict[str, Any]], sns: Sns, table: MessageTable,
    platform: Platform,
) -> None:  # fmt: skip
    stored(table)
    deliver = platform.modules["send_sms"].SENDING._deliver
    dynamodb = deliver.__self__._purse._dynamodb

    def broken(**_: Any) -> None:
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dynamodb, "update_item", broken)
        assert send()["outcome"] == "throttled"
    assert sns.asked == []


@pytest.mark.parametrize(
    "error", [refusal("InternalServerError", 500), ReadTimeoutError(endpoint_url="dynamodb")]
)
def test_a_limit_that_cannot_be_given_back_makes_no_doubt(
    error: Exception, send: Callable[..., dict[str, Any]], sns: Sns, table: MessageTable,
    platform: Platform,
) -> None:  # fmt: skip
    """A little less is sent this month; the message was certainly not."""
    stored(table)
    sns.failure = refusal("Throttled", 429)
    purse = platform.modules["send_sms"].SENDING._deliver.__self__._purse
    pay = purse._dynamodb.update_item

    def paid_once(**request: Any) -> Any:
        patch.setattr(purse._dynamodb, "update_item", broken)
        return pay(**request)

    def broken(**_: Any) -> None:
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(purse._dynamodb, "update_item", paid_once)
        assert send()["outcome"] == "throttled"
    assert (status(table), spent(platform)) == (("queued", "queued"), 100)


def test_who_is_suppressed_gets_none(
    send: Callable[..., dict[str, Any]], sns: Sns, table: MessageTable, platform: Platform
) -> None:

    stored(table)
    suppression = SuppressionList(platform.dynamodb, RECIPIENTS)
    suppression.suppress(recipient_key(PHONE), "by_hand", None, NOW)
    assert send() == {"outcome": "suppressed", "reason": "suppressed: by_hand"}
    assert (sns.asked, spent(platform)) == ([], 0)


# --- POST /messages


class Started:
    """In Step Functions' place."""

    def __init__(self) -> None:
        self.names: list[tuple[str, str]] = []

    def start(self, message_id: str, channel: str) -> None:
        self.names.append((message_id, channel))


@pytest.fixture
def started(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Started:
    made = Started()
    monkeypatch.setattr(platform.modules["submit_message"].OUTBOX, "_workflow", made)
    return made


def post(platform: Platform, **body: Any) -> Any:
    event = {"headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}
    return platform.call("submit_message", event)


def test_a_text_message_is_accepted(
    platform: Platform, started: Started, table: MessageTable
) -> None:
    answer = post(platform, channel="sms", phone=PHONE, message=f" {TEXT}\n")
    assert answer.status == 202
    assert started.names == [(answer.body["messageId"], "sms")]
    head = table.head(answer.body["messageId"])
    assert head
    assert (head.channel, head.recipient, head.text) == ("sms", PHONE, TEXT)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("phone", "4155550100"),
        ("phone", "+0155550100"),
        ("phone", "+1415555"),
        ("phone", "+1415555010012345"),
        ("phone", f"{PHONE}\n"),
        ("phone", "+1 415 555 0100"),
        ("phone", "+١٤١٥٥٥٥٠١٠٠"),
        ("phone", 14155550100),
        ("phone", None),
        ("message", ""),
        ("message", " "),
        ("message", "a" * (SMS_MAX + 1)),
        ("message", "bell\x07"),
        ("email", "ada@example.com"),
        ("subject", "Your order"),
    ],
)
def test_what_is_wrong_with_it_is_named(
    field: str, value: Any, platform: Platform, started: Started
) -> None:
    body = {"channel": "sms", "phone": PHONE, "message": TEXT} | {field: value}
    answer = post(platform, **body)
    assert (answer.status, answer.body["details"][0]["field"]) == (400, field)
    assert started.names == []


def test_its_recipient_is_limited(platform: Platform, started: Started) -> None:
    limit = platform.modules["submit_message"].SETTINGS.messages_per_hour
    answers = [
        post(platform, channel="sms", phone=PHONE, message=TEXT).status for _ in range(limit + 1)
    ]
    assert answers == [202] * limit + [429]
    assert len(started.names) == limit


def test_where_none_are_sent_the_channel_is_refused(
    platform: Platform, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = platform.modules["submit_message"]
    off = type(module.SETTINGS)(**vars(module.SETTINGS) | {"sms": "off"})
    monkeypatch.setattr(module, "SETTINGS", off)
    answer = post(platform, channel="sms", phone=PHONE, message=TEXT)
    assert (answer.status, answer.body["details"]) == (
        400,
        [{"field": "channel", "issue": "must be email: no text messages are sent"}],
    )
    assert started.names == []
    assert platform.items(MESSAGES) == []
