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


def unsubscribe(
    message_id: str, token: str, messages: Messages, suppression: Suppression, now: datetime
) -> None:
    """Suppress the recipient of a message; a second time, nothing. Raises UnknownLinkError."""
    head = messages.head(message_id) if re.fullmatch(UUID, message_id) else None
    if head is None or head.template in TO_THE_TEAM:
        raise UnknownLinkError
    # Compared as bytes: a path may hold any character.
    if not hmac.compare_digest(head.unsubscribe_token.encode(), token.encode()):
        raise UnknownLinkError
    key = recipient_key(head.recipient)
    if suppression.reason(key) is not None:
        return
    part = suppression.transaction_part(key, "unsubscribed", message_id, now)
    messages.make(message_id, Change("unsubscribed", now), [part])
