"""The watch itself: each complaint of a page that it is there for fails a test."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Troubles, assert_accessible

PROVOKED = {
    "an error in the console": ("console.error('an error of a test')", "an error of a test"),
    "a warning in the console": ("console.warn('a warning of a test')", "a warning of a test"),
    "an exception": ("setTimeout(() => { throw new Error('thrown') })", "not caught"),
    "a rejection": ("void Promise.reject(new Error('rejected'))", "not caught"),
    "an inline script": (
        "document.head.append(Object.assign(document.createElement('script'), {text: '1'}))",
        "CSP: ",
    ),
    "a style attribute": (
        "document.body.setAttribute('style', 'color: red')",
        "CSP: style-src-attr refused inline",
    ),
    "a request to somebody else": (
        "void fetch('https://example.com/').catch(() => undefined)",
        "CSP: connect-src refused https://example.com",
    ),
    "a picture of somebody else's": (
        "document.body.append(Object.assign(new Image(), {src: 'https://example.com/a.png'}))",
        "CSP: img-src refused https://example.com",
    ),
    "a frame": (
        "document.body.append(Object.assign(document.createElement('iframe'), {src: '/'}))",
        "CSP: frame-src refused",
    ),
    "a missing file": ("void fetch('/assets/gone.js')", "/assets/gone.js"),
}


@pytest.mark.parametrize(("script", "complaint"), PROVOKED.values(), ids=PROVOKED.keys())
def test_is_heard(script: str, complaint: str, page: Page, troubles: Troubles) -> None:
    page.goto("/contact")
    expect(page.get_by_role("heading", name="Contact", level=1)).to_be_visible()
    assert troubles.unexpected() == []
    with (
        page.expect_event("console")
        if "not caught" not in complaint
        else (page.context.expect_event("weberror"))
    ):
        # Trusted types refuse the text of a script as well, with an exception.
        page.evaluate(f"() => {{ try {{ {script} }} catch {{ }} }}")
    expect(page.get_by_role("heading", name="Contact", level=1)).to_be_visible()
    assert any(complaint in line for line in troubles.unexpected()), troubles.heard
    troubles.expected.append("")  # heard, so that this test may end well


def test_axe_is_strict(page: Page, context: BrowserContext) -> None:
    page.goto("/contact")
    expect(page.get_by_role("heading", name="Contact", level=1)).to_be_visible()
    assert_accessible(page)
    page.evaluate("() => document.querySelector('main').append(document.createElement('button'))")
    with pytest.raises(AssertionError, match="button-name"):
        assert_accessible(page)
