"""POST, GET, PUT, DELETE /tasks and the activity of a task."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from customer_platform import clock
from customer_platform.dynamodb import from_item
from tests.unit.platform import IDEMPOTENCY, TASK_ACTIVITY, TASKS, Answer, Platform
from tests.unit.test_limits import recorded

NOW = datetime(2026, 3, 15, 12, 0, 0, 250_000, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NEW = {
    "Title": "Implement user authentication",
    "Description": "Add Cognito integration for secure access",
    "Status": "Open",
}
FULL = NEW | {"Priority": "High", "Tags": ["security", "web"], "DueDate": "2027-01-31T12:00:00Z"}
UNSET: dict[str, Any] = {"Priority": None, "Tags": [], "DueDate": None}

type Move = Callable[[timedelta], None]
type Output = Callable[[], list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> Move:
    """A clock that stands still until it is moved on."""
    moment = [NOW]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    return lambda step: moment.__setitem__(0, moment[0] + step)


def created(platform: Platform, **fields: Any) -> str:
    answer = platform.create_task(NEW | fields)
    assert answer.status == 201, answer.text
    return str(answer.body["TaskId"])


def stored(platform: Platform, table: str = TASKS) -> list[dict[str, Any]]:
    return [from_item(item) for item in platform.items(table)]


def actions(platform: Platform, task_id: str) -> list[str]:
    return [entry["Action"] for entry in platform.task_activity(task_id).body]


# --- as document 3 shows it


def test_creating_answers_as_the_document_shows(platform: Platform) -> None:
    answer = platform.create_task(NEW)
    assert (answer.status, answer.headers["ETag"]) == (201, '"1"')
    task_id = answer.body["TaskId"]
    assert uuid.UUID(task_id).version == 4
    data = {"TaskId": task_id, **NEW, "CreatedAt": "2026-03-15T12:00:00Z"}
    assert answer.body == {"message": "Task created successfully", "TaskId": task_id, "data": data}
    assert list(answer.body["data"]) == ["TaskId", "Title", "Description", "Status", "CreatedAt"]
    assert platform.task(task_id).body == data
    assert platform.tasks().body == [data]


def test_a_title_is_enough(platform: Platform) -> None:
    data = platform.create_task({"Title": "  x "}).body["data"]
    assert {name: data[name] for name in NEW} == {"Title": "x", "Description": "", "Status": "Open"}


def test_updating_answers_what_the_request_named(platform: Platform) -> None:
    task_id = created(platform)
    asked = {"Status": "Completed", "Title": "Complete project documentation (Updated)"}
    answer = platform.update_task(task_id, asked)
    assert (answer.status, answer.headers["ETag"]) == (200, '"2"')
    assert answer.body == {
        "message": "Task updated successfully",
        "data": {"TaskId": task_id, **asked},
    }
    assert platform.task(task_id).body == {
        "TaskId": task_id, **NEW, **asked, "CreatedAt": "2026-03-15T12:00:00Z",
    }  # fmt: skip


def test_deleting_answers_nothing_and_leaves_the_activity(platform: Platform) -> None:
    task_id = created(platform, **FULL)
    answer = platform.delete_task(task_id)
    assert (answer.status, answer.text) == (204, "")
    assert stored(platform) == []
    assert platform.task(task_id).status == 404
    assert actions(platform, task_id) == ["deleted", "created"]


@pytest.mark.parametrize("body", [{}, {"Title": ""}, {"Title": " \t "}, {"Description": "x"}])
def test_a_missing_title_is_told_in_the_documents_words(platform: Platform, body: Any) -> None:
    answer = platform.create_task(body)
    assert (answer.status, answer.body["error"]) == (400, "Validation Error")
    assert answer.body["message"] == "Title field is required"
    assert {"Title"} <= {detail["field"] for detail in answer.body["details"]}


def test_a_title_cannot_be_emptied(platform: Platform) -> None:
    answer = platform.update_task(created(platform), {"Title": ""})
    assert (answer.status, answer.body["message"]) == (400, "Title field is required")


@pytest.mark.parametrize(
    "task_id",
    ["invalid-id", "00000000-0000-4000-8000-000000000000", "\u202e", "%00", "A" * 3000, ""],
)
def test_an_unknown_task_is_not_found(platform: Platform, task_id: str) -> None:
    shown = task_id if len(task_id) <= 100 else task_id[:100] + "..."
    for answer in (
        platform.task(task_id),
        platform.update_task(task_id, {"Status": "Open"}),
        platform.delete_task(task_id),
        platform.task_activity(task_id),
    ):
        assert (answer.status, answer.body["error"]) == (404, "Not Found")
        assert answer.body["message"] == f"Task with ID '{shown}' not found"
    assert stored(platform) == []


def test_what_was_not_foreseen_is_told_in_the_documents_words(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, output: Output
) -> None:
    def fail(**_parameters: Any) -> Any:
        raise KeyError("secret")

    monkeypatch.setattr(platform.modules["get_task"].TABLE._dynamodb, "get_item", fail)
    answer = platform.task(str(uuid.uuid4()))
    assert (answer.status, answer.body["error"]) == (500, "Internal Server Error")
    assert answer.body["message"] == "An unexpected error occurred. Please try again later."
    assert "secret" not in json.dumps(output())


def test_a_busy_table_is_503(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_parameters: Any) -> Any:
        reasons = [{"Code": "TransactionConflict"}]
        error = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
        raise ClientError(error, "TransactWriteItems")  # type: ignore[arg-type]

    store = platform.modules["create_task"].STORE
    monkeypatch.setattr(store.dynamodb, "transact_write_items", refuse)
    answer = platform.create_task(NEW)
    assert (answer.status, answer.body["error"]) == (503, "Service Unavailable")
    assert answer.headers["Retry-After"] == "2"


@pytest.mark.parametrize("kind", [ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError])
def test_a_table_that_is_not_reached_is_503(
    kind: Any, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_parameters: Any) -> Any:
        raise kind(endpoint_url="https://dynamodb")

    monkeypatch.setattr(platform.modules["get_task"].TABLE._dynamodb, "get_item", fail)
    answer = platform.task(str(uuid.uuid4()))
    assert (answer.status, answer.headers.get("Retry-After")) == (503, "2")


def answer_lost(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next transaction is carried out, but its answer is that it is in progress: a first one
    got lost. Asked again under the same token, DynamoDB says what came of it."""
    work = dynamodb.transact_write_items
    tokens: list[str] = []

    def write(**request: Any) -> Any:
        token = request.get("ClientRequestToken")
        if tokens and token == tokens[0]:
            return {}
        done = work(**request)
        if tokens:
            return done
        tokens.append(token or "the SDK's own")
        code = "TransactionInProgressException"
        raise ClientError({"Error": {"Code": code}}, "TransactWriteItems")

    monkeypatch.setattr(dynamodb, "transact_write_items", write)


def test_a_write_whose_answer_got_lost_is_not_refused_by_its_own_conditions(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    for handler in ("create_task", "update_task", "delete_task"):
        answer_lost(platform.modules[handler].STORE.dynamodb, monkeypatch)
        monkeypatch.setattr("customer_platform.transactions.pause", lambda _attempt: None)
    task_id = created(platform)
    assert platform.update_task(task_id, {"Title": "x"}, If_Match='"1"').status == 200
    assert platform.delete_task(task_id).status == 204
    assert actions(platform, task_id) == ["deleted", "updated", "created"]


# --- what "Phase 3" adds


def test_priority_tags_and_due_date_appear_where_they_are_set(platform: Platform) -> None:
    data = platform.create_task(FULL | {"DueDate": "2027-01-31T12:00:00.999Z"}).body["data"]
    assert {name: data[name] for name in FULL} == FULL
    for nothing in (UNSET, {}):
        plain = platform.create_task(NEW | nothing).body["data"]
        assert plain.keys() == {"TaskId", "Title", "Description", "Status", "CreatedAt"}


def test_they_can_be_taken_away(platform: Platform) -> None:
    task_id = created(platform, **FULL)
    answer = platform.update_task(task_id, UNSET)
    assert answer.body["data"] == {"TaskId": task_id}
    assert platform.task(task_id).body.keys().isdisjoint(UNSET)
    [item] = stored(platform)  # no tag's row is left
    assert item.keys().isdisjoint({"Priority", "Tags", "DueDate", "DueBucket", "DueKey"})


def test_every_tag_has_a_row_that_holds_keys_only(platform: Platform) -> None:
    task_id = created(platform, Tags=["a", " b ", "a"])
    platform.update_task(task_id, {"Tags": ["b", "c#1"]})
    rows = {row["Entry"]: row for row in stored(platform)}
    assert rows.keys() == {"task", "tag#b", "tag#c#1"}
    for tag in ("b", "c#1"):
        row = rows[f"tag#{tag}"]
        assert row.keys() == {"TaskId", "Entry", "TagBucket", "SortKey"}
        assert row["TagBucket"].startswith(f"{tag}#")
    assert platform.task(task_id).body["Tags"] == ["b", "c#1"]


BAD_FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "title of 201": ({"Title": "x" * 201}, "Title"),
    "title of two lines": ({"Title": "a\nb"}, "Title"),
    "title that turns the text around": ({"Title": "a\u202eb"}, "Title"),
    "title of nothing to see": ({"Title": "\U000e0041"}, "Title"),
    "title null": ({"Title": None}, "Title"),
    "title number": ({"Title": 5}, "Title"),
    "description of 5001": ({"Description": "x" * 5001}, "Description"),
    "description with a bell": ({"Description": "\u0007"}, "Description"),
    "description null": ({"Description": None}, "Description"),
    "another status": ({"Status": "Done"}, "Status"),
    "status in capitals": ({"Status": "OPEN"}, "Status"),
    "status null": ({"Status": None}, "Status"),
    "another priority": ({"Priority": "Urgent"}, "Priority"),
    "eleven tags": ({"Tags": [str(n) for n in range(11)]}, "Tags"),
    "a tag of 51": ({"Tags": ["x" * 51]}, "Tags.0"),
    "an empty tag": ({"Tags": ["a", " "]}, "Tags.1"),
    "a tag of two lines": ({"Tags": ["a\nb"]}, "Tags.0"),
    "a number for a tag": ({"Tags": [1]}, "Tags.0"),
    "text for tags": ({"Tags": "a"}, "Tags"),
    "tags null": ({"Tags": None}, "Tags"),
    "a day only": ({"DueDate": "2027-01-31"}, "DueDate"),
    "no such day": ({"DueDate": "2027-02-30T12:00:00Z"}, "DueDate"),
    "another time zone": ({"DueDate": "2027-01-31T12:00:00+01:00"}, "DueDate"),
    "a leap second": ({"DueDate": "2016-12-31T23:59:60Z"}, "DueDate"),
    "due date and a line": ({"DueDate": "2027-01-31T12:00:00Z\n"}, "DueDate"),
    "epoch seconds": ({"DueDate": 1800000000}, "DueDate"),
    "an attribute of the table": ({"Version": 7}, "Version"),
    "an id": ({"TaskId": "x"}, "TaskId"),
    "a creation time": ({"CreatedAt": "2020-01-01T00:00:00Z"}, "CreatedAt"),
}


@pytest.mark.parametrize("case", BAD_FIELDS)
def test_a_bad_field_is_named(case: str, platform: Platform) -> None:
    fields, name = BAD_FIELDS[case]
    task_id = created(platform)
    before = stored(platform)
    for answer in (platform.create_task(NEW | fields), platform.update_task(task_id, fields)):
        assert (answer.status, answer.body["error"]) == (400, "Validation Error")
        assert [detail["field"] for detail in answer.body["details"]] == [name]
    assert stored(platform) == before


def test_a_change_of_nothing_is_refused(platform: Platform) -> None:
    answer = platform.update_task(created(platform), {})
    assert (answer.status, answer.body["message"]) == (400, "body must name at least one field")


# --- Idempotency-Key


def test_a_repeat_gets_the_first_answer_and_creates_nothing(platform: Platform, now: Move) -> None:
    first = platform.create_task(FULL, Idempotency_Key="k")
    now(60 * SECOND)
    assert platform.update_task(first.body["TaskId"], {"Title": "Other"}).status == 200
    again = platform.create_task(FULL, Idempotency_Key="k")
    assert (again.status, again.body) == (201, first.body)
    assert platform.delete_task(first.body["TaskId"]).status == 204
    assert platform.create_task(FULL, Idempotency_Key="k").body == first.body
    assert stored(platform) == []


def test_another_body_under_the_key_is_422(platform: Platform) -> None:
    platform.create_task(NEW, Idempotency_Key="k")
    answer = platform.create_task(NEW | {"Title": "Other"}, Idempotency_Key="k")
    assert (answer.status, answer.body["error"]) == (422, "Idempotency Conflict")
    assert len(stored(platform)) == 1


def test_a_key_is_forgotten_after_a_day(platform: Platform, now: Move) -> None:
    first = platform.create_task(NEW, Idempotency_Key="k").body["TaskId"]
    now(timedelta(days=1) + SECOND)
    assert platform.create_task(NEW, Idempotency_Key="k").body["TaskId"] != first


def test_a_bad_key_is_refused(platform: Platform) -> None:
    answer = platform.create_task(NEW, Idempotency_Key="two words")
    assert (answer.status, answer.body["details"][0]["field"]) == (400, "Idempotency-Key")
    assert stored(platform) == stored(platform, IDEMPOTENCY) == []


@pytest.mark.usefixtures("one_call_at_a_time")
def test_eight_requests_with_one_key_create_one_task(platform: Platform) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: platform.create_task(FULL, Idempotency_Key="k"), range(8))
        )
    assert len({answer.text for answer in answers}) == 1
    assert len(stored(platform)) == 3
    assert len(stored(platform, TASK_ACTIVITY)) == 1


# --- ETag and If-Match


@pytest.mark.parametrize(
    ("tags", "fits"),
    [
        ('"2"', True), ("*", True), (' * ', True), ('"1","2"', True), ('"x" , "2"', True),
        ('W/"2"', True), ('"1"', False), ('"02"', False), ('"22"', False), ('W/"1"', False),
    ],
)  # fmt: skip
def test_a_change_is_made_to_the_version_it_is_meant_for(
    platform: Platform, tags: str, fits: bool
) -> None:
    task_id = created(platform)
    assert platform.update_task(task_id, {"Status": "Completed"}).headers["ETag"] == '"2"'
    before = platform.task(task_id)
    assert before.headers["ETag"] == '"2"'
    update = platform.update_task(task_id, {"Title": "Mine"}, If_Match=tags)
    assert update.status == (200 if fits else 412)
    if not fits:
        assert update.body["error"] == "Precondition Failed"
        assert update.body["message"] == f"Task with ID '{task_id}' was changed since it was read"
        assert platform.task(task_id).body == before.body
        assert platform.delete_task(task_id, If_Match=tags).status == 412
        assert platform.task(task_id).body == before.body
    assert platform.delete_task(task_id, If_Match=platform.task(task_id).headers["ETag"]).text == ""


@pytest.mark.parametrize("tags", ["2", '"2', '"2" "3"', "", "W/2", '"a b"', '"' + "x" * 300 + '"'])
def test_what_is_no_etag_is_refused(platform: Platform, tags: str) -> None:
    task_id = created(platform)
    for answer in (
        platform.update_task(task_id, {"Title": "Mine"}, If_Match=tags),
        platform.delete_task(task_id, If_Match=tags),
    ):
        assert (answer.status, answer.body["details"][0]["field"]) == (400, "If-Match")
    assert platform.task(task_id).headers["ETag"] == '"1"'


def test_what_is_as_asked_is_not_written(platform: Platform) -> None:
    task_id = created(platform, **FULL)
    answer = platform.update_task(task_id, {"Tags": FULL["Tags"], "Status": "Open"})
    assert (answer.status, answer.headers["ETag"]) == (200, '"1"')
    assert actions(platform, task_id) == ["created"]


@pytest.mark.usefixtures("one_call_at_a_time")
def test_without_if_match_only_the_named_fields_are_written(platform: Platform) -> None:
    """Six at once, each another field: all of them arrive, whatever each had read."""
    task_id = created(platform)
    named = {
        "Title": "T", "Description": "D", "Status": "Completed", "Priority": "Low",
        "Tags": ["t"], "DueDate": "2027-01-31T12:00:00Z",
    }  # fmt: skip
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(lambda name: platform.update_task(task_id, {name: named[name]}), named)
        )
    assert {answer.status for answer in answers} == {200}
    assert sorted(answer.headers["ETag"] for answer in answers) == [f'"{n}"' for n in range(2, 8)]
    task = platform.task(task_id)
    assert {name: task.body[name] for name in named} == named
    assert len(actions(platform, task_id)) == 7


@pytest.mark.usefixtures("one_call_at_a_time")
def test_of_those_who_saw_the_same_version_one_gets_through(platform: Platform) -> None:
    task_id = created(platform)
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(
                lambda n: platform.update_task(task_id, {"Title": f"{n}"}, If_Match='"1"'), range(6)
            )
        )
    assert sorted(answer.status for answer in answers) == [200, *[412] * 5]
    [winner] = [answer.body["data"]["Title"] for answer in answers if answer.status == 200]
    assert platform.task(task_id).body["Title"] == winner
    assert actions(platform, task_id) == ["updated", "created"]


def test_a_change_that_meets_another_is_applied_to_what_is_there_then(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = created(platform, Tags=["a"])
    store = platform.modules["update_task"].STORE
    read = store.tasks.get
    others = [{"Tags": ["b"]}, {"Title": "Other"}]

    def read_then_overtaken(wanted: str) -> Any:
        task = read(wanted)
        if others:
            monkeypatch.setattr(store.tasks, "get", read)
            other = others.pop()
            assert platform.update_task(task_id, other).status == 200
            monkeypatch.setattr(store.tasks, "get", read_then_overtaken)
        return task

    monkeypatch.setattr(store.tasks, "get", read_then_overtaken)
    assert platform.update_task(task_id, {"Status": "Completed"}).headers["ETag"] == '"4"'
    task = platform.task(task_id).body
    assert (task["Title"], task["Tags"], task["Status"]) == ("Other", ["b"], "Completed")
    rows = {row["Entry"] for row in stored(platform)}
    assert rows == {"task", "tag#b"}


# --- one transaction


def test_everything_that_a_request_changes_is_one_transaction(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = {
        handler: recorded(
            monkeypatch, platform.modules[handler].STORE.dynamodb, "transact_write_items"
        )
        for handler in ("create_task", "update_task", "delete_task")
    }
    task_id = created(platform, **FULL)
    assert platform.create_task(NEW, Idempotency_Key="k").status == 201
    assert platform.update_task(task_id, {"Tags": ["new"], "Status": "Completed"}).status == 200
    assert platform.delete_task(task_id).status == 204

    def parts(handler: str) -> list[list[tuple[str, str]]]:
        return [
            [
                (kind, part["TableName"])
                for parts in call["TransactItems"]
                for kind, part in parts.items()
            ]
            for call in calls[handler]
        ]

    assert parts("create_task") == [
        [("Put", TASKS)] * 3 + [("Put", TASK_ACTIVITY)],
        [("Put", IDEMPOTENCY), ("Put", TASKS), ("Put", TASK_ACTIVITY)],
    ]
    assert parts("update_task") == [
        [("Put", TASKS)] * 2 + [("Delete", TASKS)] * 2 + [("Put", TASK_ACTIVITY)]
    ]
    assert parts("delete_task") == [[("Delete", TASKS)] * 2 + [("Put", TASK_ACTIVITY)]]


def test_reads_before_a_write_are_consistent(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = created(platform)
    calls: dict[str, Callable[[], Answer]] = {
        "get_task": lambda: platform.task(task_id),
        "update_task": lambda: platform.update_task(task_id, {"Title": "x"}),
        "delete_task": lambda: platform.delete_task(task_id),
    }
    for handler, call in calls.items():
        module = platform.modules[handler]
        client = module.TABLE._dynamodb if handler == "get_task" else module.STORE.dynamodb
        reads = recorded(monkeypatch, client, "get_item")
        assert call().status < 300
        assert [read["ConsistentRead"] for read in reads] == [True], handler


# --- activity


def test_the_activity_tells_what_was_done(platform: Platform, now: Move) -> None:
    task_id = created(platform, Tags=["a"], Priority="Low")
    now(SECOND)
    changes = {
        "Description": "Long",
        "Status": "Completed",
        "Tags": [],
        "DueDate": "2027-01-31T12:00:00Z",
    }
    platform.update_task(task_id, changes)
    now(SECOND)
    platform.delete_task(task_id)
    assert platform.task_activity(task_id).body == [
        {"At": "2026-03-15T12:00:02Z", "Action": "deleted", "Version": 3},
        {
            "At": "2026-03-15T12:00:01Z",
            "Action": "updated",
            "Version": 2,
            "Changes": [
                {"Field": "Description"},
                {"Field": "Status", "From": "Open", "To": "Completed"},
                {"Field": "Tags", "From": ["a"]},
                {"Field": "DueDate", "To": "2027-01-31T12:00:00Z"},
            ],
        },
        {"At": "2026-03-15T12:00:00Z", "Action": "created", "Version": 1},
    ]


def test_activity_comes_in_pages(platform: Platform, now: Move) -> None:
    task_id = created(platform)
    for number in range(6):
        if number % 2:  # some in the same millisecond
            now(SECOND)
        platform.update_task(task_id, {"Title": f"{number}"})
    versions: list[int] = []
    query: dict[str, str] = {"limit": "2"}
    for _page in range(4):
        answer = platform.task_activity(task_id, **query)
        versions += [entry["Version"] for entry in answer.body]
        if "Link" not in answer.headers:
            break
        query = next_query(answer.headers["Link"])
        assert query["limit"] == "2"
    assert versions == [7, 6, 5, 4, 3, 2, 1]
    other = created(platform)
    answer = platform.task_activity(other, cursor=query["cursor"])
    assert (answer.status, answer.body["error"]) == (400, "Invalid Cursor")


def next_query(link: str) -> dict[str, str]:
    from urllib.parse import parse_qsl

    assert link.startswith("<?")
    assert link.endswith('>; rel="next"')
    return dict(parse_qsl(link[2 : link.index(">")], strict_parsing=True))


def test_activity_expires(platform: Platform, now: Move) -> None:
    task_id = created(platform)
    gone = created(platform)
    platform.delete_task(gone)
    now(timedelta(days=89))
    platform.update_task(task_id, {"Title": "Later"})
    [entry] = [e for e in stored(platform, TASK_ACTIVITY) if e["Action"] == "updated"]
    assert entry["expiresAt"] == int(clock.now().timestamp()) + 90 * 86_400
    now(timedelta(days=2))
    assert actions(platform, task_id) == ["updated"]
    assert platform.task_activity(gone).status == 404
    now(timedelta(days=90))
    assert platform.task_activity(task_id).body == []


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 101}, {"x": 1}, {"cursor": "x"}])
def test_a_bad_query_is_refused(platform: Platform, query: dict[str, Any]) -> None:
    assert platform.task_activity(created(platform), **query).status == 400


@pytest.mark.parametrize("handler", ["get_task", "create_task", "update_task", "delete_task"])
def test_a_query_where_none_is_known_is_refused(handler: str, platform: Platform) -> None:
    task_id = created(platform)
    before = stored(platform)
    event = {
        "multiValueQueryStringParameters": {"limit": ["1"]},
        "pathParameters": {"TaskId": task_id},
        "body": json.dumps(NEW),
    }
    answer = platform.call(handler, event)
    assert answer.status == 400
    assert answer.body["details"] == [{"field": "limit", "issue": "is not a known parameter"}]
    assert stored(platform) == before


def test_nothing_that_was_written_is_logged(platform: Platform, output: Output) -> None:
    secret = FULL | {"Title": "s3cret", "Description": "s3cret", "Tags": ["s3cret"]}
    task_id = created(platform, **secret)
    platform.update_task(task_id, {"Title": "s3cret two"})
    platform.tasks(Tag="s3cret")
    platform.create_task(secret | {"Status": "s3cret"})
    platform.task("s3cret")
    lines = output()
    assert len(lines) >= 5
    assert "s3cret" not in json.dumps(lines)
