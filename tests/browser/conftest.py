"""Chromium on the site of the applied stack (tests/conftest.py).

Every test fails for what it did not ask about as well: an error in the console, an exception that
nobody caught, or anything that the Content-Security-Policy refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from ops.browser import chromium
from tests.e2e.conftest import Deployment

# A policy's refusal is an event of the document: as a line of the console, it can be told from the
# others.
_REFUSALS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`CSP: ${event.effectiveDirective} refused ${event.blockedURI}`);
});
"""

# For what a cold function, a stream or a workflow must do first, on a busy machine.
PATIENCE_MILLISECONDS = 30_000
expect.set_options(timeout=PATIENCE_MILLISECONDS)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {
        "executable_path": str(chromium()),
        "args": [
            "--no-sandbox",  # CI runs as root, where Chromium has none
            "--disable-dev-shm-usage",
            # It looks for updates and Google's hosts at every start.
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
        ],
    }


@pytest.fixture(scope="session")
def browser_context_args(deployment: Deployment) -> dict[str, Any]:
    return {
        "base_url": deployment.outputs["site_url"],
        "locale": "en-GB",
        "timezone_id": "Europe/Berlin",
        "viewport": {"width": 1280, "height": 900},
    }


@dataclass
class Troubles:
    """What a page complained of. `expected`: parts of complaints that a test provokes."""

    heard: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, part: str) -> None:
        self.expected.append(part)

    def unexpected(self) -> list[str]:
        return [line for line in self.heard if not any(part in line for part in self.expected)]

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.heard.append(f"{message.text} ({message.location.get('url', '')})")


@pytest.fixture
def troubles(context: BrowserContext) -> Iterator[Troubles]:
    made = Troubles()
    context.add_init_script(_REFUSALS)
    context.on("console", made.on_console)
    context.on("weberror", lambda error: made.heard.append(f"not caught: {error.error}"))
    yield made
    assert made.unexpected() == []


@pytest.fixture
def page(troubles: Troubles, context: BrowserContext) -> Page:
    """A page that is watched."""
    return context.new_page()


def assert_accessible(page: Page) -> None:
    """No violation of any rule that axe knows, best practices included."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
