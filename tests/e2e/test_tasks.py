"""The task tracker, as a client sees it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.contract import assert_documented
from tests.e2e.conftest import Deployment, eventually
from tests.e2e.test_hostile_input import JSON

NEW = {
    "Title": "Implement user authentication",
    "Description": "Add Cognito integration for secure access",
    "Status": "Open",
}


@pytest.fixture
def made(api: httpx.Client) -> Iterator[list[str]]:
    """Tasks to remove again."""
    tasks: list[str] = []
    yield tasks
    for task_id in tasks:
        api.delete(f"/tasks/{task_id}")


def create(api: httpx.Client, made: list[str], **fields: Any) -> dict[str, Any]:
    answer = api.post("/tasks", json=NEW | fields)
    assert answer.status_code == 201, answer.text
    made.append(answer.json()["TaskId"])
    data: dict[str, Any] = answer.json()["data"]
    return data


def checked(operation: str, answer: httpx.Response, status: int) -> Any:
    """The body of an answer that is as the document says; the gateway adds headers of its own."""
    assert answer.status_code == status, answer.text
    ours = {"content-type", "etag", "link", "cache-control", "retry-after"}
    cors = {"access-control-allow-origin", "access-control-expose-headers"}
    headers = {n: v for n, v in answer.headers.items() if n in ours | cors}
    assert_documented(operation, status, headers, answer.text)
    return answer.json() if answer.text else None


def test_the_documents_requests_get_the_documents_answers(
    api: httpx.Client, made: list[str]
) -> None:
    answer = api.post("/tasks", json=NEW)
    created = checked("createTask", answer, 201)
    task_id = created["TaskId"]
    made.append(task_id)
    assert created["message"] == "Task created successfully"
    assert created["data"] == {"TaskId": task_id, **NEW, "CreatedAt": created["data"]["CreatedAt"]}
    assert answer.headers["etag"] == '"1"'

    one = api.get(f"/tasks/{task_id}")
    assert checked("getTask", one, 200) == created["data"]
    page = eventually(
        lambda: api.get("/tasks").json(), lambda tasks: created["data"] in tasks, seconds=10
    )
    assert isinstance(page, list)

    asked = {"Status": "Completed", "Title": "Complete project documentation (Updated)"}
    updated = checked("updateTask", api.put(f"/tasks/{task_id}", json=asked), 200)
    assert updated == {"message": "Task updated successfully", "data": {"TaskId": task_id, **asked}}

    deleted = api.delete(f"/tasks/{task_id}")
    assert (deleted.status_code, deleted.content) == (204, b"")
    gone = checked("getTask", api.get(f"/tasks/{task_id}"), 404)
    assert gone["message"] == f"Task with ID '{task_id}' not found"
    log = checked("getTaskActivity", api.get(f"/tasks/{task_id}/activity"), 200)
    assert [entry["Action"] for entry in log] == ["deleted", "updated", "created"]


def test_the_documents_errors(api: httpx.Client) -> None:
    missing = checked("createTask", api.post("/tasks", json={"Description": "x"}), 400)
    assert (missing["error"], missing["message"]) == ("Validation Error", "Title field is required")
    unknown = checked("getTask", api.get("/tasks/invalid-id"), 404)
    assert (unknown["error"], unknown["message"]) == (
        "Not Found", "Task with ID 'invalid-id' not found",
    )  # fmt: skip


def test_a_repeat_creates_nothing(api: httpx.Client, made: list[str]) -> None:
    tag = uuid.uuid4().hex
    key = {"Idempotency-Key": uuid.uuid4().hex}
    body = NEW | {"Tags": [tag]}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: api.post("/tasks", json=body, headers=key), range(8)))
    assert {answer.status_code for answer in answers} == {201}, [a.text for a in answers]
    assert len({answer.text for answer in answers}) == 1
    made.append(answers[0].json()["TaskId"])
    listed = eventually(lambda: api.get("/tasks", params={"Tag": tag}).json(), bool, seconds=10)
    assert [task["TaskId"] for task in listed] == made
    other = api.post("/tasks", json=body | {"Title": "Other"}, headers=key)
    assert checked("createTask", other, 422)["error"] == "Idempotency Conflict"


def test_of_eight_who_saw_the_same_version_one_gets_through(
    api: httpx.Client, made: list[str]
) -> None:
    task_id = create(api, made)["TaskId"]

    def change(number: int) -> httpx.Response:
        body = {"Title": f"Title of {number}"}
        return api.put(f"/tasks/{task_id}", json=body, headers={"If-Match": '"1"'})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(change, range(8)))
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 7]
    for answer in answers:
        checked("updateTask", answer, answer.status_code)
    [winner] = [answer for answer in answers if answer.status_code == 200]
    task = api.get(f"/tasks/{task_id}")
    assert task.json()["Title"] == winner.json()["data"]["Title"]
    assert task.headers["etag"] == winner.headers["etag"] == '"2"'
    stale = api.delete(f"/tasks/{task_id}", headers={"If-Match": '"1"'})
    assert checked("deleteTask", stale, 412)["error"] == "Precondition Failed"
    assert api.get(f"/tasks/{task_id}").status_code == 200


def test_without_if_match_every_named_field_arrives(api: httpx.Client, made: list[str]) -> None:
    task_id = create(api, made)["TaskId"]
    named: dict[str, Any] = {
        "Title": "T", "Description": "D", "Status": "Completed", "Priority": "Low",
        "Tags": ["t", "u"], "DueDate": "2999-01-31T12:00:00Z",
    }  # fmt: skip
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(lambda name: api.put(f"/tasks/{task_id}", json={name: named[name]}), named)
        )
    assert {answer.status_code for answer in answers} == {200}, [a.text for a in answers]
    assert {answer.headers["etag"] for answer in answers} == {f'"{n}"' for n in range(2, 8)}
    task = api.get(f"/tasks/{task_id}").json()
    assert {name: task[name] for name in named} == named
    log = api.get(f"/tasks/{task_id}/activity").json()
    assert sorted(entry["Version"] for entry in log) == list(range(1, 8))


def test_pages_follow_their_links(api: httpx.Client, made: list[str]) -> None:
    tag = uuid.uuid4().hex
    ids = [
        create(api, made, Title=f"{n}", Tags=[tag], Priority=("Low", "High")[n % 2])["TaskId"]
        for n in range(5)
    ]
    eventually(lambda: len(api.get("/tasks", params={"Tag": tag}).json()), lambda n: n == 5)
    asked: list[tuple[dict[str, str], list[str]]] = [
        ({"Tag": tag, "limit": "2"}, ids[::-1]),
        ({"Tag": tag, "Priority": "High", "limit": "1"}, [ids[3], ids[1]]),
    ]
    for query, wanted in asked:
        seen: list[str] = []
        answer = api.get("/tasks", params=query)
        for _page in range(10):
            seen += [task["TaskId"] for task in checked("listTasks", answer, 200)]
            following = answer.links.get("next")
            if following is None:
                break
            # Relative to the page, wherever it is served.
            answer = api.get(answer.url.join(following["url"]))
        assert seen == wanted


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=101", "limit=x", "limit=", "Status=Done", "Status=", "status=Open",
        "Priority=urgent", "Tag=", f"Tag={'x' * 51}", "DueBefore=tomorrow", "DueAfter=2027-02-30",
        "cursor=x", "cursor=", "limit=1&limit=2", "colour=red",
    ],
)  # fmt: skip
def test_a_bad_query_is_refused(query: str, api: httpx.Client) -> None:
    error = checked("listTasks", api.get(f"/tasks?{query}"), 400)
    assert error["details"]


BAD_BODIES: dict[str, tuple[bytes, dict[str, str], int]] = {
    "nothing": (b"", JSON, 400),
    "not JSON": (b"{Title: x}", JSON, 400),
    "an array": (b"[]", JSON, 400),
    "a title of blanks": (b'{"Title": "  "}', JSON, 400),
    "a title of two lines": (b'{"Title": "a\\nb"}', JSON, 400),
    "a title twice": (b'{"Title": "a", "Title": "b"}', JSON, 400),
    "half of an emoji": (b'{"Title": "\\ud83d"}', JSON, 400),
    "another status": (b'{"Title": "a", "Status": "Done"}', JSON, 400),
    "an unknown field": (b'{"Title": "a", "Version": 7}', JSON, 400),
    "eleven tags": (b'{"Title": "a", "Tags": [' + b'"t",' * 10 + b'"t"]}', JSON, 400),
    "no such day": (b'{"Title": "a", "DueDate": "2027-02-30T00:00:00Z"}', JSON, 400),
    "deep nesting": (b'{"Title":' * 20_000 + b"1" + b"}" * 20_000, JSON, 400),
    "a body over 64 KB": (b'{"Title": "' + b"x" * 70_000 + b'"}', JSON, 413),
    "JSON called text": (b'{"Title": "a"}', {"Content-Type": "text/plain"}, 415),
    "a bad key": (b'{"Title": "a"}', JSON | {"Idempotency-Key": "two words"}, 400),
}


@pytest.mark.parametrize("case", BAD_BODIES)
def test_a_bad_body_is_refused_and_changes_nothing(
    case: str, api: httpx.Client, deployment: Deployment, made: list[str]
) -> None:
    content, headers, status = BAD_BODIES[case]
    task_id = create(api, made)["TaskId"]
    before = deployment.count("tasks_table_name") + deployment.count("task_activity_table_name")
    checked("createTask", api.post("/tasks", content=content, headers=headers), status)
    if case != "a bad key":
        path = f"/tasks/{task_id}"
        checked("updateTask", api.put(path, content=content, headers=headers), status)
    after = deployment.count("tasks_table_name") + deployment.count("task_activity_table_name")
    assert after == before
    assert api.get(f"/tasks/{task_id}").headers["etag"] == '"1"'


@pytest.mark.parametrize("tags", ["1", '"1', "W/1", '"a b"'])
def test_what_is_no_etag_is_refused(tags: str, api: httpx.Client, made: list[str]) -> None:
    path = f"/tasks/{create(api, made)['TaskId']}"
    headers = {"If-Match": tags}
    checked("updateTask", api.put(path, json={"Title": "x"}, headers=headers), 400)
    checked("deleteTask", api.delete(path, headers=headers), 400)


def test_a_browser_may_send_and_read_versions(api: httpx.Client, made: list[str]) -> None:
    task_id = create(api, made)["TaskId"]
    preflight = api.options(
        f"/tasks/{task_id}",
        headers={
            "Origin": "https://site.example.com",
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "content-type,if-match",
        },
    )
    assert "if-match" in preflight.headers["access-control-allow-headers"].lower()
    assert "PUT" in preflight.headers["access-control-allow-methods"]
    exposed = api.get(f"/tasks/{task_id}").headers["access-control-expose-headers"]
    assert {"ETag", "Link"} <= set(exposed.split(","))


# --- reminders


def schedule_of(deployment: Deployment, task_id: str) -> dict[str, Any] | None:
    scheduler = deployment.client("scheduler")
    group = f"task-reminders-{deployment.stack.suffix}"
    try:
        found: dict[str, Any] = scheduler.get_schedule(Name=task_id, GroupName=group)
    except scheduler.exceptions.ResourceNotFoundException:
        return None
    return found


def test_a_schedule_comes_and_goes_with_its_task(
    api: httpx.Client, deployment: Deployment, made: list[str]
) -> None:
    def runs() -> str | None:
        found = schedule_of(deployment, task_id)
        return found["ScheduleExpression"] if found else None

    def becomes(wanted: str | None) -> None:
        eventually(runs, lambda found: found == wanted)

    task_id = create(api, made, DueDate="2999-01-31T12:00:00Z")["TaskId"]
    first, later = "at(2999-01-31T11:00:00)", "at(2999-02-01T11:00:00)"
    becomes(first)
    steps: list[tuple[dict[str, Any], str | None]] = [
        ({"DueDate": "2999-02-01T12:00:00Z"}, later),
        ({"Status": "Completed"}, None),
        ({"Status": "Open"}, later),
        ({"DueDate": None}, None),
        ({"DueDate": "2999-01-31T12:00:00Z"}, first),
    ]
    for changes, wanted in steps:
        assert api.put(f"/tasks/{task_id}", json=changes).status_code == 200
        becomes(wanted)
    assert api.delete(f"/tasks/{task_id}").status_code == 204
    becomes(None)


def test_the_team_is_reminded_once(
    api: httpx.Client, deployment: Deployment, made: list[str]
) -> None:
    """The schedule is moved to now, and runs: the scheduler of the embedded cloud looks every ten
    seconds. What it calls goes all the way into the team's mailbox."""
    title = f"Renew {uuid.uuid4()}"
    task_id = create(api, made, Title=title, DueDate="2999-01-31T12:00:00Z")["TaskId"]
    found = eventually(lambda: schedule_of(deployment, task_id), bool)
    assert found
    wanted = ("Name", "GroupName", "FlexibleTimeWindow", "ActionAfterCompletion", "Target")
    request = {name: found[name] for name in wanted}
    scheduler = deployment.client("scheduler")
    scheduler.update_schedule(**request, ScheduleExpression="at(2020-01-01T00:00:00)")

    def actions() -> list[str]:
        return [entry["Action"] for entry in api.get(f"/tasks/{task_id}/activity").json()]

    eventually(actions, lambda log: "reminded" in log, seconds=40)
    assert schedule_of(deployment, task_id) is None
    mail = eventually(lambda: letters(deployment, title), bool, seconds=40)
    # Again, as a scheduler may: nothing more comes of it.
    answer = deployment.client("lambda").invoke(
        FunctionName=deployment.outputs["functions"]["send_task_reminder"]["name"],
        Qualifier="live",
        Payload=found["Target"]["Input"],
    )
    assert json.loads(answer["Payload"].read()) == {"outcome": "repeated"}
    assert actions().count("reminded") == 1
    assert letters(deployment, title) == mail
    [letter] = mail
    assert letter["To"] == ["team@example.com"]
    assert letter["Subject"] == f"Due 2999-01-31 12:00 UTC: {title}"
    assert f"Task: {task_id}" in letter["BodyText"]


def letters(deployment: Deployment, title: str) -> list[Any]:
    """Mail that was sent about a task."""
    with httpx.Client(base_url=deployment.cloud.endpoint, trust_env=False) as session:
        sent = session.get("/_ministack/ses/messages").json()["messages"]
    # By account.
    return [letter for box in sent.values() for letter in box if title in letter["Subject"]]
