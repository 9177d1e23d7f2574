"""CloudWatch's filter patterns: words, JSON selectors, regular expressions.

By "Filter pattern syntax for metric filters" of the CloudWatch Logs User Guide. Not played:
patterns for space-delimited events (`[ip, user, ...]`), and optional words beside others
(`?A B`), where CloudWatch ignores the optional ones: whoever writes that means something else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

MISSING: Final = object()


class PatternError(ValueError):
    """What of a filter pattern is not understood."""


@dataclass(frozen=True)
class Line:
    """A log event's text, parsed as JSON at most once for all filters of its group."""

    message: str

    @cached_property
    def document(self) -> Any:
        """The JSON object that the line is, else None."""
        if not self.message.lstrip().startswith("{"):
            return None
        try:
            return json.loads(self.message)
        except (ValueError, RecursionError):
            return None


type Pattern = Callable[[Line], bool]

_PATH = r"\$(?:\.[A-Za-z0-9_-]+|\[\d+\])+"
_STEP = re.compile(r"\.([A-Za-z0-9_-]+)|\[(\d+)\]")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Selector:
    """A property of a JSON line: `$.users[0].id`. Raises PatternError for another notation."""

    path: str

    def __post_init__(self) -> None:
        if not re.fullmatch(_PATH, self.path):
            raise PatternError(f"{self.path!r} is not a selector")

    @cached_property
    def _steps(self) -> list[str | int]:
        return [name or int(index) for name, index in _STEP.findall(self.path)]

    def of(self, document: Any) -> Any:
        """The value there, or MISSING."""
        for step in self._steps:
            if isinstance(step, str):
                if not isinstance(document, dict) or step not in document:
                    return MISSING
            elif not isinstance(document, list) or step >= len(document):
                return MISSING
            document = document[step]
        return document


def compile_pattern(pattern: str) -> Pattern:
    """What tells whether a line matches. Raises PatternError for what is not understood."""
    pattern = pattern.strip()
    if pattern.startswith("{"):
        if not pattern.endswith("}"):
            raise PatternError("the closing brace is missing")
        return _Json(pattern[1:-1]).compile()
    if pattern.startswith("["):
        raise PatternError("patterns for space-delimited events are not played here")
    if len(pattern) > 1 and pattern.startswith("%") and pattern.endswith("%"):
        expression = _regex(pattern)
        return lambda line: bool(expression.search(line.message))
    return _words(pattern)


def _regex(token: str) -> re.Pattern[str]:
    try:
        return re.compile(token[1:-1])
    except re.error as error:
        raise PatternError(f"{token}: {error}") from None


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1])


_WORD = re.compile(r'([?-]?)("(?:[^"\\]|\\.)*"|\w+)(?:\s+|$)')


def _words(pattern: str) -> Pattern:
    """Words that a line must have, must not have (`-`), or of which it must have one (`?`)."""
    found: dict[str, list[str]] = {"": [], "-": [], "?": []}
    position = 0
    while position < len(pattern):
        match = _WORD.match(pattern, position)
        if not match:
            raise PatternError(f"not understood: {pattern[position:]!r}")
        sign, word = match.groups()
        found[sign].append(_unquoted(word) if word.startswith('"') else word)
        position = match.end()
    needed, forbidden, optional = found[""], found["-"], found["?"]
    if optional and (needed or forbidden):
        raise PatternError("CloudWatch ignores ?words beside other words")

    def matches(line: Line) -> bool:
        text = line.message
        return (
            all(word in text for word in needed)
            and not any(word in text for word in forbidden)
            and (not optional or any(word in text for word in optional))
        )

    return matches


_TOKEN = re.compile(
    rf"""\s*(?:(?P<sign>\(|\)|&&|\|\|)
    |(?P<selector>{_PATH})
    |(?P<operator>!=|<=|>=|=|<|>)
    |(?P<quoted>"(?:[^"\\]|\\.)*")
    |(?P<regex>%[^%]+%)
    |(?P<word>[^\s()&|=<>!"%${{}}]+))""",
    re.VERBOSE,
)


class _Json:
    """`$.level = "ERROR" || …`, with && before || and parentheses before both."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        position, text = 0, text.rstrip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if not match or not match.lastgroup:
                raise PatternError(f"not understood: {text[position:]!r}")
            self._tokens.append((match.lastgroup, match[match.lastgroup]))
            position = match.end()
        self._next = 0

    def compile(self) -> Pattern:
        condition = self._any()
        if self._next < len(self._tokens):
            raise PatternError(f"not understood: {self._peek()[1]!r}")
        return lambda line: line.document is not None and condition(line)

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._next] if self._next < len(self._tokens) else ("end", "")

    def _take(self) -> tuple[str, str]:
        token = self._peek()
        self._next += 1
        return token

    def _any(self) -> Pattern:
        parts = [self._all()]
        while self._peek()[1] == "||":
            self._take()
            parts.append(self._all())
        return lambda line: any(part(line) for part in parts)

    def _all(self) -> Pattern:
        parts = [self._one()]
        while self._peek()[1] == "&&":
            self._take()
            parts.append(self._one())
        return lambda line: all(part(line) for part in parts)

    def _one(self) -> Pattern:
        kind, text = self._take()
        if (kind, text) == ("sign", "("):
            condition = self._any()
            if self._take() != ("sign", ")"):
                raise PatternError("a closing parenthesis is missing")
            return condition
        if kind != "selector":
            raise PatternError(f"a selector is missing where {text!r} stands")
        test = self._test()
        selector = Selector(text)
        return lambda line: test(selector.of(line.document))

    def _test(self) -> Callable[[Any], bool]:
        kind, text = self._take()
        if kind == "word":
            state = f"{text} {self._take()[1]}"
            if state not in _STATES:
                raise PatternError(f"not understood: {state!r}")
            return lambda value: value is _STATES[state]
        if kind != "operator":
            raise PatternError(f"an operator is missing where {text!r} stands")
        return _comparison(text, *self._take())


_STATES = {"IS TRUE": True, "IS FALSE": False, "IS NULL": None, "NOT EXISTS": MISSING}
_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


def _comparison(operator: str, kind: str, text: str) -> Callable[[Any], bool]:
    """Only strings, numbers and booleans are compared: any comparison with an object, an array,
    null or nothing fails, `!=` too."""
    number = float(text) if kind == "word" and _NUMBER.fullmatch(text) else None
    if operator in _ORDERS:
        if number is None:
            raise PatternError(f"{operator} wants a number, not {text!r}")
        order = _ORDERS[operator]
        return lambda value: _is_number(value) and order(value, number)
    if kind not in {"word", "quoted", "regex"}:
        raise PatternError(f"a value is missing where {text!r} stands")
    matches = _matcher(kind, text)

    def equal(value: Any) -> bool:
        return value == number if number is not None and _is_number(value) else matches(value)

    if operator == "=":
        return lambda value: _is_scalar(value) and equal(value)
    return lambda value: _is_scalar(value) and not equal(value)


def _matcher(kind: str, text: str) -> Callable[[Any], bool]:
    """Compares as text; an asterisk first or last stands for anything, elsewhere for itself."""
    if kind == "regex":
        expression = _regex(text)
        return lambda value: bool(expression.search(_text(value)))
    wanted = _unquoted(text) if kind == "quoted" else text
    head, tail = wanted.startswith("*"), wanted.endswith("*")
    if wanted == "*":
        return lambda value: True  # noqa: ARG005
    core = wanted.removeprefix("*") if head else wanted
    core = core.removesuffix("*") if tail else core
    if head and tail:
        return lambda value: core in _text(value)
    if head:
        return lambda value: _text(value).endswith(core)
    if tail:
        return lambda value: _text(value).startswith(core)
    return lambda value: _text(value) == core


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
