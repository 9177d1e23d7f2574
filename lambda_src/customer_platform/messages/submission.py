"""Accepting a message: stored once, and its workflow started once, however often that is asked.

Every system that writes to somebody hands its messages in here.

    outbox = Outbox(table, Workflow(client("stepfunctions"), arn), limit)
    outbox.submit(Submission("email", address, subject, text, "reminder", key=task_id + due_date))
"""

import hashlib
import json
import re
import unicodedata
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from customer_platform import clock
from customer_platform.messages.recipients import limit_key
from customer_platform.messages.records import Channel, Head, Message, Status, Template
from customer_platform.messages.store import BesideRefusedError
from customer_platform.overload import UNREACHABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_stepfunctions import SFNClient


_NO_LINE = frozenset({"Cc", "Zl", "Zp"})  # control characters, and Unicode's own line ends
# One address or number and nothing around it: no blanks, quotes, commas, colons or angle brackets.
_ADDRESS = re.compile(r"[!#$%&'*+./0-9=?@A-Z^_`a-z{|}~-]+", re.ASCII)


class RateLimitedError(Exception):
    """The recipient has had as much as one gets within a window."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("the recipient's limit is reached")
        self.retry_after = retry_after  # seconds


class KeyReusedError(Exception):
    """The key was used with another message, `earlier`."""

    def __init__(self, earlier: Head) -> None:
        super().__init__("the key was used with another message")
        self.earlier = earlier


class NotStartedError(Exception):
    """The message is stored, its workflow is not started: submitting it again with its key does
    that. `__cause__` says what kept it."""


class Limit(Protocol):
    """limits.RecipientLimit."""

    def transaction_part(self, key: str, now: datetime) -> dict[str, Any]: ...

    def retry_after(self, now: datetime) -> int: ...


class Table(Protocol):
    """store.MessageTable."""

    def create(self, message: Message, beside: "Sequence[dict[str, Any]]" = ()) -> Head | None: ...


class Starter(Protocol):
    def start(self, message_id: str, channel: Channel) -> None: ...


@dataclass(frozen=True)
class Submission:
    """A message that somebody hands in, checked by him (models.py checks what comes from outside).

    - recipient: e-mail address in ASCII, its domain in punycode; or a phone number in E.164.
    - reply_to: address that answers go to; None: the sender's.
    - key: who hands it in names it so, his own name included: the same key is the same message.
    - limited: whether it counts for the recipient, and is refused beyond his limit.
    """

    channel: Channel
    recipient: str
    subject: str
    text: str
    template: Template
    reply_to: str | None = None
    key: str | None = None
    limited: bool = True

    def __post_init__(self) -> None:
        """Raises ValueError for what could become a header of its own, or another recipient."""
        if any(unicodedata.category(each) in _NO_LINE for each in self.subject):
            raise ValueError("the subject must be one line without control characters")
        for address in (self.recipient, self.reply_to):
            if address is not None and not _ADDRESS.fullmatch(address):
                raise ValueError("recipient and reply_to must be one bare address in ASCII")


@dataclass(frozen=True)
class Submitted:
    message_id: str
    status: Status
    repeated: bool


class Workflow:
    """The state machine that sends messages."""

    def __init__(self, stepfunctions: "SFNClient", arn: str) -> None:
        self._stepfunctions = stepfunctions
        self._arn = arn

    def start(self, message_id: str, channel: Channel) -> None:
        """The execution is named after the message: a second one is refused for 90 days. It gets
        nothing of the content, which its history would keep."""
        try:
            self._stepfunctions.start_execution(
                stateMachineArn=self._arn,
                name=message_id,
                input=json.dumps({"messageId": message_id, "channel": channel}),
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
                raise


class Outbox:
    def __init__(self, table: Table, workflow: Starter, limit: Limit) -> None:
        self._table = table
        self._workflow = workflow
        self._limit = limit

    def submit(self, submission: Submission) -> Submitted:
        """Store a message and start its workflow; for a repeat, what is not yet done of it.

        Whether the recipient may be written to at all is asked when it is sent. Raises
        RateLimitedError, KeyReusedError and NotStartedError.
        """
        now = clock.now()
        message = _message(submission, now)
        beside = []
        if submission.limited:
            beside.append(self._limit.transaction_part(limit_key(submission.recipient), now))
        try:
            earlier = self._table.create(message, beside)
        except BesideRefusedError:
            raise RateLimitedError(self._limit.retry_after(now)) from None
        if earlier is not None and earlier.request_hash != message.request_hash:
            raise KeyReusedError(earlier)
        status: Status = "queued" if earlier is None else earlier.status
        if status == "queued":
            self._start(message.message_id, submission.channel)
        return Submitted(message.message_id, status, repeated=earlier is not None)

    def resume(self, earlier: Head) -> None:
        """Start the workflow of a message that was handed in before, if nobody did.

        Raises NotStartedError.
        """
        if earlier.status == "queued":
            self._start(earlier.message_id, earlier.channel)

    def _start(self, message_id: str, channel: Channel) -> None:
        try:
            self._workflow.start(message_id, channel)
        except (ClientError, *UNREACHABLE) as error:
            raise NotStartedError from error


def _message(submission: Submission, now: datetime) -> Message:
    return Message(
        message_id=_message_id(submission.key),
        channel=submission.channel,
        recipient=submission.recipient,
        subject=submission.subject,
        text=submission.text,
        template=submission.template,
        reply_to=submission.reply_to,
        request_hash=_request_hash(submission),
        created_at=now,
    )


def _message_id(key: str | None) -> str:
    """Random, or made of the key: then a repeat is the same message and the same execution."""
    if key is None:
        return str(uuid.uuid4())
    # Version 5 is "made of a name"; SHA-256 in place of its SHA-1.
    return str(uuid.UUID(bytes=hashlib.sha256(key.encode()).digest()[:16], version=5))


def _request_hash(submission: Submission) -> str:
    """Of all that is sent. The key salts it: it is part of what is hashed."""
    canonical = json.dumps(asdict(submission), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
