"""Exercises of what surrounds sending: SES's events, unsubscribing, the nightly report."""

from __future__ import annotations

from tests.e2e.comprehend import invoke
from tests.e2e.iam.exercises import Ground, exercise, require
from tests.e2e.mail import stored
from tests.unit import email_events


@exercise("record_email_events")
def hear_of_messages(ground: Ground) -> None:
    """A delivery, which is written beside a record that is only looked at, and a bounce."""
    with stored(ground.deployment) as message:
        for event in (email_events.delivery, email_events.bounce):
            told = email_events.delivered_by_sns(event(message.id, message.message.recipient))
            error, answer = invoke(ground.deployment, "record_email_events", told, Qualifier="live")
            require(error is None, f"an event was not recorded: {answer}")
        require({"sent", "delivered", "bounced"} <= {*message.states()}, "an event is missing")
        require(message.head().status == "failed", "what bounced is not failed")
        require(message.suppressed() == "bounced", "what bounced is not suppressed")


@exercise("unsubscribe")
def unsubscribe(ground: Ground) -> None:
    with stored(ground.deployment, "sent") as message:
        path = f"/unsubscribe/{message.id}/{message.message.unsubscribe_token}"
        ground.request("POST", path, 200)
        require(message.suppressed() == "unsubscribed", "the recipient is not suppressed")
        require(message.states()[-1] == "unsubscribed", "the history does not say so")


@exercise("report_failed_messages")
def report(ground: Ground) -> None:
    with stored(ground.deployment, "failed"):
        error, answer = invoke(ground.deployment, "report_failed_messages", {}, Qualifier="live")
        require(error is None, f"the report failed: {answer}")
        require(answer["failed"] >= 1 and answer["told"], f"nobody was told: {answer}")


@exercise("send_sms")
def send_text(ground: Ground) -> None:
    """Claimed, paid for, sent: the record says so, and so does the service."""
    with stored(ground.deployment, "queued", channel="sms") as message:
        step = {"messageId": message.id}
        error, answer = invoke(ground.deployment, "send_sms", step, Qualifier="live")
        require(error is None, f"the step failed: {answer}")
        require(answer == {"outcome": "sent", "reason": ""}, f"it was not sent: {answer}")
        require(message.head().status == "sent", "the record does not say so")
