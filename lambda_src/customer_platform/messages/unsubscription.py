"""Unsubscribing by the link of a message."""

import hmac
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from customer_platform.http.requests import UUID
from customer_platform.messages.recipients import recipient_key
from customer_platform.messages.records import TO_THE_TEAM, Change, Head
from customer_platform.messages.store import Outcome
from customer_platform.messages.suppression import Reason

_LINK_END = r"[A-Za-z0-9_-]{1,128}"


class UnknownLinkError(Exception):
    """No message was ever sent with this link, or it is forgotten."""


class Messages(Protocol):
    """store.MessageTable."""

    def head(self, message_id: str) -> Head | None: ...

    def make(
        self, message_id: str, change: Change, beside: Sequence[dict[str, Any]] = ()
    ) -> Outcome: ...


class Suppression(Protocol):
    """suppression.SuppressionList."""

    def reason(self, key: str) -> str | None: ...

    def transaction_part(
        self, key: str, reason: Reason, message_id: str | None, now: datetime
    ) -> dict[str, Any]: ...


def well_formed(message_id: str, token: str) -> None:
    """Raises UnknownLinkError for what no link looks like."""
    if not (re.fullmatch(UUID, message_id) and re.fullmatch(_LINK_END, token)):
        raise UnknownLinkError


def unsubscribe(
    link: tuple[str, str],
    messages: Messages,
    suppression: Suppression,
    team_inbox: str,
    now: datetime,
) -> None:
    """Suppress the recipient of a message; a second time, nothing. `link`: its id and its secret.

    Raises UnknownLinkError, also for the team, whose inbox gets what visitors write: whoever had
    a message sent to it does not matter.
    """
    well_formed(*link)
    message_id, token = link
    head = messages.head(message_id)
    if head is None or head.template in TO_THE_TEAM:
        raise UnknownLinkError
    if not hmac.compare_digest(head.unsubscribe_token, token):
        raise UnknownLinkError
    key = recipient_key(head.recipient)
    if key == recipient_key(team_inbox):
        raise UnknownLinkError
    if suppression.reason(key) is not None:
        return
    part = suppression.transaction_part(key, "unsubscribed", message_id, now)
    messages.make(message_id, Change("unsubscribed", now), [part])
