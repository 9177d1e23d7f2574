"""What is kept of a message: its record, and an entry for each state that it went through."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

type Channel = Literal["email", "sms"]
type Template = Literal["message", "contact", "acknowledgement", "reminder"]
type Status = Literal["queued", "sent", "failed"]
# Where sending stands. `sending`: somebody has claimed the message and may be talking to the
# service; `in_doubt`: whoever had claimed it is gone or does not know whether it was accepted.
type Phase = Literal["queued", "sending", "in_doubt", "sent", "failed"]
type State = Literal[
    "queued",
    "sending",
    "throttled",
    "in_doubt",
    "sent",
    "failed",
    "delivered",
    "bounced",
    "complained",
    "unsubscribed",
]

STATUS: dict[Phase, Status] = {
    "queued": "queued",
    "sending": "queued",
    "in_doubt": "queued",
    "sent": "sent",
    "failed": "failed",
}
# Addressed to the team, not to a customer: nobody unsubscribes from them by a link, and one that
# cannot be sent is somebody's business at once.
TO_THE_TEAM: frozenset[Template] = frozenset({"contact", "reminder"})

# Why a message failed without anybody knowing whether it was sent. What the service tells later
# still counts.
OUTCOME_UNKNOWN = "outcome unknown"


@dataclass(frozen=True)
class Message:
    """The record, as it is when a message is accepted."""

    message_id: str
    channel: Channel
    recipient: str
    subject: str
    text: str
    template: Template
    reply_to: str | None
    request_hash: str
    created_at: datetime
    unsubscribe_token: str = field(default_factory=lambda: secrets.token_urlsafe(24))


@dataclass(frozen=True)
class Head:
    """The record as it is now."""

    message_id: str
    channel: Channel
    recipient: str
    subject: str
    text: str
    template: Template
    reply_to: str | None
    unsubscribe_token: str
    request_hash: str
    status: Status
    phase: Phase
    attempts: int
    reason: str | None
    claim: str | None
    created_at: str
    updated_at: str
    expires_at: int


@dataclass(frozen=True)
class Entry:
    """One state change. `reason` and `attempt` are None where they say nothing."""

    state: State
    at: str
    reason: str | None = None
    attempt: int | None = None


@dataclass(frozen=True)
class Change:
    """A state that a message gets into.

    - phase: what the record becomes; None leaves the record as it is, and only the entry is put.
    - since: phases of which it can be told; none: any.
    - reason: why; kept with the record too, which forgets an earlier one.
    - name: ends the entry's key, after the time. The state, unless one thing that happened may be
      told more than once: an entry that is there already is not put again, nor its change made.
    - claim: who sends it from now on, which counts as an attempt.
    - claimed_by: the change is made only while it is this one who sends it.
    - provider_message_id: what the service calls it.
    - late: the change counts even after the message failed with OUTCOME_UNKNOWN.
    """

    state: State
    at: datetime
    phase: Phase | None = None
    since: tuple[Phase, ...] = ()
    reason: str | None = None
    attempt: int | None = None
    name: str | None = None
    claim: str | None = None
    claimed_by: str | None = None
    provider_message_id: str | None = None
    late: bool = False
