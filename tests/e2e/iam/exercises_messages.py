"""Exercises of the functions that keep and send messages. What they post stays in the table, as
whoever posts a message finds it for as long as it is kept."""

from __future__ import annotations

import json
import uuid
from typing import Any

from customer_platform import clock
from customer_platform.messages.recipients import limit_key
from customer_platform.messages.records import Message, Template
from customer_platform.messages.store import MessageTable
from tests.e2e.comprehend import invoke
from tests.e2e.iam.exercises import Ground, exercise, require
from tests.e2e.mailbox import emails

TEXT = {"subject": "An exercise", "message": "It works"}


@exercise("submit_message")
def submit_message(ground: Ground) -> None:
    """With a key, twice: one message, and one execution that is named after it."""
    headers = ground.deployment.key("operator") | {"Idempotency-Key": uuid.uuid4().hex}
    body = {"email": _somebody(), **TEXT}
    first = ground.request("POST", "/messages", 202, json=body, headers=headers).json()
    again = ground.request("POST", "/messages", 202, json=body, headers=headers).json()
    require(again["messageId"] == first["messageId"], "a repeat became another message")
    require(_execution(ground, first["messageId"]), "the workflow was not started")


@exercise("get_message")
def get_message(ground: Ground) -> None:
    headers = ground.deployment.key("operator")
    message_id = _stored(ground)
    found = ground.request("GET", f"/messages/{message_id}", 200, headers=headers).json()
    require(found["status"] == "queued", "another message was answered")
    require("email" not in json.dumps(list(found)), "a message shows its recipient")
    ground.request("GET", f"/messages/{uuid.uuid4()}", 404, headers=headers)


@exercise("submit_contact")
def submit_contact(ground: Ground) -> None:
    """The message to the team and, counted for the visitor, his acknowledgement."""
    visitor = _somebody()
    answer = ground.request("POST", "/contact", 202, json={"email": visitor, **TEXT}).json()
    require(_execution(ground, answer["messageId"]), "the workflow was not started")
    table = ground.environment("submit_contact")["MESSAGES_TABLE_NAME"]
    stored = ground.dynamodb.get_item(
        TableName=table,
        Key={"messageId": {"S": answer["messageId"]}, "entry": {"S": "message"}},
        ConsistentRead=True,
    )["Item"]
    require(stored["replyTo"]["S"] == visitor, "the team cannot answer the visitor")
    # What becomes of an acknowledgement changes no answer: it is asked for where it is counted.
    counted = ground.dynamodb.query(
        TableName=ground.environment("submit_contact")["RECIPIENTS_TABLE_NAME"],
        KeyConditionExpression="recipient = :visitor",
        ExpressionAttributeValues={":visitor": {"S": limit_key(visitor)}},
        ConsistentRead=True,
    )["Count"]
    require(counted == 1, "the visitor's acknowledgement was not counted")


@exercise("get_contact")
def get_contact(ground: Ground) -> None:
    """Whether a visitor's message was sent; of a customer's message, nothing."""
    message_id = _stored(ground, template="contact")
    found = ground.request("GET", f"/contact/{message_id}", 200).json()
    require(found == {"messageId": message_id, "status": "queued"}, f"it answered {found}")
    ground.request("GET", f"/contact/{_stored(ground)}", 404)


@exercise("send_email")
def send_email(ground: Ground) -> None:
    """One message from claim to mailbox; a second call sends nothing."""
    recipient = _somebody()
    message_id = _stored(ground, recipient)
    for _ in range(2):
        result = _step(ground, "send_email", {"messageId": message_id})
        require(result["outcome"] == "sent", f"it was not sent: {result}")
    require(len(emails(ground.deployment, recipient)) == 1, "it did not arrive once")


@exercise("settle_message")
def settle_message(ground: Ground) -> None:
    """A message that failed: written down, and on the queue."""
    message_id = _stored(ground)
    event = {"messageId": message_id, "outcome": "refused", "reason": "an exercise"}
    settled = _step(ground, "settle_message", event)
    require(settled["status"] == "failed", f"it was not settled: {settled}")
    require(_is_told_of(ground, message_id), "it is not on the dead-letter queue")


def _somebody() -> str:
    return f"exercise.{uuid.uuid4().hex}@example.com"


def _stored(
    ground: Ground, recipient: str = "exercise@example.com", template: Template = "message"
) -> str:
    """The id of a message that root stored, and nobody sends."""
    table = ground.environment("get_message")["MESSAGES_TABLE_NAME"]
    message = Message(
        message_id=str(uuid.uuid4()),
        channel="email",
        recipient=recipient,
        subject=TEXT["subject"],
        text=TEXT["message"],
        template=template,
        reply_to=None,
        request_hash="exercise",
        created_at=clock.now(),
    )
    MessageTable(ground.dynamodb, table, retention_days=91).create(message)
    return message.message_id


def _step(ground: Ground, handler: str, event: dict[str, Any]) -> dict[str, Any]:
    error, answer = invoke(ground.deployment, handler, event, Qualifier="live")
    require(error is None, f"the step failed: {answer}")
    found: dict[str, Any] = answer
    return found


def _execution(ground: Ground, message_id: str) -> bool:
    machine = ground.deployment.outputs["message_workflow_arn"]
    arn = f"{machine.replace(':stateMachine:', ':execution:')}:{message_id}"
    states = ground.deployment.client("stepfunctions")
    return bool(states.describe_execution(executionArn=arn)["executionArn"])


def _is_told_of(ground: Ground, message_id: str) -> bool:
    """Reads on through the dead-letter queue. Letters of exercises are taken away; others are there
    for the next reader as soon as this one is done."""
    queue = ground.deployment.outputs["message_dead_letter_queue_url"]
    others: list[str] = []
    try:
        while letters := ground.sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=30
        ).get("Messages", []):
            told = False
            for letter in letters:
                body = json.loads(letter["Body"])
                if body["reason"] == "an exercise":
                    told = told or body["messageId"] == message_id
                    ground.sqs.delete_message(QueueUrl=queue, ReceiptHandle=letter["ReceiptHandle"])
                else:
                    others.append(letter["ReceiptHandle"])
            if told:
                return True
    finally:
        for handle in others:
            ground.sqs.change_message_visibility(
                QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=0
            )
    return False
