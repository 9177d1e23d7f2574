"""The tasks page: create, change, find, complete, delete with a way back; two people at once."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Troubles
from tests.browser.words import mark
from tests.e2e.conftest import eventually


@pytest.fixture
def tag() -> str:
    """Of the tasks of one test: no other test's are listed with it."""
    return f"t{mark()}"


def post_task(api: httpx.Client, tag: str, title: str, **fields: Any) -> str:
    answer = api.post("/tasks", json={"Title": title, "Description": "", "Tags": [tag], **fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["TaskId"])


def rows(page: Page) -> Locator:
    return page.locator("ul.tasks > li")


def row(page: Page, title: str) -> Locator:
    return rows(page).filter(has_text=title)


def task(api: httpx.Client, task_id: str) -> dict[str, Any]:
    answer = api.get(f"/tasks/{task_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def ids(api: httpx.Client, tag: str) -> list[str]:
    return [item["TaskId"] for item in api.get("/tasks", params={"Tag": tag}).json()]


def test_a_task_is_created_changed_and_completed(page: Page, api: httpx.Client, tag: str) -> None:
    page.goto(f"/tasks?tag={tag}")
    expect(page.get_by_text("No task fits these filters")).to_be_visible()
    page.get_by_role("button", name="New task").click()
    dialog = page.get_by_role("dialog", name="New task")
    dialog.get_by_role("button", name="Create task").click()
    expect(dialog.get_by_text("Title is required")).to_be_visible()
    expect(dialog.get_by_label("Title")).to_be_focused()
    dialog.get_by_label("Title").fill("Write the handbook")
    dialog.get_by_label("Description").fill("Short, with examples")
    dialog.get_by_label("Priority").select_option("High")
    dialog.get_by_label("Due").fill("2031-05-06T10:30")
    dialog.get_by_label("Tags").fill(tag)
    dialog.get_by_role("button", name="Create task").click()
    expect(dialog).to_have_count(0)
    created = row(page, "Write the handbook")
    expect(created).to_contain_text("High priority")
    [task_id] = eventually(lambda: ids(api, tag), bool)
    assert task(api, task_id) | {"CreatedAt": ""} == {
        "TaskId": task_id,
        "Title": "Write the handbook",
        "Description": "Short, with examples",
        "Status": "Open",
        "Priority": "High",
        "DueDate": "2031-05-06T08:30:00Z",  # the browser is in Berlin
        "Tags": [tag],
        "CreatedAt": "",
    }

    created.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog", name="Edit task")
    dialog.get_by_label("Title").fill("Write the small handbook")
    dialog.get_by_label("Status").select_option("In Progress")
    dialog.get_by_role("button", name="Save").click()
    expect(row(page, "Write the small handbook")).to_contain_text("In Progress")
    assert task(api, task_id)["Status"] == "In Progress"

    # Pressed, not `check`ed: the page may show the list anew before the box says so.
    page.get_by_role("checkbox", name="Completed: Write the small handbook").click()
    expect(row(page, "Write the small handbook")).to_contain_text("Completed")
    eventually(lambda: task(api, task_id)["Status"], lambda status: status == "Completed")


def test_filters_choose_and_stand_in_the_address(page: Page, api: httpx.Client, tag: str) -> None:
    post_task(api, tag, "An open one")
    post_task(api, tag, "A completed one", Status="Completed")
    post_task(api, tag, "A high one", Priority="High", DueDate="2031-01-15T12:00:00Z")
    eventually(lambda: len(ids(api, tag)), lambda count: count == 3)
    page.goto("/tasks")
    page.get_by_label("Tag", exact=True).fill(tag)
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(3)
    page.locator("label", has_text="Completed").click()
    expect(rows(page)).to_have_count(1)
    expect(row(page, "A completed one")).to_be_visible()
    expect(page).to_have_url(re.compile("status=Completed"))
    page.reload()
    expect(rows(page)).to_have_count(1)
    page.locator("label", has_text="All").click()
    page.get_by_label("Priority").select_option("High")
    expect(rows(page)).to_have_count(1)
    expect(row(page, "A high one")).to_be_visible()
    page.get_by_label("Priority").select_option("Any")
    page.get_by_label("Due from").fill("2031-01-15")
    page.get_by_label("Due to").fill("2031-01-15")
    expect(rows(page)).to_have_count(1)
    page.get_by_label("Due to").fill("2031-01-14")
    expect(page.get_by_text("must not be after")).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    expect(page).to_have_url(re.compile(r"/tasks$"))


def test_a_deletion_can_be_undone(page: Page, api: httpx.Client, tag: str) -> None:
    task_id = post_task(api, tag, "Stay with us")
    page.goto(f"/tasks?tag={tag}")
    row(page, "Stay with us").get_by_role("button", name="Delete").click()
    expect(rows(page)).to_have_count(0)
    assert task(api, task_id)["Title"] == "Stay with us"  # not before the time to undo is over
    page.get_by_role("button", name="Undo").click()
    expect(row(page, "Stay with us")).to_be_visible()
    page.reload()
    expect(row(page, "Stay with us")).to_be_visible()
    assert task(api, task_id)["Title"] == "Stay with us"


def test_a_deletion_happens_when_nobody_undoes_it(page: Page, api: httpx.Client, tag: str) -> None:
    task_id = post_task(api, tag, "Go away")
    page.goto(f"/tasks?tag={tag}")
    row(page, "Go away").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    eventually(lambda: api.get(f"/tasks/{task_id}").status_code, lambda status: status == 404)


def test_a_deletion_can_be_undone_on_another_page(page: Page, api: httpx.Client, tag: str) -> None:
    task_id = post_task(api, tag, "Stay all the same")
    page.goto(f"/tasks?tag={tag}")
    row(page, "Stay all the same").get_by_role("button", name="Delete").click()
    expect(rows(page)).to_have_count(0)
    page.get_by_role("link", name="Contact").click()
    page.get_by_role("button", name="Undo").click()
    page.go_back()
    expect(row(page, "Stay all the same")).to_be_visible()
    assert task(api, task_id)["Title"] == "Stay all the same"


def test_who_leaves_the_site_has_deleted(page: Page, api: httpx.Client, tag: str) -> None:
    task_id = post_task(api, tag, "Go at once")
    page.goto(f"/tasks?tag={tag}")
    # What is deleted is the version that was seen: it is asked for first.
    with page.expect_response(lambda its: its.url.endswith(task_id)) as version:
        row(page, "Go at once").get_by_role("button", name="Delete").click()
    version.value.finished()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.goto("about:blank")
    eventually(lambda: api.get(f"/tasks/{task_id}").status_code, lambda status: status == 404)


def _edit_while_another_does(page: Page, api: httpx.Client, tag: str) -> tuple[str, Locator]:
    """The person edits the title; before it is saved, another client changes title and priority."""
    task_id = post_task(api, tag, "As it was")
    page.goto(f"/tasks?tag={tag}")
    row(page, "As it was").get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog", name="Edit task")
    dialog.get_by_label("Title").fill("As I want it")
    etag = api.get(f"/tasks/{task_id}").headers["ETag"]
    theirs = {"Title": "As they want it", "Priority": "Low"}
    answer = api.put(f"/tasks/{task_id}", json=theirs, headers={"If-Match": etag})
    assert answer.status_code == 200, answer.text
    dialog.get_by_role("button", name="Save").click()
    return task_id, dialog


def test_a_conflict_shows_both_versions(
    page: Page, api: httpx.Client, tag: str, troubles: Troubles
) -> None:
    troubles.expect("status of 412")
    task_id, dialog = _edit_while_another_does(page, api, tag)
    expect(dialog.get_by_role("alert")).to_contain_text("Somebody else changed this task")
    titles = dialog.get_by_role("row").filter(has_text="Title")
    expect(titles.get_by_role("cell")).to_have_text(["As they want it", "As I want it"])
    assert task(api, task_id)["Title"] == "As they want it"  # nothing is lost silently
    dialog.get_by_role("button", name="Save mine over it").click()
    expect(row(page, "As I want it")).to_be_visible()
    stored = eventually(lambda: task(api, task_id), lambda found: found["Title"] == "As I want it")
    assert stored["Priority"] == "Low"  # mine is the title alone


def test_a_conflict_may_end_with_theirs(
    page: Page, api: httpx.Client, tag: str, troubles: Troubles
) -> None:
    troubles.expect("status of 412")
    task_id, dialog = _edit_while_another_does(page, api, tag)
    dialog.get_by_role("button", name="Take theirs").click()
    expect(row(page, "As they want it")).to_be_visible()
    assert task(api, task_id)["Title"] == "As they want it"


def test_escape_does_not_take_away_what_was_typed(page: Page, tag: str) -> None:
    page.goto(f"/tasks?tag={tag}")
    page.get_by_role("button", name="New task").click()
    dialog = page.get_by_role("dialog", name="New task")
    dialog.get_by_label("Title").fill("Half a title")
    for _ in range(4):  # the browser itself would close at the second
        page.keyboard.press("Escape")
    expect(dialog.get_by_label("Title")).to_have_value("Half a title")
    dialog.get_by_role("button", name="Close").click()
    dialog.get_by_role("button", name="Discard it").click()
    expect(dialog).to_have_count(0)


def test_what_happened_to_a_task_is_told(page: Page, api: httpx.Client, tag: str) -> None:
    task_id = post_task(api, tag, "With a history")
    answer = api.put(f"/tasks/{task_id}", json={"Status": "In Progress"})
    assert answer.status_code == 200, answer.text
    page.goto(f"/tasks?tag={tag}")
    page.get_by_role("link", name="With a history").click()
    dialog = page.get_by_role("dialog", name="Task")
    expect(dialog.get_by_text("Status: Open → In Progress")).to_be_visible()
    expect(page).to_have_url(re.compile(f"task={task_id}"))
    page.reload()  # the address can be shared
    expect(dialog.get_by_text("Status: Open → In Progress")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(rf"/tasks\?tag={tag}$"))
