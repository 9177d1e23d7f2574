"""The OpenAPI document is valid, and the code agrees with it."""

import re
from typing import Any

import pytest
import yaml
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import validate
from pydantic import BaseModel

from customer_platform.feedback import cursor, listing
from customer_platform.feedback.idempotency import KEY_PATTERN
from customer_platform.feedback.models import FeedbackSubmission, FeedbackText
from customer_platform.feedback.sentiment.base import SENTIMENTS
from customer_platform.http import errors
from customer_platform.http.requests import UUID
from tests.unit.platform import FORM, ROOT, TEXT, Answer, Platform
from tests.unit.test_submit import BAD_BODIES

DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "terraform/openapi.yaml").read_text())
SCHEMAS = DOCUMENT["components"]["schemas"]
PARAMETERS = DOCUMENT["components"]["parameters"]
OPERATIONS: dict[str, dict[str, Any]] = {
    operation["operationId"]: operation
    for path in DOCUMENT["paths"].values()
    for method, operation in path.items()
    if method != "parameters"
}


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


def rules(schema: Any) -> Any:
    """A schema without its prose."""
    prose = {"title", "description", "example"}
    if isinstance(schema, dict):
        kept = {
            name: {field: rules(entry) for field, entry in value.items()}
            if name == "properties"
            else rules(value)
            for name, value in schema.items()
            if name not in prose
        }
        return kept | ({"required": set(kept["required"])} if "required" in kept else {})
    return schema


def test_the_document_is_valid() -> None:
    validate(DOCUMENT)


@pytest.mark.parametrize("model", [FeedbackSubmission, FeedbackText])
def test_models_and_document_agree(model: type[BaseModel]) -> None:
    assert rules(model.model_json_schema()) == rules(resolved(SCHEMAS[model.__name__]))


def test_both_bodies_are_documented() -> None:
    content = OPERATIONS["submitFeedback"]["requestBody"]["content"]
    assert content.keys() == {"application/json"}
    references = {entry["$ref"] for entry in content["application/json"]["schema"]["oneOf"]}
    assert references == {
        f"#/components/schemas/{model.__name__}" for model in (FeedbackSubmission, FeedbackText)
    }


def test_parameters_and_document_agree(platform: Platform) -> None:
    def limits(name: str) -> tuple[int, int]:
        schema = resolved(PARAMETERS[name]["schema"])
        assert schema["type"] == "integer"
        return schema["minimum"], schema["maximum"]

    assert limits("Limit") == listing.LIMIT_RANGE
    assert limits("RatingFilter") == listing.RATING_RANGE
    assert limits("Days") == platform.modules["get_analytics"].DAYS_RANGE
    assert PARAMETERS["Limit"]["schema"]["default"] == listing.DEFAULT_LIMIT
    assert PARAMETERS["LastKey"]["schema"]["maxLength"] == cursor.MAX_LENGTH
    assert PARAMETERS["IdempotencyKey"]["schema"]["pattern"] == KEY_PATTERN
    assert SCHEMAS["FeedbackId"]["pattern"] == UUID
    assert tuple(SCHEMAS["Sentiment"]["enum"]) == SENTIMENTS


@pytest.mark.parametrize(
    ("operation", "handler"), [("listFeedback", "list_feedback"), ("getAnalytics", "get_analytics")]
)
def test_known_parameters_are_the_documented_ones(
    platform: Platform, operation: str, handler: str
) -> None:
    names = {entry["name"] for entry in resolved(OPERATIONS[operation]["parameters"])}
    query = dict.fromkeys([*names, "other"], "~")
    answer = platform.call(handler, {"queryStringParameters": query})
    unknown = [d for d in answer.body["details"] if d["issue"] == "is not a known parameter"]
    assert [detail["field"] for detail in unknown] == ["other"]


def test_error_codes_are_documented() -> None:
    codes = {kind.code: kind.status for kind in _subclasses(errors.ApiError)}
    assert codes.keys() <= set(SCHEMAS["Error"]["properties"]["error"]["enum"])
    documented = {int(s) for operation in OPERATIONS.values() for s in operation["responses"]}
    assert set(codes.values()) <= documented


def _subclasses(kind: type[errors.ApiError]) -> set[type[errors.ApiError]]:
    return {kind}.union(*(_subclasses(sub) for sub in kind.__subclasses__()))


def conforms(operation: str, answer: Answer) -> None:
    responses = resolved(OPERATIONS[operation]["responses"])
    response = responses[str(answer.status)]
    documented = {name.lower() for name in response["headers"]}
    assert {h.lower() for h in answer.headers} - documented <= {"content-type", "cache-control"}
    if "content" not in response:
        assert answer.text == ""
        return
    schema = response["content"]["application/json"]["schema"]
    OAS30Validator(schema, format_checker=OAS30Validator.FORMAT_CHECKER).validate(answer.body)


def test_answers_are_as_documented(platform: Platform) -> None:
    form, text = platform.post(FORM, key="k"), platform.post(TEXT)
    conflict = platform.post(TEXT, key="k")
    assert [form.status, text.status, conflict.status] == [201, 200, 422]
    for answer in (form, text, conflict):
        conforms("submitFeedback", answer)
    for query in ({}, {"limit": 1}, {"limit": 0}, {"lastKey": "x"}):
        conforms("listFeedback", platform.page(**query))
    for feedback_id in (text.body["feedbackId"], "x", "0" * 8 + form.body["feedbackId"][8:]):
        conforms("getFeedback", platform.get(feedback_id))
        conforms("deleteFeedback", platform.delete(feedback_id))
    for query in ({}, {"days": 90}, {"days": 0}):
        conforms("getAnalytics", platform.analytics(**query))
    conforms("getHealth", platform.call("health", {}))


@pytest.mark.parametrize("body", [case[0] for case in BAD_BODIES.values()], ids=BAD_BODIES)
def test_refusals_are_as_documented(platform: Platform, body: Any) -> None:
    conforms("submitFeedback", platform.post(body))


def test_examples_are_accepted(platform: Platform) -> None:
    content = OPERATIONS["submitFeedback"]["requestBody"]["content"]["application/json"]
    for example in content["examples"].values():
        assert platform.post(example["value"]).status in (200, 201)


@pytest.mark.parametrize("body", [case[0] for case in BAD_BODIES.values()], ids=BAD_BODIES)
def test_what_the_document_refuses_the_code_refuses(body: Any) -> None:
    """And the other way round: a bad object of the table fits neither documented body, except
    for rules that a schema cannot tell."""
    if not isinstance(body, dict) or len(str(body)) > 60_000:
        return
    schema = resolved(OPERATIONS["submitFeedback"]["requestBody"]["content"])
    validator = OAS30Validator(schema["application/json"]["schema"])
    only_the_code_knows = {
        "no address", "address without dot", "two addresses", "address with a name",
        "header injection", "rating as float", "customer id ends in a line",
        "name of tag characters", "name ends in a line",
    }  # fmt: skip
    names = {name for name, case in BAD_BODIES.items() if case[0] is body}
    assert names <= only_the_code_knows or not validator.is_valid(body)


def test_patterns_mean_the_same_to_every_reader() -> None:
    """API Gateway (Java), browsers and the fuzzer (Python) read them: only what all know."""
    for schema in (SCHEMAS["FeedbackSubmission"], SCHEMAS["FeedbackText"]):
        for field in schema["properties"].values():
            if "pattern" in field:
                assert not re.search(r"\(\?|\\[^su]", field["pattern"])
                re.compile(field["pattern"])
