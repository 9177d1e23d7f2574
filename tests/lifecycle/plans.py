"""What plans would change: reading them, and what they may not.

Exceptions are data, in exceptions.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

# Types whose resources hold nothing, and the attributes by which AWS tells one from another: an
# upgrade may replace or remove them. All other types hold data, a history, a URL or a permission
# that somebody relies on.
REPLACEABLE = {
    "aws_api_gateway_deployment": ("id",),
    "aws_api_gateway_gateway_response": ("rest_api_id", "response_type"),
    "aws_api_gateway_integration": ("rest_api_id", "resource_id", "http_method"),
    "aws_api_gateway_integration_response": (
        "rest_api_id", "resource_id", "http_method", "status_code",
    ),
    "aws_api_gateway_method": ("rest_api_id", "resource_id", "http_method"),
    "aws_api_gateway_method_response": (
        "rest_api_id", "resource_id", "http_method", "status_code",
    ),
    "aws_api_gateway_method_settings": ("rest_api_id", "stage_name", "method_path"),
    "aws_api_gateway_model": ("rest_api_id", "name"),
    "aws_api_gateway_request_validator": ("rest_api_id", "name"),
    "aws_api_gateway_resource": ("rest_api_id", "parent_id", "path_part"),
    "aws_cloudfront_function": ("name",),
    "aws_cloudwatch_composite_alarm": ("alarm_name",),
    "aws_iam_role_policy": ("role", "name"),
    "aws_iam_role_policy_attachment": ("role", "policy_arn"),
    "aws_lambda_permission": ("function_name", "qualifier", "statement_id"),
    "aws_s3_bucket_policy": ("bucket",),
    "aws_sns_topic_policy": ("arn",),
    "aws_sqs_queue_policy": ("queue_url",),
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """What a plan says about one resource: `attributes` are those that differ."""

    address: str
    type: str
    actions: tuple[str, ...]
    attributes: frozenset[str]
    outside: bool = False
    """Found changed in the account since the last apply, rather than to be changed."""

    def __str__(self) -> str:
        what = "changed outside of Terraform" if self.outside else "/".join(self.actions)
        return f"{self.address}: {what} ({', '.join(sorted(self.attributes))})"


@dataclass
class Exemption:
    """What plans may say nonetheless. `*` in `address` stands for anything."""

    address: str
    attributes: frozenset[str]
    reason: str
    used: bool = field(default=False, compare=False)

    def covers(self, change: Change) -> bool:
        pattern = ".*".join(re.escape(part) for part in self.address.split("*"))
        return bool(re.fullmatch(pattern, change.address)) and change.attributes <= self.attributes


def exemptions(kind: str) -> list[Exemption]:
    """Those of `kind`, "drift" or "upgrade", in exemptions.yaml."""
    file = Path(__file__).parent / "exemptions.yaml"
    entries = yaml.safe_load(file.read_text())[kind]
    return [
        Exemption(entry["address"], frozenset(entry["attributes"]), entry["reason"])
        for entry in entries
    ]


def changes(plan: Mapping[str, Any]) -> list[Change]:
    """What would change: resources and outputs."""
    found = [_change(entry) for entry in plan.get("resource_changes", [])]
    found += [
        Change(f"output.{name}", "output", tuple(change["actions"]), frozenset({"value"}))
        for name, change in plan.get("output_changes", {}).items()
    ]
    return [change for change in found if change.actions not in {("no-op",), ("read",)}]


def drift(plan: Mapping[str, Any]) -> list[Change]:
    """What was changed since the last apply, and what the plan would change."""
    outside = [_change(entry, outside=True) for entry in plan.get("resource_drift", [])]
    # An attribute that was left out comes back empty: that is no change.
    return [change for change in outside if change.attributes] + changes(plan)


def _change(entry: Mapping[str, Any], *, outside: bool = False) -> Change:
    change = entry["change"]
    before, after = change["before"] or {}, change["after"] or {}
    unknown = {name for name, value in (change.get("after_unknown") or {}).items() if value}
    differing = {
        name
        for name in {*before, *after} - unknown
        if _emptied(before.get(name)) != _emptied(after.get(name))
    }
    return Change(
        entry["address"], entry["type"], tuple(change["actions"]),
        frozenset(differing | unknown), outside,
    )  # fmt: skip


def _emptied(value: Any) -> Any:
    if isinstance(value, dict):
        value = {name: _emptied(part) for name, part in value.items()}
        return value if any(part is not None for part in value.values()) else None
    if isinstance(value, list):
        value = [_emptied(part) for part in value]
    return None if value in ("", []) else value


def unexplained(found: Iterable[Change], exempt: Iterable[Exemption]) -> list[str]:
    """The changes that no exemption covers, a line each; marks the exemptions that do."""
    exempt = list(exempt)
    lines = []
    for change in found:
        covering = [exemption for exemption in exempt if exemption.covers(change)]
        for exemption in covering:
            exemption.used = True
        if not covering:
            lines.append(str(change))
    return lines


def needless(exempt: Iterable[Exemption]) -> list[str]:
    """A sentence for each exemption that covered nothing."""
    return [
        f"nothing changes {', '.join(sorted(exemption.attributes))} of {exemption.address} any "
        "more: remove it from tests/lifecycle/exemptions.yaml"
        for exemption in exempt
        if not exemption.used
    ]


def losses(plan: Mapping[str, Any]) -> list[Change]:
    """What the plan of an upgrade would delete or replace although it may hold something."""
    return [
        change
        for change in changes(plan)
        if "delete" in change.actions and change.type not in (*REPLACEABLE, "output")
    ]


def twins(plan: Mapping[str, Any]) -> list[str]:
    """A sentence for each resource that the plan makes while another one with its name in AWS
    has yet to be deleted: AWS refuses the new one, or it is the new one that is deleted."""
    made: dict[tuple[str, ...], str] = {}
    gone: dict[tuple[str, ...], str] = {}
    for entry in plan.get("resource_changes", []):
        actions = entry["change"]["actions"]
        if actions in (["create"], ["create", "delete"]):
            _note(made, entry, "after")
        if actions in (["delete"], ["create", "delete"]):
            _note(gone, entry, "before")
    return [
        f"{gone[name]} would be made before it is deleted: such a change needs two, one that "
        "removes it and one that makes the new one"
        if gone[name] == made[name]
        else f"{gone[name]} would be deleted and made again as {made[name]}: write a `moved` block"
        for name in sorted(gone.keys() & made.keys())
    ]


def _note(side: dict[tuple[str, ...], str], entry: Mapping[str, Any], when: str) -> None:
    """Note a resource's address by its name in AWS, if that is known."""
    names = REPLACEABLE.get(entry["type"], ())
    values = [entry["change"][when].get(name) for name in names]
    if any(values):
        side[entry["type"], *map(str, values)] = entry["address"]
