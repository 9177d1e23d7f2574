"""What all pages share: addresses that can be opened anew, errors that stay errors, the shell."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from ops.deployed import Deployed
from ops.site.building import build
from ops.site.deployment import publish_to
from tests.browser.conftest import Troubles
from tests.browser.words import PAGES
from tests.e2e.conftest import Deployment


@pytest.mark.parametrize(("path", "title"), PAGES.items(), ids=PAGES.values())
def test_every_address_can_be_opened_and_reloaded(path: str, title: str, page: Page) -> None:
    for answer in (page.goto(path), page.reload()):
        assert answer is not None
        assert answer.status == 200
        expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
    expect(page).to_have_title(re.compile(f"^{title} · "))
    current = page.get_by_role("navigation", name="Pages").locator("[aria-current=page]")
    expect(current).to_have_text(title)


def test_links_move_without_loading_and_back_comes_back(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Feedback", level=1)).to_be_visible()
    page.evaluate("() => { window.notReloaded = true; }")
    for title in ("Dashboard", "Tasks", "Contact"):
        page.get_by_role("link", name=title, exact=True).click()
        expect(page.get_by_role("heading", name=title, level=1)).to_be_focused()
    page.go_back()
    expect(page.get_by_role("heading", name="Tasks", level=1)).to_be_visible()
    assert page.evaluate("() => window.notReloaded") is True


def test_an_address_of_nothing_says_so(page: Page) -> None:
    page.goto("/no/such/page")
    expect(page.get_by_role("heading", name="Page not found")).to_be_visible()
    page.get_by_role("link", name="Give feedback").click()
    expect(page.get_by_role("heading", name="Feedback", level=1)).to_be_visible()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/feedback/00000000-0000-4000-8000-000000000000", 404),
        ("/api/no-such-route", 404),
        ("/api/feedback?limit=0", 400),
        ("/api/messages/00000000-0000-4000-8000-000000000000", 403),
    ],
)
def test_errors_of_the_api_are_not_hidden_by_the_app(
    path: str, status: int, page: Page, troubles: Troubles
) -> None:
    """What a script gets: the API's own JSON with its status, and never the app's page."""
    troubles.expect(f"status of {status}")
    page.goto("/config.json")
    answered = page.evaluate(
        """async (path) => {
          const answer = await fetch(path);
          return { status: answer.status, body: await answer.json() };
        }""",
        path,
    )
    assert answered["status"] == status
    assert {"error", "message", "requestId"} <= set(answered["body"])


def test_files_that_are_not_there_are_not_the_app(page: Page, troubles: Troubles) -> None:
    """Else a missing chunk would be HTML that no script can be, and robots.txt a page."""
    troubles.expect("/assets/gone-00000000.js")
    page.goto("/robots.txt")
    expect(page.get_by_text("User-agent")).to_be_visible()
    page.goto("/config.json")
    answered = page.evaluate(
        """async () => {
          const answer = await fetch("/assets/gone-00000000.js");
          return [answer.status, await answer.text()];
        }"""
    )
    assert answered[0] in {403, 404}
    assert "<div id=" not in answered[1]


def test_files_come_compressed_as_the_distribution_says(page: Page) -> None:
    """What a phone loads is what is weighed: `compress` of modules/cdn."""
    came: dict[str, str | None] = {}
    page.on(
        "response",
        lambda answer: came.update({answer.url: answer.headers.get("content-encoding")}),
    )
    page.goto("/dashboard")
    expect(page.get_by_role("heading", name="Dashboard", level=1)).to_be_visible()
    scripts = {url: how for url, how in came.items() if "/assets/core-" in url}
    assert len(scripts) == 2  # the code and its styles
    assert set(scripts.values()) == {"gzip"}


def test_the_theme_is_the_systems_until_somebody_chooses(page: Page) -> None:
    def background() -> str:
        found: str = page.evaluate(
            "() => getComputedStyle(document.documentElement).backgroundColor"
        )
        return found

    page.emulate_media(color_scheme="light")
    page.goto("/")
    expect(page.get_by_role("button", name="Use the dark theme")).to_be_visible()
    light = background()
    page.emulate_media(color_scheme="dark")
    expect(page.get_by_role("button", name="Use the light theme")).to_be_visible()
    dark = background()
    assert light != dark
    page.get_by_role("button", name="Use the light theme").click()
    assert background() == light
    page.reload()
    expect(page.get_by_role("button", name="Use the dark theme")).to_be_visible()
    assert background() == light


def test_it_can_be_installed(page: Page) -> None:
    """The manifest, as Chromium reads it, and what it says is missing."""
    page.goto("/")
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    session = page.context.new_cdp_session(page)
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"].endswith("/manifest.webmanifest")
    missing = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # A context of Playwright's is one, and nothing of the site's.
    assert [error["errorId"] for error in missing if error["errorId"] != "in-incognito"] == []


@contextmanager
def _published(deployment: Deployment, change: Path) -> Iterator[None]:
    """The site as in the folder `change`; afterwards as it was."""
    stack = Deployed(deployment.outputs)
    publish_to(stack, change)
    try:
        yield
    finally:
        publish_to(stack, build())


def test_a_new_version_is_offered_and_comes_with_one_click(
    page: Page, context: BrowserContext, deployment: Deployment, tmp_path: Path
) -> None:
    page.goto("/")
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    page.get_by_role("textbox", name="Message").fill("Half a sentence")

    newer = tmp_path / "dist"
    shutil.copytree(build(), newer)
    index, worker = newer / "index.html", newer / "sw.js"
    index.write_text(index.read_text().replace("<body>", '<body data-version="newer">'))
    # What workbox would write of the other page: another revision.
    changed, count = re.subn(
        r'(\{[^{}]*url:\s*"index\.html"[^{}]*revision:\s*"|'
        r'\{[^{}]*revision:\s*"(?=[0-9a-f]+",\s*url:\s*"index\.html"))',
        r"\g<0>0123",
        worker.read_text(),
    )
    assert count == 1
    worker.write_text(changed)
    with _published(deployment, newer):
        # The next visit finds it, and the tab that is open is told as well.
        other = context.new_page()
        other.goto("/")
        expect(other.get_by_text("A new version of this site is there.")).to_be_visible()
        assert page.get_by_role("textbox", name="Message").input_value() == "Half a sentence"
        assert other.locator("body[data-version=newer]").count() == 0
        other.get_by_role("button", name="Reload").click()
        expect(other.locator("body[data-version=newer]")).to_be_attached()
        expect(other.get_by_role("heading", name="Feedback", level=1)).to_be_visible()
        # The other tab brought it; this one, where somebody writes, still shows what it did.
        assert page.locator("body[data-version=newer]").count() == 0
        page.get_by_role("button", name="Reload").click()
        expect(page.locator("body[data-version=newer]")).to_be_attached()
