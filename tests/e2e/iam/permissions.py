"""What roles may do, permission by permission, as IAM has it now.

A permission is one action on one resource in one statement: the smallest thing that a role can
do without.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

type Document = dict[str, Any]


class UnreadableRoleError(Exception):
    """A role says what it may do in a way that cannot be taken apart here."""


@dataclass(frozen=True, order=True)
class Permission:
    """One action on one resource, and where it stands."""

    handler: str
    role: str
    policy: str
    sid: str
    action: str
    resource: str
    statement: int

    def __str__(self) -> str:
        return f"{self.handler}: {self.sid} {self.action} on {self.resource}"


def policies(iam: Any, role: str) -> dict[str, Document]:
    """The inline policies of a role by name. Raises UnreadableRoleError for attached ones."""
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    if attached:
        raise UnreadableRoleError(
            f"{role} has attached policies ({', '.join(p['PolicyName'] for p in attached)}): "
            "name its permissions in modules/function, as inline policies"
        )
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    return {
        name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in names
    }


def permissions(handler: str, role: str, documents: Mapping[str, Document]) -> list[Permission]:
    """Every permission in a role's policies. A Deny is none. Raises UnreadableRoleError."""
    return [
        Permission(
            handler, role, policy, statement.get("Sid", str(number)), action, resource, number
        )
        for policy, document in documents.items()
        for number, statement in enumerate(listed(document["Statement"]))
        if statement["Effect"] == "Allow"
        for action in _stated(statement, "Action", role)
        for resource in _stated(statement, "Resource", role)
    ]


def without(document: Document, permission: Permission) -> Document | None:
    """The policy less one permission; None if that was all it said."""
    statements = []
    for number, statement in enumerate(listed(document["Statement"])):
        if number != permission.statement:
            statements.append(statement)
            continue
        actions, resources = listed(statement["Action"]), listed(statement["Resource"])
        other_actions = [action for action in actions if action != permission.action]
        if other_actions:
            statements.append(statement | {"Action": other_actions})
        other_resources = [arn for arn in resources if arn != permission.resource]
        if other_resources:
            rest = {"Action": permission.action, "Resource": other_resources}
            if other_actions:  # two statements of one policy cannot share a Sid
                rest["Sid"] = f"{statement.get('Sid', '')}Rest"
            statements.append(statement | rest)
    return document | {"Statement": statements} if statements else None


@contextmanager
def taken_away(iam: Any, permission: Permission) -> Iterator[None]:
    """The role lacks the permission inside, and has its policy back afterwards."""
    at = {"RoleName": permission.role, "PolicyName": permission.policy}
    original = iam.get_role_policy(**at)["PolicyDocument"]
    less = without(original, permission)
    try:
        if less is None:
            iam.delete_role_policy(**at)
        else:
            iam.put_role_policy(**at, PolicyDocument=json.dumps(less))
        yield
    finally:
        iam.put_role_policy(**at, PolicyDocument=json.dumps(original))


def allows(found: list[Permission], action: str, resource: str) -> bool:
    """Whether one of the permissions covers the action on the resource, conditions aside."""
    return any(
        fnmatchcase(action.lower(), permission.action.lower())
        and fnmatchcase(resource, permission.resource)
        for permission in found
    )


def listed(value: Any) -> list[Any]:
    """IAM writes a list of one as the one."""
    return list(value) if isinstance(value, list) else [value]


def _stated(statement: Document, element: str, role: str) -> list[str]:
    if element not in statement:
        raise UnreadableRoleError(
            f"{role} allows by Not{element}: name what it may do, not what it may not"
        )
    return listed(statement[element])
