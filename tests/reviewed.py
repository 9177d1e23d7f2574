"""tests/reviewed_permissions.yaml, as the plan tests and the end-to-end tests read it."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Protocol

import yaml

FILE = Path(__file__).parent / "reviewed_permissions.yaml"


class Stated(Protocol):
    """A permission, as far as the file names it."""

    @property
    def sid(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def resource(self) -> str: ...


@dataclass(frozen=True)
class Entry:
    """One action of one statement that no exercise can prove to be needed."""

    sid: str
    action: str
    resource: str  # pattern of an ARN
    reason: str
    managed_policy: str | None
    tests: tuple[str, ...]
    documentation: str

    def covers(self, permission: Stated) -> bool:
        return (self.sid, self.action) == (permission.sid, permission.action) and fnmatchcase(
            permission.resource, self.resource
        )


@dataclass(frozen=True)
class Reviewed:
    """`applied` are in roles of the embedded cloud, which never asks for them; `elsewhere` are
    only in roles of other environments, and are never applied there."""

    applied: tuple[Entry, ...]
    elsewhere: tuple[Entry, ...]

    @classmethod
    def read(cls, file: Path = FILE) -> Reviewed:
        content = yaml.safe_load(file.read_text())
        return cls(*(tuple(_entries(content[name])) for name in ("not_enforced", "not_applied")))

    def not_enforced(self, permission: Stated) -> Entry | None:
        """The entry that says why the embedded cloud never asks for a permission."""
        return next((entry for entry in self.applied if entry.covers(permission)), None)


def _entries(content: list[dict[str, Any]]) -> list[Entry]:
    return [
        Entry(
            sid=group["statement"],
            action=action,
            resource=group["resource"],
            reason=group["reason"],
            managed_policy=group.get("managed_policy"),
            tests=tuple(group["tests"]),
            documentation=group["documentation"],
        )
        for group in content
        for action in group["actions"]
    ]
