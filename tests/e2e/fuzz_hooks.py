"""What schemathesis has to know besides the OpenAPI document; loaded by its `hooks` setting.

Every exception stands here with its reason, and no wider than that.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import MutableMapping
from typing import Any

import schemathesis
from hypothesis import strategies as st
from openapi_schema_validator import OAS30Validator
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.openapi.checks import RejectedPositiveData
from schemathesis.specs.openapi.schemas import OpenApiSchema

from tests.contract import ONLY_THE_CODE_KNOWS, trimmed

type Case = schemathesis.Case[Any]

# Else most of what is meant to be valid would be refused for its address.
schemathesis.openapi.format("email", st.emails())


@schemathesis.deserializer("text/html")
def page(_context: schemathesis.DeserializationContext, response: schemathesis.Response) -> str:
    """A page is a string to its schema."""
    return response.text


@schemathesis.hook
def after_load_schema(_context: schemathesis.HookContext, schema: OpenApiSchema) -> None:
    """Chains start at any operation with links that needs nothing from another one.

    schemathesis takes every field called `…_id` for the key of something that another operation
    makes, and starts no chain with an operation that has such a field while nothing makes it.
    `customer_id` is the caller's own word. (test_fuzz.py asks that every link is followed.)
    """
    nodes = schema.analysis.dependency_graph.operations.values()
    made = {output.resource.name for node in nodes for output in node.outputs}
    for node in nodes:
        node.inputs[:] = [slot for slot in node.inputs if slot.resource.name in made]


def under_a_key_of_its_own(case: Case) -> None:
    """Give the request a fresh key if it has one: the generator repeats itself, and a repeated
    key is rightly answered with an earlier request's feedback, or with 422."""
    headers: MutableMapping[str, Any] = case.headers
    key = headers.get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch("[!-~]{1,128}", key):
        headers["Idempotency-Key"] = (uuid.uuid4().hex + key)[:128]


def to_somebody_else(case: Case) -> None:
    """The examples' address is everybody's here: the generator repeats it until its limit is
    reached, and 429 is the right answer."""
    body = case.body
    if not isinstance(body, dict) or case.path not in ("/messages", "/contact"):
        return
    if body.get("email") == "ada@example.com":
        body["email"] = f"{uuid.uuid4().hex}@example.com"
    if body.get("phone") == "+14155550100":
        body["phone"] = f"+1415{uuid.uuid4().int % 10**7:07}"


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, case: Case, _kwargs: dict[str, Any]) -> None:
    under_a_key_of_its_own(case)
    to_somebody_else(case)


@schemathesis.hook
def filter_failure(
    _context: schemathesis.HookContext,
    failure: Failure,
    case: Case,
    response: schemathesis.Response,
) -> bool:
    """Whether it is one."""
    if isinstance(failure, AcceptedNegativeData) and response.status_code == 413:
        return False  # refused for its length before anybody looks at what is wrong with it
    if isinstance(failure, RejectedPositiveData):
        if not _header_fits(case, "If-Match"):
            return False
        if response.status_code == 412:  # no schema tells which version a task has
            return False
        if response.status_code == 400:
            return not _no_schema_could_tell(response.json())
    # The document: "Text is trimmed before limits apply". A schema limits the text as it is sent.
    return not (isinstance(failure, AcceptedNegativeData) and _is_valid_when_trimmed(case))


def _header_fits(case: Case, name: str) -> bool:
    """Whether a header is as the document says. The generator's examples of lengths are not held to
    its pattern: it sends `If-Match: 0`."""
    headers = {key.lower(): str(value) for key, value in (case.headers or {}).items()}
    if name.lower() not in headers:
        return True
    parameters = case.operation.schema.raw_schema["components"]["parameters"].values()
    [schema] = [entry["schema"] for entry in parameters if entry["name"] == name]
    return bool(OAS30Validator(schema).is_valid(headers[name.lower()]))


def _no_schema_could_tell(error: dict[str, Any]) -> bool:
    # A cursor is opaque: the document tells its characters, not which ones were handed out.
    if error["error"] in ("InvalidCursor", "Invalid Cursor"):
        return True
    issues = {detail["issue"] for detail in error["details"]}
    return bool(issues) and issues <= ONLY_THE_CODE_KNOWS


def _is_valid_when_trimmed(case: Case) -> bool:
    body = trimmed(case.body)
    if body == case.body or not isinstance(body, dict):
        return False
    content = case.operation.definition.raw["requestBody"]["content"]
    return _fits(content["application/json"]["schema"], body, case)


def _fits(schema: dict[str, Any], instance: Any, case: Case) -> bool:
    components = case.operation.schema.raw_schema["components"]
    return bool(OAS30Validator({**schema, "components": components}).is_valid(instance))


@schemathesis.check
def errors_have_one_shape_and_every_answer_cors(
    _ctx: schemathesis.CheckContext, response: schemathesis.Response, case: Case
) -> None:
    """Also where no operation is: API Gateway's own answers."""
    assert response.headers["access-control-allow-origin"] == ["*"]
    if response.status_code < 400 or response.request.method == "HEAD":
        return
    assert response.headers["content-type"][0].startswith("application/json")
    error = response.json()
    document = case.operation.schema.raw_schema
    # The task tracker words its errors in its own way.
    kind = "TaskError" if case.path.startswith("/tasks") else "Error"
    schema = {"$ref": f"#/components/schemas/{kind}", "components": document["components"]}
    OAS30Validator(schema).validate(error)
    assert error["message"].strip()
    if response.status_code == 405:
        # Measured: the embedded cloud fills nothing into the templates of MOCK responses. AWS does.
        assert error["requestId"] == "$context.requestId"
    else:
        assert uuid.UUID(error["requestId"])


@schemathesis.check
class EveryOperationIsReached:
    """An operation that refuses whatever is tried was not tested. Except where what it asks for is
    told to nobody: tests/e2e/test_mail.py unsubscribes with the token of a stored message."""

    secret = frozenset({"POST /unsubscribe/{messageId}/{token}"})

    def __init__(self) -> None:
        self.tried: set[str] = set()
        self.reached: set[str] = set()

    def after_response(
        self,
        _ctx: schemathesis.CheckContext,
        response: schemathesis.Response,
        case: Case,
    ) -> None:
        self.tried.add(case.operation.label)
        # Other methods are tried on its path too, and OPTIONS is always answered.
        own = response.request.method == case.operation.label.partition(" ")[0]
        if own and 200 <= response.status_code < 300:
            self.reached.add(case.operation.label)

    def after_run(self, _ctx: schemathesis.CheckContext) -> None:
        unreached = self.tried - self.reached
        assert unreached == self.secret & self.tried, f"never 2xx: {sorted(unreached)}"
