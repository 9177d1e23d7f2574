"""The report: one page that needs nothing else, and one SARIF document that validates."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from ops import ROOT
from ops.security import TOOLS, report
from ops.security.findings import Finding, Result, run_scanner
from ops.security.plans import Plan
from ops.security.review import Control
from ops.security.sarif import sarif
from ops.security.skips import Skip

SKIP = Skip("checkov", "CKV_AWS_1", "modules/api/main.tf", 64, "aws_x.a", "A reason. Cost: $1.")
OPEN = Finding("CKV_AWS_2", "Title", "modules/api/main.tf", 60, "module.api.aws_x.b", "<b>&", "one")
RESULTS = [
    Result(
        "checkov (plans)",
        "3.0",
        "two plans",
        7,
        [
            Finding("CKV_AWS_1", "Held", "modules/api/main.tf", 60, "aws_x.a", "", "one", SKIP),
            Finding("CKV_AWS_1", "Held", "modules/api/main.tf", 60, "aws_x.a", "", "two", SKIP),
            OPEN,
        ],
        {"CKV_AWS_1": "Held", "CKV_AWS_2": "Title", "CKV_AWS_3": "Kept"},
        {"CKV_AWS_3": 7},
    ),
    Result("gitleaks (history)", "8.0", "3 commits", 0),
]


class Page(HTMLParser):
    """Tags and attributes of a page, and whether every tag is closed."""

    VOID = frozenset({"meta", "link", "br", "wbr", "img", "input", "hr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def all(self, attribute: str) -> list[str]:
        return [a[attribute] or "" for _, a in self.seen if attribute in a]


@pytest.fixture(scope="module")
def text(made: list[Plan]) -> str:
    return report.page(RESULTS, ["a stale skip"], made)


def test_the_page_is_whole_and_needs_nothing_else(text: str) -> None:
    page = Page(text)
    assert page.stack == []
    assert page.all("src") == []
    assert all(target.startswith("#") for target in page.all("href"))
    assert "url(" not in text
    assert not {"script", "link", "iframe", "img"} & {tag for tag, _ in page.seen}


def test_the_page_can_be_read_by_everybody(text: str) -> None:
    page = Page(text)
    identifiers = page.all("id")
    assert len(identifiers) == len(set(identifiers))
    assert {target[1:] for target in page.all("href")} <= set(identifiers)
    assert set(page.all("aria-labelledby")) <= set(identifiers)
    assert all(a.get("scope") in {"col", "row"} for tag, a in page.seen if tag == "th")
    assert dict(page.seen)["html"] == {"lang": "en"}
    headings = [int(tag[1]) for tag, _ in page.seen if tag in {"h1", "h2", "h3", "h4"}]
    assert headings[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(headings))


def test_the_page_says_what_is_open(text: str) -> None:
    assert "2 open findings" in text
    assert "a stale skip" in text
    assert "&lt;b&gt;&amp;" in text
    assert "<b>" not in text


def test_a_control_shows_what_this_run_said() -> None:
    control = Control(
        "X",
        "g",
        "t",
        "d",
        [],
        [],
        ["CKV_AWS_1", "CKV_AWS_2", "CKV_AWS_3", "CKV_AWS_9"],
        ["gitleaks"],
    )
    made = report.outcome(control, RESULTS)
    assert [(t.name, t.passed, t.accepted, t.failed, t.seen) for t in made.tallies] == [
        ("CKV_AWS_1", 0, 2, 0, True),
        ("CKV_AWS_2", 0, 0, 1, True),
        ("CKV_AWS_3", 7, 0, 0, True),
        ("CKV_AWS_9", 0, 0, 0, False),
        ("gitleaks", 0, 0, 0, False),
    ]
    assert made.failed == 1


def test_sarif_validates_and_points_at_sources() -> None:
    document = sarif(RESULTS)
    check = (
        "import sys; from sarif_pydantic import Sarif; Sarif.model_validate_json(sys.stdin.read())"
    )
    run_scanner([TOOLS / "python", "-c", check], expected=(0,), stdin=json.dumps(document))
    assert (document["version"], len(document["runs"])) == ("2.1.0", 2)
    (run, _) = document["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [r["ruleId"] for r in run["results"]] == ["CKV_AWS_1", "CKV_AWS_2"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]
        assert (ROOT / place["artifactLocation"]["uri"]).is_file()
        assert place["region"]["startLine"] == 60


def test_sarif_carries_what_was_accepted_with_its_reason() -> None:
    accepted, failed = sarif(RESULTS)["runs"][0]["results"]
    (suppression,) = accepted["suppressions"]
    assert suppression["justification"] == "A reason. Cost: $1."
    assert accepted["message"]["text"] == "Held (one, two)"
    assert "suppressions" not in failed
    assert (accepted["level"], failed["level"]) == ("note", "error")


def test_sarif_that_is_none_is_refused() -> None:
    """The validation above can fail."""
    broken: dict[str, Any] = sarif(RESULTS)
    broken["runs"][0]["results"][0]["level"] = "terrible"
    check = (
        "import sys; from sarif_pydantic import Sarif; Sarif.model_validate_json(sys.stdin.read())"
    )
    with pytest.raises(Exception, match="level"):
        run_scanner([TOOLS / "python", "-c", check], expected=(0,), stdin=json.dumps(broken))
