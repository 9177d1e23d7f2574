"""A bad release of the API, as the page shows it: an error that says what to do, and heals."""

from __future__ import annotations

import re

import httpx
from playwright.sync_api import Page, expect

from customer_platform.deployments.ledger import Kind
from ops.demo.chain import broken_version, intact, ledger, target
from ops.deployed import Deployed
from ops.release import follow, start
from tests.browser.conftest import Troubles
from tests.browser.words import give_feedback, listed, mark, post_feedback, stored
from tests.e2e.conftest import Deployment, eventually

# Errors, metric filter, alarm, orchestrator, alias: within the limit of tests/e2e.
HEALED_WITHIN_MILLISECONDS = 90_000
REFERENCE = re.compile(r"Reference [0-9a-zA-Z-]{8,}")


def _silent(_line: str) -> None:
    pass


def test_a_rollback_is_a_short_error_that_heals(
    page: Page, api: httpx.Client, deployment: Deployment, troubles: Troubles
) -> None:
    """Bad code behind the dashboard; nobody reloads, and nobody but the platform mends it."""
    troubles.expect("status of 500")
    post_feedback(api, f"Before the release {mark()}")
    eventually(lambda: api.get("/analytics").json()["totalFeedback"], bool)
    page.goto("/dashboard")
    figures = page.locator("section.total").first
    expect(figures).to_be_visible()
    page.evaluate("() => { window.notReloaded = true; }")

    stack = Deployed(deployment.outputs)
    found = target(stack, handler="get_analytics")
    before = [entry.hash for entry in ledger(stack).forwards(found.name)]
    with broken_version(found, _silent) as broken:
        follow(stack, start(stack, "a test", despite_alarms=True), _silent)
        notice = page.locator(".notice-error")
        expect(notice).to_contain_text("These figures are old: they could not be refreshed")
        expect(notice).to_contain_text("Something went wrong on our side")
        expect(notice).to_contain_text(REFERENCE)
        expect(figures).to_be_visible()  # the last ones that were known
        # As many visitors more as the alarm needs.
        eventually(
            lambda: api.get("/analytics").status_code, lambda status: status == 200, seconds=60
        )
        expect(notice).to_have_count(0, timeout=HEALED_WITHIN_MILLISECONDS)
        assert page.evaluate("() => window.notReloaded") is True
        assert found.is_back()
    entries = [e for e in ledger(stack).forwards(found.name) if e.hash not in before]
    assert [(e.kind, e.from_version, e.to_version) for e in entries][-2:] == [
        (Kind.ROLLBACK_STARTED, broken, found.version),
        (Kind.ROLLED_BACK, broken, found.version),
    ]


def test_what_is_sent_during_the_error_arrives_once(
    page: Page, api: httpx.Client, deployment: Deployment, troubles: Troubles
) -> None:
    troubles.expect("status of 500")
    text = mark()
    found = intact(Deployed(deployment.outputs), "feedback_processor")
    page.goto("/")
    expect(page.get_by_role("heading", name="What people say")).to_be_visible()
    waiting = page.get_by_role("region", name="Your feedback")
    with broken_version(found, _silent) as broken:
        # As a release would; too few errors for an alarm, which the test above is about.
        found.stack.client("lambda").update_alias(
            FunctionName=found.name, Name="live", FunctionVersion=broken
        )
        give_feedback(page, f"Sent while it was broken {text}")
        expect(waiting.get_by_role("heading", name="Waiting to be sent")).to_be_visible()
        expect(waiting).to_contain_text("Something went wrong on our side")
        expect(waiting).to_contain_text(REFERENCE)
        assert stored(api, text) == []
    expect(listed(page, text)).to_have_count(1)
    expect(page.get_by_role("region", name="Written on this device")).to_contain_text(
        "Its mood was read as"
    )
    eventually(lambda: len(stored(api, text)), lambda count: count == 1)
