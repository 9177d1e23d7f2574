"""Settling a message that is not sent: the record says failed and why, and a dead letter tells
whoever looks after it. Called again, it says the same again."""

import json
from typing import TYPE_CHECKING, Literal, Protocol, TypedDict

from customer_platform import clock
from customer_platform.messages.records import OUTCOME_UNKNOWN, Change, Head, Status
from customer_platform.messages.store import Outcome as Made
from customer_platform.observability import count, logger
from customer_platform.overload import OverloadedError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


_ATTEMPTS = 5

# What the workflow was told last (sending.Result), or "error": the step itself failed for good.
type Ended = Literal["throttled", "in_doubt", "suppressed", "refused", "failed", "error"]
ENDED: tuple[Ended, ...] = ("throttled", "in_doubt", "suppressed", "refused", "failed", "error")


class Settled(TypedDict):
    status: Status
    reason: str


class Table(Protocol):
    """store.MessageTable."""

    def head(self, message_id: str) -> Head | None: ...

    def make(self, message_id: str, change: Change) -> Made: ...


class DeadLetters(Protocol):
    def send(self, message_id: str, reason: str) -> None: ...


class MessageDeadLetters:
    """The queue of messages that failed. No address, nothing of the content."""

    def __init__(self, sqs: "SQSClient", url: str) -> None:
        self._sqs = sqs
        self._url = url

    def send(self, message_id: str, reason: str) -> None:
        body = {"messageId": message_id, "reason": reason}
        self._sqs.send_message(QueueUrl=self._url, MessageBody=json.dumps(body, sort_keys=True))


def settle(
    message_id: str, outcome: Ended, reason: str, table: Table, dead_letters: DeadLetters
) -> Settled:
    """What turned out to be sent meanwhile stays sent, and that is the answer."""
    failure = reason or outcome
    for _ in range(_ATTEMPTS):
        head = table.head(message_id)
        if head is None:
            break
        if head.phase == "sent":
            return {"status": "sent", "reason": ""}
        if head.phase == "failed":
            failure = head.reason or failure
            break
        failed = _failure(head, outcome, failure)
        if table.make(message_id, failed) == "made":
            failure = str(failed.reason)
            count("MessagesFailed", Channel=head.channel)
            logger.warning("Message failed", extra={"messageId": message_id, "reason": failure})
            break
        # It moved on since it was read: look again.
    else:
        raise OverloadedError("message")
    # Nobody has to do anything about those who must not be written to.
    if outcome != "suppressed":
        dead_letters.send(message_id, failure)
    return {"status": "failed", "reason": failure}


def _failure(head: Head, outcome: Ended, reason: str) -> Change:
    """Whoever had claimed it and never said what came of it may have sent it."""
    is_unknown = head.phase in ("sending", "in_doubt") and outcome in ("in_doubt", "error")
    return Change(
        "failed", clock.now(), "failed", (head.phase,),
        reason=OUTCOME_UNKNOWN if is_unknown else reason, claimed_by=head.claim,
    )  # fmt: skip
