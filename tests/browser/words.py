"""What tests write and look for: texts that no other test has."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
from playwright.sync_api import Locator, Page

PAGES = {"/": "Feedback", "/dashboard": "Dashboard", "/tasks": "Tasks", "/contact": "Contact"}


def mark() -> str:
    return uuid.uuid4().hex[:12]


def fill_feedback(page: Page, message: str, stars: int = 5) -> Locator:
    """The form, filled in."""
    form = page.get_by_role("region", name="Your feedback")
    form.get_by_role("radio", name=f"{stars} star").check(force=True)  # the star covers its button
    form.get_by_label("Message").fill(message)
    form.get_by_label("Name").fill("Ada")
    form.get_by_label("E-mail").fill("ada@example.com")
    return form


def give_feedback(page: Page, message: str, stars: int = 5) -> None:
    """Fill the form in and send it."""
    fill_feedback(page, message, stars).get_by_role("button", name="Send feedback").click()


def listed(page: Page, text: str) -> Locator:
    """The pieces of feedback in the list that say so."""
    return page.get_by_role("list", name="Feedback, newest first").locator("article", has_text=text)


def stored(api: httpx.Client, text: str) -> list[dict[str, Any]]:
    """The newest pieces of feedback that say so, as the API tells them."""
    answer = api.get("/feedback", params={"limit": 100})
    assert answer.status_code == 200, answer.text
    return [item for item in answer.json()["items"] if text in item["message"]]


def post_feedback(api: httpx.Client, message: str, rating: int = 4) -> dict[str, Any]:
    body = {"name": "Ada", "email": "ada@example.com", "rating": rating, "message": message}
    answer = api.post("/feedback", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made
