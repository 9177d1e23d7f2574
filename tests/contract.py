"""The OpenAPI document as tests use it: operations, schemas, who answers what, and whether an
answer is as documented.

All of it is read from terraform/: a new operation is held to it without being named here.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from typing import Any

import yaml
from openapi_schema_validator import OAS30Validator

from customer_platform import text as fields
from ops import ROOT

DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "terraform/openapi.yaml").read_text())
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
PARAMETERS: dict[str, Any] = DOCUMENT["components"]["parameters"]
METHODS = frozenset({"get", "put", "post", "delete", "patch"})

# Rules of text that a JSON schema has no words for. The models have them, and their refusals use
# these sentences.
ONLY_THE_CODE_KNOWS = frozenset(
    {
        # `format: email` says nothing of domains that no mail reaches (.test, .local, no dot),
        # nor of addresses with a name around them.
        "must be an e-mail address, in ASCII before the @",
        "must be an e-mail address",
        # Unicode categories are no part of the regular expressions that all readers know.
        "must contain something that can be seen",
        # No expression knows the length of months.
        "must be a day that exists",
    }
)

# What Lambda and browsers need to read an answer; every operation has it.
_ALWAYS = frozenset({"content-type", "vary"})


def resolved(node: Any) -> Any:
    """The node with its references replaced."""
    if isinstance(node, list):
        return [resolved(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target: Any = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return resolved(target)
    return {name: resolved(value) for name, value in node.items()}


def _operations() -> dict[str, dict[str, Any]]:
    """operationId => the operation, with `method`, `path` and its path's parameters."""
    found: dict[str, dict[str, Any]] = {}
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS & item.keys():
            operation = item[method]
            parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
            found[operation["operationId"]] = operation | {
                "method": method.upper(),
                "path": path,
                "parameters": parameters,
            }
    return found


def _handlers() -> dict[str, str]:
    """operationId => the handler that answers it, as each system's file of terraform/ says."""
    found: dict[str, str] = {}
    for file in sorted((ROOT / "terraform").glob("*.tf")):
        for block in re.findall(
            r"^  \w+_operations += \{\n(.*?)^  \}", file.read_text(), re.DOTALL | re.MULTILINE
        ):
            found |= re.findall(r'^ +(\w+) += "(\w+)"$', block, re.MULTILINE)
    assert found, "terraform/: there is no `SYSTEM_operations = { operationId = handler }`"
    return found


OPERATIONS = _operations()
HANDLERS = _handlers()


def operation_of(handler: str, event: Mapping[str, Any]) -> str:
    """The operation that an event for this handler calls."""
    candidates = [operation for operation, name in HANDLERS.items() if name == handler]
    if len(candidates) > 1:
        asked = (event.get("httpMethod"), event.get("resource"))
        candidates = [
            operation
            for operation in candidates
            if (OPERATIONS[operation]["method"], OPERATIONS[operation]["path"]) == asked
        ]
    assert len(candidates) == 1, (
        f"{handler} answers {len(candidates)} operations of the API that fit: give the "
        "event its httpMethod and resource"
    )
    return candidates[0]


@functools.cache
def _responses(operation: str) -> dict[str, Any]:
    responses: dict[str, Any] = resolved(OPERATIONS[operation]["responses"])
    return responses


@functools.cache
def _validator(operation: str, status: str) -> OAS30Validator:
    schema = _responses(operation)[status]["content"]["application/json"]["schema"]
    return OAS30Validator(schema, format_checker=OAS30Validator.FORMAT_CHECKER)


def assert_documented(operation: str, status: int, headers: Mapping[str, str], text: str) -> None:
    """Status, headers, body and error code of an answer are among the operation's documented."""
    response = _responses(operation).get(str(status))
    assert response, f"{operation}: {status} is not documented"
    documented = {name.lower(): header for name, header in response.get("headers", {}).items()}
    given = {name.lower() for name in headers}
    undocumented = given - documented.keys() - _ALWAYS
    if status >= 400:  # errors are never cached; the document says it once, for all of them
        undocumented -= {"cache-control"}
    assert not undocumented, f"{operation} {status}: headers {undocumented} are not documented"
    required = {name for name, header in documented.items() if header.get("required")}
    assert required <= given, f"{operation} {status}: headers {required - given} are missing"
    if "content" not in response:
        assert text == ""
        return
    kind = next(value for name, value in headers.items() if name.lower() == "content-type")
    kind = kind.partition(";")[0]
    assert kind in response["content"], f"{operation} {status}: {kind} is not documented"
    if kind == "text/html":
        assert text.startswith("<!DOCTYPE html>\n"), f"{operation} {status}: this is no page"
        return
    body = json.loads(text)
    _validator(operation, str(status)).validate(body)
    if status >= 400:
        assert f"`{body['error']}`" in response["description"], (
            f"{operation} {status}: the description does not tell of {body['error']}"
        )


def body_schemas() -> dict[str, Any]:
    """Name => schema of everything that an operation takes as a body."""
    found: dict[str, Any] = {}
    for operation in OPERATIONS.values():
        if "requestBody" in operation:
            assert operation["requestBody"]["content"].keys() == {"application/json"}
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            for reference in schema.get("oneOf", [schema]):
                name = reference["$ref"].removeprefix("#/components/schemas/")
                found[name] = _as_ecma(resolved(SCHEMAS[name]))
    return found


def _as_ecma(schema: Any) -> Any:
    """JSON Schema's regular expressions are ECMA's: there `$` is the end. Python's `$`, which
    the validator uses, is also before a last line end."""
    if isinstance(schema, list):
        return [_as_ecma(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    pattern = schema.get("pattern")
    python = {"pattern": re.sub(r"\$$", r"\\Z", pattern)} if isinstance(pattern, str) else {}
    return {name: _as_ecma(value) for name, value in schema.items()} | python


_trim = fields.trimmed(fields.TEXT_EDGE).func


def trimmed(body: Any) -> Any:
    """A body as its rules see it. The document: "Text is trimmed before limits apply"."""
    if isinstance(body, dict):
        return {name: trimmed(value) for name, value in body.items()}
    if isinstance(body, list):
        return [trimmed(value) for value in body]
    return _trim(body)  # type: ignore[call-arg]
