"""docs/failure-scenarios.md: every test that it names is there, every failure says where it is
tried or why it cannot be, and the failures of the design's table are all in it."""

from __future__ import annotations

import ast
import re

import pytest

from ops import ROOT

DOCUMENT = ROOT / "docs" / "failure-scenarios.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
# The design's own, from its architecture document.
DESIGNED = [
    "Lambda bug",
    "DynamoDB throttling",
    "CloudFront outage",
    "Region failure",
    "Data corruption",
]


def rows() -> list[list[str]]:
    """Cells of the rows that tell of a failure: those of the tables with a column of tests."""
    found, telling = [], False
    for line in DOCUMENT.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            telling = False
        elif cells[0] == "failure":
            telling = True
        elif telling and not line.startswith("|---"):
            found.append(cells)
    return found


def functions_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


NAMES = sorted(set(NAMED.findall(DOCUMENT.read_text())))


@pytest.mark.parametrize(("file", "name"), NAMES, ids=[f"{f}::{n}" for f, n in NAMES])
def test_every_test_that_is_named_is_there(file: str, name: str) -> None:
    assert name.startswith("test_")
    assert name in functions_of(file)


def test_every_failure_says_where_it_is_tried_or_why_it_is_not() -> None:
    assert len(rows()) > 15
    for cells in rows():
        last = cells[-1]
        assert NAMED.search(last) or re.search(r"[Nn]ot (run )?here: \w+", last), cells[0]
        assert all(cells), cells[0]


def test_the_designs_failures_are_all_there() -> None:
    assert [cells[0] for cells in rows()][: len(DESIGNED)] == DESIGNED


def test_what_looks_like_a_test_is_one() -> None:
    """A misspelt name would be checked by nobody."""
    told = re.findall(r"`(tests/[^`]+)`", DOCUMENT.read_text())
    known = {f"{file}::{name}" for file, name in NAMES} | {"tests/ops/test_failure_scenarios.py"}
    assert set(told) <= known


@pytest.mark.parametrize("document", ["failure-scenarios.md", "runbook.md"])
def test_links_lead_somewhere(document: str) -> None:
    """Also to a heading, as GitHub names it."""
    text = (ROOT / "docs" / document).read_text()
    for target, anchor in re.findall(r"\]\(([\w./-]*)(?:#([\w-]+))?\)", text):
        file = ROOT / "docs" / (target or document)
        assert file.is_file(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)
            slugs = [re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings]
            assert anchor in slugs, f"{target}#{anchor}"
