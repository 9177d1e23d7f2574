"""Sending one message at most once, whatever is tried again.

A message is claimed by a condition on its record before the service hears of it. Whoever finds it
claimed by somebody else does not send: it may have been accepted, and only what the service tells
(events.py) or a person can say. A claim is given back when it is certain that nothing was accepted.
"""

import uuid
from collections.abc import Callable
from typing import Literal, Protocol, TypedDict

from customer_platform import clock
from customer_platform.messages.recipients import recipient_key
from customer_platform.messages.records import TO_THE_TEAM, Change, Head
from customer_platform.messages.store import Outcome as Made
from customer_platform.observability import count, logger

# Seconds in which a write that nobody answers is made again. What is lost here becomes a doubt that
# only a person can settle: a claim that stands and whose owner does not know it, and an acceptance
# that is known to nobody but the service. Both, the service and the reads before: less than the
# function's timeout (messages.tf).
CLAIM_SECONDS = 20
OUTCOME_SECONDS = 30


class NotAcceptedError(Exception):
    """The service has certainly not taken the message, and may take it later. The text says why,
    and nothing of the message."""


class NeverAcceptedError(Exception):
    """The service will not take this message, however often it is asked. The text as above."""


class DoubtfulError(Exception):
    """Nobody knows whether the service has taken the message. The text as above."""


type Outcome = Literal["sent", "throttled", "in_doubt", "suppressed", "refused", "failed"]


class Result(TypedDict):
    """What the workflow is told.

    - sent: it is, now or before.
    - throttled: it is not; try again later.
    - in_doubt: it may be; look again later.
    - suppressed: it will not be, because the recipient must not be written to.
    - refused: it will not be, and somebody should know.
    - failed: the record said so before.
    """

    outcome: Outcome
    reason: str


class Table(Protocol):
    """store.MessageTable."""

    def head(self, message_id: str) -> Head | None: ...

    def make(self, message_id: str, change: Change, *, patience: float = 0) -> Made: ...


class Suppression(Protocol):
    """suppression.SuppressionList."""

    def reason(self, key: str) -> str | None: ...


class Sending:
    """`deliver` hands a message to the service and returns what that calls it. Raises
    NotAcceptedError, NeverAcceptedError and DoubtfulError; anything else it raises counts as
    doubt as well."""

    def __init__(
        self, table: Table, suppression: Suppression, deliver: Callable[[Head], str]
    ) -> None:
        self._table = table
        self._suppression = suppression
        self._deliver = deliver

    def send(self, message_id: str) -> Result:
        head = self._table.head(message_id)
        if head is None:
            return {"outcome": "refused", "reason": "unknown message"}
        if head.phase in ("sent", "failed"):
            return {"outcome": head.phase, "reason": head.reason or ""}
        if head.phase in ("sending", "in_doubt"):
            return self._doubt(head, "claimed before")
        suppressed = self._suppression.reason(recipient_key(head.recipient))
        if suppressed:
            # The team has not asked to be left alone: its address bounces, say, and what visitors
            # write is lost until somebody mends that.
            to_team = head.template in TO_THE_TEAM
            return {
                "outcome": "refused" if to_team else "suppressed",
                "reason": f"suppressed: {suppressed}",
            }
        return self._claim_and_deliver(head)

    def _claim_and_deliver(self, head: Head) -> Result:
        claim = str(uuid.uuid4())
        attempt = head.attempts + 1
        claimed = Change(
            "sending", clock.now(), "sending", ("queued",), claim=claim, attempt=attempt
        )
        if self._table.make(head.message_id, claimed, patience=CLAIM_SECONDS) != "made":
            return {"outcome": "in_doubt", "reason": "claimed just now"}
        try:
            provider_id = self._deliver(head)
        except NotAcceptedError as error:
            return self._give_back(head, claim, attempt, str(error))
        except NeverAcceptedError as error:
            return {"outcome": "refused", "reason": str(error)}
        except DoubtfulError as error:
            return self._doubt(head, str(error))
        sent = Change(
            "sent", clock.now(), "sent", ("sending", "in_doubt"),
            attempt=attempt, claimed_by=claim, provider_message_id=provider_id, late=True,
        )  # fmt: skip
        if self._table.make(head.message_id, sent, patience=OUTCOME_SECONDS) == "made":
            count("MessagesSent", Channel=head.channel)
        # Else the service was quicker to tell (events.py), or it bounced already.
        return {"outcome": "sent", "reason": ""}

    def _give_back(self, head: Head, claim: str, attempt: int, reason: str) -> Result:
        """Nothing was accepted, so the next one may claim it; unless it is settled meanwhile, which
        the next call will see."""
        throttled = Change(
            "throttled", clock.now(), "queued", ("sending", "in_doubt"),
            reason=reason, attempt=attempt, claimed_by=claim,
        )  # fmt: skip
        self._table.make(head.message_id, throttled, patience=OUTCOME_SECONDS)
        count("MessagesThrottled", Channel=head.channel)
        logger.warning("Not accepted", extra={"messageId": head.message_id, "reason": reason})
        return {"outcome": "throttled", "reason": reason}

    def _doubt(self, head: Head, reason: str) -> Result:
        doubt = Change("in_doubt", clock.now(), "in_doubt", ("sending",), reason=reason)
        if self._table.make(head.message_id, doubt) == "made":
            count("MessagesInDoubt", Channel=head.channel)
            logger.warning("In doubt", extra={"messageId": head.message_id, "reason": reason})
        return {"outcome": "in_doubt", "reason": reason}
