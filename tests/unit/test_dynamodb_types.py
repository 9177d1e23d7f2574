"""Items between Python and DynamoDB's typed JSON: as boto3 converts them."""

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from customer_platform.dynamodb import from_item, to_item

NUMBERS = st.integers(-(10**38) + 1, 10**38 - 1) | st.decimals(
    allow_nan=False, allow_infinity=False, places=4, min_value=-(10**20), max_value=10**20
)
SETS = (
    st.frozensets(st.text(), min_size=1)
    | st.frozensets(st.binary(), min_size=1)
    | st.sets(NUMBERS, min_size=1)
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text() | st.binary() | SETS,
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
    max_leaves=12,
)


def as_boto3_reads(typed: Any) -> Any:
    """boto3 wraps bytes."""

    def plain(value: Any) -> Any:
        if isinstance(value, Binary):
            return bytes(value)  # type: ignore[call-overload]
        if isinstance(value, dict):
            return {name: plain(one) for name, one in value.items()}
        return [plain(one) for one in value] if isinstance(value, list) else value

    return plain(TypeDeserializer().deserialize(typed))


@given(VALUES)
def test_conversions_are_those_of_boto3(value: Any) -> None:
    theirs = TypeSerializer().serialize(value)
    ours = to_item({"a": value})
    if value is None:
        assert ours == {}
        return
    assert ours == {"a": theirs}
    assert from_item({"a": theirs}) == {"a": as_boto3_reads(theirs)}


@pytest.mark.parametrize(
    "value",
    [
        1.5, float("nan"), 10**38 + 1, Decimal("Infinity"), Decimal("NaN"), Decimal("1e200"),
        object(), set(), {1, "a"}, [1.5], {"a": 2.5},
    ],
)  # fmt: skip
def test_what_dynamodb_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises((TypeError, ArithmeticError)):
        to_item({"a": value})


def test_nothing_is_rounded() -> None:
    with pytest.raises(ArithmeticError):
        to_item({"a": Decimal("1." + "1" * 38)})
    longest = Decimal("1." + "1" * 37)
    assert from_item(to_item({"a": longest})) == {"a": longest}
