"""The contact page: accepted, acknowledged with fixed words, and followed until it is delivered."""

from __future__ import annotations

import httpx
from playwright.sync_api import Page, expect

from tests.browser.conftest import assert_accessible
from tests.browser.words import mark
from tests.e2e.conftest import Deployment, eventually
from tests.e2e.mailbox import emails


def test_a_message_reaches_the_team_and_the_page_says_so(
    page: Page, api: httpx.Client, deployment: Deployment
) -> None:
    text, visitor = mark(), f"{mark()}@example.com"
    page.goto("/contact")
    page.get_by_label("E-mail").fill(visitor)
    page.get_by_label("Subject").fill(f"Opening hours {text}")
    page.get_by_role("textbox", name="Message").fill(
        "When are you there?\nI would like to come by."
    )
    page.get_by_role("button", name="Send message").click()
    expect(page.get_by_role("heading", name="Thank you, we have your message")).to_be_focused()
    expect(page.get_by_text("You will get a short acknowledgement by e-mail")).to_be_visible()
    expect(page.get_by_text("It has reached the team’s inbox.")).to_be_visible(timeout=60_000)
    reference = page.locator("code").inner_text()
    assert api.get(f"/contact/{reference}").json()["status"] == "sent"
    assert_accessible(page)

    team = deployment.outputs["mail"]["team_inbox"]
    [to_team] = [email for email in emails(deployment, team) if text in email["Subject"]]
    assert to_team["BodyText"].startswith("When are you there?\nI would like to come by.\n")
    assert visitor in to_team["BodyText"]
    [acknowledgement] = eventually(lambda: emails(deployment, visitor), bool)
    assert acknowledgement["Subject"] == "We have received your message"
    assert text not in acknowledgement["BodyText"]


def test_what_is_wrong_is_said_at_the_field(page: Page) -> None:
    page.goto("/contact")
    page.get_by_label("E-mail").fill("nobody@localhost")
    page.get_by_role("button", name="Send message").click()
    expect(page.get_by_text("E-mail must be an e-mail address")).to_be_visible()
    expect(page.get_by_text("Subject is required")).to_be_visible()
    expect(page.get_by_text("Message is required")).to_be_visible()
    expect(page.get_by_label("E-mail")).to_be_focused()
