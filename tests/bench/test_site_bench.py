"""What is weighed of a build, and what a report of Lighthouse says. Nothing is measured."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tests.bench import BenchError
from tests.bench.benches import site
from tests.bench.record import Goal

INDEX = '<script src="/theme.js"></script><script type="module" src="/assets/index-1.js"></script>'
FILES = {
    "index-1": 'import{a}from"./core-1.js";import("./FeedbackPage-1.js")',
    "core-1": "export const a=1",
    "FeedbackPage-1": 'import"./core-1.js";import("./FeedbackStream-1.js")',
    "FeedbackStream-1": "1",
    "services-1": "1",
    "DashboardPage-1": 'const c="chart-frame"',
    "TasksPage-1": "1",
    "ContactPage-1": "1",
}


def _weighed(folder: Path, **changed: str) -> dict[str, Goal]:
    assets = folder / "assets"
    assets.mkdir(exist_ok=True)
    (folder / "index.html").write_text(INDEX)
    (folder / "theme.js").write_text("1")
    for name, text in {**FILES, **changed}.items():
        (assets / f"{name}.js").write_text(text)
    _, goals = site.weigh(site.Scripts(folder))
    return {goal.text.partition(",")[0]: goal for goal in goals}


def test_the_first_view_is_what_runs_before_it_and_nothing_that_comes_later(
    tmp_path: Path,
) -> None:
    _weighed(tmp_path)
    scripts = site.Scripts(tmp_path)
    assert scripts.with_imports([*scripts.entries(), scripts.of("FeedbackPage")]) == {
        "theme.js",
        "assets/index-1.js",
        "assets/core-1.js",
        "assets/FeedbackPage-1.js",
    }


def test_a_build_within_its_budgets(tmp_path: Path) -> None:
    assert all(goal.met for goal in _weighed(tmp_path).values())


def test_a_chunk_that_is_too_large_misses_its_goal(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(230_000).hex()
    goals = _weighed(tmp_path, **{"TasksPage-1": noise})
    assert [text for text, goal in goals.items() if not goal.met] == ["Largest chunk"]


def test_charts_on_another_page_miss_their_goal(tmp_path: Path) -> None:
    goals = _weighed(tmp_path, **{"TasksPage-1": 'import"./DashboardPage-1.js"'})
    assert [text for text, goal in goals.items() if not goal.met] == [
        "Chunks with charts that other pages load"
    ]


def test_a_build_without_charts_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="has no charts"):
        _weighed(tmp_path, **{"DashboardPage-1": "1"})


def test_a_page_without_a_chunk_of_its_own_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="2 chunks of TasksPage"):
        _weighed(tmp_path, **{"TasksPage-2": "1"})


def _report(**changed: Any) -> dict[str, Any]:
    return {"categories": {name: {"score": 0.97} for name in site.CATEGORIES}, **changed}


def test_scores_are_of_a_hundred() -> None:
    assert site.scores_of(_report())["best_practices"] == pytest.approx(97)


def test_a_page_that_was_not_judged_is_no_measurement() -> None:
    with pytest.raises(BenchError, match="the page did not load"):
        site.scores_of(_report(runtimeError={"message": "the page did not load"}))
    report = _report()
    report["categories"]["seo"]["score"] = None
    with pytest.raises(BenchError, match="did not judge seo"):
        site.scores_of(report)
