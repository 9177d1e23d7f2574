"""checkov over the sources and over the filled-in plans, with the policies of this project.

The sources see what a plan loses (modules that nobody calls, data blocks), the plans what the
sources cannot tell (names, ARNs, conditions that variables decide).

checkov's own way to take skip comments over to a plan (--repo-root-for-plan-enrichment) looks
for the resource by TYPE.NAME wherever it stands: of two modules that both have an
aws_cloudwatch_log_group.this, one's skip accepts the other's finding. Here a finding goes from
its address through the plan's module calls to the one block that it comes from, and only a skip
in that block accepts it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ops import ROOT
from ops.security import FOLDER, POLICIES, REVIEWED, TOOLS
from ops.security.answers import ACCOUNT
from ops.security.findings import Finding, Result, ScannerError, json_of, relative, run_scanner
from ops.security.plans import PLANS, SUFFIX, Plan, Resource
from ops.security.skips import Skip, in_python, in_terraform, place_of

OWN = "PLATFORM_"


def scan_sources() -> Result:
    """checkov on the Terraform sources."""
    report = _checkov("sources", "--config-file", ROOT / ".checkov.yaml")
    skips = [skip for skip in in_terraform() if skip.tool == "checkov"]
    findings = [_in_source(record, ()) for record in report["results"]["failed_checks"]]
    findings += [_in_source(record, skips) for record in report["results"]["skipped_checks"]]
    return _result("checkov (sources)", report, findings, "terraform/, modules/")


def scan_plans(plans: Iterable[Plan]) -> list[Result]:
    """checkov on all plans: its own checks, and the policies of this project."""
    chosen = list(plans)
    report = scan_folder("plans", PLANS)
    findings = accept(report["results"]["failed_checks"], chosen)
    names = ", ".join(plan.variant.name for plan in chosen)
    own = [finding for finding in findings if finding.rule.startswith(OWN)]
    theirs = [finding for finding in findings if not finding.rule.startswith(OWN)]
    return [
        _result("checkov (plans)", report, theirs, f"plans {names}", own=False),
        _result("own policies", report, own, f"plans {names}", own=True),
    ]


def scan_folder(name: str, folder: Path) -> dict[str, Any]:
    """checkov's report on the plans in a folder, with the policies of this project."""
    return _checkov(
        name,
        "--config-file", FOLDER / "checkov-plans.yaml",
        "--directory", folder,
        "--external-checks-dir", POLICIES,
    )  # fmt: skip


def accept(records: Iterable[Mapping[str, Any]], plans: Iterable[Plan]) -> list[Finding]:
    """Failed checks of plans as findings, each with the skip of its own block if there is one."""
    skips = {(s.file, s.subject, s.rule): s for s in in_terraform() if s.tool == "checkov"}
    by_name = {plan.variant.name: {r.address: r for r in plan.resources()} for plan in plans}
    found = []
    for record in records:
        variant = Path(record["file_path"]).stem
        resource = by_name[variant].get(record["resource"])
        if resource is None:
            raise ScannerError(f"checkov names {record['resource']}, which is not in {variant}")
        found.append(plan_finding(record, resource, variant, skips))
    return found


def plan_finding(
    record: Mapping[str, Any],
    resource: Resource,
    variant: str,
    skips: Mapping[tuple[str, str, str], Skip],
) -> Finding:
    file, line = place_of(resource.source, resource.block)
    return Finding(
        record["check_id"],
        record["check_name"],
        file,
        line,
        resource.address,
        "; ".join(record.get("details") or []),
        variant,
        skips.get((file, resource.block, record["check_id"])),
    )


def stale(results: Iterable[Result]) -> list[str]:
    """Skips that accept nothing any more, neither in the sources nor in any plan. (ruff finds
    its own: RUF100.)"""
    used = {
        (finding.skip.file, finding.skip.line)
        for result in results
        for finding in result.findings
        if finding.skip
    }
    return [
        f"{skip.file}:{skip.line}: {skip.tool} {skip.rule} accepts nothing any more: remove it"
        for skip in [*in_terraform(), *(s for s in in_python() if s.tool == "bandit")]
        if (skip.file, skip.line) not in used
    ]


def environment() -> dict[str, str]:
    """What the policies read."""
    return {
        "PLATFORM_ACCOUNT": ACCOUNT,
        "PLATFORM_SUFFIX": SUFFIX,
        "PLATFORM_REVIEWED": str(REVIEWED),
    }


def _checkov(name: str, *arguments: str | Path) -> dict[str, Any]:
    """checkov's JSON report. Raises ScannerError where it looked at less than it was given."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    # Not the one of the sources, which checkov would find by itself.
    (FOLDER / "checkov-plans.yaml").write_text(
        "framework: [terraform_plan]\nskip-download: true\ncompact: true\n"
    )
    output = FOLDER / f"checkov-{name}"
    run_scanner(
        [TOOLS / "python", "-m", "checkov.main", *arguments,
         "--output", "json", "--output-file-path", output],
        environment=environment() | {"LOG_LEVEL": "ERROR"},
    )  # fmt: skip
    report = json_of("checkov", (output / "results_json.json").read_text())
    if isinstance(report, list):
        raise ScannerError(f"checkov took its input for more than one kind: {name}")
    if report["results"].get("parsing_errors"):
        raise ScannerError(f"checkov could not read {report['results']['parsing_errors']}")
    return dict(report)


def _in_source(record: Mapping[str, Any], skips: Iterable[Skip]) -> Finding:
    file = relative(record["repo_file_path"].lstrip("/"))
    first, last = record["file_line_range"]
    return Finding(
        record["check_id"],
        record["check_name"],
        file,
        first,
        record["resource"],
        "; ".join(record.get("details") or []),
        "",
        next(
            (
                skip
                for skip in skips
                if (skip.file, skip.rule) == (file, record["check_id"])
                and first <= skip.line <= last
            ),
            None,
        ),
    )


def _result(
    tool: str,
    report: Mapping[str, Any],
    findings: list[Finding],
    scanned: str,
    own: bool | None = None,
) -> Result:
    def mine(rule: str) -> bool:
        return own is None or rule.startswith(OWN) == own

    passed = [r for r in report["results"]["passed_checks"] if mine(r["check_id"])]
    records = [*passed, *report["results"]["failed_checks"], *report["results"]["skipped_checks"]]
    return Result(
        tool,
        report["summary"]["checkov_version"],
        scanned,
        len(passed),
        findings,
        {r["check_id"]: r["check_name"] for r in records if mine(r["check_id"])},
        Counter(r["check_id"] for r in passed),
    )
