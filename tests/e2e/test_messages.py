"""Messages on the applied stack: what is posted arrives once, with exactly its content, whatever
fails on the way; and what cannot be sent is told of."""

from __future__ import annotations

import base64
import json
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from customer_platform import clock
from tests.e2e import emf, faults
from tests.e2e.conftest import Deployment, eventually
from tests.e2e.mailbox import (
    LOST_ANSWER,
    REJECTED,
    THROTTLED,
    Fault,
    Ses,
    emails,
    failing_ses,
)
from tests.e2e.test_hostile_input import assert_documented

HOSTILE = "<script>alert(1)</script> & \"quotes\" 'x' $text ${subject} %s {{7*7}} \u05d0 \U0001f600"
BODY = "Dear Ada,\n\n\tall is well.\n.\n-- \nThe team"


@pytest.fixture
def messages(api: httpx.Client, deployment: Deployment) -> Messages:
    return Messages(api, deployment)


class Messages:
    """The API as a system that writes to customers uses it."""

    def __init__(self, api: httpx.Client, deployment: Deployment) -> None:
        self.api = api
        self.deployment = deployment
        self.key = deployment.key("operator")

    def post(self, recipient: str, key: str | None = None, **fields: str) -> httpx.Response:
        body = {"email": recipient, "subject": "Hello", "message": "How are you?"} | fields
        headers = self.key | ({"Idempotency-Key": key} if key else {})
        return self.api.post("/messages", json=body, headers=headers)

    def send(self, recipient: str, **fields: str) -> str:
        answer = self.post(recipient, **fields)
        assert answer.status_code == 202, answer.text
        message_id: str = answer.json()["messageId"]
        return message_id

    def read(self, message_id: str) -> dict[str, Any]:
        answer = self.api.get(f"/messages/{message_id}", headers=self.key)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def done(self, message_id: str, seconds: float = 60) -> dict[str, Any]:
        """The message when it is queued no more."""
        return eventually(
            lambda: self.read(message_id), lambda found: found["status"] != "queued", seconds
        )

    def execution(self, message_id: str, seconds: float = 30) -> dict[str, Any]:
        """The workflow's execution when it has ended."""
        machine = self.deployment.outputs["message_workflow_arn"]
        arn = f"{machine.replace(':stateMachine:', ':execution:')}:{message_id}"
        states = self.deployment.client("stepfunctions")
        return eventually(
            lambda: states.describe_execution(executionArn=arn),
            lambda found: found["status"] != "RUNNING",
            seconds,
        )

    def letters(self, message_id: str) -> list[dict[str, str]]:
        """What lies on the dead-letter queue of a message; it is taken away."""
        queue = self.deployment.outputs["message_dead_letter_queue_url"]
        sqs = self.deployment.client("sqs")
        found: list[dict[str, str]] = []
        while True:
            answer = sqs.receive_message(
                QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=5
            )
            for letter in answer.get("Messages", []):
                body = json.loads(letter["Body"])
                if body["messageId"] == message_id:
                    found.append(body)
                    sqs.delete_message(QueueUrl=queue, ReceiptHandle=letter["ReceiptHandle"])
            if not answer.get("Messages"):
                return found


def somebody() -> str:
    """An address that nobody else in these tests writes to."""
    return f"ada.{uuid.uuid4().hex}@example.com"


def states(message: dict[str, Any]) -> list[str]:
    return [entry["state"] for entry in message["history"]]


# --- arriving


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Hello, Ada", BODY),
        (HOSTILE, f"{HOSTILE}\r\n\u202b{HOSTILE}"),
        ("x" * 200, "\u00e4" * 10_000),
    ],
    ids=["plain", "hostile", "long"],
)
def test_a_message_arrives_with_exactly_its_content(
    subject: str, text: str, messages: Messages, deployment: Deployment
) -> None:
    recipient = somebody()
    message = messages.done(messages.send(recipient, subject=subject, message=text))
    assert (message["status"], message["channel"], message["attempts"]) == ("sent", "email", 1)
    assert states(message) == ["queued", "sending", "sent"]
    assert recipient not in json.dumps(message)
    [email] = emails(deployment, recipient)
    assert email["Source"] == deployment.outputs["mail"]["sender_address"]
    assert (email["To"], email["CC"], email["BCC"]) == ([recipient], [], [])
    assert (email["Subject"], email["BodyText"]) == (subject, text)
    assert "<script" not in email["BodyHtml"]


def test_a_key_is_asked_for(api: httpx.Client) -> None:
    body = {"email": somebody(), "subject": "Hello", "message": "How are you?"}
    assert_documented(api.post("/messages", json=body), 403)
    assert_documented(api.get(f"/messages/{uuid.uuid4()}"), 403)


def test_nothing_of_the_content_is_in_the_workflows_history(
    messages: Messages, deployment: Deployment
) -> None:
    recipient = somebody()
    message_id = messages.send(recipient, subject="Quite secret", message="Quite secret")
    execution = messages.execution(message_id)
    assert json.loads(execution["input"]) == {"messageId": message_id, "channel": "email"}
    history = deployment.client("stepfunctions").get_execution_history(
        executionArn=execution["executionArn"], maxResults=1000
    )
    assert "Quite secret" not in json.dumps(history, default=str)
    assert recipient not in json.dumps(history, default=str)


def test_three_hundred_messages_of_eight_clients_arrive_once_each(
    messages: Messages, deployment: Deployment
) -> None:
    """Every message is posted two or three times under its key, in any order and at once."""
    mark = uuid.uuid4().hex
    recipients = [f"ada.{mark}.{number}@example.com" for number in range(300)]
    wanted = [(r, n) for n, r in enumerate(recipients) for _ in range(2 + n % 2)]
    random.Random(6).shuffle(wanted)

    def post(recipient: str, number: int) -> tuple[str, str]:
        for _ in range(10):
            answer = messages.post(recipient, key=f"{mark}-{number}", subject=f"Number {number}")
            if answer.status_code != 503:  # busy: a client asks again, with the same key
                break
            time.sleep(float(answer.headers["Retry-After"]))
        assert answer.status_code == 202, answer.text
        return recipient, answer.json()["messageId"]

    with ThreadPoolExecutor(8) as clients:
        answers = set(clients.map(lambda one: post(*one), wanted))
    ids = dict(answers)
    assert len(answers) == len(ids) == len(set(ids.values())) == 300
    for message_id in ids.values():
        message = messages.done(message_id, 180)
        assert message["status"] == "sent", message
    arrived = Counter(email["To"][0] for email in _all_emails(deployment) if mark in email["To"][0])
    assert arrived == Counter(recipients)


def _all_emails(deployment: Deployment) -> Iterator[dict[str, Any]]:
    url = f"{deployment.cloud.endpoint}/_ministack/ses/messages"
    for account in httpx.get(url, trust_env=False, timeout=30).json()["messages"].values():
        yield from account


# --- failing on the way


@pytest.fixture(scope="module")
def ses(deployment: Deployment) -> Iterator[Ses]:
    with failing_ses(deployment) as made:
        yield made
        assert made.faults == []


def test_a_throttled_message_arrives_once(
    messages: Messages, deployment: Deployment, ses: Ses
) -> None:
    recipient = somebody()
    ses.faults += [THROTTLED, THROTTLED]
    message = messages.done(messages.send(recipient))
    assert message["status"] == "sent", message
    assert states(message) == ["queued", *(["sending", "throttled"] * 2), "sending", "sent"]
    assert message["history"][2]["reason"] == "TooManyRequestsException"
    assert len(emails(deployment, recipient)) == 1


def test_ses_is_asked_as_it_should_be(messages: Messages, deployment: Deployment, ses: Ses) -> None:
    """Headers and tags, which the embedded mailbox does not keep."""
    before = len(ses.requests)
    message_id = messages.send(somebody())
    messages.done(message_id)
    [request] = ses.requests[before:]
    suffix = deployment.outputs["environment_suffix"]
    assert request["ConfigurationSetName"] == f"messages-{suffix}"
    assert {"Name": "messageId", "Value": message_id} in request["EmailTags"]
    headers = {h["Name"]: h["Value"] for h in request["Content"]["Simple"]["Headers"]}
    base = deployment.outputs["api_base_url"]
    assert headers["List-Unsubscribe"].startswith(f"<{base}/unsubscribe/{message_id}/")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_message_that_ses_never_takes_fails_and_is_told_of(
    messages: Messages, deployment: Deployment, ses: Ses
) -> None:
    recipient = somebody()
    ses.faults += [REJECTED]
    message_id = messages.send(recipient)
    message = messages.done(message_id)
    assert (message["status"], message["reason"]) == ("failed", "MessageRejected")
    assert states(message) == ["queued", "sending", "failed"]
    assert emails(deployment, recipient) == []
    # What the workflow's alarm counts, and its name in the contract of the workflow.
    execution = messages.execution(message_id)
    assert execution["status"] == "FAILED"
    assert (execution["error"], execution["cause"]) == (
        "EmailFailed",
        "Failed to send email after retries",
    )
    assert messages.letters(message_id) == [{"messageId": message_id, "reason": "MessageRejected"}]
    assert "MessagesFailed" in _metrics(deployment, "settle_message")


def _metrics(deployment: Deployment, handler: str) -> set[str]:
    """Names of the metrics that a function has emitted."""
    pages = (
        deployment.client("logs")
        .get_paginator("filter_log_events")
        .paginate(logGroupName=deployment.outputs["functions"][handler]["log_group"])
    )
    lines = [event["message"] for page in pages for event in page["events"]]
    return {
        metric.name for metric in emf.metrics_in(lines) if metric.dimensions == {"Channel": "email"}
    }


def test_an_answer_that_gets_lost_sends_nothing_twice(
    messages: Messages, deployment: Deployment, ses: Ses
) -> None:
    recipient = somebody()
    ses.faults += [LOST_ANSWER]
    message_id = messages.send(recipient)
    message = messages.done(message_id)
    assert len(emails(deployment, recipient)) == 1
    assert (message["status"], message["reason"]) == ("failed", "outcome unknown")
    assert states(message) == ["queued", "sending", "in_doubt", "failed"]
    assert messages.letters(message_id) == [{"messageId": message_id, "reason": "outcome unknown"}]


def test_a_sender_that_is_killed_after_ses_took_the_message_sends_nothing_twice(
    messages: Messages, deployment: Deployment, ses: Ses
) -> None:
    recipient = somebody()
    name = deployment.outputs["functions"]["send_email"]["name"]
    killed: list[int] = []
    taken = threading.Event()

    def kill() -> None:
        killed.append(faults.kill(deployment.cloud, [name]))
        taken.set()

    ses.faults += [Fault(None, takes=True, held=kill)]
    message_id = messages.send(recipient)
    assert taken.wait(30)
    message = messages.done(message_id)
    assert killed[0] >= 1
    assert len(emails(deployment, recipient)) == 1
    assert (message["status"], message["reason"]) == ("failed", "outcome unknown")
    assert messages.letters(message_id)


def test_what_ses_tells_later_still_counts(
    messages: Messages, deployment: Deployment, ses: Ses
) -> None:
    """The event that the embedded cloud does not publish comes by hand."""
    recipient = somebody()
    ses.faults += [LOST_ANSWER]
    message_id = messages.send(recipient)
    assert messages.done(message_id)["reason"] == "outcome unknown"
    _publish_send(deployment, message_id, recipient)
    message = eventually(lambda: messages.read(message_id), lambda found: found["status"] == "sent")
    assert states(message)[-1] == "sent"
    assert "reason" not in message
    messages.letters(message_id)


def _publish_send(deployment: Deployment, message_id: str, recipient: str) -> None:
    """As https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html"""
    suffix = deployment.outputs["environment_suffix"]
    topic = deployment.outputs["warning_topic_arn"].rpartition(":")[0] + f":email-events-{suffix}"
    event = {
        "eventType": "Send",
        "mail": {
            "timestamp": clock.iso(clock.now()),
            "source": deployment.outputs["mail"]["sender_address"],
            "messageId": f"0100017{uuid.uuid4().hex}",
            "destination": [recipient],
            "tags": {"messageId": [message_id], "template": ["message"]},
        },
        "send": {},
    }
    deployment.client("sns").publish(TopicArn=topic, Message=json.dumps(event))


def test_one_that_is_refused_for_ever_ends_with_its_attempts(
    messages: Messages, deployment: Deployment, ses: Ses
) -> None:
    recipient = somebody()
    ses.faults += [THROTTLED] * 9  # one more than envs/local.tfvars tries again
    message_id = messages.send(recipient)
    message = messages.done(message_id, 90)
    assert (message["status"], message["attempts"]) == ("failed", 9)
    assert message["reason"] == "TooManyRequestsException"
    assert messages.letters(message_id)
    assert emails(deployment, recipient) == []


def test_a_failure_that_cannot_be_written_down_is_told_of(
    messages: Messages, deployment: Deployment, ses: Ses
) -> None:
    """The step that settles is refused its table for so long that the workflow tells it itself."""
    ses.faults += [REJECTED]
    with faults.refused(deployment, "settle_message", "dynamodb:*"):
        message_id = messages.send(somebody())
        execution = messages.execution(message_id, 300)
        assert execution["status"] == "FAILED"
    [letter] = messages.letters(message_id)
    assert letter["reason"] == "not settled: MessageRejected"
    assert messages.read(message_id)["status"] == "queued"  # as the nightly report will say


# --- contact: nobody has text of his choice sent to somebody else


def _contact(api: httpx.Client, body: Any, **options: Any) -> httpx.Response:
    return api.post("/contact", json=body, **options)


def test_a_visitor_writes_to_the_team(
    api: httpx.Client, messages: Messages, deployment: Deployment
) -> None:
    visitor, team = somebody(), deployment.outputs["mail"]["team_inbox"]
    mark = uuid.uuid4().hex
    answer = _contact(api, {"email": visitor, "subject": f"Hours {mark}", "message": BODY})
    assert answer.status_code == 202
    assert messages.done(answer.json()["messageId"])["status"] == "sent"
    [to_team] = [email for email in emails(deployment, team) if mark in email["Subject"]]
    assert to_team["Subject"] == f"Contact: Hours {mark}"
    assert to_team["BodyText"].startswith(f"{BODY}\n")
    assert visitor in to_team["BodyText"]
    [acknowledgement] = eventually(lambda: emails(deployment, visitor), bool)
    assert acknowledgement["Subject"] == "We have received your message"


MARK = "BUY-NOW"
CARRIERS = {
    "as it is": MARK,
    "line ends": f"x\r\nSubject: {MARK}\r\n\r\n{MARK}",
    "percent": quote(f"x\r\nBcc: eve@example.com\r\n\r\n{MARK}"),
    "encoded word": f"=?utf-8?B?{base64.b64encode(MARK.encode()).decode()}?=",
    "a template of its own": f"$text ${{subject}} {{{{{MARK}}}}}",
    "html": f"<b>{MARK}</b><!-- {MARK}",
    "unicode line end": f"x\u2028Subject: {MARK}",
    "right to left": f"\u202e{MARK}",
}


@pytest.mark.parametrize("field", ["subject", "message", "email"])
@pytest.mark.parametrize("carrier", CARRIERS.values(), ids=CARRIERS.keys())
def test_nobody_has_text_of_his_choice_sent_to_somebody_else(
    field: str, carrier: str, api: httpx.Client, deployment: Deployment
) -> None:
    """In every field and encoding, and in the key: the victim gets fixed words or nothing."""
    victim = somebody()
    body = {"email": victim, "subject": "Hello", "message": "Hello"}
    body[field] = f"{carrier} <{victim}>" if field == "email" else carrier
    headers = {
        "Idempotency-Key": f"{MARK}-{uuid.uuid4()}",
        "Reply-To": f"{MARK}@example.com",
        "Subject": MARK,
        "X-Forwarded-For": MARK,
    }
    answer = _contact(api, body, headers=headers)
    assert answer.status_code in {202, 400}
    if answer.status_code == 202:
        eventually(lambda: emails(deployment, victim), bool)
    for email in emails(deployment, victim):
        assert email["Subject"] == "We have received your message"
        assert MARK not in json.dumps(email)
        assert (email["To"], email["CC"], email["BCC"]) == ([victim], [], [])


def test_all_that_reaches_a_victim_is_two_acknowledgements_a_day(
    api: httpx.Client, messages: Messages, deployment: Deployment
) -> None:
    mark = uuid.uuid4().hex
    asked = []
    for number in range(6):
        body = {"email": f"{mark}+{number}@example.com", "subject": mark, "message": "Hello"}
        answer = _contact(api, body)
        assert answer.status_code == 202
        asked.append(answer.json()["messageId"])
    for message_id in asked:
        assert messages.done(message_id)["status"] == "sent"  # the team gets all of them
    got = eventually(
        lambda: [email for email in _all_emails(deployment) if email["To"][0].startswith(mark)],
        lambda found: len(found) >= 2,
    )
    assert len(got) == 2


BAD_FIELDS: dict[str, Any] = {
    "another recipient": {"to": "eve@example.com"},
    "a copy": {"cc": ["eve@example.com"]},
    "a template": {"template": "message"},
    "a sender": {"from": "eve@example.com"},
    "two addresses": {"email": "a@example.com, b@example.com"},
    "a list of addresses": {"email": ["a@example.com", "b@example.com"]},
    "a header": {"subject": "x\r\nBcc: eve@example.com"},
    "half of an emoji": {"subject": "x\ud83d"},
    "an object": {"message": {"S": "x"}},
    "nothing to see": {"subject": "\u200b"},
}


@pytest.mark.parametrize("path", ["/messages", "/contact"])
@pytest.mark.parametrize("bad", BAD_FIELDS)
def test_a_bad_body_is_refused_and_stores_nothing(
    path: str, bad: str, api: httpx.Client, messages: Messages, deployment: Deployment
) -> None:
    before = deployment.count("messages_table_name")
    body = {"email": somebody(), "subject": "Hello", "message": "Hello"} | BAD_FIELDS[bad]
    content = json.dumps(body).encode()
    headers = messages.key | {"Content-Type": "application/json"}
    assert_documented(api.post(path, content=content, headers=headers), 400)
    assert deployment.count("messages_table_name") == before
