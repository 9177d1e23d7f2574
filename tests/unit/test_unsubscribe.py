"""/unsubscribe/{messageId}/{token}: whoever has the link of a message, and nobody else."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from customer_platform.messages.recipients import recipient_key
from customer_platform.messages.records import Message, Template
from customer_platform.messages.store import MessageTable
from customer_platform.messages.suppression import SuppressionList
from tests.unit.platform import MESSAGES, RECIPIENTS, Answer, Platform

ID = "6e3f4c86-3a35-4a9e-b0c5-2a2d0b1f8f10"
TOKEN = "a-token-that-nobody-guesses"
ADDRESS = "ada@example.com"
KEY = recipient_key(ADDRESS)


@pytest.fixture
def table(platform: Platform) -> MessageTable:
    return MessageTable(platform.dynamodb, MESSAGES, retention_days=91)


@pytest.fixture
def suppressed(platform: Platform) -> SuppressionList:
    return SuppressionList(platform.dynamodb, RECIPIENTS)


def stored(table: MessageTable, template: Template = "message", recipient: str = ADDRESS) -> None:
    table.create(
        Message(
            message_id=ID, channel="email", recipient=recipient, subject="Hello", text="There",
            template=template, reply_to=None, request_hash="hash",
            created_at=datetime(2025, 12, 27, tzinfo=UTC), unsubscribe_token=TOKEN,
        )
    )  # fmt: skip


def ask(platform: Platform, message_id: str = ID, token: str = TOKEN, **event: Any) -> Answer:
    path = {"messageId": message_id, "token": token}
    asked = {"httpMethod": "POST", "resource": "/unsubscribe/{messageId}/{token}"}
    return platform.call("unsubscribe", {"pathParameters": path, **asked, **event})


def states(table: MessageTable) -> list[str]:
    found = table.history(ID)
    assert found
    return [entry.state for entry in found[1]]


@pytest.mark.parametrize(
    "event",
    [
        # What RFC 8058 has mail programs send, what people's scripts do, and nothing.
        {
            "headers": {"Content-Type": "application/x-www-form-urlencoded"},
            "body": "List-Unsubscribe=One-Click",
        },
        {"headers": {"Content-Type": "multipart/form-data; boundary=x"}, "body": "--x--"},
        {"headers": {"Content-Type": "application/json"}, "body": "{broken"},
        {"headers": {}, "body": None},
    ],
)
@pytest.mark.parametrize("template", ["message", "acknowledgement"])
def test_the_recipient_is_suppressed(
    event: dict[str, Any], template: Template, platform: Platform, table: MessageTable,
    suppressed: SuppressionList,
) -> None:  # fmt: skip
    stored(table, template)
    answer = ask(platform, **event)
    assert (answer.status, answer.body) == (200, {"status": "unsubscribed"})
    assert suppressed.reason(KEY) == "unsubscribed"
    assert states(table) == ["queued", "unsubscribed"]
    head = table.head(ID)
    assert head
    assert head.status == "queued"  # what is under way is looked after by the sender


def test_a_second_time_changes_nothing(
    platform: Platform, table: MessageTable, suppressed: SuppressionList
) -> None:
    stored(table)
    assert [ask(platform).status for _ in range(3)] == [200, 200, 200]
    assert states(table) == ["queued", "unsubscribed"]
    assert suppressed.reason(KEY) == "unsubscribed"


@pytest.mark.parametrize(
    ("message_id", "token"),
    [
        (ID, "another-token"),
        (ID, TOKEN[:-1]),
        (ID, TOKEN.upper()),
        (ID, "tökén"),
        (ID, ""),
        ("00000000-3a35-4a9e-b0c5-2a2d0b1f8f10", TOKEN),
        (ID.upper(), TOKEN),
        ("message", TOKEN),
        ("", ""),
    ],
)
def test_nobody_else_is_heard(
    message_id: str, token: str, platform: Platform, table: MessageTable,
    suppressed: SuppressionList,
) -> None:  # fmt: skip
    stored(table)
    answer = ask(platform, message_id, token)
    assert (answer.status, answer.body["error"]) == (404, "NotFound")
    assert suppressed.reason(KEY) is None
    assert states(table) == ["queued"]


@pytest.mark.parametrize("template", ["contact", "reminder"])
def test_the_team_cannot_be_unsubscribed(
    template: Template, platform: Platform, table: MessageTable, suppressed: SuppressionList
) -> None:
    stored(table, template)
    assert ask(platform).status == 404
    assert suppressed.reason(KEY) is None


@pytest.mark.parametrize("template", ["message", "acknowledgement"])
def test_nor_by_a_message_that_somebody_had_sent_to_it(
    template: Template, platform: Platform, table: MessageTable, suppressed: SuppressionList
) -> None:
    stored(table, template, "Team@example.com")
    assert ask(platform).status == 404
    assert suppressed.reason(recipient_key("team@example.com")) is None


def test_query_parameters_are_refused(platform: Platform, table: MessageTable) -> None:
    stored(table)
    assert ask(platform, queryStringParameters={"sure": "yes"}).status == 400
    assert states(table) == ["queued"]


def test_neither_address_nor_token_is_logged(
    platform: Platform, table: MessageTable, output: Callable[[], list[dict[str, Any]]]
) -> None:
    stored(table)
    output()
    ask(platform)
    ask(platform, token="another")
    text = json.dumps(output())
    assert ADDRESS not in text
    assert TOKEN not in text


# --- people

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_opening_the_address_changes_nothing(
    platform: Platform, table: MessageTable, suppressed: SuppressionList
) -> None:
    stored(table)
    known = ask(platform, httpMethod="GET")
    unknown = ask(platform, token="another", httpMethod="GET", headers=BROWSER)
    assert known.status == 200
    assert known.text == unknown.text  # who looks around learns nothing
    assert '<form method="post"><button type="submit">Unsubscribe</button></form>' in known.text
    assert suppressed.reason(KEY) is None
    assert states(table) == ["queued"]


def test_the_button_unsubscribes_and_says_so(
    platform: Platform, table: MessageTable, suppressed: SuppressionList
) -> None:
    stored(table)
    answer = ask(platform, headers=BROWSER, body="")
    assert (answer.status, "<h1>You are unsubscribed</h1>" in answer.text) == (200, True)
    assert suppressed.reason(KEY) == "unsubscribed"
    unknown = ask(platform, token="another", headers=BROWSER)
    malformed = ask(platform, "x", httpMethod="GET", headers=BROWSER)
    assert (malformed.status, malformed.text) == (404, unknown.text)
    assert (unknown.status, "<h1>Unknown address</h1>" in unknown.text) == (404, True)


def test_a_page_runs_nothing_and_tells_nobody_its_address(
    platform: Platform, table: MessageTable
) -> None:
    stored(table)
    for answer in (ask(platform, httpMethod="GET"), ask(platform, headers=BROWSER)):
        assert TOKEN not in answer.text
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        [style] = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert answer.headers["Content-Security-Policy"] == (
            f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        )
