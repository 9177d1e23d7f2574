"""Skips: comments beside a resource or a line that accept a finding, with reason and cost.

    #checkov:skip=CKV_AWS_117:Calls public endpoints only. Cost: $32 a month for a NAT gateway.
    #trivy:ignore:AVD-AWS-0190 Answers differ from call to call. Cost: $14 a month.
    #iam:skip=PRIVILEGE_ESCALATION:Moves aliases, and no other role can. Cost: none to change.
    # Jitter, no secret. Cost: nothing to gain from a slower generator.
    random.uniform(0, 1)  # noqa: S311  # nosec B311

In Terraform the comment stands inside the block. In Python the reason stands on the line or in
the comment above it. What stands in no line, profiles.yaml holds.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ops import ROOT

TERRAFORM = ("terraform", "modules")
PYTHON = ("build.py", "lambda_src", "ops", "tests")
PROFILES = ROOT / "tests" / "security" / "profiles.yaml"

_BLOCK = re.compile(r'^(resource|data|module|provider)\s+"([^"]+)"(?:\s+"([^"]+)")?\s*\{')
_SKIP = re.compile(
    r"#\s*(?:(checkov):skip=|(trivy):ignore:|(iam):skip=)\s*([A-Za-z0-9_.-]+)[:\s]?(.*)$"
)
_NOQA = re.compile(r"#\s*noqa:\s*([A-Z0-9]+(?:[,\s]+[A-Z]+[0-9]+)*)")
_NOSEC = re.compile(r"#\s*nosec\b:?\s*([B0-9, ]*)")
_ALLOW = re.compile(r"gitleaks:allow")


@dataclass(frozen=True)
class Skip:
    """A skip and where it stands."""

    tool: str
    rule: str
    file: str
    line: int
    subject: str  # TYPE.NAME of a Terraform block; else the line of code
    text: str  # reason and cost

    @property
    def reason(self) -> str:
        return self.text.partition("Cost:")[0].strip()

    @property
    def cost(self) -> str:
        return self.text.partition("Cost:")[2].strip()

    @property
    def problem(self) -> str | None:
        """What is missing, if something is."""
        if self.rule == "everything":
            return f"{self.file}:{self.line}: nosec must name the rule"
        missing = [
            name for name, said in (("reason", self.reason), ("cost", self.cost)) if len(said) < 4
        ]
        if not missing and self.subject:
            return None
        where = f"{self.file}:{self.line}: {self.tool} {self.rule}"
        if not self.subject:
            return f"{where} stands beside no resource"
        return f'{where} gives no {" and no ".join(missing)} ("REASON. Cost: COST")'


def blocks(file: Path) -> Iterator[tuple[str, int, int]]:
    """Blocks of a Terraform file: TYPE.NAME (data.TYPE.NAME, module.NAME), first and last line."""
    subject, start = "", 0
    for number, line in enumerate(file.read_text().splitlines(), 1):
        opened = _BLOCK.match(line)
        if opened:
            kind, first, second = opened.groups()
            subject = ".".join(filter(None, [kind if kind != "resource" else "", first, second]))
            start = number
        if subject and (line.startswith("}") or (opened and line.rstrip().endswith("}"))):
            yield subject, start, number
            subject = ""


def place_of(folder: Path, block: str) -> tuple[str, int]:
    """File and line of a block in a folder of Terraform sources."""
    for file in sorted(folder.glob("*.tf")):
        for subject, start, _ in blocks(file):
            if subject == block:
                return str(file.relative_to(ROOT)), start
    return str(folder.relative_to(ROOT)), 1


def in_terraform(root: Path = ROOT) -> list[Skip]:
    """Skips of checkov, trivy and the IAM scanners, in all sources but tests."""
    found = []
    files = sorted(f for folder in TERRAFORM for f in (root / folder).rglob("*.tf"))
    for file in files:
        if ".terraform" in file.parts:
            continue
        spans = list(blocks(file))
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = _SKIP.search(line)
            if match:
                subject = next((name for name, a, z in spans if a <= number <= z), "")
                tool = match[1] or match[2] or match[3]
                place = str(file.relative_to(root))
                found.append(Skip(tool, match[4], place, number, subject, match[5].strip()))
    return found


def in_python(root: Path = ROOT) -> list[Skip]:
    """ruff's noqa of security rules, bandit's nosec and gitleaks:allow."""
    found = []
    for place in PYTHON:
        path = root / place
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            found += _in_file(file, str(file.relative_to(root)))
    return found


def _in_file(file: Path, place: str) -> list[Skip]:
    text = file.read_text()
    if not any(word in text for word in ("noqa", "nosec", "gitleaks")):
        return []
    lines = text.splitlines()
    found = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        rules = [
            *(("ruff", code) for m in _NOQA.finditer(token.string) for code in _codes(m[1])),
            *(("bandit", code) for m in _NOSEC.finditer(token.string) for code in _nosec(m[1])),
            *(("gitleaks", "allow") for _ in _ALLOW.finditer(token.string)),
        ]
        if not rules:
            continue
        number, column = token.start
        reason = _reason(token.string) or _above(lines, number - 1)
        code = lines[number - 1][:column].strip() or lines[min(number, len(lines) - 1)].strip()
        found += [Skip(tool, rule, place, number, code, reason) for tool, rule in rules]
    return found


def _codes(text: str) -> list[str]:
    return [code for code in re.split(r"[,\s]+", text) if re.fullmatch(r"S\d+", code)]


def _nosec(text: str) -> list[str]:
    return re.findall(r"B\d+", text) or ["everything"]


def _reason(comment: str) -> str:
    rest = _ALLOW.sub("", _NOSEC.sub("", _NOQA.sub("", comment)))
    return rest.strip("# ")


def _above(lines: list[str], index: int) -> str:
    said: list[str] = []
    while index > 0 and lines[index - 1].strip().startswith("#"):
        index -= 1
        said.insert(0, lines[index].strip("# "))
    return " ".join(said)


def in_profiles() -> list[Skip]:
    """Rules that are off for a whole folder, from profiles.yaml."""
    profiles: list[dict[str, Any]] = yaml.safe_load(PROFILES.read_text())
    place = str(PROFILES.relative_to(ROOT))
    return [
        Skip(
            tool,
            rule,
            place,
            1,
            f"all of {', '.join(profile['folders'])}",
            f"{profile['reason']} Cost: {profile['cost']}",
        )
        for profile in profiles
        for tool in ("ruff", "bandit")
        for rule in profile.get(tool, [])
    ]


def everything() -> list[Skip]:
    """All skips of the repository."""
    return [*in_terraform(), *in_python(), *in_profiles()]


def problems(found: list[Skip]) -> list[str]:
    """Skips that lack a reason or a cost."""
    return [skip.problem for skip in found if skip.problem]
