"""Keys of recipients, what one of them gets, what text messages may cost, and who gets nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import moto
import pytest
from botocore.exceptions import ClientError

from customer_platform.messages.limits import DAY, HOUR, RecipientLimit, SpendingLimit
from customer_platform.messages.recipients import limit_key, recipient_key
from customer_platform.messages.suppression import SuppressionList

TABLE = "recipients-test"
NOW = datetime(2026, 3, 31, 22, 59, 59, 500_000, tzinfo=UTC)
ADA = recipient_key("ada@example.com")


@pytest.fixture
def dynamodb() -> Iterator[Any]:
    with moto.mock_aws():
        made = boto3.client("dynamodb")
        made.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "recipient", "KeyType": "HASH"},
                {"AttributeName": "entry", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("recipient", "entry")
            ],
        )
        yield made


def count(dynamodb: Any, *parts: dict[str, Any]) -> list[str]:
    """Reasons why the transaction did not take place; none if it did."""
    try:
        dynamodb.transact_write_items(TransactItems=list(parts))
    except ClientError as error:
        return [reason["Code"] for reason in error.response["CancellationReasons"]]
    return []


def stored(dynamodb: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = dynamodb.scan(TableName=TABLE)["Items"]
    return items


# --- keys


def test_a_key_is_a_hash_and_the_same_for_every_spelling_of_an_address() -> None:
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", ADA)
    # `printf ada@example.com | sha256sum`: operators and other programs find the key, too.
    assert ADA == "sha256:b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72"
    assert recipient_key(" ADA@Example.COM. ") == ADA
    assert recipient_key("eve@example.com") != ADA
    assert recipient_key("ada+news@example.com") != ADA
    assert recipient_key("+4915112345678") != recipient_key("+4915112345679")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada+1@example.com", "Ada@example.com"),
        ("ada+1+2@example.com", "ada+3@example.com"),
        ("a.d.a+x@gmail.com", "ada@googlemail.com"),
    ],
)
def test_spellings_of_one_mailbox_share_a_limit(one: str, other: str) -> None:
    assert limit_key(one) == limit_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.da@example.com", "ada@example.com"),  # elsewhere, dots may matter
        ("+1@example.com", "+2@example.com"),
        ("+4915112345678", "+4915112345679"),
        ("ada@example.com", "ada@example.org"),
    ],
)
def test_different_mailboxes_do_not(one: str, other: str) -> None:
    assert limit_key(one) != limit_key(other)


def test_without_a_detail_both_keys_are_the_same() -> None:
    assert limit_key("ada@example.com") == ADA
    assert limit_key("+4915112345678") == recipient_key("+4915112345678")


# --- limits


def test_a_recipient_gets_as_many_as_the_limit_in_a_window(dynamodb: Any) -> None:
    limit = RecipientLimit(TABLE, 3)
    given = [count(dynamodb, limit.transaction_part(ADA, NOW)) for _ in range(4)]
    assert given == [[], [], [], ["ConditionalCheckFailed"]]
    assert count(dynamodb, limit.transaction_part(recipient_key("eve@example.com"), NOW)) == []
    next_hour = NOW + timedelta(seconds=1)
    assert count(dynamodb, limit.transaction_part(ADA, next_hour)) == []


def test_windows_are_hours_and_days_and_expire(dynamodb: Any) -> None:
    count(dynamodb, RecipientLimit(TABLE, 3).transaction_part(ADA, NOW))
    acknowledgements = RecipientLimit(TABLE, 2, DAY, "acknowledgement")
    count(dynamodb, acknowledgements.transaction_part(ADA, NOW))
    found = {item["entry"]["S"]: (item["sent"], item["expiresAt"]) for item in stored(dynamodb)}
    hour_end = NOW.replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)
    day_end = NOW.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
    assert found == {
        "rate#2026-03-31T22": ({"N": "1"}, {"N": str(int(hour_end.timestamp()))}),
        "acknowledgement#2026-03-31": ({"N": "1"}, {"N": str(int(day_end.timestamp()))}),
    }


def test_a_refused_count_takes_what_it_counts_with_it(dynamodb: Any) -> None:
    other = {"Put": {"TableName": TABLE, "Item": {"recipient": {"S": "x"}, "entry": {"S": "y"}}}}
    limit = RecipientLimit(TABLE, 1)
    assert count(dynamodb, limit.transaction_part(ADA, NOW)) == []
    refused = count(dynamodb, other, limit.transaction_part(ADA, NOW))
    assert refused == ["None", "ConditionalCheckFailed"]
    assert [item["recipient"]["S"] for item in stored(dynamodb)] == [ADA]


@pytest.mark.parametrize(
    ("now", "seconds", "wanted"),
    [
        (datetime(2026, 3, 31, 22, 59, 59, 500_000, UTC), HOUR, 1),
        (datetime(2026, 3, 31, 22, 0, 0, 0, UTC), HOUR, 3600),
        (datetime(2026, 3, 31, 22, 0, 0, 0, UTC), DAY, 7200),
    ],
)
def test_a_refusal_says_when_to_come_back(now: datetime, seconds: int, wanted: int) -> None:
    assert RecipientLimit(TABLE, 1, seconds).retry_after(now) == wanted


def test_text_messages_cost_at_most_the_months_limit(dynamodb: Any) -> None:
    limit = SpendingLimit(TABLE, 1000)  # a dollar
    given = [count(dynamodb, limit.transaction_part(400, NOW)) for _ in range(3)]
    assert given == [[], [], ["ConditionalCheckFailed"]]
    # What still fits is let through, to the last thousandth.
    assert count(dynamodb, limit.transaction_part(200, NOW)) == []
    assert count(dynamodb, limit.transaction_part(1, NOW)) == ["ConditionalCheckFailed"]
    april = NOW + timedelta(hours=2)
    assert count(dynamodb, limit.transaction_part(400, april)) == []
    spent = {item["entry"]["S"]: item["spent"]["N"] for item in stored(dynamodb)}
    assert spent == {"month#2026-03": "1000", "month#2026-04": "400"}


def test_a_price_above_the_limit_is_refused_in_an_empty_month(dynamodb: Any) -> None:
    limit = SpendingLimit(TABLE, 100)
    assert count(dynamodb, limit.transaction_part(101, NOW)) == ["ConditionalCheckFailed"]


# --- suppression


def test_who_is_suppressed_stays_so_for_the_first_reason(dynamodb: Any) -> None:
    suppressed = SuppressionList(dynamodb, TABLE)
    assert suppressed.reason(ADA) is None
    suppressed.suppress(ADA, "bounced", "message-1", NOW)
    suppressed.suppress(ADA, "complained", "message-2", NOW + timedelta(days=1))
    assert suppressed.reason(ADA) == "bounced"
    assert suppressed.reason(recipient_key("eve@example.com")) is None
    assert stored(dynamodb) == [
        {
            "recipient": {"S": ADA},
            "entry": {"S": "suppressed"},
            "reason": {"S": "bounced"},
            "at": {"S": "2026-03-31T22:59:59.500Z"},
            "messageId": {"S": "message-1"},
        }
    ]


def test_a_person_suppresses_without_a_message(dynamodb: Any) -> None:
    suppressed = SuppressionList(dynamodb, TABLE)
    suppressed.suppress(ADA, "by_hand", None, NOW)
    assert suppressed.reason(ADA) == "by_hand"
    assert "messageId" not in stored(dynamodb)[0]


def test_suppression_does_not_expire_and_counts_are_beside_it(dynamodb: Any) -> None:
    suppressed = SuppressionList(dynamodb, TABLE)
    count(dynamodb, RecipientLimit(TABLE, 1).transaction_part(ADA, NOW))
    assert suppressed.reason(ADA) is None
    part = suppressed.transaction_part(ADA, "unsubscribed", "message-1", NOW)
    assert count(dynamodb, part) == []
    assert count(dynamodb, part) == []
    entries = {item["entry"]["S"]: "expiresAt" in item for item in stored(dynamodb)}
    assert entries == {"rate#2026-03-31T22": True, "suppressed": False}
