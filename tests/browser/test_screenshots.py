"""Pictures of every page, to be looked at: build/browser/*.png.

`UPDATE_SCREENSHOTS=1` (`make screenshots`) writes those of the README to docs/images as well.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Literal

import httpx
import pytest
from playwright.sync_api import Page, expect

from ops import BUILD, ROOT
from tests.browser import samples
from tests.browser.words import fill_feedback
from tests.e2e.conftest import Deployment, eventually

FOLDER = BUILD / "browser"
IMAGES = ROOT / "docs" / "images"
VIEWPORTS = {"phone": (390, 844), "desktop": (1280, 900)}
# What README.md shows.
SHOWN = {
    "feedback-desktop-light",
    "dashboard-desktop-light",
    "tasks-desktop-light",
    "feedback-phone-dark",
    "dashboard-phone-dark",
    "contact-phone-light",
}

type Theme = Literal["light", "dark"]


@pytest.fixture(scope="module", autouse=True)
def something_to_see(deployment: Deployment, api: httpx.Client) -> None:
    samples.feedback_of_weeks(deployment)
    samples.feedback_of_today(api)
    samples.tasks(api)
    weeks = samples.DAYS // 2
    eventually(
        lambda: sum(
            day["count"] > 0
            for day in api.get("/analytics", params={"days": samples.DAYS}).json()["daily"]
        ),
        lambda days: days > weeks,
    )


def _feedback(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("article").nth(5)).to_be_visible()
    fill_feedback(page, "The new filters save me an hour a week.")


def _dashboard(page: Page) -> None:
    page.goto("/dashboard")
    expect(page.get_by_role("slider")).to_have_count(3)


def _tasks(page: Page) -> None:
    page.goto(f"/tasks?tag={samples.TAG}")
    expect(page.locator("ul.tasks > li")).to_have_count(len(samples.TASKS))


def _contact(page: Page) -> None:
    page.goto("/contact")
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_label("Subject").fill("Opening hours")
    page.get_by_role("textbox", name="Message").fill("When are you there?")


def _errors(page: Page) -> None:
    page.goto("/contact")
    page.get_by_role("button", name="Send message").click()
    expect(page.get_by_text("Message is required")).to_be_visible()


def _new_task(page: Page) -> None:
    _tasks(page)
    page.get_by_role("button", name="New task").click()
    expect(page.get_by_role("dialog", name="New task")).to_be_visible()


VIEWS: dict[str, Callable[[Page], None]] = {
    "feedback": _feedback,
    "dashboard": _dashboard,
    "tasks": _tasks,
    "contact": _contact,
    "contact-errors": _errors,
    "tasks-new": _new_task,
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("device", VIEWPORTS)
@pytest.mark.parametrize("view", VIEWS)
def test_a_picture(view: str, device: str, theme: Theme, page: Page) -> None:
    width, height = VIEWPORTS[device]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    VIEWS[view](page)
    expect(page.locator(".skeleton-block")).to_have_count(0)
    FOLDER.mkdir(parents=True, exist_ok=True)
    name = f"{view}-{device}-{theme}"
    # In a whole page of a phone, the bar at the bottom would lie across its middle.
    whole = view == "dashboard" and device == "desktop"
    picture = page.screenshot(path=FOLDER / f"{name}.png", full_page=whole)
    assert len(picture) > 10_000  # there is something on it
    if os.environ.get("UPDATE_SCREENSHOTS") and name in SHOWN:
        IMAGES.mkdir(parents=True, exist_ok=True)
        (IMAGES / f"{name}.png").write_bytes(picture)
