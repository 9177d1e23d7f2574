"""What AWS would answer to a plan, and the plan with it.

Two steps around Terraform's second planning (plans.py): `Answers` gives ARNs and IDs from
arns.yaml beforehand; `filled` puts what Terraform worked out with them where the first plan had
nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from ops import ROOT, OperatorError
from ops.security.addresses import module_path, planned

ACCOUNT = "123456789012"
REGION = "us-west-1"
ARNS = Path(__file__).with_name("arns.yaml")


class UnresolvedPlanError(OperatorError):
    """A plan could not be filled in; the sentence says what to add where."""


@dataclass(frozen=True)
class Answers:
    """Address => attribute => value, for what AWS gives a resource of this plan."""

    by_address: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, name: str, plan: Mapping[str, Any]) -> Answers:
        """Raises UnresolvedPlanError for a type with an ARN that arns.yaml does not know."""
        templates: dict[str, dict[str, str]] = yaml.safe_load(ARNS.read_text())
        regions = _regions(plan)
        answers = {}
        missing = set()
        for change in plan["resource_changes"]:
            if change["mode"] != "managed":
                continue
            unknown = change["change"]["after_unknown"]
            kind = change["type"]
            if unknown.get("arn") is True and "arn" not in templates.get(kind, {}):
                missing.add(kind)
                continue
            block = (*module_path(change["address"]), f"{kind}.{change['name']}")
            values = {
                "unique": _word(change["address"]),
                "partition": "aws",
                "region": regions.get(block, REGION),
                "account": ACCOUNT,
            }
            known = {
                k: v for k, v in (change["change"]["after"] or {}).items() if isinstance(v, str)
            }
            wanted = {"id": "{unique}"} | templates.get(kind, {})
            answers[change["address"]] = {
                name: _fill(name, wanted, known | values)
                for name in wanted
                if unknown.get(name) is True
            }
        if missing:
            raise UnresolvedPlanError(
                f"{name}: no ARN is known for {', '.join(sorted(missing))}: add the type "
                f"to {ARNS.relative_to(ROOT)}, as AWS's service authorization reference writes it"
            )
        return cls(answers)


def _regions(plan: Mapping[str, Any]) -> dict[tuple[str, ...], str]:
    """Module calls and TYPE.NAME => the region of the provider that makes it, as far as the plan's
    variables say it."""
    configuration = plan.get("configuration", {})
    given = {name: value.get("value") for name, value in plan.get("variables", {}).items()}
    named = {}
    for key, provider in configuration.get("provider_config", {}).items():
        region = provider.get("expressions", {}).get("region", {})
        (variable, *_) = region.get("references", [""])
        named[key] = region.get("constant_value") or given.get(variable.removeprefix("var."))

    def walk(
        module: Mapping[str, Any], path: tuple[str, ...]
    ) -> Iterator[tuple[tuple[str, ...], str]]:
        for resource in module.get("resources", []):
            block = (*path, f"{resource['type']}.{resource['name']}")
            yield block, named.get(resource.get("provider_config_key")) or REGION
        for name, call in module.get("module_calls", {}).items():
            yield from walk(call["module"], (*path, name))

    return dict(walk(configuration.get("root_module", {}), ()))


def _fill(name: str, templates: Mapping[str, str], values: Mapping[str, str]) -> str:
    parts = []
    for literal, placeholder, _, _ in Formatter().parse(templates[name]):
        parts.append(literal)
        if placeholder is None:
            continue
        if placeholder in templates:
            parts.append(_fill(placeholder, templates, values))
        else:  # a name that AWS gives, or that holds another's: any word will do
            parts.append(values.get(placeholder, values["unique"]))
    return "".join(parts)


def _word(address: str) -> str:
    return "x" + hashlib.sha256(address.encode()).hexdigest()[:9]


# --- a plan, filled in --------------------------------------------------------------


def filled(
    name: str,
    plan: dict[str, Any],
    applied: Mapping[str, Mapping[str, Any]],
    answers: Answers,
) -> dict[str, Any]:
    """The plan with what is known now; `applied` are address => values. What AWS alone decides
    (dates, states) stays out.

    Raises UnresolvedPlanError if something that the sources set rests on what is not known: it
    would be checked by nothing.
    """
    expressions = _expressions(plan["configuration"]["root_module"], ())
    # Short ones ("1") would be found anywhere.
    words = {w for v in answers.by_address.values() for w in v.values() if len(w) > 8}
    invented: dict[str, str] = {}
    after_apply: dict[str, dict[str, Any]] = {}
    for change in plan["resource_changes"]:
        if change["mode"] != "managed":
            continue
        address, first = change["address"], change["change"]
        block = (*module_path(address), f"{change['type']}.{change['name']}")
        merge = _Merge(address, words, answers.by_address[address])
        first["after"] = after_apply[address] = merge.of(
            _View(
                "",
                first["after"],
                first["after_unknown"],
                applied[address],
                expressions.get(block, {}),
            )
        )
        first["after_unknown"] = {}
        invented |= merge.invented
    problems = _resting_on(invented, applied)
    if problems:
        raise UnresolvedPlanError(
            f"{name}: known only after apply, so no gate can check it:\n  "
            + "\n  ".join(problems)
            + f"\nSay in {ARNS.relative_to(ROOT)} what AWS gives there."
        )
    for _, resource in planned(plan["planned_values"]["root_module"], ()):
        if resource["mode"] == "managed":
            resource["values"] = after_apply[resource["address"]]
    _without_data(plan)
    plan["x_symbols"] = {
        value: f"{address}.{attribute}"
        for address, values in answers.by_address.items()
        for attribute, value in values.items()
    }
    return plan


def _without_data(plan: dict[str, Any]) -> None:
    """Take out data sources that are read during apply: all that they give stands in resources
    now, and a null in a list of theirs makes trivy give up on the plan without a word."""

    def clear(module: dict[str, Any]) -> None:
        module["resources"] = [r for r in module.get("resources", []) if r["mode"] == "managed"]
        for child in module.get("child_modules", []):
            clear(child)

    clear(plan["planned_values"]["root_module"])
    plan["resource_changes"] = [c for c in plan["resource_changes"] if c["mode"] == "managed"]


def _resting_on(invented: Mapping[str, str], applied: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Values that hold a word which Terraform invented for another attribute."""
    return [
        f"{place} rests on {owner}"
        for address, values in applied.items()
        for place, text in _strings(address, values)
        for word, owner in invented.items()
        if word in text and place != owner
    ]


def _strings(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _strings(f"{path}.{name}", part)
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _strings(f"{path}.{place}", part)


def _expressions(
    module: Mapping[str, Any], path: tuple[str, ...]
) -> dict[tuple[str, ...], dict[str, Any]]:
    """Module calls and TYPE.NAME => what the block sets, as the plan's configuration has it."""
    found = {
        (*path, f"{resource['type']}.{resource['name']}"): resource.get("expressions", {})
        for resource in module.get("resources", [])
        if resource["mode"] == "managed"
    }
    for name, call in module.get("module_calls", {}).items():
        found |= _expressions(call["module"], (*path, name))
    return found


@dataclass(frozen=True)
class _View:
    """One value of a resource, as the plan, the state and the sources have it."""

    path: str
    after: Any  # the plan's
    unknown: Any  # mirrors it: true where unknown
    now: Any  # the state's
    setting: Any  # what the sources say; None where nothing, or in a dynamic block

    def part(self, key: str | int) -> _View:
        return _View(
            f"{self.path}.{key}" if self.path else str(key),
            _part(self.after, key),
            _part(self.unknown, key),
            _part(self.now, key),
            _part(self.setting, key),
        )


class _Merge:
    """Puts the values of the state where the plan had none."""

    def __init__(self, address: str, words: set[str], own: Mapping[str, str]) -> None:
        self._address = address
        self._words = words
        self._own = own
        # Word => where it stands: what Terraform made up, knowing no better.
        self.invented: dict[str, str] = {}

    def of(self, view: _View) -> Any:
        if view.unknown is True:
            return self._leaf(view)
        if isinstance(view.unknown, dict):
            parts = {name: self.of(view.part(name)) for name in view.unknown}
            return (view.after or {}) | {k: v for k, v in parts.items() if v is not None}
        if isinstance(view.unknown, list):
            return [self.of(view.part(place)) for place in range(len(view.unknown))]
        return view.after

    def _leaf(self, view: _View) -> Any:
        if view.path in self._own:
            return self._own[view.path]
        # Terraform makes up words for what neither it nor arns.yaml knows, also where the sources
        # set null. Those stay out, and nothing may rest on them.
        invented = {
            text: place
            for place, text in _strings(f"{self._address}.{view.path}", view.now)
            if re.fullmatch("[a-z0-9]{8}", text)
        }
        self.invented |= invented
        if invented and isinstance(view.now, str):
            return None
        return view.now if view.setting is not None or self._given(view.now) else None

    def _given(self, value: Any) -> bool:
        text = json.dumps(value)
        return any(word in text for word in self._words)


def _part(value: Any, key: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(key)
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        return value[key]
    return None
