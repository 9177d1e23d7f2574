"""What the policies here share: a resource of a filled-in plan, and policies over it.

checkov runs them (`--external-checks-dir`) in its own environment. It takes an error in a check
for "nothing found", so `PlatformPolicy` turns errors into findings.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

ADDRESS = "__address__"
IDENTITY_POLICIES = {
    "aws_iam_group_policy", "aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy",
}  # fmt: skip


@dataclass(frozen=True)
class Resource:
    """A planned resource, with its values as Terraform has them."""

    kind: str
    values: dict[str, Any]
    plan: str  # file name without its end
    graph: Any

    @property
    def account_wide(self) -> bool:
        """Whether it is one of what an account has once: no suffix, no environment."""
        return self.plan.startswith("bootstrap")

    def peers(self, *kinds: str) -> list[dict[str, Any]]:
        """Values of the resources of these types in the same plan."""
        return [
            plain(node["config_"][kind][name])
            for node in _nodes(self.graph)
            if node.get("block_type_") == "resource"
            and PurePath(node["file_path_"]).stem == self.plan
            for kind in node["config_"]
            if kind in kinds
            for name in node["config_"][kind]
        ]

    def documents(self) -> list[Document]:
        """Policies among the values, whatever attribute they are in."""
        return list(_documents(self.kind, "", self.values))


@dataclass(frozen=True)
class Document:
    """An IAM policy: `kind` is identity, trust or resource."""

    kind: str
    statements: list[dict[str, Any]]

    @property
    def allows(self) -> list[dict[str, Any]]:
        return [s for s in self.statements if s.get("Effect") != "Deny"]


class PlatformPolicy(BaseResourceCheck):
    """A policy of this project. Subclasses say which resources it is about and what is wrong."""

    def __init__(self, identifier: str, name: str, resources: Iterable[str] = ("aws_*",)) -> None:
        super().__init__(
            name=name,
            id=identifier,
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=list(resources),
        )

    def applies(self, resource: Resource) -> bool:
        """Whether there is anything to check in `resource`."""
        return bool(resource.values)

    def problems(self, resource: Resource) -> Iterable[str]:
        """What is wrong with it, a sentence each."""
        raise NotImplementedError

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        try:
            plan = PurePath(self.entity_path.partition(":")[0]).stem
            resource = Resource(self.entity_type, plain(conf), plan, self.graph)
            if not self.applies(resource):
                return CheckResult.UNKNOWN
            self.details = list(self.problems(resource))
        except Exception as error:
            self.details = [f"the policy itself failed: {error!r}"]
        return CheckResult.FAILED if self.details else CheckResult.PASSED


def suffix() -> str:
    """The environment suffix that the plans were made with."""
    return os.environ["PLATFORM_SUFFIX"]


def account() -> str:
    """The account that the plans were made with."""
    return os.environ["PLATFORM_ACCOUNT"]


def plain(value: Any) -> Any:
    """checkov's form of a configuration, in which every value stands in a list, undone."""
    if isinstance(value, dict):
        return {
            key: plain(part[0] if isinstance(part, list) and len(part) == 1 else part)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value


def listed(value: Any) -> list[Any]:
    """A value that may stand alone or in a list, as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def block(value: Any) -> dict[str, Any]:
    """A nested block that stands once."""
    first = listed(value)[:1]
    return first[0] if first and isinstance(first[0], dict) else {}


def strings(value: Any) -> Iterator[str]:
    """All strings in a value, those inside JSON too."""
    if isinstance(value, str):
        inner = parsed(value)
        if inner is None:
            yield value
        else:
            yield from strings(inner)
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


def parsed(text: Any) -> Any:
    """What a JSON document holds; None where it is none."""
    if isinstance(text, (dict, list)):
        return text
    if isinstance(text, str) and re.match(r"\s*[{\[]", text):
        try:
            return json.loads(text)
        except ValueError:
            return None
    return None


def _documents(kind: str, path: str, value: Any) -> Iterator[Document]:
    document = parsed(value)
    if isinstance(document, dict) and "Statement" in document:
        yield Document(_document_kind(kind, path), listed(document["Statement"]))
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _documents(kind, f"{path}.{name}", part)
    elif isinstance(value, list):
        for part in value:
            yield from _documents(kind, path, part)


def _document_kind(kind: str, path: str) -> str:
    if path.endswith("assume_role_policy"):
        return "trust"
    return "identity" if kind in IDENTITY_POLICIES or "inline_policy" in path else "resource"


def _nodes(graph: Any) -> Iterator[dict[str, Any]]:
    """Attributes of the graph's nodes: rustworkx gives pairs of an ID and them."""
    for node in graph.nodes():
        yield node[1] if isinstance(node, tuple) else node
