"""Items between Python and DynamoDB's typed JSON, and batch reads."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from customer_platform.overload import OverloadedError, pause

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize

BATCH_LIMIT = 100  # keys of one BatchGetItem, and items of one TransactWriteItems
_ATTEMPTS = 6


def to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """Marshal; attributes whose value is None are left out."""
    return {name: _serialize(value) for name, value in values.items() if value is not None}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _deserialize(value) for name, value in item.items()}


def batch_get(
    dynamodb: "DynamoDBClient",
    table: str,
    keys: Sequence[Mapping[str, Any]],
    *,
    consistent: bool,
) -> list[dict[str, Any]]:
    """Read items by key. DynamoDB may answer a part and leave the rest to be asked again."""
    found: list[dict[str, Any]] = []
    for start in range(0, len(keys), BATCH_LIMIT):
        wanted = [to_item(key) for key in keys[start : start + BATCH_LIMIT]]
        for attempt in range(_ATTEMPTS):
            answer = dynamodb.batch_get_item(
                RequestItems={table: {"Keys": wanted, "ConsistentRead": consistent}}
            )
            found += [from_item(item) for item in answer["Responses"].get(table, [])]
            left = answer.get("UnprocessedKeys", {}).get(table)
            if not left:
                break
            wanted = list(left["Keys"])
            pause(attempt)
        else:
            raise OverloadedError(f"{table}: keys stayed unprocessed")
    return found
