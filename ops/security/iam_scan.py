"""parliament and cloudsplaining on policies from standard input; findings as JSON.

Runs in the scanners' environment: `build/security/venv/bin/python ops/security/iam_scan.py`.
Takes [{"name", "kind": "identity" | "trust" | "resource", "policy"}].

cloudsplaining speaks of what a role may do, so it gets identity policies. Where it asks whether
a policy lets its holder become more (privilege escalation, credentials), naming one resource is
no excuse; elsewhere it looks for actions that could name a resource and do not.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator
from contextlib import redirect_stdout
from importlib.metadata import version
from pathlib import Path
from typing import Any

warnings.simplefilter("ignore")  # parliament's own

import parliament  # noqa: E402
from cloudsplaining.scan.policy_document import (  # noqa: E402
    PolicyDocument,
)

# Rule => title.
CLOUDSPLAINING = {
    "PRIVILEGE_ESCALATION": "Its holder can give itself more permissions",
    "CREDENTIALS_EXPOSURE": "It gives out credentials",
    "DATA_EXFILTRATION": "It reads data of any resource",
    "PERMISSIONS_MANAGEMENT": "It changes permissions of any resource",
    "UNCONSTRAINED_WRITE": "It writes to any resource",
    "UNCONSTRAINED_TAGGING": "It tags any resource",
    "SERVICE_WILDCARD": "It allows all of a service",
    "NOT_ACTION": "It allows all but some actions",
}

# Titles of the findings of parliament's community auditors, which look for risks, not mistakes.
parliament.override_config(
    Path(parliament.__file__).parent / "community_auditors" / "config_override.yaml"
)


def _parliament(kind: str, policy: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    analysed = parliament.analyze_policy_string(
        json.dumps(policy), include_community_auditors=kind == "identity"
    )
    for finding in analysed.findings:
        titled = parliament.enhance_finding(finding)
        where = titled.location.get("string") or titled.location.get("actions") or ""
        detail = " ".join(str(part) for part in (titled.detail, where) if part)
        yield titled.issue, titled.title.strip(), detail


def _cloudsplaining(policy: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    strict = PolicyDocument(
        policy, flag_conditional_statements=True, flag_resource_arn_statements=True
    )
    plain = PolicyDocument(policy)
    found = {
        "PRIVILEGE_ESCALATION": [
            f"{way['type']} ({', '.join(way['actions'])})"
            for way in strict.allows_privilege_escalation
        ],
        "CREDENTIALS_EXPOSURE": strict.credentials_exposure,
        "DATA_EXFILTRATION": plain.allows_data_exfiltration_actions,
        "PERMISSIONS_MANAGEMENT": plain.permissions_management_without_constraints,
        "UNCONSTRAINED_WRITE": plain.write_actions_without_constraints,
        "UNCONSTRAINED_TAGGING": plain.tagging_actions_without_constraints,
        "SERVICE_WILDCARD": plain.service_wildcard,
        "NOT_ACTION": [json.dumps(s) for s in plain.contains_statement_using_not_action],
    }
    for rule, said in found.items():
        if said:
            yield rule, CLOUDSPLAINING[rule], ", ".join(sorted(said))


def _scanned(kind: str, policy: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for found in _parliament(kind, policy):
        yield "parliament", *found
    if kind == "identity":
        for found in _cloudsplaining(policy):
            yield "cloudsplaining", *found


def main() -> None:
    findings = []
    with redirect_stdout(sys.stderr):  # where the libraries put their remarks
        for given in json.load(sys.stdin):
            findings += [
                {
                    "name": given["name"],
                    "tool": tool,
                    "rule": rule,
                    "title": title,
                    "message": message,
                }
                for tool, rule, title, message in _scanned(given["kind"], given["policy"])
            ]
    versions = {tool: version(tool) for tool in ("parliament", "cloudsplaining")}
    json.dump({"versions": versions, "findings": findings}, sys.stdout)


if __name__ == "__main__":
    main()
