"""Static security, tested: that each gate goes red for what it is there for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.security import checkov, plans
from ops.security.plans import SUFFIX, Plan

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture(scope="session")
def made() -> list[Plan]:
    """The filled-in plans of all stacks; as `make security` left them, if no source changed."""
    return plans.load()


@dataclass(frozen=True)
class Case:
    """A plan that a policy must pass (`says` is None), or fail with these words."""

    policy: str
    name: str
    plan: dict[str, dict[str, Any]]
    says: str | None

    @property
    def file(self) -> str:
        outcome = "pass" if self.says is None else "fail"
        return f"{self.policy}.{outcome}.{self.name}"


def cases() -> list[Case]:
    found = []
    for file in sorted(FIXTURES.glob("*.yaml")):
        given = yaml.safe_load(file.read_text().replace("{suffix}", SUFFIX))
        policy = given["policy"]
        found += [Case(policy, name, plan, None) for name, plan in given["pass"].items()]
        found += [
            Case(policy, name, case["plan"], case["says"]) for name, case in given["fail"].items()
        ]
    return found


def plan_json(resources: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A plan of these resources, as `terraform show -json` writes it."""
    planned = []
    for address, values in resources.items():
        kind, name = address.split(".")
        planned.append(
            {
                "address": address,
                "mode": "managed",
                "type": kind,
                "name": name,
                "values": {key: _as_json(value) for key, value in values.items()},
            }
        )
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": [
            {**resource, "change": {"actions": ["create"], "before": None, "after": {}}}
            for resource in planned
        ],
        "configuration": {"root_module": {}},
    }


def _as_json(value: Any) -> Any:
    """Documents where Terraform has them as JSON; tags and blocks as they are."""
    if isinstance(value, dict) and value.keys() & {"Statement", "States", "deadLetterTargetArn"}:
        return json.dumps(value)
    if isinstance(value, list):
        return [_as_json(part) for part in value]
    if isinstance(value, dict):
        return {key: _as_json(part) for key, part in value.items()}
    return value


@dataclass(frozen=True)
class Verdicts:
    """What checkov said of the fixtures: (file, policy) => messages, empty where it held."""

    failed: dict[tuple[str, str], str]
    passed: set[tuple[str, str]]


@pytest.fixture(scope="session")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    """One run of the real checkov, with the policies, over all fixtures."""
    folder = tmp_path_factory.mktemp("fixtures")
    for case in cases():
        (folder / f"{case.file}.json").write_text(json.dumps(plan_json(case.plan)))
    report = checkov.scan_folder("fixtures", folder)["results"]
    failed: dict[tuple[str, str], str] = {}
    for record in report["failed_checks"]:
        key = (Path(record["file_path"]).stem, record["check_id"])
        failed[key] = "; ".join([failed.get(key, ""), *(record.get("details") or [])])
    passed = {(Path(r["file_path"]).stem, r["check_id"]) for r in report["passed_checks"]}
    return Verdicts(failed, passed)
