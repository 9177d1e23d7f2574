"""What is installed is what was reviewed: pinned, with hashes, and from no address of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ops import ROOT

LOCKS = [
    *sorted((ROOT / "requirements").glob("*.txt")),
    *sorted((ROOT / "lambda_src").glob("*/requirements.txt")),
]


def requirements(lock: Path) -> list[str]:
    """Requirements of a lock file, continued lines joined."""
    text = lock.read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def test_every_list_of_packages_has_its_lock_file() -> None:
    sources = [*(ROOT / "requirements").glob("*.in"), *(ROOT / "lambda_src").glob("*/*.in")]
    assert {source.with_suffix(".txt") for source in sources} == set(LOCKS)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_every_requirement_has_a_hash(lock: Path) -> None:
    for line in requirements(lock):
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z0-9,_-]+\])?==\S+", line), line
        assert "--hash=sha256:" in line, line


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_no_lock_file_names_an_address(lock: Path) -> None:
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host", lock.read_text())
