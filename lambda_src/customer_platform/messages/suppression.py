"""The suppression list: who must not be written to any more, and why."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from customer_platform import clock
from customer_platform.dynamodb import from_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ENTRY = "suppressed"

type Reason = Literal["bounced", "complained", "unsubscribed", "by_hand"]


class SuppressionList:
    """In the table of recipients, by recipients.recipient_key. Entries stay until a person takes
    them off (docs/mail.md)."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def reason(self, key: str) -> str | None:
        """Why the recipient gets nothing; None if nothing speaks against sending."""
        item = self._dynamodb.get_item(
            TableName=self._table,
            Key=_key(key),
            ProjectionExpression="reason",
            # Whoever unsubscribed a moment ago gets nothing now.
            ConsistentRead=True,
        ).get("Item")
        return str(from_item(item)["reason"]) if item else None

    def suppress(self, key: str, reason: Reason, message_id: str | None, now: datetime) -> None:
        """Put on the list. Who is on it stays there for the first reason."""
        part = self.transaction_part(key, reason, message_id, now)
        self._dynamodb.update_item(**part["Update"])

    def transaction_part(
        self, key: str, reason: Reason, message_id: str | None, now: datetime
    ) -> dict[str, Any]:
        """The same as a part of a TransactWriteItems. It has no condition: it cannot cancel what
        it is a part of, however often that comes."""
        says = {"reason": reason, "at": clock.iso(now), "messageId": message_id}
        given = {name: value for name, value in says.items() if value is not None}
        return {
            "Update": {
                "TableName": self._table,
                "Key": _key(key),
                "UpdateExpression": "SET "
                + ", ".join(f"#{name} = if_not_exists(#{name}, :{name})" for name in given),
                "ExpressionAttributeNames": {f"#{name}": name for name in given},
                "ExpressionAttributeValues": to_item({f":{n}": v for n, v in given.items()}),
            }
        }


def _key(key: str) -> dict[str, Any]:
    return to_item({"recipient": key, "entry": ENTRY})
