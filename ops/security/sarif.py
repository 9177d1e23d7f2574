"""One SARIF 2.1.0 document of all scanners, for tools that show findings beside the code.

Made from the findings rather than merged from the scanners' own SARIF, which points into plans
and knows nothing of skips: here a finding stands at its block, and an accepted one carries its
reason as a suppression.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ops import ROOT
from ops.security.findings import Finding, Result

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
HOMES = {
    "bandit": "https://bandit.readthedocs.io",
    "checkov": "https://www.checkov.io",
    "cloudsplaining": "https://cloudsplaining.readthedocs.io",
    "gitleaks": "https://github.com/gitleaks/gitleaks",
    "parliament": "https://github.com/duo-labs/parliament",
    "trivy": "https://trivy.dev",
}


def sarif(results: Iterable[Result]) -> dict[str, Any]:
    """The document. The same finding of several plans is one result."""
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [_run(result) for result in results],
    }


def _run(result: Result) -> dict[str, Any]:
    rules = dict(sorted(result.rules.items()))
    places = {rule: place for place, rule in enumerate(rules)}
    driver: dict[str, Any] = {
        "name": result.tool,
        "version": result.version,
        "rules": [
            {"id": rule, "name": rule, "shortDescription": {"text": title or rule}}
            for rule, title in rules.items()
        ],
    }
    home = HOMES.get(result.tool.partition(" ")[0])
    if home:
        driver["informationUri"] = home
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"{result.tool}/"},
        "columnKind": "unicodeCodePoints",
        "results": [_result(found, places) for found in grouped(result.findings)],
        "properties": {"scanned": result.scanned, "passed": result.passed},
    }


def grouped(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Findings, those that differ in nothing but the plan together."""
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        key = (finding.rule, finding.file, str(finding.line), finding.subject, finding.message)
        groups.setdefault(key, []).append(finding)
    return list(groups.values())


def _result(found: list[Finding], places: Mapping[str, int]) -> dict[str, Any]:
    first = found[0]
    plans = sorted({finding.variant for finding in found} - {""})
    said = ": ".join(part for part in (first.title, first.message) if part) or first.rule
    result: dict[str, Any] = {
        "ruleId": first.rule,
        "ruleIndex": places[first.rule],
        "level": "error" if first.skip is None else "note",
        "message": {"text": f"{said} ({', '.join(plans)})" if plans else said},
        "locations": [_location(first)],
        "partialFingerprints": {"subject/v1": f"{first.rule}:{first.file}:{first.subject}"},
    }
    if first.skip is not None:
        result["suppressions"] = [
            {
                "kind": "inSource",
                "status": "accepted",
                "justification": f"{first.skip.reason} Cost: {first.skip.cost}",
                "location": {"physicalLocation": _physical(first.skip.file, first.skip.line)},
            }
        ]
    return result


def _location(finding: Finding) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": _physical(finding.file, finding.line)}
    if finding.subject:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.subject, "kind": "resource"}]
    return location


def _physical(file: str, line: int) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": file, "uriBaseId": "%SRCROOT%"}}
    if (ROOT / file).is_file():
        place["region"] = {"startLine": max(line, 1)}
    return place
