"""The feedback page: write, see how it was read, and find it in the list."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.words import give_feedback, listed, mark, post_feedback, stored
from tests.e2e.conftest import eventually


def test_feedback_is_stored_and_listed_with_its_mood(page: Page, api: httpx.Client) -> None:
    text = mark()
    page.goto("/")
    give_feedback(page, f"I love it, wonderful work! {text}")
    expect(page.get_by_role("heading", name="Thank you, Ada!")).to_be_focused()
    result = page.get_by_role("region", name="Your feedback")
    expect(result.get_by_text("its mood was read as")).to_contain_text("Positive")
    expect(listed(page, text)).to_have_count(1)
    expect(listed(page, text)).to_contain_text("Positive")
    [item] = eventually(lambda: stored(api, text), bool)
    assert (item["sentiment"], item["rating"], item["name"]) == ("positive", 5, "Ada")
    assert "email" not in item

    page.get_by_role("button", name="Write another").click()
    expect(page.get_by_role("textbox", name="Message")).to_have_value("")


def test_what_is_wrong_is_said_at_the_field_in_the_apis_words(
    page: Page, api: httpx.Client
) -> None:
    page.goto("/")
    form = page.get_by_role("region", name="Your feedback")
    send = form.get_by_role("button", name="Send feedback")
    send.click()
    for words in ("Rating is required", "Message is required", "Name is required"):
        expect(form.get_by_text(words)).to_be_visible()
    expect(form.get_by_role("radio", name="1 star")).to_be_focused()

    form.get_by_label("Name").fill("A")
    form.get_by_label("E-mail").fill("ada@localhost")
    form.get_by_label("Message").fill("x" * 5001)
    form.get_by_role("radio", name="3 stars").check(force=True)
    send.click()
    refused = api.post(
        "/feedback",
        json={"name": "A", "email": "ada@localhost", "rating": 3, "message": "x" * 5001},
    )
    assert refused.status_code == 400
    issues = {detail["field"]: detail["issue"] for detail in refused.json()["details"]}
    assert set(issues) == {"name", "email", "message"}
    for label, field in (("Name", "name"), ("E-mail", "email"), ("Message", "message")):
        control = form.get_by_label(label)
        expect(control).to_have_attribute("aria-invalid", "true")
        expect(control).to_have_accessible_description(re.compile(re.escape(issues[field])))


def test_what_others_say_arrives_by_itself(page: Page, api: httpx.Client) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="What people say")).to_be_visible()
    expect(page.get_by_label("Loading feedback")).to_have_count(0)
    text = mark()
    post_feedback(api, f"Somebody else's {text}")
    expect(listed(page, text)).to_have_count(1)


@pytest.fixture(scope="module")
def many(api: httpx.Client) -> str:
    """More than two pages of the list, with a text of their own."""
    text = mark()
    for number in range(24):
        post_feedback(api, f"Many {text} number {number:02}", rating=1 + number % 2)
    eventually(lambda: len(stored(api, text)), lambda found: found == 24)
    return text


def test_the_list_goes_on_while_one_scrolls(page: Page, many: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 600})
    page.goto("/")
    articles = listed(page, many)
    expect(articles.first).to_be_visible()
    assert articles.count() < 24
    oldest = listed(page, f"{many} number 00")
    for _ in range(10):
        if oldest.count():
            break
        before = page.get_by_role("article").count()
        page.get_by_role("article").last.scroll_into_view_if_needed()
        expect(page.get_by_role("article").nth(before)).to_be_attached()
    expect(articles).to_have_count(24)
    numbers = [re.search(r"number (\d\d)", text) for text in articles.all_inner_texts()]
    assert [found[1] for found in numbers if found] == [f"{n:02}" for n in reversed(range(24))]


def test_filters_stand_in_the_address(page: Page, many: str) -> None:
    page.goto("/")
    expect(listed(page, many).first).to_be_visible()
    page.get_by_role("combobox", name="Rating").select_option("2 stars")
    expect(page).to_have_url(re.compile(r"\?rating=2$"))
    expect(listed(page, f"{many} number 23")).to_be_visible()
    expect(listed(page, f"{many} number 22")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("combobox", name="Rating")).to_have_value("2")
    expect(listed(page, f"{many} number 23")).to_be_visible()
    expect(listed(page, f"{many} number 22")).to_have_count(0)
    page.get_by_role("combobox", name="Mood").select_option("Mixed")
    expect(page).to_have_url(re.compile(r"\?sentiment=mixed&rating=2$"))
    page.go_back()
    expect(page.get_by_role("combobox", name="Mood")).to_have_value("")
    page.go_back()
    expect(page.get_by_role("combobox", name="Rating")).to_have_value("")
    expect(listed(page, f"{many} number 22")).to_be_visible()


def test_text_of_others_is_text(page: Page, api: httpx.Client) -> None:
    """Markup of a stranger is shown, never obeyed; the watch fails on what the policy refuses."""
    text = mark()
    post_feedback(api, f"{text} <img src=x onerror=alert(1)><script>alert(2)</script>")
    page.goto("/")
    expect(listed(page, text)).to_contain_text("<img src=x onerror=alert(1)><script>")
    assert page.locator("main img, main script").count() == 0
