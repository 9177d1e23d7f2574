"""Without network: the app opens, what is written is kept, and is sent exactly once."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Request, Route, expect

from tests.browser.conftest import Troubles
from tests.browser.words import PAGES, give_feedback, listed, mark, stored
from tests.e2e.conftest import eventually


@pytest.fixture
def installed(page: Page, troubles: Troubles) -> Page:
    """The feedback page, with its service worker at work for every page that is opened next."""
    troubles.expect("net::ERR_INTERNET_DISCONNECTED")
    page.goto("/")
    expect(page.get_by_role("heading", name="What people say")).to_be_visible()
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    return page


def outbox(page: Page) -> Locator:
    return page.get_by_role("region", name="Written on this device").get_by_role("listitem")


def posts(context: BrowserContext) -> list[Request]:
    """Every attempt to hand feedback in, of all tabs, from now on."""
    made: list[Request] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/api/feedback"):
            made.append(request)

    context.on("request", note)
    return made


def test_every_page_opens_without_network(installed: Page, context: BrowserContext) -> None:
    context.set_offline(True)
    for path, title in PAGES.items():
        installed.goto(path)
        expect(installed.get_by_role("heading", name=title, level=1)).to_be_visible()
        expect(installed.get_by_text("You are offline.").first).to_be_visible()


def test_what_is_written_offline_is_kept_and_sent_once(
    installed: Page, context: BrowserContext, api: httpx.Client
) -> None:
    page, text = installed, mark()
    context.set_offline(True)
    give_feedback(page, f"Written without network {text}")
    expect(page.get_by_role("heading", name="Waiting to be sent")).to_be_focused()
    expect(outbox(page)).to_contain_text(text)
    expect(outbox(page)).to_contain_text("It is sent by itself when your network is back.")
    assert stored(api, text) == []

    sent = posts(context)
    context.set_offline(False)
    expect(outbox(page)).to_contain_text("Its mood was read as")
    expect(outbox(page)).not_to_contain_text(text)
    expect(listed(page, text)).to_have_count(1)
    eventually(lambda: len(stored(api, text)), lambda count: count == 1)
    assert len(sent) == 1
    page.reload()
    expect(listed(page, text)).to_have_count(1)
    assert len(sent) == 1
    outbox(page).get_by_role("button", name="Dismiss").click()
    expect(outbox(page)).to_have_count(0)


def test_it_outlives_the_tab(installed: Page, context: BrowserContext, api: httpx.Client) -> None:
    text = mark()
    context.set_offline(True)
    give_feedback(installed, f"The tab goes {text}")
    expect(outbox(installed)).to_contain_text("Waiting to be sent")
    installed.close()
    assert stored(api, text) == []

    again = context.new_page()
    again.goto("/")
    expect(outbox(again)).to_contain_text(text)
    sent = posts(context)
    context.set_offline(False)
    expect(outbox(again)).to_contain_text("Its mood was read as")
    eventually(lambda: len(stored(api, text)), lambda count: count == 1)
    assert len(sent) == 1


def test_two_tabs_send_it_once(installed: Page, context: BrowserContext, api: httpx.Client) -> None:
    text, other = mark(), context.new_page()
    other.goto("/")
    expect(other.get_by_role("heading", name="What people say")).to_be_visible()
    context.set_offline(True)
    give_feedback(installed, f"Two tabs {text}")
    for tab in (installed, other):
        expect(outbox(tab)).to_contain_text(text)

    sent = posts(context)
    context.set_offline(False)
    for tab in (installed, other):
        expect(outbox(tab)).to_contain_text("Its mood was read as")
    eventually(lambda: len(stored(api, text)), lambda count: count == 1)
    assert len(sent) == 1


def test_a_lost_answer_makes_no_second_piece(
    page: Page, context: BrowserContext, api: httpx.Client, troubles: Troubles
) -> None:
    """The API has it, and the page never hears so: it asks again, under the same key."""
    troubles.expect("net::ERR_CONNECTION_RESET")
    text, keys, answers = mark(), list[str | None](), list[dict[str, Any]]()

    def lose(route: Route, request: Request) -> None:
        if request.method != "POST":
            route.fallback()
            return
        key = request.header_value("Idempotency-Key")
        keys.append(key)
        if len(keys) > 1:
            route.fallback()
            return
        body = request.post_data or ""
        headers = {"Idempotency-Key": key or "", "Content-Type": "application/json"}
        answers.append(api.post("/feedback", content=body, headers=headers).json())
        route.abort("connectionreset")

    page.route("**/api/feedback", lose)
    page.goto("/")
    give_feedback(page, f"The answer is lost {text}")
    expect(page.get_by_role("heading", name="Waiting to be sent")).to_be_visible()
    expect(outbox(page)).to_contain_text("Its mood was read as")
    assert len(keys) > 1
    assert len(set(keys)) == 1
    [item] = eventually(lambda: stored(api, text), bool)
    assert item["feedbackId"] == answers[0]["feedbackId"]


def test_what_waits_can_be_changed_and_deleted(
    installed: Page, context: BrowserContext, api: httpx.Client
) -> None:
    page, text = installed, mark()
    context.set_offline(True)
    give_feedback(page, f"To be changed {text}")
    outbox(page).get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog", name="Edit what waits")
    dialog.get_by_label("Message").fill(f"Changed {text}")
    dialog.get_by_role("button", name="Save and send").click()
    expect(outbox(page)).to_contain_text(f"Changed {text}")
    page.get_by_role("button", name="Write another").click()
    give_feedback(page, f"To be deleted {text}")
    expect(outbox(page)).to_have_count(2)
    outbox(page).filter(has_text="To be deleted").get_by_role("button", name="Delete").click()
    expect(outbox(page)).to_have_count(1)
    context.set_offline(False)
    expect(outbox(page)).to_contain_text("Its mood was read as")
    [item] = eventually(lambda: stored(api, text), bool)
    assert item["message"] == f"Changed {text}"


def test_a_message_to_the_team_is_kept_too(
    installed: Page, context: BrowserContext, troubles: Troubles
) -> None:
    page = installed
    page.get_by_role("link", name="Contact").click()
    page.get_by_label("E-mail").fill(f"{mark()}@example.com")
    page.get_by_label("Subject").fill("From the train")
    page.get_by_role("textbox", name="Message").fill("No network here.")
    context.set_offline(True)
    page.get_by_role("button", name="Send message").click()
    expect(page.get_by_role("heading", name="Waiting to be sent")).to_be_visible()
    expect(outbox(page)).to_contain_text("No network here.")
    context.set_offline(False)
    expect(outbox(page).get_by_text("Sent", exact=True)).to_be_visible()
