"""The report of a mutation run: JSON for whoever wants to read on, a table for the terminal."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ops import BUILD
from tests.e2e.iam.mutation import GOOD, Verdict

FILE = BUILD / "iam-mutation" / "report.json"


def write(verdicts: Sequence[Verdict], file: Path = FILE) -> None:
    """{counts: {outcome: n}, unneeded: […], verdicts: […]}; `unneeded` is all that is not good."""
    file.parent.mkdir(parents=True, exist_ok=True)
    entries = [
        {
            **asdict(verdict.permission),
            "outcome": verdict.outcome,
            "evidence": verdict.evidence,
            "seconds": verdict.seconds,
        }
        for verdict in verdicts
    ]
    content = {
        "counts": Counter(verdict.outcome for verdict in verdicts),
        "unneeded": [entry for entry in entries if entry["outcome"] not in GOOD],
        "verdicts": entries,
    }
    file.write_text(json.dumps(content, indent=2) + "\n")


def show(verdicts: Sequence[Verdict], console: Console) -> None:
    """A line for each permission; those that were reviewed by action only."""
    table = Table(title="Permissions taken away, one at a time")
    for heading in ("function", "action", "resource", "outcome", "what happened"):
        table.add_column(heading, overflow="fold")
    listed = Counter[str]()
    for verdict in verdicts:
        permission = verdict.permission
        if verdict.outcome == "not enforced here":
            listed[f"{permission.sid} {permission.action}"] += 1
            continue
        style = None if verdict.outcome in GOOD else "bold red"
        table.add_row(
            permission.handler,
            permission.action,
            permission.resource.split(":", 5)[-1],
            str(verdict.outcome),
            verdict.evidence,
            style=style,
        )
    console.print(table)
    console.print("Not enforced here, reviewed in tests/reviewed_permissions.yaml:")
    for name, count in sorted(listed.items()):
        console.print(f"  {name} ({count} roles)")
