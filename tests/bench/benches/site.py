"""The site: what the browser must load, and how Lighthouse judges each page of the embedded CDN.

On a stack of its own, or with E2E_STACK=local on that of `make up`.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from ops import BUILD, OperatorError, emulator
from ops.browser import chromium
from ops.setup import LIGHTHOUSE
from ops.site.building import build
from ops.stack import Stack
from tests.bench import FOLDER, BenchError, Say
from tests.bench.record import Goal, Report, Sheet
from tests.browser import samples
from tests.e2e.conftest import Deployment

ROUNDS = 3
FIRST_VIEW_KB = 90
CHUNK_KB = 200
SCORE = 95
PAGES = {"Feedback": "/", "Dashboard": "/dashboard", "Tasks": "/tasks", "Contact": "/contact"}
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
# Only the code of a chart names its parts so.
CHART = b"chart-frame"

_NO_TRACE = "NO_NAVSTART"
_IMPORT = re.compile(rb"""(?:\bfrom|\bimport)\s*["']\./([^"']+\.js)["']""")
_ENTRY = re.compile(r"""<script[^>]*\bsrc="/([^"]+\.js)\"""")


@dataclass
class Scripts:
    """The scripts of a build, by their path in it."""

    folder: Path
    contents: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for file in sorted(self.folder.glob("assets/*.js")):
            self.contents[f"assets/{file.name}"] = file.read_bytes()
        self.contents["theme.js"] = (self.folder / "theme.js").read_bytes()

    def of(self, module: str) -> str:
        """The chunk of a module that is loaded when it is needed. Raises BenchError."""
        found = [path for path in self.contents if path.startswith(f"assets/{module}-")]
        if len(found) != 1:
            raise BenchError(f"the build has {len(found)} chunks of {module}: {found}")
        return found[0]

    def entries(self) -> list[str]:
        """What index.html names."""
        return _ENTRY.findall((self.folder / "index.html").read_text())

    def with_imports(self, paths: Iterable[str]) -> set[str]:
        """They, and all that they cannot run without."""
        found: set[str] = set()
        open_ = list(paths)
        while open_:
            path = open_.pop()
            if path not in found:
                found.add(path)
                open_ += [
                    f"assets/{name.decode()}" for name in _IMPORT.findall(self.contents[path])
                ]
        return found

    def zipped(self, paths: Iterable[str]) -> float:
        """KB that come over the wire, of 1,000 bytes as in `npm run budget`."""
        return sum(len(gzip.compress(self.contents[path])) for path in paths) / 1000


def measure(rounds: int | None, say: Say) -> Report:
    try:
        scripts = Scripts(build())
    except OperatorError as error:
        raise BenchError(str(error)) from error
    sizes, goals = weigh(scripts)
    say("Lighthouse: a stack to look at")
    with _site(say) as url:
        scores = Sheet("Lighthouse, mobile", dict.fromkeys(map(_column, CATEGORIES), "of 100"))
        for number in range(rounds or ROUNDS):
            for name, path in PAGES.items():
                judged = _lighthouse(url + path, FOLDER / "site" / f"{name.lower()}-{number}.json")
                scores.add(name, **judged)
                told = ", ".join(f"{value:.0f}" for value in judged.values())
                say(f"Lighthouse, round {number + 1}: {name} {told}")
    for name in PAGES:
        for category in map(_column, CATEGORIES):
            median = scores.spread(name, category).median
            goals.append(Goal(f"Lighthouse: {name}, {category}", median, at_least=SCORE))
    return Report([sizes, scores], goals, [f"Reports of Lighthouse: {FOLDER.name}/site/*.json"])


def weigh(scripts: Scripts) -> tuple[Sheet, list[Goal]]:
    entries = scripts.with_imports([*scripts.entries()])
    # The page at /: its form, and what is loaded after it, for the list.
    form = scripts.with_imports([*entries, scripts.of("FeedbackPage")])
    whole = scripts.with_imports([*form, scripts.of("FeedbackStream"), scripts.of("services")])
    views = {"first view: the form": form, "with the list": whole}
    for module in ("DashboardPage", "TasksPage", "ContactPage"):
        views[module] = scripts.with_imports([*entries, scripts.of("services"), scripts.of(module)])
    sheet = Sheet("JavaScript", {"gzip": "KB", "minified": "KB", "files": "count"})
    for view, paths in {**views, **{path: {path} for path in scripts.contents}}.items():
        sheet.add(
            view,
            gzip=scripts.zipped(paths),
            minified=sum(len(scripts.contents[path]) for path in paths) / 1000,
            files=len(paths),
        )
    dashboard = scripts.of("DashboardPage")
    charts = {path for path, content in scripts.contents.items() if CHART in content}
    apart = {
        path
        for view, paths in views.items()
        if view != "DashboardPage"
        for path in paths & (charts | {dashboard})
    }
    if dashboard not in charts:
        raise BenchError(f"{dashboard} has no charts: what is looked for has another name")
    # Over the wire: React DOM, which is one module, has 214 KB before that.
    largest = max(scripts.zipped([path]) for path in scripts.contents)
    goals = [
        Goal("JavaScript of the first view, KB gzip", scripts.zipped(form), at_most=FIRST_VIEW_KB),
        Goal("Largest chunk, KB gzip", largest, at_most=CHUNK_KB),
        Goal("Chunks with charts that other pages load", len(apart), at_most=0),
    ]
    return sheet, goals


@contextmanager
def _site(say: Say) -> Iterator[str]:
    """Its address, with something on every page."""
    named = os.environ.get("E2E_STACK")
    folder = emulator.LOCAL if named else BUILD / f"bench-{os.getpid()}"
    stack = Stack(named or "bench", folder)
    try:
        outputs = stack.outputs() if named else stack.up(emulator.free_port())
        cloud = emulator.running(folder)
        if cloud is None:
            raise BenchError("no embedded cloud runs: `make up`, or without E2E_STACK")
        deployment = Deployment(stack, cloud, outputs)
        say("Lighthouse: feedback and tasks to look at")
        _fill(deployment)
        yield str(outputs["site_url"])
    except OperatorError as error:
        raise BenchError(str(error)) from error
    finally:
        if not named:
            emulator.stop(folder)
            shutil.rmtree(folder, ignore_errors=True)


def _fill(deployment: Deployment) -> None:
    base = deployment.outputs["api_base_url"]
    samples.feedback_of_weeks(deployment)
    with httpx.Client(base_url=base, timeout=60, trust_env=False) as api:
        samples.feedback_of_today(api)
        samples.tasks(api)


def _lighthouse(url: str, report: Path) -> dict[str, float]:
    """The scores of a page. Raises BenchError."""
    report.parent.mkdir(parents=True, exist_ok=True)
    done = _judge(url, report)
    # Now and then Chromium's trace lacks its beginning; Lighthouse's own advice is to run again.
    if done.returncode and _NO_TRACE in done.stderr:
        done = _judge(url, report)
    if done.returncode:
        raise BenchError(f"Lighthouse, {url}: {done.stderr.strip()[-500:]}")
    return scores_of(json.loads(report.read_text()))


def _judge(url: str, report: Path) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory() as profile:
        return subprocess.run(
            [
                "node", str(LIGHTHOUSE / "node_modules" / "lighthouse" / "cli" / "index.js"), url,
                "--quiet", "--output=json", f"--output-path={report}",
                f"--only-categories={','.join(CATEGORIES)}",
                "--chrome-flags=--headless=new --no-sandbox --disable-dev-shm-usage "
                f"--user-data-dir={profile}",
            ],
            env=os.environ | {"CHROME_PATH": str(chromium())},
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip


def scores_of(report: Mapping[str, Any]) -> dict[str, float]:
    """Of 100, by category. Raises BenchError if one was not judged."""
    if report.get("runtimeError"):
        raise BenchError(f"Lighthouse: {report['runtimeError']['message']}")
    found = {name: report["categories"][name]["score"] for name in CATEGORIES}
    missing = [name for name, score in found.items() if score is None]
    if missing:
        raise BenchError(f"Lighthouse did not judge {', '.join(missing)}")
    return {_column(name): 100 * score for name, score in found.items()}


def _column(category: str) -> str:
    return category.replace("-", "_")
