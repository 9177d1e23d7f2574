"""build/security/report.html: one page for a reviewer, with the results of this run."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ops import ROOT
from ops.security import FOLDER
from ops.security.document import TEMPLATES
from ops.security.findings import Result
from ops.security.plans import Plan
from ops.security.review import Control, gather
from ops.security.sarif import grouped, sarif

PAGE = FOLDER / "report.html"
SARIF = FOLDER / "report.sarif"


@dataclass(frozen=True)
class Tally:
    """How often something was looked at in this run, and how that ended."""

    name: str
    title: str
    passed: int
    accepted: int
    failed: int

    @property
    def seen(self) -> bool:
        """Whether there was anything to look at."""
        return bool(self.passed or self.accepted or self.failed)


@dataclass(frozen=True)
class Outcome:
    """A control and what this run says of it."""

    control: Control
    tallies: list[Tally]

    @property
    def failed(self) -> int:
        return sum(tally.failed for tally in self.tallies)


def write(results: Sequence[Result], problems: Sequence[str], plans: Iterable[Plan]) -> None:
    """Both files, into build/security."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(results, problems, plans))
    SARIF.write_text(json.dumps(sarif(results), indent=1) + "\n")


def page(results: Sequence[Result], problems: Sequence[str], plans: Iterable[Plan]) -> str:
    review = gather(plans)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    failures = [(r.tool, found) for r in results for found in grouped(r.failures)]
    return environment.get_template("report.html.j2").render(
        review=review,
        outcomes=[outcome(control, results) for control in review.controls],
        results=results,
        failures=failures,
        accepted=_accepted(results),
        problems=problems,
        when=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        commit=_commit(),
        red=bool(failures or problems),
    )


def outcome(control: Control, results: Iterable[Result]) -> Outcome:
    """What the rules and scanners that a control names said in this run."""
    known = list(results)
    tallies = []
    for rule in control.rules:
        having = [result for result in known if rule in result.rules]
        found = [f for result in having for f in result.findings if f.rule == rule]
        tallies.append(
            Tally(
                rule,
                next((result.rules[rule] for result in having), ""),
                sum(result.passes.get(rule, 0) for result in having),
                sum(finding.skip is not None for finding in found),
                sum(finding.skip is None for finding in found),
            )
        )
    for tool in control.tools:
        having = [result for result in known if result.tool.partition(" ")[0] == tool]
        tallies.append(
            Tally(
                tool,
                "; ".join(result.scanned for result in having),
                sum(result.passed for result in having),
                sum(len(result.accepted) for result in having),
                sum(len(result.failures) for result in having),
            )
        )
    return Outcome(control, tallies)


def _accepted(results: Iterable[Result]) -> dict[tuple[str, int, str], int]:
    """Where a skip stands and its rule => how many findings it accepted in this run."""
    counts: dict[tuple[str, int, str], int] = {}
    for result in results:
        for finding in result.accepted:
            skip = finding.skip
            if skip is not None:
                key = (skip.file, skip.line, skip.rule)
                counts[key] = counts.get(key, 0) + 1
    return counts


def _commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout.strip()
