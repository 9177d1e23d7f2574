"""Addresses of a plan's resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def planned(
    module: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Names of the module calls that lead to a resource, and the resource, of `planned_values`."""
    for resource in module.get("resources", []):
        yield path, resource
    for child in module.get("child_modules", []):
        yield from planned(child, module_path(child["address"]))


def module_path(address: str) -> tuple[str, ...]:
    """Names of the module calls in an address: module.a["x.y"].module.b.TYPE.NAME => (a, b)."""
    names = []
    rest = without_keys(address).split(".")
    while rest[:1] == ["module"]:
        names.append(rest[1])
        rest = rest[2:]
    return tuple(names)


def without_keys(address: str) -> str:
    """An address without instance keys, which may hold brackets, dots and quotes themselves."""
    kept, inside, quoted, escaped = [], False, False, False
    for character in address:
        if escaped:
            escaped = False
        elif quoted and character == "\\":
            escaped = True
        elif inside and character == '"':
            quoted = not quoted
        elif not quoted and character in "[]":
            inside = character == "["
        elif not inside:
            kept.append(character)
    return "".join(kept)
