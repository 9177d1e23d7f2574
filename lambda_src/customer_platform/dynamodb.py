"""Items between Python and DynamoDB's typed JSON, and batch reads.

The conversion is boto3's (a unit test compares them); importing it from there costs every cold
start what boto3 itself imports.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Clamped, Context, Decimal, Inexact, Overflow, Rounded, Underflow
from typing import TYPE_CHECKING, Any

from customer_platform.overload import OverloadedError, pause

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BATCH_LIMIT = 100  # keys of one BatchGetItem, and items of one TransactWriteItems
_ATTEMPTS = 6
# What DynamoDB can hold exactly; everything else is an error, not rounded.
_NUMBERS = Context(
    prec=38, Emin=-128, Emax=126, traps=[Clamped, Inexact, Overflow, Rounded, Underflow]
)
_SETS: tuple[tuple[str, type | tuple[type, ...]], ...] = (
    ("SS", str),
    ("BS", bytes),
    ("NS", (int, Decimal)),
)


def to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """Marshal; attributes whose value is None are left out."""
    return {name: _typed(value) for name, value in values.items() if value is not None}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Unmarshal; every number is a Decimal."""
    return {name: _plain(value) for name, value in item.items()}


def _typed(value: Any) -> dict[str, Any]:
    """Raises TypeError for what DynamoDB has no type for, floats among them."""
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return {"N": _number(value)}
    if isinstance(value, Mapping):
        return {"M": {name: _typed(one) for name, one in value.items()}}
    if isinstance(value, list | tuple):
        return {"L": [_typed(one) for one in value]}
    if isinstance(value, set | frozenset):
        return _typed_set(value)
    return _typed_rarely(value)


def _typed_rarely(value: Any) -> dict[str, Any]:
    for kind, name in ((bytes, "B"), (bool, "BOOL")):
        if isinstance(value, kind):
            return {name: value}
    if value is not None:
        raise TypeError(f"{type(value).__name__} is no type of DynamoDB")
    return {"NULL": True}


def _typed_set(values: set[Any] | frozenset[Any]) -> dict[str, Any]:
    for name, kind in _SETS:
        if values and all(isinstance(value, kind) for value in values):
            return {name: [_number(value) for value in values] if name == "NS" else list(values)}
    raise TypeError("a set must hold strings, bytes or numbers, of one kind, and at least one")


def _number(value: int | Decimal) -> str:
    number = _NUMBERS.create_decimal(value)
    if not number.is_finite():
        raise TypeError("DynamoDB has no infinity and no NaN")
    return str(number)


def _plain(typed: Mapping[str, Any]) -> Any:
    [(name, value)] = typed.items()
    return _PLAIN[name](value)


def _same(value: Any) -> Any:
    return value


_PLAIN: dict[str, Callable[[Any], Any]] = {
    "S": _same,
    "N": _NUMBERS.create_decimal,
    "BOOL": _same,
    "NULL": lambda _: None,
    "B": _same,
    "M": from_item,
    "L": lambda values: [_plain(value) for value in values],
    "SS": set,
    "BS": set,
    "NS": lambda values: {_NUMBERS.create_decimal(value) for value in values},
}


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
