"""What SES tells of a message after it took it: sent, delivered, bounced, complained of, rejected.

    {"eventType": "Bounce", "bounce": {…}, "mail": {"tags": {"messageId": [ID]}, …}}

Events come through SNS at least once and in any order. Each is an entry of the message's history
under a name that SES gives it, written together with what follows from it, so that one that comes
again changes nothing.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

from customer_platform.http.requests import UUID
from customer_platform.messages.recipients import recipient_key
from customer_platform.messages.records import Change, Phase
from customer_platform.messages.store import Outcome as Made
from customer_platform.messages.suppression import Reason

MESSAGE_TAG = "messageId"  # which send_email gives every message

type Kind = Literal["Send", "Delivery", "Bounce", "Complaint", "Reject"]
# Kind => the part of the event that tells more.
_KINDS: Mapping[Kind, str] = {
    "Send": "send",
    "Delivery": "delivery",
    "Bounce": "bounce",
    "Complaint": "complaint",
    "Reject": "reject",
}
# SES tries a topic when it becomes an event destination.
_GREETING = "Successfully validated SNS topic for Amazon SES event publishing."
# SES took the message from somebody who does not know it (yet).
_ON_ITS_WAY: tuple[Phase, ...] = ("queued", "sending", "in_doubt")
# On a list of SES's: it took the message, and sent nothing.
_NOT_SENT = frozenset({"OnAccountSuppressionList", "Suppressed"})
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,49}", re.ASCII)


class NotAnEventError(Exception):
    """What came is nothing that SES publishes. The text says what is wrong, and nothing of it."""


@dataclass(frozen=True)
class EmailEvent:
    """One event of one message.

    - message_id: of ours; None for mail that somebody else sent by the same configuration set.
    - ses_id, feedback_id: SES's of the message, and of a bounce or complaint.
    - recipients: keys of those whom it is about.
    - permanent: of a bounce, that the address does not exist or never takes mail.
    - detail: SES's word for why.
    """

    kind: Kind
    at: datetime
    message_id: str | None
    ses_id: str
    recipients: tuple[str, ...] = ()
    feedback_id: str = ""
    permanent: bool = False
    detail: str = ""

    @property
    def was_sent(self) -> bool:
        return self.detail not in _NOT_SENT


def parse(text: str) -> EmailEvent | None:
    """An SNS message's text; None for what tells nothing: SES's greeting, and kinds of events that
    nobody asked for. Raises NotAnEventError."""
    if text.strip() == _GREETING:
        return None
    try:
        event = json.loads(text)
        kind = event["eventType"]
        if kind not in _KINDS:
            return None
        return _event(kind, event["mail"], event[_KINDS[kind]])
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise NotAnEventError("the message is no event of SES") from None


def _event(kind: Kind, mail: Mapping[str, Any], more: Mapping[str, Any]) -> EmailEvent:
    return EmailEvent(
        kind=kind,
        at=_time(more.get("timestamp") or mail["timestamp"]),
        message_id=_message_id(mail.get("tags") or {}),
        ses_id=str(mail["messageId"]),
        recipients=tuple(recipient_key(address) for address in _addresses(kind, mail, more)),
        feedback_id=str(more.get("feedbackId", "")),
        permanent=more.get("bounceType") == "Permanent",
        detail=_detail(more),
    )


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _message_id(tags: Mapping[str, Sequence[str]]) -> str | None:
    [found] = tags.get(MESSAGE_TAG, [""])
    return found if re.fullmatch(UUID, found) else None


def _addresses(kind: Kind, mail: Mapping[str, Any], more: Mapping[str, Any]) -> list[str]:
    """To whom it was sent: what a bounce names may be where the mail was forwarded to."""
    destination = [str(address) for address in mail["destination"]]
    if kind not in {"Bounce", "Complaint"} or len(destination) == 1:
        return destination
    told = more["bouncedRecipients" if kind == "Bounce" else "complainedRecipients"]
    return [str(recipient["emailAddress"]) for recipient in told]


def _detail(more: Mapping[str, Any]) -> str:
    """The first of SES's words; a diagnosis, which is free text of another server, is none."""
    for name in (
        "bounceSubType",
        "complaintSubType",
        "complaintFeedbackType",
        "bounceType",
        "reason",
    ):
        word = more.get(name)
        if isinstance(word, str) and _WORD.fullmatch(word):
            return word
    return ""


# --- what follows


class Messages(Protocol):
    """store.MessageTable."""

    def make(
        self, message_id: str, change: Change, beside: Sequence[dict[str, Any]] = ()
    ) -> Made: ...


class Suppression(Protocol):
    """suppression.SuppressionList."""

    def suppress(self, key: str, reason: Reason, message_id: str | None, now: datetime) -> None: ...

    def transaction_part(
        self, key: str, reason: Reason, message_id: str | None, now: datetime
    ) -> dict[str, Any]: ...


type Outcome = Made | Literal["strange"]


class Events:
    def __init__(self, messages: Messages, suppression: Suppression) -> None:
        self._messages = messages
        self._suppression = suppression

    def record(self, event: EmailEvent) -> Outcome:
        """Write down an event and what follows from it.

        "repeated": it came before. "refused": the message is gone, or beyond what the event says.
        "strange": mail of somebody else's. Who must be suppressed is so in every case.
        """
        reason = _suppressed_for(event)
        if event.message_id is None:
            self._suppress(event, reason)
            return "strange"
        if event.kind == "Delivery" or (event.kind in {"Bounce", "Complaint"} and event.was_sent):
            # It was sent, whether the event that says so came or is still to come.
            self._messages.make(event.message_id, _sent(event))
        beside = self._parts(event, reason)
        outcome = self._messages.make(event.message_id, _change(event), beside)
        if outcome == "refused":
            self._suppress(event, reason)
        return outcome

    def _parts(self, event: EmailEvent, reason: Reason | None) -> list[dict[str, Any]]:
        return [
            self._suppression.transaction_part(key, reason, event.message_id, event.at)
            for key in event.recipients
            if reason is not None
        ]

    def _suppress(self, event: EmailEvent, reason: Reason | None) -> None:
        for key in event.recipients:
            if reason is not None:
                self._suppression.suppress(key, reason, event.message_id, event.at)


def _suppressed_for(event: EmailEvent) -> Reason | None:
    if event.kind == "Bounce" and event.permanent:
        return "bounced"
    # "Not spam" is a recipient who takes his complaint back, or never had one.
    if event.kind == "Complaint" and event.detail != "not-spam":
        return "complained"
    return None


def _sent(event: EmailEvent) -> Change:
    return Change(
        "sent",
        event.at,
        phase="sent",
        since=_ON_ITS_WAY,
        late=True,
        name=f"sent#{event.ses_id}",
        provider_message_id=event.ses_id,
    )


def _change(event: EmailEvent) -> Change:
    match event.kind:
        case "Send":
            return _sent(event)
        case "Delivery":
            return Change("delivered", event.at, name=f"delivered#{event.ses_id}")
        case "Bounce":
            return _bounced(event)
        case "Complaint":
            return _complained(event)
        case "Reject":
            # SES took it, found a virus in it, and threw it away.
            why = "rejected by SES"
            return Change("failed", event.at, "failed", reason=why, name=f"rejected#{event.ses_id}")


def _bounced(event: EmailEvent) -> Change:
    """A bounce that is not for good may be an answer of somebody on holiday: SES tells them apart
    no better. It stands in the history, and changes nothing."""
    name = f"bounced#{event.feedback_id}"
    if event.permanent:
        return Change("bounced", event.at, "failed", reason="bounced", name=name)
    return Change("bounced", event.at, reason=f"not for good: {event.detail}", name=name)


def _complained(event: EmailEvent) -> Change:
    name = f"complained#{event.feedback_id}"
    if not event.was_sent:
        return Change("complained", event.at, "failed", reason="complained", name=name)
    return Change("complained", event.at, reason=event.detail or None, name=name)
