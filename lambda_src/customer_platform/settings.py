"""Environment variables as typed values, read once when a function starts.

A function declares the variables it uses as a frozen dataclass whose field names are the
variables' names in lower case:

    @dataclass(frozen=True)
    class Settings:
        feedback_table_name: str
        list_shards: int = whole(1, 64)

    SETTINGS = read(Settings)
"""

import os
from collections.abc import Mapping
from dataclasses import field, fields
from typing import Any, Literal, get_args, get_origin, get_type_hints


class SettingsError(RuntimeError):
    """Names every variable that is missing or ill-typed."""


def whole(low: int, high: int) -> Any:
    """A field for a whole number between `low` and `high`."""
    return field(metadata={"range": (low, high)})


def read[T](kind: type[T], environment: Mapping[str, str] | None = None) -> T:
    """Make a settings object; raises SettingsError that lists all problems at once."""
    environment = os.environ if environment is None else environment
    hints = get_type_hints(kind)
    values: dict[str, object] = {}
    problems: list[str] = []
    for declared in fields(kind):  # type: ignore[arg-type]
        variable = declared.name.upper()
        text = environment.get(variable, "").strip()
        if not text:
            problems.append(f"{variable} is not set")
            continue
        try:
            values[declared.name] = _convert(text, hints[declared.name], declared.metadata)
        except ValueError as error:
            problems.append(f"{variable} {error}")
    if problems:
        raise SettingsError("Environment: " + "; ".join(problems))
    return kind(**values)


def _convert(text: str, kind: object, metadata: Mapping[str, Any]) -> object:
    if kind is str:
        return text
    if get_origin(kind) is Literal:
        if text not in get_args(kind):
            raise ValueError("must be one of " + ", ".join(get_args(kind)))
        return text
    low, high = metadata["range"]
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise ValueError(f"must be a whole number from {low} to {high}")
    return int(text)
