"""Every IAM policy of every plan: read out of the filled-in plans, and scanned.

A policy is whatever holds a "Statement", in whatever attribute of whatever resource. What needs
one to be seen by the scanners is given to it, and nothing else is changed: a trust policy gets
its role as resource, a key's policy its key for "*".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ops import ROOT
from ops.security import REVIEWED, TOOLS
from ops.security.findings import Finding, Result, ScannerError, json_of, run_scanner
from ops.security.plans import Plan, Resource
from ops.security.skips import in_terraform, place_of

IDENTITY = {
    "aws_iam_group_policy", "aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy",
}  # fmt: skip
POLICY_ATTRIBUTES = ("policy", "assume_role_policy", "access_policy", "policy_document")


@dataclass(frozen=True)
class Policy:
    """A rendered policy and the resource that has it."""

    variant: str
    resource: Resource
    attribute: str
    kind: str  # identity, trust, resource
    document: Mapping[str, Any]

    @property
    def statements(self) -> list[dict[str, Any]]:
        found = self.document["Statement"]
        return list(found) if isinstance(found, list) else [found]


def policies(plan: Plan) -> list[Policy]:
    """All policies of a plan. Raises ScannerError for one that cannot be read."""
    return [
        Policy(plan.variant.name, resource, path, _kind(resource, path), document)
        for resource in plan.resources()
        for path, document in _documents(resource, "", resource.values)
    ]


def _documents(resource: Resource, path: str, value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
        if isinstance(value, dict) and "Statement" in value:
            yield path, value
            return
        if path in POLICY_ATTRIBUTES:
            raise ScannerError(f"{resource.address}: {path} is no policy that can be read")
        return
    if path in POLICY_ATTRIBUTES and value not in {None, ""} and isinstance(value, str):
        raise ScannerError(f"{resource.address}: {path} is no policy that can be read")
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _documents(resource, f"{path}.{name}".lstrip("."), part)
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _documents(resource, f"{path}.{place}", part)


def _kind(resource: Resource, path: str) -> str:
    if path == "assume_role_policy":
        return "trust"
    return (
        "identity" if resource.kind in IDENTITY or path.startswith("inline_policy") else "resource"
    )


def scannable(policy: Policy) -> dict[str, Any]:
    """The policy as parliament can read it."""
    own = policy.resource.values.get("arn")
    statements = []
    for statement in policy.statements:
        given = dict(statement)
        itself = policy.kind == "resource" and own and given.get("Resource") == "*"
        if policy.kind == "trust" or itself:
            given["Resource"] = own
        statements.append(given)
    return {**policy.document, "Statement": statements}


def scan(plans: Iterable[Plan]) -> list[Result]:
    """parliament and cloudsplaining on all policies of all plans."""
    found = [policy for plan in plans for policy in policies(plan)]
    return scan_policies(found)


def scan_policies(found: list[Policy]) -> list[Result]:
    # The same document in several environments is scanned once, and reported for each.
    questions: dict[str, dict[str, Any]] = {}
    for policy in found:
        question = {"kind": policy.kind, "policy": scannable(policy)}
        questions.setdefault(json.dumps(question, sort_keys=True), question)
    asked = {text: str(number) for number, text in enumerate(questions)}
    answer = ask([{"name": asked[text], **question} for text, question in questions.items()])
    skips = {(s.file, s.subject, s.rule): s for s in in_terraform() if s.tool == "iam"}
    by_name: dict[str, list[dict[str, str]]] = {}
    for said in answer["findings"]:
        by_name.setdefault(said["name"], []).append(said)
    findings: dict[str, list[Finding]] = {"parliament": [], "cloudsplaining": []}
    for policy in found:
        text = json.dumps({"kind": policy.kind, "policy": scannable(policy)}, sort_keys=True)
        file, line = place_of(policy.resource.source, policy.resource.block)
        for said in by_name.get(asked[text], []):
            skip = skips.get((file, policy.resource.block, said["rule"]))
            findings[said["tool"]].append(
                Finding(
                    said["rule"], said["title"], file, line, policy.resource.address,
                    said["message"], policy.variant, skip,
                )
            )  # fmt: skip
    return [
        Result(
            tool,
            answer["versions"][tool],
            f"{len(questions)} different policies of {len({p.variant for p in found})} plans",
            len(found) - len({(f.variant, f.subject) for f in findings[tool]}),
            findings[tool],
            {f.rule: f.title for f in findings[tool]},
        )
        for tool in ("parliament", "cloudsplaining")
    ]


def ask(questions: list[dict[str, Any]]) -> dict[str, Any]:
    """What both scanners say, see iam_scan.py."""
    script = ROOT / "ops" / "security" / "iam_scan.py"
    out = run_scanner(
        [TOOLS / "python", "-W", "ignore", script], expected=(0,), stdin=json.dumps(questions)
    ).out
    answer: dict[str, Any] = json_of("iam_scan.py", out)
    return answer


def unused_reviews(plans: Iterable[Plan]) -> list[str]:
    """Entries of the reviewed list that no plan uses."""
    import yaml

    used = {
        action.lower()
        for plan in plans
        for policy in policies(plan)
        for statement in policy.statements
        if "*" in listed(statement.get("Resource"))
        for action in listed(statement.get("Action"))
    }
    entries = yaml.safe_load(REVIEWED.read_text())
    return [
        f"{REVIEWED.relative_to(ROOT)}: {action} is allowed on * nowhere any more: remove it"
        for entry in entries
        for action in entry["actions"]
        if action.lower() not in used
    ]


def listed(value: Any) -> list[Any]:
    """A value that may stand alone or in a list, as a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
