"""What a request says: headers, path, query and JSON body of an API Gateway proxy event."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Collection
from typing import Any, Never

from customer_platform.http.errors import (
    Detail,
    PayloadTooLargeError,
    UnsupportedMediaTypeError,
    ValidationError,
    invalid,
)

type Event = dict[str, Any]

MAX_BODY_BYTES = 64 * 1024
_MAX_ECHO = 100  # characters of a client's own field name that an error repeats
UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


def header(event: Event, name: str) -> str | None:
    """A header by its name in any case; the last one wins if it is repeated."""
    for key, value in (event.get("headers") or {}).items():
        if key.lower() == name.lower():
            return value if isinstance(value, str) else None
    return None


def path_uuid(event: Event, name: str) -> str:
    value = (event.get("pathParameters") or {}).get(name) or ""
    if not re.fullmatch(UUID, value):
        raise invalid([{"field": name, "issue": "must be a UUID in lower case"}])
    return str(value)


def json_object(event: Event) -> dict[str, Any]:
    """The request's body, which must be one JSON object in UTF-8 of at most 64 KB."""
    content_type = header(event, "Content-Type") or "application/json"
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaTypeError("Content-Type must be application/json")
    content = _content(event)
    if len(content) > MAX_BODY_BYTES:
        raise PayloadTooLargeError(f"The body must not be longer than {MAX_BODY_BYTES} bytes")
    if not content.strip():
        raise ValidationError("A JSON body is required")
    try:
        body = json.loads(
            content.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError:
        raise ValidationError("The body is not UTF-8") from None
    except RecursionError:
        raise ValidationError("The body is nested too deeply") from None
    except ValueError:  # bad JSON, and numbers with more digits than Python converts
        raise ValidationError("The body is not valid JSON") from None
    if not isinstance(body, dict):
        raise ValidationError("The body must be a JSON object")
    _refuse_lone_surrogates(body)
    return body


def echo(field: str) -> str:
    """A field name that came from the client, as an error may repeat it."""
    return field if len(field) <= _MAX_ECHO else field[:_MAX_ECHO] + "..."


def _content(event: Event) -> bytes:
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        try:
            return base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError):
            raise ValidationError("The body is not valid base64") from None
    try:
        return str(body).encode("utf-8")
    except UnicodeEncodeError:
        raise ValidationError("The body is not UTF-8") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two parsers may disagree which of two equal keys counts, so neither does."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValidationError("The body names a field twice")
    return found


def _refuse_constant(name: str) -> Never:
    raise ValidationError(f"{name} is not a JSON number")


def _refuse_lone_surrogates(body: dict[str, Any]) -> None:
    """Half of a UTF-16 pair is valid JSON, but no text: nothing could store or show it."""
    try:
        json.dumps(body, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise ValidationError("The body contains half of a surrogate pair") from None
    except RecursionError:
        raise ValidationError("The body is nested too deeply") from None


class Query:
    """The query string. Problems are collected and raised together by `check`."""

    def __init__(self, event: Event, known: Collection[str]) -> None:
        given: dict[str, list[str]] = event.get("multiValueQueryStringParameters") or {
            name: [value] for name, value in (event.get("queryStringParameters") or {}).items()
        }
        self._values = {name: values[-1] or "" for name, values in given.items() if values}
        self._problems: list[Detail] = []
        for name, values in given.items():
            if name not in known:
                self._problem(echo(name), "is not a known parameter")
            elif len(values) > 1:
                self._problem(name, "must be given once")

    def _problem(self, field: str, issue: str) -> None:
        self._problems.append({"field": field, "issue": issue})

    def text(self, name: str) -> str | None:
        return self._values.get(name)

    def integer(self, name: str, within: tuple[int, int]) -> int | None:
        text = self._values.get(name)
        if text is None:
            return None
        low, high = within
        if re.fullmatch(r"[0-9]{1,9}", text) and low <= int(text) <= high:
            return int(text)
        self._problem(name, f"must be a whole number from {low} to {high}")
        return None

    def choice[T: str](self, name: str, options: Collection[T]) -> T | None:
        text = self._values.get(name)
        for option in options:
            if option == text:
                return option
        if text is not None:
            self._problem(name, "must be one of " + ", ".join(options))
        return None

    def parsed[T](self, name: str, parse: Callable[[str], T]) -> T | None:
        """What `parse` makes of it; the ValueError that it raises says what is wrong."""
        text = self._values.get(name)
        if text is None:
            return None
        try:
            return parse(text)
        except ValueError as error:
            self._problem(name, str(error))
            return None

    def check(self) -> None:
        if self._problems:
            raise invalid(self._problems[:20])


def no_query(event: Event) -> None:
    """For operations without parameters: a misspelt one must not pass for an answer."""
    Query(event, known=()).check()
