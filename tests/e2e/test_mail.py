"""What surrounds sending, on the applied stack: SES's events, unsubscribing, the nightly report.

The embedded SES publishes no events, so tests publish to the topic what SES documents.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from customer_platform import clock
from ops import emulator
from tests.e2e.comprehend import invoke
from tests.e2e.conftest import Deployment, eventually
from tests.e2e.iam.probes import REFUSALS
from tests.e2e.iam.scratch import carrier
from tests.e2e.mail import Stored, a_phone, stored
from tests.unit import email_events


@pytest.fixture
def message(deployment: Deployment) -> Iterator[Stored]:
    with stored(deployment) as made:
        yield made


def publish(deployment: Deployment, *events: dict[str, Any] | str) -> None:
    """As SES does, and as of now: what is written of an event of 2017 has expired."""
    sns, now = deployment.client("sns"), clock.iso(clock.now())
    for event in events:
        text = event if isinstance(event, str) else json.dumps(event)
        sns.publish(
            TopicArn=deployment.outputs["email_events_topic_arn"],
            Subject="Amazon SES Email Event Notification",
            Message=re.sub(r"2017-08-05T00:4[0-9:.]+Z", now, text),
        )


def api_says(api: httpx.Client, deployment: Deployment, message_id: str) -> Any:
    answer = api.get(f"/messages/{message_id}", headers=deployment.key("operator"))
    assert answer.status_code == 200
    return answer.json()


# --- events -------------------------------------------------------------------------


def test_the_topic_is_told_of_what_the_configuration_set_sends(deployment: Deployment) -> None:
    ses = deployment.client("sesv2")
    name = f"messages-{deployment.stack.suffix}"
    (destination,) = ses.get_configuration_set_event_destinations(ConfigurationSetName=name)[
        "EventDestinations"
    ]
    assert destination["Enabled"]
    assert set(destination["MatchingEventTypes"]) == {
        "SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT",
    }  # fmt: skip
    topic = deployment.outputs["email_events_topic_arn"]
    assert destination["SnsDestination"]["TopicArn"] == topic
    settings = ses.get_configuration_set(ConfigurationSetName=name)
    assert settings["DeliveryOptions"]["TlsPolicy"] == "REQUIRE"
    assert set(settings["SuppressionOptions"]["SuppressedReasons"]) == {"BOUNCE", "COMPLAINT"}


def test_a_bounce_comes_back_to_message_and_recipient(
    deployment: Deployment, message: Stored
) -> None:
    event = email_events.bounce(message.id, message.message.recipient)
    # SNS delivers at least once.
    publish(deployment, email_events.GREETING, event, event, event)
    eventually(message.suppressed, lambda reason: reason == "bounced")
    # The third one is delivered, too, before the history is looked at.
    publish(deployment, email_events.complaint(message.id, message.message.recipient))
    eventually(message.states, lambda states: "complained" in states)
    assert sorted(message.states()) == ["bounced", "complained", "in_doubt", "queued", "sent"]
    assert (message.head().status, message.head().reason) == ("failed", "bounced")
    assert message.suppressed() == "bounced"


def test_what_was_in_doubt_is_sent_when_ses_says_so(
    deployment: Deployment, message: Stored
) -> None:
    publish(deployment, email_events.send(message.id, message.message.recipient))
    eventually(lambda: message.head().status, lambda status: status == "sent")
    publish(deployment, email_events.delivery(message.id, message.message.recipient))
    eventually(message.states, lambda states: "delivered" in states)
    assert message.suppressed() is None


def test_a_complaint_suppresses(deployment: Deployment, message: Stored) -> None:
    publish(deployment, email_events.complaint(message.id, message.message.recipient))
    eventually(message.suppressed, lambda reason: reason == "complained")
    assert message.head().status == "sent"


def test_what_is_no_event_is_on_the_queue(deployment: Deployment) -> None:
    """As SNS invokes: the alias, and nobody waits for the answer."""
    mark = uuid.uuid4().hex
    deployment.client("lambda").invoke(
        FunctionName=deployment.outputs["functions"]["record_email_events"]["name"],
        Qualifier="live",
        InvocationType="Event",
        Payload=json.dumps(email_events.delivered_by_sns(f"no event {mark}")),
    )
    eventually(lambda: letters(deployment, "record_email_events", mark), bool, seconds=60)


def letters(deployment: Deployment, handler: str, mark: str) -> list[str]:
    """Take a function's dead letters with the mark off its queue."""
    sqs, queue = deployment.client("sqs"), deployment.outputs["functions"][handler]
    url = queue["dead_letter_queue"]
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=1)
    found = [letter for letter in answer.get("Messages", []) if mark in letter["Body"]]
    for letter in found:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=letter["ReceiptHandle"])
    return [letter["Body"] for letter in found]


# --- the loop: who bounced gets nothing more ----------------------------------------


def post(api: httpx.Client, deployment: Deployment, body: dict[str, Any]) -> str:
    answer = api.post("/messages", json=body, headers=deployment.key("operator"))
    assert answer.status_code == 202, answer.text
    message_id: str = answer.json()["messageId"]
    return message_id


def mails(deployment: Deployment, address: str) -> list[dict[str, Any]]:
    """What the embedded cloud's mailbox holds for an address."""
    found = httpx.get(f"{deployment.cloud.endpoint}/_ministack/ses/messages", trust_env=False)
    sent = found.json()["messages"].get(emulator.ACCOUNT, [])
    return [mail for mail in sent if address in json.dumps(mail)]


def test_after_a_bounce_the_next_message_is_not_sent(
    deployment: Deployment, api: httpx.Client
) -> None:
    address = f"{uuid.uuid4().hex}@example.com"
    body = {"email": address, "subject": "Hello", "message": "How are you?"}
    first = post(api, deployment, body)
    eventually(lambda: status(api, deployment, first), lambda found: found == "sent")
    publish(deployment, email_events.bounce(first, address))
    eventually(lambda: status(api, deployment, first), lambda found: found == "failed")
    told = api_says(api, deployment, first)
    assert told["reason"] == "bounced"
    assert address not in json.dumps(told)
    second = post(api, deployment, body)
    eventually(lambda: status(api, deployment, second), lambda found: found == "failed")
    assert api_says(api, deployment, second)["reason"] == "suppressed: bounced"
    assert len(mails(deployment, address)) == 1


def status(api: httpx.Client, deployment: Deployment, message_id: str) -> str:
    found: str = api_says(api, deployment, message_id)["status"]
    return found


def test_the_mails_own_link_unsubscribes(deployment: Deployment, api: httpx.Client) -> None:
    """The one that the recipient got. The embedded mailbox keeps no headers of this kind, so the
    address is made as send_email makes it."""
    address = f"{uuid.uuid4().hex}@example.com"
    body = {"email": address, "subject": "Hello", "message": "How are you?"}
    first = post(api, deployment, body)
    eventually(lambda: status(api, deployment, first), lambda found: found == "sent")
    dynamodb = deployment.client("dynamodb")
    key = {"messageId": {"S": first}, "entry": {"S": "message"}}
    table = deployment.outputs["messages_table_name"]
    record = dynamodb.get_item(TableName=table, Key=key)["Item"]
    link = api.post(f"/unsubscribe/{first}/{record['unsubscribeToken']['S']}")
    assert link.status_code == 200
    second = post(api, deployment, body)
    eventually(lambda: status(api, deployment, second), lambda found: found == "failed")
    assert api_says(api, deployment, second)["reason"] == "suppressed: unsubscribed"
    assert len(mails(deployment, address)) == 1


# --- text messages ------------------------------------------------------------------


def texts(deployment: Deployment, phone: str) -> list[dict[str, Any]]:
    """What the embedded cloud keeps of what was sent to a number."""
    found = httpx.get(
        f"{deployment.cloud.endpoint}/_ministack/sns/sms-messages", trust_env=False
    ).json()
    messages: list[dict[str, Any]] = found["sms_messages"].get(phone, [])
    return messages


def test_a_text_message_arrives_once(deployment: Deployment, api: httpx.Client) -> None:
    phone, key = a_phone(), {"Idempotency-Key": uuid.uuid4().hex}
    body = {"channel": "sms", "phone": phone, "message": "Your order is here – 📦"}
    headers = deployment.key("operator") | key
    answers = [api.post("/messages", json=body, headers=headers) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {202}
    (message_id,) = {answer.json()["messageId"] for answer in answers}
    eventually(lambda: status(api, deployment, message_id), lambda found: found == "sent")
    told = api_says(api, deployment, message_id)
    assert (told["channel"], [entry["state"] for entry in told["history"]]) == (
        "sms",
        ["queued", "sending", "sent"],
    )
    assert phone not in json.dumps(told)
    (text,) = texts(deployment, phone)
    assert text["Message"] == body["message"]
    attributes = text["MessageAttributes"]
    assert attributes["AWS.SNS.SMS.SMSType"]["StringValue"] == "Transactional"
    assert attributes["AWS.SNS.SMS.MaxPrice"]["StringValue"] == "0.100"


@contextmanager
def month_spent(deployment: Deployment) -> Iterator[None]:
    """The month's limit has been reached inside."""
    dynamodb, table = deployment.client("dynamodb"), deployment.outputs["recipients_table_name"]
    key = {"recipient": {"S": "sms"}, "entry": {"S": f"month#{clock.now():%Y-%m}"}}

    def add(thousandths: int) -> None:
        dynamodb.update_item(
            TableName=table,
            Key=key,
            UpdateExpression="ADD spent :more",
            ExpressionAttributeValues={":more": {"N": str(thousandths)}},
        )

    add(10**9)
    try:
        yield
    finally:
        add(-(10**9))


def test_beyond_the_months_limit_a_text_message_fails(
    deployment: Deployment, api: httpx.Client
) -> None:
    phone = a_phone()
    body = {"channel": "sms", "phone": phone, "message": "Your order is here"}
    with month_spent(deployment):
        message_id = post(api, deployment, body)
        eventually(lambda: status(api, deployment, message_id), lambda found: found == "failed")
    told = api_says(api, deployment, message_id)
    assert told["reason"] == "monthly limit of text messages reached"
    assert texts(deployment, phone) == []


def test_who_sends_text_messages_publishes_to_no_topic(deployment: Deployment) -> None:
    """A phone number has no ARN, so the role may publish to "*": less every topic."""
    role = deployment.outputs["functions"]["send_sms"]["role"]
    arn = f"arn:aws:iam::{emulator.ACCOUNT}:role/{role}"
    topics = [value for name, value in deployment.outputs.items() if name.endswith("_topic_arn")]
    assert len(topics) >= 4
    calls = [
        {
            "service": "sns",
            "operation": "publish",
            "parameters": {"TopicArn": topic, "Message": "x"},
        }
        for topic in topics
    ]
    with carrier(deployment, arn) as attempt:
        assert attempt(calls, REFUSALS) == ["AuthorizationError"] * len(topics)


# --- unsubscribing ------------------------------------------------------------------


@pytest.mark.parametrize(
    "request_body",
    [
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {"json": {"List-Unsubscribe": "One-Click"}},
        {},
    ],
    ids=["form", "multipart", "json", "empty"],
)
def test_one_click_unsubscribes(
    request_body: dict[str, Any], api: httpx.Client, message: Stored
) -> None:
    """RFC 8058 has mail programs post a form, of either kind, without a key."""
    path = f"/unsubscribe/{message.id}/{message.message.unsubscribe_token}"
    for _ in range(2):
        answer = api.post(path, **request_body)
        assert (answer.status_code, answer.json()) == (200, {"status": "unsubscribed"})
    assert message.suppressed() == "unsubscribed"
    assert message.states().count("unsubscribed") == 1


def test_without_the_token_nobody_is_unsubscribed(api: httpx.Client, message: Stored) -> None:
    token = message.message.unsubscribe_token
    for path in (
        f"/unsubscribe/{message.id}/{token[:-1]}",
        f"/unsubscribe/{message.id}/{token}x",
        f"/unsubscribe/{uuid.uuid4()}/{token}",
        f"/unsubscribe/{message.id}/%2A",
    ):
        answer = api.post(path)
        assert answer.status_code == 404
    assert message.suppressed() is None


def test_a_link_is_not_followed_by_looking_at_it(api: httpx.Client, message: Stored) -> None:
    """Scanners of mail open every link: only a POST counts, such as that of the page's button."""
    path = f"/unsubscribe/{message.id}/{message.message.unsubscribe_token}"
    page = api.get(path)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '<form method="post">' in page.text
    assert message.suppressed() is None
    assert api.post(path, headers={"Accept": "text/html"}).status_code == 200
    assert message.suppressed() == "unsubscribed"


# --- the nightly report -------------------------------------------------------------


@contextmanager
def listening(deployment: Deployment, topic: str) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What reads the notices that a topic has delivered since, by a queue."""
    sqs, sns = deployment.client("sqs"), deployment.client("sns")
    url = sqs.create_queue(QueueName=f"report-{uuid.uuid4().hex}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
            }
        ],
    }
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
    heard: list[dict[str, Any]] = []

    def hear() -> list[dict[str, Any]]:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        heard.extend(json.loads(message["Body"]) for message in answer.get("Messages", []))
        return heard

    try:
        yield hear
    finally:
        sns.unsubscribe(SubscriptionArn=subscription)
        sqs.delete_queue(QueueUrl=url)


def test_people_are_told_of_what_failed(deployment: Deployment) -> None:
    topic = deployment.outputs["warning_topic_arn"]
    with (
        stored(deployment, "failed") as failed,
        stored(deployment, "queued", hours_ago=2) as waiting,
        stored(deployment, "sent") as sent,
        listening(deployment, topic) as hear,
    ):
        error, answer = invoke(deployment, "report_failed_messages", {}, Qualifier="live")
        assert error is None, answer
        assert answer["told"]
        notices = eventually(
            lambda: [notice for notice in hear() if notice["Subject"].startswith("Messages: ")],
            bool,
        )
    facts = json.loads(notices[0]["Message"])["metadata"]["additionalContext"]
    assert failed.id in facts["email, refused by a test"]
    assert waiting.id in facts["Queued for more than an hour"]
    text = json.dumps(notices)
    assert sent.id not in text
    for message in (failed, waiting):
        assert message.message.recipient not in text
        assert message.message.text not in text


def test_a_report_that_fails_is_on_the_queue(deployment: Deployment) -> None:
    """As the scheduler invokes: the alias, and nobody waits for the answer."""
    mark = uuid.uuid4().hex
    deployment.client("lambda").invoke(
        FunctionName=deployment.outputs["functions"]["report_failed_messages"]["name"],
        Qualifier="live",
        InvocationType="Event",
        Payload=json.dumps({"hours": 0, "mark": mark}),
    )
    eventually(lambda: letters(deployment, "report_failed_messages", mark), bool, seconds=60)


def test_the_report_is_on_a_schedule(deployment: Deployment) -> None:
    name = deployment.outputs["functions"]["report_failed_messages"]["name"]
    schedule = deployment.client("scheduler").get_schedule(Name=f"{name}-nightly")
    assert schedule["State"] == "ENABLED"
    assert schedule["ScheduleExpression"] == "cron(30 4 * * ? *)"
    assert schedule["Target"]["Arn"].endswith(f":{name}:live")
    assert json.loads(schedule["Target"]["Input"]) == {}
