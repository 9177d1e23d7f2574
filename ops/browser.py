"""Chromium for the browser tests and Lighthouse: the one that is there, or one that is installed.

`python -m ops.browser` prints the path of its program. `CHROME_PATH` names another one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

from ops import OperatorError

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "the browser tests need Chromium, and neither Playwright's download nor Debian's package could "
    "be had: install it (Debian and Ubuntu: apt-get install chromium; macOS: brew install "
    "chromium), or set CHROME_PATH to the program of a Chrome that you have"
)


def _there() -> Iterator[Path]:
    """Every Chromium that this machine has already, the wanted one first."""
    named = os.environ.get("CHROME_PATH")
    if named:
        if not os.access(named, os.X_OK):
            raise OperatorError(f"CHROME_PATH={named} is no program")
        yield Path(named)
    for name in _NAMES:
        found = shutil.which(name)
        if found:
            yield Path(found)
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    if own.exists():
        yield own


def _installed(command: list[str], what: str) -> bool:
    print(f"  {what}: installing", file=sys.stderr, flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=600
        )
    except subprocess.TimeoutExpired:
        print("    not to be had within ten minutes", file=sys.stderr, flush=True)
        return False
    if done.returncode:
        last = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()][-1:]
        print(f"    not to be had: {''.join(last)}", file=sys.stderr, flush=True)
    return done.returncode == 0


def chromium() -> Path:
    """The program; installs one if there is none. Raises OperatorError that says what to do."""
    for program in _there():
        return program
    playwright = [sys.executable, "-m", "playwright", "install", "chromium"]
    if not _installed(playwright, "Chromium, Playwright's own build"):
        apt = shutil.which("apt-get")
        # As root only: nobody is asked for a password in the middle of a test run.
        if apt and os.geteuid() == 0:
            _installed([apt, "update", "--quiet"], "Debian's list of packages")
            _installed(
                [apt, "install", "--yes", "--no-install-recommends", "chromium"],
                "Chromium, Debian's package",
            )
    for program in _there():
        return program
    raise OperatorError(MISSING)


def main() -> int:
    try:
        print(chromium())
    except OperatorError as error:
        print(f"browser: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
