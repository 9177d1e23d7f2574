"""GET /tasks: order, pages, filters, and the price of a page."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from customer_platform import clock
from customer_platform.tasks import listing
from customer_platform.tasks.records import PRIORITIES, STATUSES, Task
from customer_platform.tasks.storage import TaskTable
from tests.unit.platform import ENVIRONMENT, TASKS, Platform
from tests.unit.test_tasks import next_query

NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
SHARDS = int(ENVIRONMENT["TASK_SHARDS"])
TAGS = ("home", "work", "urgent")


def due(days: int) -> str:
    return clock.iso(NOW + timedelta(days=days))[:19] + "Z"


def many(count: int, *, seed: int = 1, apart: timedelta = timedelta(hours=7)) -> list[Task]:
    chance = random.Random(seed)
    return [
        Task(
            task_id=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            title=f"Task {number}",
            description="",
            status=chance.choice(STATUSES),
            created_at=clock.iso(NOW - number * apart),
            version=1,
            priority=chance.choice([None, *PRIORITIES]),
            tags=tuple(chance.sample(TAGS, chance.randrange(3))),
            due_date=chance.choice([None, due(chance.randrange(1, 9))]),
        )
        for number in range(count)
    ]


def put_all(tasks: list[Task], shards: int = SHARDS) -> None:
    """Straight into moto, as the functions write them: a thousand in a moment."""
    account = dynamodb_backends[DEFAULT_ACCOUNT_ID]
    table = account[ENVIRONMENT["AWS_REGION"]].get_table(TASKS)
    writer = TaskTable(None, TASKS)  # type: ignore[arg-type]
    for task in tasks:
        for part in writer.creation(task, shards):
            table.put_item(part["Put"]["Item"])


def pages(platform: Platform, **query: Any) -> Iterator[list[dict[str, Any]]]:
    for _page in range(200):
        answer = platform.tasks(**query)
        assert answer.status == 200, answer.text
        yield answer.body
        if "Link" not in answer.headers:
            return
        query = next_query(answer.headers["Link"])
    pytest.fail("the list does not end")


def walk(platform: Platform, **query: Any) -> list[str]:
    return [task["TaskId"] for page in pages(platform, **query) for task in page]


def expected(tasks: list[Task], **query: Any) -> list[str]:
    before, after = query.get("DueBefore"), query.get("DueAfter")
    found = [
        task
        for task in tasks
        if query.get("Status") in (None, task.status)
        and query.get("Priority") in (None, task.priority)
        and ("Tag" not in query or query["Tag"] in task.tags)
        and (before is None or (task.due_date is not None and task.due_date < before))
        and (after is None or (task.due_date is not None and task.due_date >= after))
    ]
    if before or after:
        found.sort(key=lambda task: task.due_key or "")
    else:
        found.sort(key=lambda task: task.sort_key, reverse=True)
    return [task.task_id for task in found]


FILTERS: list[dict[str, Any]] = [
    {},
    {"Status": "In Progress"},
    {"Priority": "High"},
    {"Status": "Open", "Priority": "Low"},
    {"Tag": "home"},
    {"Tag": "home", "Status": "Completed"},
    {"Tag": "work", "Priority": "High", "Status": "Open"},
    {"DueBefore": due(4)},
    {"DueAfter": due(4)},
    {"DueAfter": due(2), "DueBefore": due(5)},
    {"DueAfter": due(2), "Tag": "work"},
    {"DueBefore": due(7), "Priority": "Medium", "Tag": "urgent"},
]


def test_an_empty_list_is_an_array(platform: Platform) -> None:
    answer = platform.tasks()
    assert (answer.text, answer.headers["Cache-Control"]) == ("[]", "no-store")
    assert "Link" not in answer.headers


@pytest.mark.parametrize("limit", [1, 7, 100])
@pytest.mark.parametrize("query", FILTERS, ids=str)
def test_pages_hold_everything_once_and_in_order(
    platform: Platform, query: dict[str, Any], limit: int
) -> None:
    tasks = many(110 if limit > 1 else 60)
    put_all(tasks)
    wanted = expected(tasks, **query)
    assert wanted
    assert walk(platform, limit=limit, **query) == wanted


def test_a_hundred_come_without_asking(platform: Platform) -> None:
    put_all(many(101))
    assert [len(page) for page in pages(platform)] == [100, 1]
    platform.delete_task(platform.tasks(limit=1).body[0]["TaskId"])
    assert [len(page) for page in pages(platform)] == [100]


@pytest.mark.parametrize("after", [2, 5])
def test_nothing_is_due_in_a_range_that_ends_before_it_begins(
    platform: Platform, after: int
) -> None:
    put_all(many(20))
    assert walk(platform, DueAfter=due(after), DueBefore=due(2)) == []


def test_the_next_page_has_the_same_filters(platform: Platform) -> None:
    put_all(many(60))
    asked = {"limit": "1", "Status": "In Progress", "Tag": "work", "DueAfter": due(0)}
    query = next_query(platform.tasks(**asked).headers["Link"])
    assert query.pop("cursor")
    assert query == asked


def test_tasks_that_come_and_go_between_pages_move_nothing(platform: Platform) -> None:
    tasks = many(30)
    put_all(tasks)
    seen: list[str] = []
    for number, page in enumerate(pages(platform, limit=7)):
        seen += [task["TaskId"] for task in page]
        newer = many(1, seed=100 + number)[0]
        put_all([newer])
        if number == 1:
            assert platform.delete_task(seen[-1]).status == 204  # where the cursor points
    assert [task_id for task_id in seen if task_id in expected(tasks)] == expected(tasks)
    assert len(set(seen)) == len(seen)


def test_tasks_of_the_same_moment_are_neither_lost_nor_repeated(platform: Platform) -> None:
    tasks = many(30, apart=timedelta(0))
    put_all(tasks)
    assert walk(platform, limit=4) == expected(tasks)


def test_a_changed_task_moves(platform: Platform) -> None:
    task_id = platform.create_task({"Title": "x", "Tags": ["a"], "DueDate": due(3)}).body["TaskId"]
    changes = {"Status": "Completed", "Priority": "High", "Tags": ["b"], "DueDate": due(5)}
    assert platform.update_task(task_id, changes).status == 200
    for old in ({"Status": "Open"}, {"Tag": "a"}, {"DueBefore": due(4)}):
        assert walk(platform, **old) == [], old
    for new in (
        {"Status": "Completed"}, {"Priority": "High"}, {"Tag": "b"}, {"DueAfter": due(5)}, {},
    ):  # fmt: skip
        assert walk(platform, **new) == [task_id], new


def test_what_an_index_has_not_followed_yet_is_not_shown(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index may still name a task that is gone, or stands elsewhere by now."""
    tasks = many(3)
    put_all(tasks)
    table = platform.modules["get_tasks"].TABLE
    real = table.all_of

    def changed(task_ids: list[str]) -> dict[str, Task]:
        found: dict[str, Task] = real(task_ids)
        found.pop(tasks[0].task_id, None)
        return found

    monkeypatch.setattr(table, "all_of", changed)
    assert walk(platform) == expected(tasks[1:])
    from dataclasses import replace

    def moved(task_ids: list[str]) -> dict[str, Task]:
        return {n: replace(t, status="Open", due_date=due(20)) for n, t in real(task_ids).items()}

    monkeypatch.setattr(table, "all_of", moved)
    assert walk(platform, Status="Completed") == walk(platform, Status="In Progress") == []
    assert walk(platform, DueBefore=due(30)) == []


# --- the price


@pytest.mark.parametrize(
    ("query", "partitions"),
    [
        ({}, 4),
        ({"Status": "Open"}, 16),
        ({"Priority": "High"}, 12),
        ({"Status": "Open", "Priority": "High"}, 4),
        ({"Tag": "home"}, 4),
        ({"DueAfter": due(0)}, 4),
    ],
    ids=str,
)
def test_a_page_costs_the_same_however_much_there_is(
    platform: Platform, query: dict[str, Any], partitions: int
) -> None:
    prices = []
    for count in (300, 1500):
        put_all(many(count, seed=count, apart=timedelta(minutes=1)))
        table = platform.modules["get_tasks"].TABLE
        table.queries = table.items_read = 0
        assert len(platform.tasks(limit=5, **query).body) == 5
        prices.append((table.queries, table.items_read))
    assert prices[0][0] == prices[1][0] == partitions
    # From each partition what the page still needs and one more (newest first: and the cursor's
    # own place), and the five tasks.
    assert all(items <= partitions * 7 + 5 for _queries, items in prices)


def test_a_rare_match_ends_the_page_not_the_list(platform: Platform) -> None:
    tasks = [*many(900, apart=timedelta(minutes=1))]
    tasks = [
        Task(**{**task.__dict__, "tags": ("all",), "priority": "Low", "due_date": None})
        for task in tasks
    ]
    rare = Task(**{**tasks[-1].__dict__, "priority": "High"})
    put_all([*tasks[:-1], rare])
    table = platform.modules["get_tasks"].TABLE
    table.queries = table.items_read = 0
    answer = platform.tasks(Tag="all", Priority="High")
    assert answer.body == []
    assert table.items_read <= 5 * listing.MAX_TASKS_READ * 2
    assert "Link" in answer.headers
    assert walk(platform, Tag="all", Priority="High") == [rare.task_id]


def test_shards_may_become_more(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    module = platform.modules["get_tasks"]
    tasks = many(40)
    put_all(tasks[:20], shards=2)
    put_all(tasks[20:], shards=8)
    monkeypatch.setattr(module, "SETTINGS", module.Settings(TASKS, 8))
    assert walk(platform, limit=7) == expected(tasks)


# --- bad input


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "limit"), ({"limit": 101}, "limit"), ({"limit": "x"}, "limit"),
        ({"Status": "Done"}, "Status"), ({"Status": ""}, "Status"), ({"status": "Open"}, "status"),
        ({"Priority": "high"}, "Priority"), ({"Tag": ""}, "Tag"),
        ({"Tag": "x" * 51}, "Tag"), ({"Tag": ["a", "b"]}, "Tag"),
        ({"DueBefore": "tomorrow"}, "DueBefore"),
        ({"DueAfter": "2026-02-30T00:00:00Z"}, "DueAfter"),
        ({"DueAfter": "2026-02-03"}, "DueAfter"), ({"lastKey": "x"}, "lastKey"),
    ],
    ids=str,
)  # fmt: skip
def test_a_bad_parameter_is_named(platform: Platform, query: dict[str, Any], field: str) -> None:
    answer = platform.tasks(**query)
    assert (answer.status, answer.body["error"]) == (400, "Validation Error")
    assert [detail["field"] for detail in answer.body["details"]] == [field]


def test_a_cursor_belongs_to_its_filters(platform: Platform) -> None:
    put_all(many(90))
    given = next_query(platform.tasks(limit=1, Status="Open").headers["Link"])["cursor"]
    assert platform.tasks(limit=9, Status="Open", cursor=given).status == 200
    for other in (
        {},
        {"Status": "Completed"},
        {"Status": "Open", "Tag": "home"},
        {"DueAfter": due(0)},
    ):
        answer = platform.tasks(cursor=given, **other)
        assert (answer.status, answer.body["error"]) == (400, "Invalid Cursor")


@pytest.mark.parametrize(
    "forged",
    ["", "x", "%00", "a" * 600, "bnVsbA",
     listing.CURSORS.encode("2026-02-30T00:00:00Z#" + "0" * 8, listing.Wanted().filters),
     listing.CURSORS.encode("2026-03-15", listing.Wanted().filters)],
)  # fmt: skip
def test_a_forged_cursor_is_refused(platform: Platform, forged: str) -> None:
    answer = platform.tasks(cursor=forged)
    assert (answer.status, answer.body["error"]) == (400, "Invalid Cursor")
    assert answer.body["details"][0]["field"] == "cursor"


def test_behind_the_last_due_date_there_is_nothing(platform: Platform) -> None:
    """Where no list ends, so somebody made the cursor up: DynamoDB refuses such a range."""
    put_all(many(9))
    before = due(3)
    wanted = listing.Wanted(due_before=before)
    beyond = listing.CURSORS.encode(f"2999-01-01T00:00:00Z#{uuid.UUID(int=1)}", wanted.filters)
    table = platform.modules["get_tasks"].TABLE
    asked = table.queries
    answer = platform.tasks(DueBefore=before, cursor=beyond)
    assert (answer.status, answer.body) == (200, [])
    assert "Link" not in answer.headers
    assert table.queries == asked  # moto would answer one
