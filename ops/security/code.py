"""bandit over all Python, gitleaks over the work tree and its history."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from ops import ROOT
from ops.security import FOLDER, TOOLS
from ops.security.findings import Finding, Result, ScannerError, json_of, relative, run_scanner
from ops.security.skips import PROFILES, PYTHON, Skip, in_python

WORK_TREE = FOLDER / "gitleaks" / "tree"


def bandit() -> Result:
    """bandit on all Python: lambda_src with every rule, other folders less their profiles'."""
    off: dict[str, set[str]] = {folder: set() for folder in PYTHON}
    for profile in yaml.safe_load(PROFILES.read_text()):
        for folder in profile["folders"]:
            off[folder] |= set(profile["bandit"])
    findings: list[Finding] = []
    lines = 0
    for folder, rules in off.items():
        found, counted = scan_python([ROOT / folder], sorted(rules))
        findings += found
        lines += counted
    version = run_scanner([TOOLS / "bandit", "--version"], expected=(0,)).out.split()[1]
    titles = {finding.rule: finding.title for finding in findings}
    return Result("bandit", version, f"{lines} lines of Python", 0, findings, titles)


def scan_python(paths: Iterable[Path], off: Iterable[str] = ()) -> tuple[list[Finding], int]:
    """bandit's findings, those behind a nosec too, and how many lines it read."""
    command: list[str | Path] = [
        TOOLS / "bandit",
        "--recursive",
        "--quiet",
        "--format",
        "json",
        "--ignore-nosec",
        "--ini",
        Path(__file__).with_name("bandit.ini"),
    ]
    if off:
        command += ["--skip", ",".join(off)]
    report = json_of("bandit", run_scanner([*command, *paths]).out)
    if report["errors"]:
        raise ScannerError(f"bandit could not read {report['errors']}")
    skips = {(s.file, s.line, s.rule): s for s in in_python() if s.tool == "bandit"}
    findings = [_finding(said, skips) for said in report["results"]]
    return findings, report["metrics"]["_totals"]["loc"]


def _finding(said: dict[str, Any], skips: dict[tuple[str, int, str], Skip]) -> Finding:
    file = relative(said["filename"])
    lines = [said["line_number"], *said["line_range"]]
    skip = next((skips[key] for n in lines if (key := (file, n, said["test_id"])) in skips), None)
    return Finding(
        said["test_id"],
        said["test_name"].replace("_", " "),
        file,
        said["line_number"],
        "",
        said["issue_text"],
        skip=skip,
    )


def gitleaks() -> list[Result]:
    """gitleaks on what is or could be committed, and on every commit so far."""
    listed = _git("ls-files", "--cached", "--others", "--exclude-standard", "-z")
    if listed is None:
        return [scan_secrets(_tree(_everything()), "work tree (no git here: no history)")]
    files = [name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    results = [scan_secrets(_tree(files), f"{len(files)} files of the work tree")]
    if _git("rev-parse", "HEAD") is not None:
        count = (_git("rev-list", "--count", "--all") or "").strip()
        results.append(scan_secrets(ROOT, f"{count} commits", history=True))
    return results


def scan_secrets(path: Path, scanned: str, *, history: bool = False) -> Result:
    """gitleaks' findings; what it found is never written anywhere in full."""
    command = [
        TOOLS / "gitleaks", "git" if history else "dir", "--no-banner", "--redact=80",
        "--report-format", "json", "--report-path", "-", "--log-level", "error",
    ]  # fmt: skip
    # Of the work tree, allowed ones too: an exception must be listed with its reason.
    command.append("--log-opts=--all" if history else "--ignore-gitleaks-allow")
    found = json_of("gitleaks", run_scanner([*command, path]).out)
    skips = {(s.file, s.line): s for s in in_python() if s.tool == "gitleaks"}
    findings = [
        Finding(
            said["RuleID"],
            said["Description"],
            relative(said["File"]) if history else _original(said["File"], path),
            said["StartLine"],
            said.get("Commit", ""),
            said["Match"],
            skip=None if history else skips.get((_original(said["File"], path), said["StartLine"])),
        )
        for said in found
    ]
    version = run_scanner([TOOLS / "gitleaks", "version"], expected=(0,)).out.strip()
    kind = "history" if history else "work tree"
    rules = {finding.rule: finding.title for finding in findings}
    return Result(f"gitleaks ({kind})", version, scanned, 0, findings, rules)


def _original(name: str, tree: Path) -> str:
    path = Path(name)
    return str(path.relative_to(tree)) if path.is_relative_to(tree) else name


def _git(*arguments: str) -> str | None:
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return None if done.returncode else done.stdout


def _everything() -> list[str]:
    """Files of a tree without git, such as an unpacked archive."""
    made = {".venv", "build", "node_modules", ".terraform", "__pycache__"}
    return [
        str(file.relative_to(ROOT))
        for file in ROOT.rglob("*")
        if file.is_file() and not made & set(file.relative_to(ROOT).parts)
    ]


def _tree(files: Iterable[str]) -> Path:
    """A copy of the files: gitleaks takes a folder, and this one is full of built things."""
    shutil.rmtree(WORK_TREE, ignore_errors=True)
    for name in files:
        place = WORK_TREE / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, place)
    return WORK_TREE
