"""For everybody: axe on every page and state, narrow windows, and no mouse."""

from __future__ import annotations

import re
from typing import Literal

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Troubles, assert_accessible
from tests.browser.words import PAGES, give_feedback, mark, post_feedback
from tests.e2e.conftest import eventually

type Theme = Literal["light", "dark"]

WIDTHS = (360, 1280)
ADDRESSES = {**PAGES, "/no/such/page": "Page not found"}


def _open(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.get_by_role("heading", name=ADDRESSES[path], level=1)).to_be_visible()
    expect(page.locator(".skeleton-block")).to_have_count(0)


@pytest.fixture(scope="module", autouse=True)
def something_to_see(api: httpx.Client) -> None:
    """Every mood, a long word, and a task with everything."""
    for rating, message in (
        (5, "Wonderful, I love it"),
        (1, "Terrible, I hate it"),
        (3, "The parcel came on Tuesday"),
        (4, "I love the look, but I hate how slow it is"),
        (2, "x" * 300),
    ):
        post_feedback(api, message, rating)
    api.post(
        "/tasks",
        json={
            "Title": "W" * 90,
            "Description": "",
            "Priority": "High",
            "Tags": ["quality", "a-rather-long-tag-of-a-task"],
            "DueDate": "2031-01-15T12:00:00Z",
        },
    ).raise_for_status()
    eventually(lambda: api.get("/analytics").json()["totalFeedback"], lambda total: total >= 5)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", ADDRESSES)
def test_no_rule_is_violated(path: str, width: int, theme: Theme, page: Page) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    _open(page, path)
    assert_accessible(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_rule_is_violated_by_states(
    width: int, theme: Theme, page: Page, context: BrowserContext, troubles: Troubles
) -> None:
    troubles.expect("net::ERR_INTERNET_DISCONNECTED")
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    _open(page, "/contact")
    page.get_by_role("button", name="Send message").click()
    expect(page.get_by_text("Message is required")).to_be_visible()
    assert_accessible(page)

    _open(page, "/tasks")
    page.get_by_role("button", name="New task").click()
    dialog = page.get_by_role("dialog", name="New task")
    dialog.get_by_label("Tags").fill("one")
    dialog.get_by_label("Tags").press("Enter")
    dialog.get_by_role("button", name="Create task").click()
    expect(dialog.get_by_text("Title is required")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(dialog.get_by_text("Close without saving?")).to_be_visible()
    assert_accessible(page)

    _open(page, "/dashboard")
    for summary in page.get_by_text("Show as a table").all():
        summary.click()
    assert_accessible(page)

    _open(page, "/")
    context.set_offline(True)
    give_feedback(page, "Written without network")
    expect(page.get_by_role("heading", name="Waiting to be sent")).to_be_visible()
    expect(page.get_by_role("region", name="Written on this device")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Dashboard").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_accessible(page)


def _too_wide(page: Page) -> list[str]:
    """What reaches over the window's right edge, but for what scrolls by itself or is not seen."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("body *")]
          .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
          .filter((element) => !element.closest(".chart-table-scroll, .visually-hidden"))
          .map((element) => element.outerHTML.slice(0, 120))"""
    )
    return found


# WCAG 2.2, 1.4.4 and 1.4.10: text twice as large, and a window as narrow as a phone's.
@pytest.mark.parametrize("text_percent", [100, 200])
@pytest.mark.parametrize("path", ADDRESSES)
def test_nothing_is_wider_than_a_narrow_window(path: str, text_percent: int, page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    _open(page, path)
    # Styles set by a script are none of the policy's business, unlike those in the page.
    page.evaluate(
        "(size) => { document.documentElement.style.fontSize = size }", f"{text_percent}%"
    )
    page.evaluate("() => document.querySelectorAll('details').forEach((it) => { it.open = true })")
    assert _too_wide(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320
    if path == "/tasks":
        page.get_by_role("button", name="New task").click()
        dialog = page.get_by_role("dialog", name="New task")
        expect(dialog).to_be_visible()
        assert _too_wide(page) == []
        sideways = "(form) => form.scrollWidth - form.clientWidth"
        assert dialog.locator("article").evaluate(sideways) == 0


def test_a_long_word_leaves_the_buttons_of_a_message_in_reach(
    page: Page, api: httpx.Client
) -> None:
    title = f"https://intranet.example.com/{mark()}/quarterly-results-of-every-branch.pdf"
    tag = f"w{mark()}"
    made = api.post("/tasks", json={"Title": title, "Description": "", "Tags": [tag]})
    made.raise_for_status()
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"/tasks?tag={tag}")
    page.get_by_role("button", name="Delete").click()
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Close message")).to_be_in_viewport(ratio=1)
    # Also over a dialog, where nothing outside of it can be reached.
    page.get_by_role("button", name="New task").click()
    undo.click()
    expect(undo).to_have_count(0)
    task_id = made.json()["data"]["TaskId"]
    assert api.get(f"/tasks/{task_id}").status_code == 200


def test_what_colours_say_is_seen_without_them(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    _open(page, "/")
    page.get_by_role("radio", name="3 stars").check(force=True)
    filled = page.locator(".star").evaluate_all(
        "stars => stars.map(star => getComputedStyle(star).webkitTextFillColor)"
    )
    assert filled[0] == filled[1] == filled[2] != filled[3] == filled[4]
    current = page.get_by_role("link", name="Feedback", exact=True)
    assert current.evaluate("link => getComputedStyle(link).outlineStyle") == "solid"
    _open(page, "/dashboard")
    chosen, other = (
        page.locator(".period-switch label", has_text=days).locator("span")
        for days in ("30 days", "90 days")
    )
    background = "part => getComputedStyle(part).backgroundColor"
    assert chosen.evaluate(background) != other.evaluate(background)


def _skip_navigation(page: Page) -> None:
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_skip_link_comes_first_and_skips(page: Page) -> None:
    _open(page, "/tasks")
    _skip_navigation(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="New task")).to_be_focused()


def _tab_to(page: Page, name: str, presses: int = 12) -> None:
    """By Tab alone, as somebody without a mouse comes there."""
    for _ in range(presses):
        page.keyboard.press("Tab")
        if page.evaluate(_NAME) == name:
            return
    pytest.fail(f"{name} was not reached; the focus is on {page.evaluate(_NAME)!r}")


_NAME = """() => {
  const at = document.activeElement;
  return at.labels?.[0]?.textContent.trim() || at.ariaLabel || at.textContent.trim();
}"""


def test_feedback_by_keys_alone(page: Page) -> None:
    _open(page, "/")
    _skip_navigation(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="4 stars")).to_be_checked()
    text = mark()
    for words in (f"By keys alone, very good {text}", "Ada", "ada@example.com"):
        page.keyboard.press("Tab")
        page.keyboard.type(words)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Thank you, Ada!")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Write another")).to_be_focused()


def test_contact_by_keys_alone(page: Page) -> None:
    _open(page, "/contact")
    _skip_navigation(page)
    for words in (f"{mark()}@example.com", "By keys", "No mouse here."):
        page.keyboard.press("Tab")
        page.keyboard.type(words)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Send message")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Thank you, we have your message")).to_be_focused()


def test_a_task_by_keys_alone(page: Page, api: httpx.Client) -> None:
    tag = f"k{mark()}"
    _open(page, "/tasks")
    _skip_navigation(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="New task")
    expect(dialog).to_be_visible()
    # The focus is inside, and stays there.
    for _ in range(25):
        page.keyboard.press("Tab")
        inside = page.evaluate(
            "() => document.activeElement === document.body ||"
            " document.activeElement.closest('dialog') !== null"
        )
        assert inside
    page.keyboard.press("Escape")
    expect(page.locator("dialog article")).to_have_count(0)
    expect(page.get_by_role("button", name="New task")).to_be_focused()

    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Title").focus()
    page.keyboard.type("Made by keys")
    _tab_to(page, "Priority")
    page.keyboard.press("h")
    expect(dialog.get_by_label("Priority")).to_have_value("High")
    dialog.get_by_label("Tags").focus()
    page.keyboard.type(tag)
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name=f"Remove tag {tag}")).to_be_visible()
    _tab_to(page, "Create task")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    eventually(
        lambda: [task["Title"] for task in api.get("/tasks", params={"Tag": tag}).json()],
        lambda titles: titles == ["Made by keys"],
    )

    page.goto(f"/tasks?tag={tag}")
    page.get_by_role("checkbox", name="Completed: Made by keys").focus()
    page.keyboard.press("Space")
    expect(page.locator("ul.tasks > li")).to_contain_text(re.compile("Completed"))
    # Nothing can be deleted while it is being written.
    expect(page.locator("ul.tasks > li")).to_have_attribute("aria-busy", "false")
    _tab_to(page, "Delete Made by keys")
    page.keyboard.press("Enter")
    expect(page.locator("ul.tasks > li")).to_have_count(0)
    # The focus did not fall off the page with the button.
    expect(page.locator("#tasks-heading")).to_be_focused()
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_role("link", name="Made by keys")).to_be_focused()
