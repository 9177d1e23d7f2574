"""The page behind the link of a mail, served by the API: a button, and nothing before it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Troubles, assert_accessible
from tests.e2e.conftest import Deployment
from tests.e2e.mail import Stored
from tests.e2e.mail import stored as stored_message


@pytest.fixture
def message(deployment: Deployment) -> Iterator[Stored]:
    with stored_message(deployment, "sent") as made:
        yield made


@pytest.mark.parametrize("through", ["api_base_url", "site_url"])
def test_opening_changes_nothing_and_the_button_unsubscribes(
    through: str, page: Page, message: Stored, deployment: Deployment
) -> None:
    base = deployment.outputs[through] + ("/api" if through == "site_url" else "")
    page.goto(f"{base}/unsubscribe/{message.id}/{message.message.unsubscribe_token}")
    button = page.get_by_role("button")
    expect(button).to_have_count(1)
    assert_accessible(page)
    assert message.suppressed() is None
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button")).to_have_count(0)
    assert message.suppressed() == "unsubscribed"
    assert_accessible(page)


def test_a_wrong_link_is_told_as_a_page(
    page: Page, message: Stored, deployment: Deployment, troubles: Troubles
) -> None:
    troubles.expect("status of 404")
    page.goto(f"{deployment.outputs['api_base_url']}/unsubscribe/{message.id}/nobodys")
    page.get_by_role("button").click()
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("heading")).to_be_visible()
    assert message.suppressed() is None
