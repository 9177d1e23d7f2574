"""GET /feedback."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from customer_platform import clock
from customer_platform.dynamodb import from_item
from customer_platform.feedback import cursor, listing
from customer_platform.http.errors import InvalidCursorError
from tests.unit import seeding
from tests.unit.platform import FORM, TEXT, Platform

NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def pages(platform: Platform, **query: Any) -> Iterator[list[dict[str, Any]]]:
    last_key: dict[str, Any] = {}
    for _page in range(200):
        answer = platform.page(**query, **last_key)
        assert answer.status == 200, answer.text
        assert answer.body["count"] == len(answer.body["items"])
        yield answer.body["items"]
        if answer.body["lastKey"] is None:
            return
        last_key = {"lastKey": answer.body["lastKey"]}
    pytest.fail("the list does not end")


def walk(platform: Platform, **query: Any) -> list[str]:
    return [item["feedbackId"] for page in pages(platform, **query) for item in page]


def expected(items: list[dict[str, Any]], **wanted: Any) -> list[str]:
    plain = sorted(map(from_item, items), key=lambda item: str(item["sortKey"]), reverse=True)
    return [
        item["feedbackId"]
        for item in plain
        if all(item.get(name) == value for name, value in wanted.items())
    ]


def test_an_empty_list(platform: Platform) -> None:
    answer = platform.page()
    assert answer.body == {"items": [], "count": 0, "lastKey": None}
    assert answer.headers["Cache-Control"] == "no-store"


def test_items_are_public(platform: Platform) -> None:
    platform.post(FORM)
    platform.post(TEXT)
    answer = platform.page()
    assert "ada@example.com" not in answer.text
    assert "customer-42" not in answer.text
    by_name = {item["name"]: item for item in answer.body["items"]}
    assert by_name.keys() == {"Ada Lovelace", "Anonymous"}
    for item in by_name.values():
        assert list(item) == [
            "feedbackId", "name", "rating", "message", "sentiment", "createdAt",
        ]  # fmt: skip
    assert by_name["Ada Lovelace"]["rating"] == 5
    assert by_name["Anonymous"]["rating"] is None
    assert platform.get(by_name["Anonymous"]["feedbackId"]).body == by_name["Anonymous"]


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_pages_hold_everything_once_and_newest_first(platform: Platform, limit: int) -> None:
    items = seeding.many(40, NOW, timedelta(hours=14))
    seeding.store(*items)
    assert walk(platform, limit=limit) == expected(items)


def test_a_page_has_ten_items_and_the_last_has_no_key(platform: Platform) -> None:
    seeding.store(*seeding.many(20, NOW, timedelta(minutes=1)))
    assert [len(page) for page in pages(platform)] == [10, 10]


@pytest.mark.parametrize(
    "filters", [{"sentiment": "mixed"}, {"rating": 3}, {"sentiment": "negative", "rating": 1}]
)
def test_filters(platform: Platform, filters: dict[str, Any]) -> None:
    items = seeding.many(150, NOW, timedelta(hours=3))
    seeding.store(*items)
    wanted = expected(items, **filters)
    assert wanted
    assert walk(platform, limit=4, **filters) == wanted


def test_items_of_the_same_moment_are_neither_lost_nor_repeated(platform: Platform) -> None:
    items = [seeding.item(NOW) for _ in range(30)]
    seeding.store(*items)
    assert walk(platform, limit=4) == expected(items)


def test_new_items_between_pages_move_nothing(platform: Platform) -> None:
    items = seeding.many(30, NOW, timedelta(hours=5))
    seeding.store(*items)
    seen: list[str] = []
    for number, page in enumerate(pages(platform, limit=4)):
        seen += [item["feedbackId"] for item in page]
        seeding.store(seeding.item(NOW + timedelta(seconds=number)))
    assert seen == expected(items)


def test_erased_items_between_pages_move_nothing(platform: Platform) -> None:
    items = seeding.many(12, NOW, timedelta(hours=5))
    seeding.store(*items)
    order = expected(items)
    first = platform.page(limit=4).body
    platform.delete(order[3])  # the one that the cursor points at
    rest = platform.page(limit=100, lastKey=first["lastKey"]).body
    assert [item["feedbackId"] for item in rest["items"]] == order[4:]


def test_what_is_past_its_time_is_not_shown(platform: Platform) -> None:
    """DynamoDB deletes expired items when it gets round to it."""
    kept = seeding.item(NOW - timedelta(days=30) + timedelta(minutes=1))
    expired = seeding.item(NOW - timedelta(days=30, minutes=1))
    seeding.store(kept, expired)
    assert walk(platform) == [kept["feedbackId"]["S"]]
    assert platform.page(limit=1).body["lastKey"] is None


def test_clocks_that_are_ahead(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """An item may be of tomorrow, for a function whose clock is still in today."""
    monkeypatch.setattr(clock, "now", lambda: NOW.replace(hour=23, minute=58))
    tomorrow = seeding.item(NOW.replace(hour=0) + timedelta(days=1, seconds=1))
    seeding.store(tomorrow)
    assert walk(platform) == [tomorrow["feedbackId"]["S"]]


def test_a_page_may_end_early_and_the_walk_goes_on(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MAX_QUERIES", 12)  # three days of four shards
    items = [seeding.item(NOW - timedelta(days=days)) for days in (0, 1, 11, 29)]
    seeding.store(*items)
    found = list(pages(platform))
    assert [len(page) for page in found[:2]] == [2, 0]
    assert [item["feedbackId"] for page in found for item in page] == expected(items)


def test_long_messages_do_not_end_a_page(platform: Platform) -> None:
    """A Query stops at 1 MB. A hundred long messages are more than that."""
    items = [
        seeding.item(NOW - timedelta(seconds=number), message="😀" * 5000, shards=1)
        for number in range(101)
    ]
    for values in items:
        values["listBucket"] = {"S": "2026-03-15#0"}
    seeding.store(*items)
    answer = platform.page(limit=100)
    assert answer.body["count"] == 100
    assert len(answer.text.encode()) < 6_000_000


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({"limit": 0}, {"limit"}),
        ({"limit": 101}, {"limit"}),
        ({"limit": "-1"}, {"limit"}),
        ({"limit": "1.5"}, {"limit"}),
        ({"limit": "1e1"}, {"limit"}),
        ({"limit": "٣"}, {"limit"}),
        ({"limit": ""}, {"limit"}),
        ({"limit": "9" * 400}, {"limit"}),
        ({"limit": ["1", "2"]}, {"limit"}),
        ({"sentiment": "POSITIVE"}, {"sentiment"}),
        ({"sentiment": ""}, {"sentiment"}),
        ({"rating": 6}, {"rating"}),
        ({"rating": 0}, {"rating"}),
        ({"page": 1, "limit": 0}, {"page", "limit"}),
    ],
)
def test_bad_parameters(platform: Platform, query: dict[str, Any], fields: set[str]) -> None:
    answer = platform.page(**query)
    assert (answer.status, answer.body["error"]) == (400, "ValidationError")
    assert {detail["field"] for detail in answer.body["details"]} == fields


# --- cursors

CURSOR = cursor.encode(f"{clock.iso(NOW)}#550e8400-e29b-41d4-a716-446655440000", "f")


def test_every_changed_bit_is_found() -> None:
    assert cursor.decode(CURSOR, "f")
    for index, letter in enumerate(CURSOR):
        for bit in range(8):
            changed = CURSOR[:index] + chr(ord(letter) ^ 1 << bit) + CURSOR[index + 1 :]
            with pytest.raises(InvalidCursorError):
                cursor.decode(changed, "f")


def _encoded(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "x",
        "é",
        "%00",
        "a" * 600,
        CURSOR[:-2],
        CURSOR + "=",
        CURSOR + "AA",
        _encoded([]),
        _encoded("x"),
        _encoded({"v": 1}),
        _encoded({"v": 1, "p": 5, "f": "", "c": ""}),
        _encoded({"v": 1, "p": "2026-03-15", "f": [], "c": ""}),
        _encoded(json.loads(base64.urlsafe_b64decode(CURSOR + "=="))),  # other spacing
        cursor.encode("2026-02-30", "sentiment=None&rating=None"),
        cursor.encode("now", "sentiment=None&rating=None"),
        base64.urlsafe_b64encode(b"[" * 300).decode(),
        base64.urlsafe_b64encode(b"\xff" * 30).decode(),
    ],
)
def test_forged_cursors_are_refused(platform: Platform, forged: str) -> None:
    answer = platform.page(lastKey=forged)
    assert (answer.status, answer.body["error"]) == (400, "InvalidCursor")
    assert answer.body["details"][0]["field"] == "lastKey"


def test_a_cursor_belongs_to_its_filters(platform: Platform) -> None:
    seeding.store(*seeding.many(90, NOW, timedelta(minutes=1)))
    last_key = platform.page(limit=1, rating=5).body["lastKey"]
    assert platform.page(limit=9, rating=5, lastKey=last_key).status == 200
    for filters in ({}, {"rating": 4}, {"rating": 5, "sentiment": "mixed"}):
        answer = platform.page(lastKey=last_key, **filters)
        assert (answer.status, answer.body["error"]) == (400, "InvalidCursor")


@pytest.mark.parametrize("day", ["0001-01-01", "2020-01-01", "9999-12-31"])
def test_a_cursor_from_another_age_is_harmless(platform: Platform, day: str) -> None:
    answer = platform.page(lastKey=cursor.encode(day, listing.Wanted().filters))
    assert (answer.status, answer.body["items"]) == (200, [])


# --- the price of a page


def _price(platform: Platform, **query: Any) -> tuple[int, int]:
    table = platform.modules["list_feedback"].TABLE
    table.queries = table.items_read = 0
    assert platform.page(**query).body["count"] == query["limit"]
    return table.queries, table.items_read


def test_a_page_costs_the_same_with_10_and_10_000_stored(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = platform.modules["list_feedback"]
    monkeypatch.setattr(module, "SETTINGS", module.Settings(module.TABLE._name, 30, 1))
    apart = timedelta(seconds=1)
    seeding.store(*seeding.many(10, NOW, apart, shards=1))
    few = _price(platform, limit=5)
    seeding.store(*seeding.many(9_990, NOW - timedelta(minutes=1), apart, seed=2, shards=1))
    assert _price(platform, limit=5) == few == (1, 6)


@pytest.mark.parametrize("filters", [{}, {"rating": 5}, {"sentiment": "mixed"}])
def test_shards_and_filters_read_a_bounded_number_of_items(
    platform: Platform, filters: dict[str, Any]
) -> None:
    partitions = len(listing._partitions(listing.Wanted(**filters), NOW.date(), seeding.SHARDS))
    seeding.store(*seeding.many(3_000, NOW, timedelta(seconds=1)))
    assert _price(platform, limit=10, **filters) == (partitions, partitions * 11)


def test_no_page_exceeds_its_queries(platform: Platform) -> None:
    table = platform.modules["list_feedback"].TABLE
    for filters in ({}, {"sentiment": "mixed"}, {"rating": 2}):
        table.queries = 0
        platform.page(**filters)
        assert 0 < table.queries <= listing.MAX_QUERIES
