"""trivy, bandit and gitleaks see what they are given, and go red for what is wrong in it."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ops import ROOT
from ops.security import code, trivy
from ops.security.findings import ScannerError
from ops.security.plans import PLANS, Plan


def plan_addresses(plan: Plan, kind: str) -> list[str]:
    return [resource.address for resource in plan.resources() if resource.kind == kind]


def changed(plan: Plan, name: str, kind: str, **values: Any) -> Plan:
    """The plan with other values for every resource of a type, under another name."""
    raw = json.loads(json.dumps(plan.raw))

    def change(module: dict[str, Any]) -> None:
        for resource in module.get("resources", []):
            if resource["type"] == kind:
                resource["values"] |= values
        for child in module.get("child_modules", []):
            change(child)

    change(raw["planned_values"]["root_module"])
    for resource in raw["resource_changes"]:
        if resource["type"] == kind:
            resource["change"]["after"] |= values
    made = Plan(dataclasses.replace(plan.variant, name=name), raw)
    made.file.write_text(json.dumps(raw))
    return made


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Changed plans lie beside no real ones."""
    folder = tmp_path / "plans"
    shutil.copytree(PLANS, folder)
    monkeypatch.setattr("ops.security.plans.PLANS", folder)


def test_trivy_sees_resources_in_modules_of_a_plan(made: list[Plan]) -> None:
    plan = changed(made[0], "bad", "aws_sqs_queue", sqs_managed_sse_enabled=False)
    found = [
        finding
        for _, said in trivy.findings(trivy.scan_folder(plan.file))
        if said["ID"] == "AVD-AWS-0096"
        for finding in trivy.in_plan(said, plan, {})
    ]
    assert {finding.rule for finding in found} == {"AVD-AWS-0096"}
    places = {finding.subject: finding.file for finding in found}
    assert places.keys() == set(plan_addresses(plan, "aws_sqs_queue"))
    queue = 'module.function["stream_aggregator"].aws_sqs_queue.dead_letter[0]'
    assert places[queue] == "modules/function/events.tf"


def test_trivy_finds_what_the_sources_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("terraform", "modules"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    file = tmp_path / "terraform" / "bootstrap" / "main.tf"
    text = file.read_text()
    assert "block_public_acls       = true" in text
    file.write_text(
        text.replace(
            "block_public_acls       = true",
            "#trivy:ignore:AVD-AWS-0086\n  block_public_acls = false",
        )
    )
    sources = tmp_path / "copy"
    trivy.copy_sources(tmp_path, sources)
    report = trivy.scan_folder(sources)
    assert "AVD-AWS-0086" in {said["ID"] for _, said in trivy.findings(report)}


def test_trivy_must_read_all_of_a_plan(tmp_path: Path, made: list[Plan]) -> None:
    """A null in a list makes it give up on a plan and say that all is well."""
    plan = changed(made[0], "broken", "aws_sqs_queue", block=[{"names": [None]}])
    with pytest.raises(ScannerError, match="could not read all"):
        trivy.scan_folder(plan.file)


INSECURE = """\
import subprocess
import tempfile

subprocess.run("ls " + input(), shell=True)
eval(input())
tempfile.mktemp()
"""


@pytest.mark.parametrize("off", [[], ["B404", "B603", "B607", "B310"]])
def test_bandit_finds_shells_and_eval_whatever_a_profile_switches_off(
    off: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "program.py"
    file.write_text(INSECURE)
    findings, lines = code.scan_python([file], off)
    assert {"B602", "B307", "B306"} <= {finding.rule for finding in findings}
    assert lines > 0


def test_bandit_reports_what_a_nosec_hides_and_names_the_skip() -> None:
    findings, _ = code.scan_python([ROOT / "lambda_src"])
    assert [(f.rule, f.skip is not None) for f in findings] == [("B311", True)]


def test_bandit_must_read_every_file(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def")
    with pytest.raises(ScannerError, match="could not read"):
        code.scan_python([tmp_path])


def secret() -> str:
    """A key that looks real, put together here so that it stands in no file."""
    return "AKIA" + "Z7QPLXRT3KDWN5VB"


def test_gitleaks_finds_a_key_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text(f'aws_access_key_id = "{secret()}"\n')
    result = code.scan_secrets(tmp_path, "a folder")
    (finding,) = result.failures
    assert (finding.rule, finding.file) == ("aws-access-token", "settings.py")
    assert secret() not in finding.message


def test_gitleaks_finds_a_key_that_was_taken_out_again(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
        subprocess.run(
            ["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True
        )

    git("init", "--quiet")
    file = tmp_path / "settings.py"
    for text in (f'aws_access_key_id = "{secret()}"\n', "aws_access_key_id = None\n"):
        file.write_text(text)
        git("add", ".")
        git("commit", "--quiet", "--message", "change")
    assert code.scan_secrets(tmp_path, "a folder").failures == []
    assert len(code.scan_secrets(tmp_path, "commits", history=True).failures) == 1
