"""What scanners find, in one shape, whatever tool it was."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ops import ROOT, OperatorError
from ops.security.skips import Skip


@dataclass(frozen=True)
class Finding:
    """One thing that a rule objects to."""

    rule: str
    title: str
    file: str  # relative to the repository
    line: int
    subject: str  # a resource's address, a function, a file
    message: str
    variant: str = ""  # which plan, where it was found in one
    skip: Skip | None = None  # the comment that accepts it


@dataclass(frozen=True)
class Result:
    """What one tool said of everything that it was given."""

    tool: str
    version: str
    scanned: str  # in a few words
    passed: int
    findings: Sequence[Finding] = ()
    rules: Mapping[str, str] = field(default_factory=dict)  # those that were looked at => title
    passes: Mapping[str, int] = field(default_factory=dict)  # rule => how often it held

    @property
    def failures(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.skip is None]

    @property
    def accepted(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.skip is not None]


class ScannerError(OperatorError):
    """A scanner did not work: it found nothing because it saw nothing."""


@dataclass(frozen=True)
class Output:
    """What a scanner wrote."""

    out: str
    err: str


def run_scanner(
    command: Sequence[str | Path],
    *,
    expected: Sequence[int] = (0, 1),
    environment: Mapping[str, str] | None = None,
    stdin: str | None = None,
) -> Output:
    """Run a scanner to its end. Raises ScannerError if it ends in another way than `expected`."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT, env={**os.environ, **(environment or {})}, input=stdin,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode not in expected:
        name = Path(command[0]).name
        raise ScannerError(f"{name} ended with {done.returncode}:\n{done.stderr or done.stdout}")
    return Output(done.stdout, done.stderr)


def json_of(tool: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ScannerError(f"{tool} wrote no JSON:\n{text[-2000:]}") from error


def relative(path: str | Path) -> str:
    """A path as the repository has it."""
    resolved = (ROOT / path).resolve()
    return str(resolved.relative_to(ROOT)) if resolved.is_relative_to(ROOT) else str(path)
