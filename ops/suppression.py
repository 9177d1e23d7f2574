"""`make suppression`: why a recipient gets no messages; puts on the suppression list, or takes off.

The product's own list. SES keeps another one for the account, which only its owner changes:

    aws sesv2 delete-suppressed-destination --email-address ADDRESS
"""

from __future__ import annotations

import argparse
import re
import sys
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import TypeAdapter, ValidationError

from customer_platform import clock
from customer_platform.dynamodb import from_item, to_item
from customer_platform.messages.models import PHONE_PATTERN, Address
from customer_platform.messages.recipients import recipient_key
from customer_platform.messages.suppression import ENTRY, SuppressionList
from ops import OperatorError
from ops.deployed import add_arguments, deployed

_ADDRESS: TypeAdapter[str] = TypeAdapter(Address)


def entry(dynamodb: Any, table: str, address: str) -> dict[str, Any] | None:
    """What the list says of an address: reason, at, messageId."""
    key = to_item({"recipient": recipient_key(address), "entry": ENTRY})
    item = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
    return from_item(item) if item else None


def lift(dynamodb: Any, table: str, address: str) -> None:
    """Take an address off the list."""
    key = to_item({"recipient": recipient_key(address), "entry": ENTRY})
    dynamodb.delete_item(TableName=table, Key=key)


def told(found: dict[str, Any] | None) -> str:
    if found is None:
        return "Not on the list."
    by = f", by message {found['messageId']}" if "messageId" in found else ""
    return f"Suppressed since {found['at']}: {found['reason']}{by}."


def recipient(text: str) -> str:
    """An address or a number as messages keep it, whose hash is the key: a domain in punycode.
    Raises OperatorError for what no message is sent to."""
    text = text.strip()
    if re.fullmatch(PHONE_PATTERN, text):
        return text
    try:
        return _ADDRESS.validate_python(text)
    except ValidationError:
        raise OperatorError(
            "ADDRESS= must be one bare e-mail address, or a phone number such as +4915112345678"
        ) from None


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    parser.add_argument("--address", required=True, help="e-mail address, or +49… phone number")
    parser.add_argument("--set", choices=["on", "off"], help="put on the list, or take off it")
    options = parser.parse_args(arguments)
    try:
        address = recipient(options.address)
        stack = deployed(options)
        stack.require("recipients_table_name")
        dynamodb, table = stack.client("dynamodb"), stack.outputs["recipients_table_name"]
        print(told(entry(dynamodb, table, address)))
        if options.set is None:
            return 0
        if options.set == "on":
            key = recipient_key(address)
            SuppressionList(dynamodb, table).suppress(key, "by_hand", None, clock.now())
        else:
            lift(dynamodb, table, address)
        print("Now: " + told(entry(dynamodb, table, address)))
    except (OperatorError, ClientError, BotoCoreError, OSError, ValueError) as error:
        print(f"make suppression: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
