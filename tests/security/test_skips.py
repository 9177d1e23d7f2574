"""Skips: where they are found, what they must say, and what they accept."""

from __future__ import annotations

import json
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops import ROOT
from ops.security import checkov, skips
from ops.security.addresses import without_keys
from ops.security.findings import Finding, Result
from ops.security.plans import Plan
from ops.security.skips import Skip

TERRAFORM = """\
resource "aws_sqs_queue" "good" {
  #checkov:skip=CKV_AWS_27:The key is AWS's. Cost: $1 a month.
  name = "a"
}

resource "aws_sqs_queue" "bad" {
  #checkov:skip=CKV_AWS_27:because
  #trivy:ignore:AVD-AWS-0096
  name = "b"
}

#checkov:skip=CKV_AWS_27:Beside nothing. Cost: all.
"""
PYTHON = """\
import random
import subprocess  # nosec

# Jitter. Cost: a slower generator.
a = random.random()  # noqa: S311  # nosec B311
b = random.random()  # noqa: S311
c = "# noqa: S999"
d = open("x")  # noqa: SIM115
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for place in ("terraform", "modules", "lambda_src", "ops", "tests"):
        (tmp_path / place).mkdir()
    (tmp_path / "modules" / "main.tf").write_text(TERRAFORM)
    (tmp_path / "build.py").write_text(PYTHON)
    return tmp_path


def test_skips_in_terraform(tree: Path) -> None:
    found = skips.in_terraform(tree)
    assert [(s.tool, s.rule, s.subject, s.line) for s in found] == [
        ("checkov", "CKV_AWS_27", "aws_sqs_queue.good", 2),
        ("checkov", "CKV_AWS_27", "aws_sqs_queue.bad", 7),
        ("trivy", "AVD-AWS-0096", "aws_sqs_queue.bad", 8),
        ("checkov", "CKV_AWS_27", "", 12),
    ]
    assert (found[0].reason, found[0].cost) == ("The key is AWS's.", "$1 a month.")
    assert [said.partition(": ")[2] for said in skips.problems(found)] == [
        'checkov CKV_AWS_27 gives no cost ("REASON. Cost: COST")',
        'trivy AVD-AWS-0096 gives no reason and no cost ("REASON. Cost: COST")',
        "checkov CKV_AWS_27 stands beside no resource",
    ]


def test_skips_in_python(tree: Path) -> None:
    found = skips.in_python(tree)
    assert [(s.tool, s.rule, s.line) for s in found] == [
        ("bandit", "everything", 2),
        ("ruff", "S311", 5),
        ("bandit", "B311", 5),
        ("ruff", "S311", 6),
    ]
    assert found[1].reason == found[2].reason == "Jitter."
    assert [said.partition(": ")[2] for said in skips.problems(found)] == [
        "nosec must name the rule",
        'ruff S311 gives no reason and no cost ("REASON. Cost: COST")',
    ]


def test_no_scanner_is_told_to_look_away_elsewhere() -> None:
    """Files by which scanners leave things out, which docs/security.md would not list."""
    names = (
        ".bandit", ".checkov.baseline", ".gitleaks.toml", ".gitleaksignore", ".trivyignore",
        ".trivyignore.yaml", "bandit.yaml", "trivy.yaml",
    )  # fmt: skip
    found = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert [file for file in found.splitlines() if Path(file).name in names] == []
    told = yaml.safe_load((ROOT / ".checkov.yaml").read_text())
    assert told.keys() <= {"directory", "framework", "skip-download", "compact"}
    assert "bandit" not in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]


def test_every_skip_here_has_a_reason_and_a_cost() -> None:
    found = skips.everything()
    assert len(found) > 30
    assert skips.problems(found) == []


def test_profiles_say_what_pyproject_switches_off() -> None:
    """Otherwise docs/security.md would not list all that is off."""
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    off = {"*": lint["ignore"], **lint["per-file-ignores"]}
    switched = {
        pattern: sorted(code for code in codes if code[0] == "S" and code[1:].isdigit())
        for pattern, codes in off.items()
    }
    profiles = {
        profile["pattern"]: sorted(profile["ruff"])
        for profile in yaml.safe_load(skips.PROFILES.read_text())
    }
    assert {k: v for k, v in switched.items() if v} == profiles
    assert "S" in lint["select"]


LOG_GROUP = 'module.function["health"].aws_cloudwatch_log_group.this'


def record(address: str, check: str, plan: Plan) -> dict[str, Any]:
    return {
        "check_id": check,
        "check_name": check,
        "resource": address,
        "file_path": f"/{plan.variant.name}.json",
    }


def test_a_plans_finding_is_accepted_by_a_skip_in_its_own_block_only(made: list[Plan]) -> None:
    plan = made[0]
    # Three modules call a resource `this`, and only the tables' has a skip of CKV_AWS_119.
    given = [
        ("module.feedback_table.aws_dynamodb_table.this", "CKV_AWS_119", True),
        (LOG_GROUP, "CKV_AWS_158", True),
        (LOG_GROUP, "CKV_AWS_119", False),
        ('module.function["health"].aws_lambda_function.this', "CKV_AWS_119", False),
        ("module.api.aws_cloudwatch_log_group.access[0]", "PLATFORM_NAME_SUFFIX", False),
        ("module.api.aws_cloudwatch_log_group.execution[0]", "PLATFORM_NAME_SUFFIX", True),
        ("module.api.aws_cloudwatch_log_group.execution[0]", "CKV_AWS_15", False),
    ]
    findings = checkov.accept([record(a, c, plan) for a, c, _ in given], [plan])
    assert [finding.skip is not None for finding in findings] == [ok for _, _, ok in given]
    assert findings[1].file == "modules/function/main.tf"


def test_a_stale_skip_is_reported() -> None:
    nothing = Result("checkov", "1", "", 0)
    every = checkov.stale([nothing])
    assert len(every) == len(skips.in_terraform()) + len(
        [skip for skip in skips.in_python() if skip.tool == "bandit"]
    )
    first = skips.in_terraform()[0]
    used = Finding(first.rule, "", first.file, first.line, "", "", "", first)
    assert len(checkov.stale([Result("checkov", "1", "", 0, [used])])) == len(every) - 1


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        ("aws_sqs_queue.a", "aws_sqs_queue.a"),
        (
            'module.a["x.y[0]"].module.b[1].aws_sqs_queue.c["]"]',
            "module.a.module.b.aws_sqs_queue.c",
        ),
        ('module.a["GET /feedback/{id}"].aws_x.b', "module.a.aws_x.b"),
        (r'module.a["say \"hi\" ]"].aws_x.b', "module.a.aws_x.b"),
    ],
)
def test_instance_keys_are_left_out_of_addresses(address: str, plain: str) -> None:
    assert without_keys(address) == plain


def test_a_skip_without_a_cost_fails() -> None:
    skip = Skip("checkov", "CKV_AWS_1", "a.tf", 1, "aws_x.a", "Only a reason.")
    assert skip.problem is not None
    assert json.dumps(skip.problem)
