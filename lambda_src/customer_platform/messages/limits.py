"""How much one recipient gets, and how much text messages may cost.

Counted in the table of recipients, in fixed windows (an hour, a day, a month of UTC): around the
end of one, a recipient may get twice the limit within a window's length. A count is written in the
transaction that stores what it counts, so neither is there without the other.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from customer_platform.dynamodb import to_item

HOUR = 3600
DAY = 24 * HOUR
_WINDOWS = {HOUR: "%Y-%m-%dT%H", DAY: "%Y-%m-%d"}
# A month is counted for longer than it lasts: bills come later, and a person may want to compare.
_MONTHS_KEPT = timedelta(days=400)


@dataclass(frozen=True)
class RecipientLimit:
    """`limit` messages for one recipient and window of `seconds` (HOUR or DAY); limits of
    different `kind` are counted apart."""

    table: str
    limit: int
    seconds: int = HOUR
    kind: str = "rate"

    def transaction_part(self, key: str, now: datetime) -> dict[str, Any]:
        """One more for recipients.limit_key: a part of a TransactWriteItems. Its reason for
        cancelling is ConditionalCheckFailed when the limit is reached."""
        start = self._start(now)
        entry = f"{self.kind}#{start.strftime(_WINDOWS[self.seconds])}"
        expires = int((start + timedelta(seconds=2 * self.seconds)).timestamp())
        return {
            "Update": {
                "TableName": self.table,
                "Key": to_item({"recipient": key, "entry": entry}),
                "UpdateExpression": "ADD sent :one SET expiresAt = :expires",
                "ConditionExpression": "attribute_not_exists(sent) OR sent < :limit",
                "ExpressionAttributeValues": to_item(
                    {":one": 1, ":expires": expires, ":limit": self.limit}
                ),
            }
        }

    def retry_after(self, now: datetime) -> int:
        """Seconds until the next window begins: what a refusal's Retry-After says."""
        end = self._start(now) + timedelta(seconds=self.seconds)
        return max(1, int((end - now).total_seconds()))

    def _start(self, now: datetime) -> datetime:
        second = int(now.timestamp())
        return now.replace(microsecond=0) - timedelta(seconds=second % self.seconds)


@dataclass(frozen=True)
class SpendingLimit:
    """What text messages may cost in a month of UTC, in thousandths of a dollar.

    AWS has a limit of its own for the whole account, which it keeps late, by what it has billed so
    far. This one is this stack's, and is kept before anything is sent: every message counts with
    the highest price that is let be paid for it.
    """

    table: str
    limit: int

    def transaction_part(self, price: int, now: datetime) -> dict[str, Any]:
        """As RecipientLimit's."""
        expires = int((now + _MONTHS_KEPT).timestamp())
        # DynamoDB's conditions do not add, so the room is taken off the limit.
        room = self.limit - price
        fits = "spent <= :room"
        return {
            "Update": {
                "TableName": self.table,
                "Key": _month(now),
                "UpdateExpression": "ADD spent :price SET expiresAt = :expires",
                "ConditionExpression": (
                    f"attribute_not_exists(spent) OR {fits}" if room >= 0 else fits
                ),
                "ExpressionAttributeValues": to_item(
                    {":price": price, ":expires": expires, ":room": room}
                ),
            }
        }

    def returned(self, price: int, now: datetime) -> dict[str, Any]:
        """An UpdateItem that undoes one of `now`, which was counted."""
        return {
            "TableName": self.table,
            "Key": _month(now),
            "UpdateExpression": "ADD spent :back",
            "ExpressionAttributeValues": to_item({":back": -price}),
        }


def _month(now: datetime) -> dict[str, Any]:
    return to_item({"recipient": "sms", "entry": f"month#{now.strftime('%Y-%m')}"})
