"""POST /messages, GET /messages/{messageId}, POST /contact and GET /contact/{messageId}."""

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from customer_platform import clock
from customer_platform.dynamodb import from_item
from customer_platform.messages.records import Change, Message
from customer_platform.overload import OverloadedError
from tests.unit.platform import MESSAGES, RECIPIENTS, Answer, Platform

type Output = Callable[[], list[dict[str, Any]]]

MESSAGE = {"email": "ada@example.com", "subject": "Hello, Ada", "message": "How are you?\n\nBye"}
TEAM = "team@example.com"


class Starts:
    """Executions that were asked for: message id => how often."""

    def __init__(self) -> None:
        self.asked: dict[str, int] = {}
        self.error: Exception | None = None

    def start(self, message_id: str, channel: str) -> None:
        assert channel == "email"
        self.asked[message_id] = self.asked.get(message_id, 0) + 1
        if self.error:
            raise self.error


@pytest.fixture
def starts(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Starts:
    made = Starts()
    for handler in ("submit_message", "submit_contact"):
        monkeypatch.setattr(platform.modules[handler].OUTBOX, "_workflow", made)
    return made


def _post(
    platform: Platform, handler: str, body: Any, key: str | None = None, api_key: str = "key-1"
) -> Answer:
    headers = {"content-type": "application/json"}
    if key is not None:
        headers["idempotency-key"] = key
    event = {
        "headers": headers,
        "body": body if isinstance(body, str) else json.dumps(body),
        "requestContext": {"requestId": "gateway-request", "identity": {"apiKeyId": api_key}},
    }
    return platform.call(handler, event)


def send(platform: Platform, body: Any = MESSAGE, key: str | None = None, **more: str) -> Answer:
    return _post(platform, "submit_message", body, key, **more)


def contact(platform: Platform, body: Any = MESSAGE, key: str | None = None) -> Answer:
    return _post(platform, "submit_contact", body, key)


def look(platform: Platform, message_id: str) -> Answer:
    return platform.call("get_message", {"pathParameters": {"messageId": message_id}})


def stored(platform: Platform) -> list[dict[str, Any]]:
    """Records of all messages, without their histories."""
    items = map(from_item, platform.items(MESSAGES))
    return [item for item in items if item["entry"] == "message"]


# --- accepting


def test_a_message_is_stored_and_its_workflow_started(platform: Platform, starts: Starts) -> None:
    answer = send(platform)
    assert answer.status == 202
    assert answer.body == {"messageId": answer.body["messageId"], "status": "queued"}
    assert starts.asked == {answer.body["messageId"]: 1}
    [record] = stored(platform)
    assert record["messageId"] == answer.body["messageId"]
    assert (record["recipient"], record["subject"], record["text"]) == tuple(MESSAGE.values())
    assert (record["channel"], record["template"], record["status"]) == (
        "email", "message", "queued",
    )  # fmt: skip


def test_the_same_key_is_the_same_message(platform: Platform, starts: Starts) -> None:
    first, again = send(platform, key="k"), send(platform, key="k")
    assert again.body == first.body
    assert send(platform, {**MESSAGE, "message": "Another"}, key="k").status == 422
    assert len(stored(platform)) == 1
    assert starts.asked == {first.body["messageId"]: 2}  # Step Functions takes a name once


def test_one_callers_keys_are_nothing_to_another(platform: Platform, starts: Starts) -> None:
    one, other = send(platform, key="k", api_key="a"), send(platform, key="k", api_key="b")
    assert one.body["messageId"] != other.body["messageId"]
    assert contact(platform, key="k").body["messageId"] != one.body["messageId"]


@pytest.mark.parametrize("kind", [ReadTimeoutError, ConnectTimeoutError])
def test_a_workflow_that_does_not_start_is_a_503_and_the_repeat_starts_it(
    kind: Any, platform: Platform, starts: Starts, output: Output
) -> None:
    starts.error = kind(endpoint_url="states")
    refused = send(platform, key="k")
    assert (refused.status, refused.body["error"]) == (503, "ServiceUnavailable")
    assert refused.headers["Retry-After"] == "2"
    assert any(line.get("errorType") == kind.__name__ for line in output())
    assert refused.body["message"].startswith("The message could not be handed on")
    starts.error = None
    answer = send(platform, key="k")
    assert answer.status == 202
    assert starts.asked == {answer.body["messageId"]: 2}


def test_a_recipient_gets_so_many_an_hour(platform: Platform, starts: Starts) -> None:
    answers = [send(platform).status for _ in range(20)]
    assert answers == [202] * 20
    refused = send(platform, {**MESSAGE, "email": "ADA+x@example.com"})
    assert (refused.status, refused.body["error"]) == (429, "TooManyRequests")
    assert 1 <= int(refused.headers["Retry-After"]) <= 3600
    assert send(platform, {**MESSAGE, "email": "grace@example.com"}).status == 202
    assert len(stored(platform)) == 21


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no address": ({"email": "ada"}, "email"),
    "two addresses": ({"email": "ada@example.com,eve@example.com"}, "email"),
    "two addresses, a blank": ({"email": "ada@example.com eve@example.com"}, "email"),
    "an address with a name": ({"email": "Ada <ada@example.com>"}, "email"),
    "a header after the address": ({"email": "ada@example.com\r\nBcc: eve@example.com"}, "email"),
    "an encoded header": ({"email": "ada@example.com%0d%0aBcc:eve@example.com"}, "email"),
    "a quoted local part": ({"email": '"ada eve"@example.com'}, "email"),
    "a comment": ({"email": "ada(eve)@example.com"}, "email"),
    "a local part of other letters": ({"email": "ädä@example.com"}, "email"),
    "a route": ({"email": "@eve.example:ada@example.com"}, "email"),
    "an address literal": ({"email": "ada@[127.0.0.1]"}, "email"),
    "a list of addresses": ({"email": ["ada@example.com"]}, "email"),
    "a long address": ({"email": "a" * 64 + "@" + "b" * 190 + ".com"}, "email"),
    "no subject": ({"subject": " \u3000"}, "subject"),
    "a long subject": ({"subject": "x" * 201}, "subject"),
    **{
        f"a subject with {character!a}": ({"subject": f"Hello{character}Bcc: eve@x.com"}, "subject")
        for character in "\r\n\t\0\x0b\x0c\x1b\x7f\x85\u2028\u2029\u202e\u2066\ufeff"
    },
    "no message": ({"message": ""}, "message"),
    "a long message": ({"message": "x" * 10_001}, "message"),
    "a message with a NUL": ({"message": "a\0b"}, "message"),
    "an unknown field": ({"cc": "eve@example.com"}, "cc"),
    "a header field": ({"replyTo": "eve@example.com"}, "replyTo"),
}


@pytest.mark.parametrize("post", [send, contact])
@pytest.mark.parametrize(("change", "field"), BAD.values(), ids=BAD.keys())
def test_what_could_become_a_header_or_another_recipient_is_refused(
    post: Callable[..., Answer], change: dict[str, Any], field: str,
    platform: Platform, starts: Starts,
) -> None:  # fmt: skip
    answer = post(platform, {**MESSAGE, **change})
    assert answer.status == 400
    assert [detail["field"] for detail in answer.body["details"]] == [field]
    assert stored(platform) == []
    assert starts.asked == {}


def test_a_domain_of_other_letters_is_written_in_ascii(platform: Platform, starts: Starts) -> None:
    assert send(platform, {**MESSAGE, "email": "ada@bücher.example.com"}).status == 202
    [record] = stored(platform)
    assert record["recipient"] == "ada@xn--bcher-kva.example.com"


def test_the_channel_must_be_one_that_is_there(platform: Platform, starts: Starts) -> None:
    assert send(platform, {**MESSAGE, "channel": "email"}).status == 202
    refused = send(platform, {**MESSAGE, "channel": "pigeon"})
    assert refused.status == 400
    assert [detail["field"] for detail in refused.body["details"]] == ["channel"]


def test_nothing_personal_is_logged(platform: Platform, starts: Starts, output: Output) -> None:
    send(platform)
    contact(platform)
    send(platform, {**MESSAGE, "subject": "a\nb"})
    look(platform, next(iter(starts.asked)))
    said = json.dumps(output())
    for secret in ("ada@", "example.com", "Hello", "How are you"):
        assert secret not in said


# --- reading


def test_a_message_is_read_without_recipient_and_content(
    platform: Platform, starts: Starts
) -> None:
    message_id = send(platform).body["messageId"]
    table = platform.modules["get_message"].TABLE
    table.make(message_id, Change("sending", clock.now(), "sending", claim="c", attempt=1))
    table.make(message_id, Change("throttled", clock.now(), "queued", reason="Throttling"))
    body = look(platform, message_id).body
    assert list(body) == [
        "messageId", "channel", "status", "attempts", "createdAt", "updatedAt", "reason", "history",
    ]  # fmt: skip
    assert (body["status"], body["attempts"], body["reason"]) == ("queued", 1, "Throttling")
    assert [entry["state"] for entry in body["history"]] == ["queued", "sending", "throttled"]
    assert body["history"][1].keys() == {"state", "at", "attempt"}
    assert body["createdAt"] == body["history"][0]["at"]
    assert "ada" not in json.dumps(body)


def test_a_message_that_is_not_there_is_404(platform: Platform) -> None:
    assert look(platform, str(uuid.uuid4())).status == 404
    assert look(platform, "x").status == 400


def test_what_has_expired_is_gone(platform: Platform, starts: Starts) -> None:
    message_id = send(platform).body["messageId"]
    platform.dynamodb.update_item(
        TableName=MESSAGES,
        Key={"messageId": {"S": message_id}, "entry": {"S": "message"}},
        UpdateExpression="SET expiresAt = :now",
        ExpressionAttributeValues={":now": {"N": str(int(clock.now().timestamp()))}},
    )
    assert look(platform, message_id).status == 404


# --- contact


def _contacts(platform: Platform) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The message to the team, and the acknowledgements."""
    [to_team] = [item for item in stored(platform) if item["template"] == "contact"]
    return to_team, [item for item in stored(platform) if item["template"] == "acknowledgement"]


def test_a_visitor_writes_to_the_team_and_gets_fixed_words(
    platform: Platform, starts: Starts
) -> None:
    answer = contact(platform)
    assert (answer.status, answer.body["status"]) == (202, "queued")
    to_team, [acknowledgement] = _contacts(platform)
    assert to_team["messageId"] == answer.body["messageId"]
    assert (to_team["recipient"], to_team["replyTo"]) == (TEAM, MESSAGE["email"])
    assert (to_team["subject"], to_team["text"]) == (MESSAGE["subject"], MESSAGE["message"])
    assert acknowledgement["recipient"] == MESSAGE["email"]
    assert (acknowledgement["subject"], acknowledgement["text"]) == ("", "")
    assert "replyTo" not in acknowledgement
    assert starts.asked.keys() == {to_team["messageId"], acknowledgement["messageId"]}


def test_the_team_gets_no_link_to_unsubscribe_itself(platform: Platform, starts: Starts) -> None:
    assert contact(platform, {**MESSAGE, "email": TEAM.title()}).status == 202
    _, acknowledgements = _contacts(platform)
    assert acknowledgements == []


def test_over_the_limit_the_visitor_is_silently_not_answered(
    platform: Platform, starts: Starts
) -> None:
    for number in range(30):  # more than a recipient of messages gets in an hour
        # Another suffix is the same mailbox.
        answer = contact(platform, {**MESSAGE, "email": f"ada+{number}@example.com"})
        assert answer.status == 202
    templates = [item["template"] for item in stored(platform)]
    assert templates.count("contact") == 30
    assert templates.count("acknowledgement") == 2


def test_a_repeated_contact_is_one_message_and_one_acknowledgement(
    platform: Platform, starts: Starts
) -> None:
    assert contact(platform, key="k").body == contact(platform, key="k").body
    assert contact(platform, {**MESSAGE, "subject": "x"}, key="k").status == 422
    _, acknowledgements = _contacts(platform)
    assert len(acknowledgements) == 1
    counts = [item for item in map(from_item, platform.items(RECIPIENTS)) if "sent" in item]
    assert [count["sent"] for count in counts] == [1]


def test_an_acknowledgement_that_does_not_start_changes_no_answer(
    platform: Platform, starts: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = ClientError({"Error": {"Code": "ThrottlingException"}}, "StartExecution")
    start = starts.start

    def second_fails(message_id: str, channel: str) -> None:
        start(message_id, channel)
        if len(starts.asked) > 1:
            raise busy

    monkeypatch.setattr(starts, "start", second_fails)
    assert contact(platform).status == 202


def contact_state(platform: Platform, message_id: str) -> Answer:
    return platform.call("get_contact", {"pathParameters": {"messageId": message_id}})


def test_a_visitor_sees_whether_the_team_was_written_to(platform: Platform, starts: Starts) -> None:
    message_id = contact(platform).body["messageId"]
    answer = contact_state(platform, message_id)
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.body == {"messageId": message_id, "status": "queued"}
    table = platform.modules["get_contact"].TABLE
    claim = Change("sending", clock.now(), phase="sending", since=("queued",), claim="c")
    assert table.make(message_id, claim) == "made"
    sent = Change("sent", clock.now(), phase="sent", since=("sending",), claimed_by="c")
    assert table.make(message_id, sent) == "made"
    assert contact_state(platform, message_id).body["status"] == "sent"


def test_a_visitor_sees_nothing_of_other_messages(platform: Platform, starts: Starts) -> None:
    sent = send(platform).body["messageId"]
    contact(platform)
    _, [acknowledgement] = _contacts(platform)
    for message_id in (sent, acknowledgement["messageId"], str(uuid.uuid4())):
        answer = contact_state(platform, message_id)
        assert answer.status == 404
        assert answer.body["message"] == "There is no message with this id"
    assert contact_state(platform, "all").status == 400


def test_the_state_of_an_expired_contact_is_gone(
    platform: Platform, starts: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_id = contact(platform).body["messageId"]
    later = clock.now() + timedelta(days=3650)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert contact_state(platform, message_id).status == 404


@pytest.mark.parametrize(
    "error",
    [
        OverloadedError("message"),
        ClientError({"Error": {"Code": "InternalServerError"}}, "TransactWriteItems"),
        ReadTimeoutError(endpoint_url="x"),
        ConnectTimeoutError(endpoint_url="x"),
    ],
    ids=["many of one visitor", "DynamoDB's own", "no answer", "no connection"],
)
def test_an_acknowledgement_that_is_not_stored_changes_no_answer(
    error: Exception, platform: Platform, starts: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the visitor would write to the team again, which has his message."""
    table = platform.modules["submit_contact"].OUTBOX._table
    create = table.create

    def fails_for_acknowledgements(message: Message, beside: Any = ()) -> Any:
        if message.template == "acknowledgement":
            raise error
        return create(message, beside)

    monkeypatch.setattr(table, "create", fails_for_acknowledgements)
    assert contact(platform).status == 202
    _, acknowledgements = _contacts(platform)
    assert acknowledgements == []
