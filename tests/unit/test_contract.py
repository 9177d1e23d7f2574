"""The OpenAPI document and the code accept the same requests, as properties.

Field by field: what fits the document's schema fits the model, and the other way round. Then
whole requests, as schemathesis makes them of the document, answered by the handlers. Where the two
differ, `tests.contract` names the rule.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from openapi_schema_validator import OAS30Validator
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import ignored_auth

from tests.contract import (
    DOCUMENT,
    HANDLERS,
    ONLY_THE_CODE_KNOWS,
    OPERATIONS,
    body_schemas,
    trimmed,
)
from tests.e2e.fuzz_hooks import under_a_key_of_its_own  # and its exceptions hold here as well
from tests.unit.platform import Answer, Platform
from tests.unit.test_openapi import models

BODIES = body_schemas()
CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
FIELD_EXAMPLES = settings(max_examples=300, deadline=None, suppress_health_check=CHECKS)
REQUEST_EXAMPLES = settings(max_examples=80, deadline=None, suppress_health_check=CHECKS)

# Characters that the rules of text tell apart, and what else goes wrong with text.
EDGY = st.sampled_from(
    " \t\n\r\v\f\0\x1b\x1f\x7f\x85\xa0\xad\u061c\u115f\u1680\u180e\u2000\u200b\u200d\u200e\u200f"
    "\u2028\u2029\u202a\u202e\u202f\u205f\u2060\u2066\u2069\u2800\u3000\u3164\ufe0f\ufeff\ufffd"
    "aZ9.@-_+:,;<>\"'\\{}é\u0301שם漢🦊\U000e0041\U0010ffff"
)
TEXT = st.one_of(
    st.text(EDGY, max_size=8),
    st.text(st.characters(codec="utf-8"), max_size=8),
    st.emails(),
    st.builds("{}@{}".format, st.text(EDGY, max_size=4), st.sampled_from(["a.test", "b", "c.com"])),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 10), st.integers(), st.floats(allow_nan=False)
)
VALUES: st.SearchStrategy[Any] = st.one_of(TEXT, SCALARS, st.lists(TEXT, max_size=1), st.just({}))


def _valid(name: str) -> dict[str, Any]:
    """An example of the document that fits this body."""
    examples = [
        example["value"]
        for operation in OPERATIONS.values()
        for media in operation.get("requestBody", {}).get("content", {}).values()
        for example in media.get("examples", {}).values()
    ]
    fitting = [body for body in examples if OAS30Validator(BODIES[name]).is_valid(body)]
    assert fitting, f"the document has no example of {name}: add one to its operation"
    body: dict[str, Any] = fitting[0]
    return body


def _lengths(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    """Text around the limits, with and without blanks that are cut off."""
    limits = {schema.get("minLength", 0), schema.get("maxLength", 64)}
    sizes = st.sampled_from(sorted({max(0, n + d) for n in limits for d in (-1, 0, 1)}))
    edges = st.sampled_from(["", "", "", "", " ", "\u3000\ufeff", "\n", "\x1f"])
    letters = st.sampled_from(["a", "é", "🦊", "a\u0301"])

    def build(size: int, letter: str, before: str, after: str) -> str:
        return before + (letter * size)[:size] + after

    return st.builds(build, sizes, letters, edges, edges)


FIELDS = [(name, field) for name, schema in BODIES.items() for field in schema["properties"]]


@pytest.mark.parametrize(("name", "field"), FIELDS)
@FIELD_EXAMPLES
@given(data=st.data())
def test_a_field_is_accepted_by_both_or_by_none(name: str, field: str, data: st.DataObject) -> None:
    limits = data.draw(st.booleans())
    values = _lengths(BODIES[name]["properties"][field]) if limits else VALUES
    body = _valid(name) | {field: data.draw(values)}
    if data.draw(st.integers(0, 19)) == 0:
        body = {key: value for key, value in body.items() if key != field}
    if data.draw(st.integers(0, 19)) == 0:
        body[data.draw(TEXT)] = data.draw(VALUES)
    assert_same_opinion(name, body)


def assert_same_opinion(name: str, body: dict[str, Any]) -> None:
    schema = OAS30Validator(BODIES[name])
    documented, issues = schema.is_valid(body), refusals(name, body)
    event(f"document {documented}, model {not issues}")
    if documented and issues:
        whole_float = any(isinstance(value, float) for value in body.values())
        # JSON Schema takes 5.0 for an integer; a client that sends it has a bug to be told of.
        rules = ONLY_THE_CODE_KNOWS | ({"must be a whole number"} if whole_float else set())
        assert issues <= rules, f"the document takes {body!r}, the model does not: {issues}"
    if not documented and not issues:
        assert schema.is_valid(trimmed(body)), f"the model takes {body!r}, the document does not"


def refusals(name: str, body: dict[str, Any]) -> set[str]:
    """The issues that the model has with a body, in the API's words."""
    from customer_platform.http.errors import ValidationError
    from customer_platform.http.validation import validated

    try:
        validated(models_by_name[name], body)
    except ValidationError as error:
        return {detail["issue"] for detail in error.details}
    return set()


models_by_name = models()


# --- whole requests

SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
BASE_URL = "https://api.example.com/prod"


def gateway_event(request: requests.PreparedRequest, resource: str) -> dict[str, Any]:
    """What API Gateway makes of a request for a function."""
    url = urlsplit(str(request.url))
    path = url.path.removeprefix(urlsplit(BASE_URL).path)
    query = parse_qs(url.query, keep_blank_values=True)
    body = request.body
    if isinstance(body, bytes):
        body = body.decode(errors="replace")
    return {
        "httpMethod": request.method,
        "resource": resource,
        "path": path,
        "headers": {name: str(value) for name, value in request.headers.items()},
        "pathParameters": _path_parameters(resource, path),
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "body": body,
        "isBase64Encoded": False,
        "requestContext": {"requestId": "00000000-0000-4000-8000-000000000000"},
    }


def _path_parameters(resource: str, path: str) -> dict[str, str] | None:
    steps = list(zip(resource.split("/"), path.split("/"), strict=False))
    return {name[1:-1]: unquote(value) for name, value in steps if name.startswith("{")} or None


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_handlers_answer_as_documented(
    operation: str, mode: GenerationMode, platform: Platform
) -> None:
    api = SCHEMA.find_operation_by_id(operation)
    if mode is GenerationMode.NEGATIVE and not (api.path_parameters or api.query or api.body):
        return  # nothing to get wrong

    @REQUEST_EXAMPLES
    @given(case=api.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        under_a_key_of_its_own(case)
        request = requests.Request(**case.as_transport_kwargs(base_url=BASE_URL)).prepare()
        if OPERATIONS[operation].get("security") and not request.headers.get("x-api-key"):
            return  # API Gateway lets none of these through
        answer = platform.call(
            HANDLERS[operation], gateway_event(request, OPERATIONS[operation]["path"])
        )
        event(str(answer.status))
        # That a key is asked for is the gateway's business.
        case.validate_response(_response(request, answer), excluded_checks=[ignored_auth])

    run()


def _response(request: requests.PreparedRequest, answer: Answer) -> schemathesis.Response:
    return schemathesis.Response(
        status_code=answer.status,
        headers={name: [value] for name, value in answer.headers.items()},
        content=answer.text.encode(),
        request=request,
        elapsed=0,
        verify=True,
    )
