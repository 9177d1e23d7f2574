"""What a reviewer reads, gathered: controls, permissions of every role, reviews, skips.

Pages made from it: docs/security.md (document.py) and build/security/report.html (report.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import yaml

from ops import ROOT
from ops.security import CONTROLS, POLICIES, REVIEWED
from ops.security.answers import ACCOUNT, REGION
from ops.security.iam import Policy, listed, policies
from ops.security.plans import KEY, SUFFIX, Plan
from ops.security.skips import Skip, everything


@dataclass(frozen=True)
class Control:
    """A control, as controls.yaml has it."""

    id: str
    group: str
    title: str
    demands: str
    files: list[str]
    tests: list[str]
    rules: list[str] = field(default_factory=list)
    tools: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Statement:
    """A statement of a policy, with symbols for ARNs."""

    effect: str
    sid: str
    who: list[str]
    actions: list[str]
    resources: list[str]
    conditions: list[str]
    plans: list[str]  # those that have it; empty: all of its stack


@dataclass(frozen=True)
class Holder:
    """A role or a resource, and the statements of its policies."""

    name: str
    kind: str  # role, or the type of the resource
    trusts: list[str]
    statements: list[Statement]


@dataclass(frozen=True)
class Review:
    """Everything that a reviewer is shown, tool results aside."""

    controls: list[Control]
    policies: dict[str, str]  # rule of this project => what it demands
    roles: list[Holder]
    resources: list[Holder]
    reviewed: list[dict[str, Any]]
    skips: list[Skip]


def gather(plans: Iterable[Plan]) -> Review:
    made = list(plans)
    holders = _holders(made)
    return Review(
        controls(),
        own_policies(),
        [holder for holder in holders if holder.kind == "role"],
        [holder for holder in holders if holder.kind != "role"],
        yaml.safe_load(REVIEWED.read_text()),
        sorted(everything(), key=lambda skip: (skip.tool, skip.file, skip.line, skip.rule)),
    )


def controls() -> list[Control]:
    return [Control(**given) for given in yaml.safe_load(CONTROLS.read_text())]


def own_policies() -> dict[str, str]:
    """Rules of this project and what they demand, from their sources: checkov is elsewhere."""
    found = {}
    for file in sorted(POLICIES.glob("*.py")):
        text = file.read_text()
        for match in re.finditer(r'super\(\).__init__\(\s*"(PLATFORM_\w+)",\s*"([^"]+)"', text):
            found[match[1]] = match[2]
    return dict(sorted(found.items()))


def _holders(plans: list[Plan]) -> list[Holder]:
    """Roles and resources with policies, each once, however many plans have it."""
    stacks: dict[str, list[Plan]] = {}
    for plan in plans:
        stacks.setdefault(str(plan.variant.stack), []).append(plan)
    found = []
    for stack in sorted(stacks, key=len):
        found += _of_stack(stacks[stack])
    return found


def _of_stack(plans: list[Plan]) -> list[Holder]:
    names = [plan.variant.name for plan in plans]
    kinds: dict[str, str] = {}
    trusts: dict[str, list[str]] = {}
    seen: dict[str, dict[str, tuple[Statement, list[str]]]] = {}
    for plan in plans:
        symbols = Symbols(plan)
        for policy in policies(plan):
            holder, kind = _holder(policy, symbols)
            kinds.setdefault(holder, kind)
            for given in policy.statements:
                if policy.kind == "trust":
                    who = _principals(given)
                    trusts[holder] = sorted({*trusts.get(holder, []), *who})
                    continue
                statement = _statement(given, symbols)
                key = repr(statement)
                _, where = seen.setdefault(holder, {}).setdefault(key, (statement, []))
                if plan.variant.name not in where:
                    where.append(plan.variant.name)
    return [
        Holder(
            holder,
            kinds[holder],
            trusts.get(holder, []),
            [
                Statement(**{**vars(statement), "plans": [] if where == names else where})
                for statement, where in seen.get(holder, {}).values()
            ],
        )
        for holder in sorted(kinds)
    ]


def _holder(policy: Policy, symbols: Symbols) -> tuple[str, str]:
    values = policy.resource.values
    if policy.kind == "resource":
        return symbols.short(policy.resource.address), policy.resource.kind
    name = values["name"] if policy.resource.kind == "aws_iam_role" else values.get("role", "")
    return symbols.of(str(name)), "role"


def _statement(given: dict[str, Any], symbols: Symbols) -> Statement:
    actions = listed(given.get("Action")) or [f"all but {a}" for a in listed(given["NotAction"])]
    return Statement(
        given.get("Effect", "Allow"),
        given.get("Sid", ""),
        _principals(given),
        sorted(actions),
        sorted({symbols.of(name) for name in listed(given.get("Resource"))}),
        [
            f"{test} {key}: {', '.join(symbols.of(str(v)) for v in listed(values))}"
            for test, keys in sorted((given.get("Condition") or {}).items())
            for key, values in sorted(keys.items())
        ],
        [],
    )


def _principals(given: dict[str, Any]) -> list[str]:
    principal = given.get("Principal")
    if principal is None:
        return []
    if not isinstance(principal, dict):
        return ["anybody" if principal == "*" else str(principal)]
    return [
        "anybody" if name == "*" else _account(str(name))
        for names in principal.values()
        for name in listed(names)
    ]


def _account(text: str) -> str:
    return text.replace(ACCOUNT, "ACCOUNT").replace(REGION, "REGION").replace(SUFFIX, "SUFFIX")


class Symbols:
    """Names of a plan's resources in place of their ARNs."""

    def __init__(self, plan: Plan) -> None:
        arns = {
            value: self.short(name.removesuffix(".arn"))
            for value, name in plan.symbols.items()
            if value.startswith("arn:") and name.endswith(".arn")
        }
        self._arns = sorted(arns.items(), key=lambda pair: -len(pair[0]))

    def of(self, text: str) -> str:
        """A value of a policy as people name it."""
        for arn, name in self._arns:
            rest = text.removeprefix(arn)
            if rest != text and (not rest or rest[0] in "/:"):
                # The last part of a stream's ARN is a time.
                rest = re.sub(r"^/stream/x[0-9a-f]{9}$", "/stream", rest)
                return f"{name} {rest}".strip()
        return _account(text.replace(KEY, "the key in kms_key_arn"))

    def short(self, address: str) -> str:
        """module.feedback_table.aws_dynamodb_table.this => feedback_table (aws_dynamodb_table)."""
        match = re.fullmatch(r"(?:module\.(.+)\.)?(aws_\w+)\.(\w+)(\[.*\])?", address)
        if not match:
            return address
        module, kind, name, _ = match.groups()
        key = re.search(r'\["([^"]+)"\]$', module or "")
        called = key[1] if key else module
        if not called:
            return f"{name} ({kind})"
        return f"{called} ({kind})" if name in {"this", "live"} else f"{called} {name} ({kind})"


def missing_things(found: Iterable[Control], rules: set[str]) -> list[str]:
    """What controls name and nobody has: files, and rules that looked at nothing."""
    own = own_policies().keys()
    return [
        f"{control.id}: there is no {name}"
        for control in found
        for name in [
            *(file for file in control.files if not (ROOT / file).is_file()),
            *(rule for rule in control.rules if rule not in rules and rule not in own),
        ]
    ]
