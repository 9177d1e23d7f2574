"""The OpenAPI document is valid, and the code agrees with it."""

import importlib
import pkgutil
import re
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import validate
from pydantic import BaseModel

import customer_platform
from customer_platform.feedback import cursor, listing
from customer_platform.feedback.models import FeedbackSubmission, FeedbackText
from customer_platform.feedback.sentiment.base import SENTIMENTS
from customer_platform.http import errors
from customer_platform.http.requests import UUID
from customer_platform.idempotency import KEY_PATTERN
from customer_platform.tasks.wording import in_words
from tests.contract import (
    DOCUMENT,
    HANDLERS,
    OPERATIONS,
    PARAMETERS,
    SCHEMAS,
    body_schemas,
    resolved,
)
from tests.unit.platform import Platform
from tests.unit.test_submit import BAD_BODIES


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


def models() -> dict[str, type[BaseModel]]:
    """Name => pydantic model, of all modules that the functions share."""
    for module in pkgutil.walk_packages(customer_platform.__path__, "customer_platform."):
        importlib.import_module(module.name)

    def below(model: type[BaseModel]) -> set[type[BaseModel]]:
        return {model}.union(*(below(sub) for sub in model.__subclasses__()))

    ours = {m for m in below(BaseModel) if m.__module__.startswith("customer_platform.")}
    return {model.__name__: model for model in ours}


@pytest.mark.parametrize("name", body_schemas())
def test_models_and_document_agree(name: str) -> None:
    model = models().get(name)
    assert model, f"{name} is a body in the document: a pydantic model must be called so"
    assert rules(model.model_json_schema()) == rules(resolved(SCHEMAS[name]))


def test_every_operation_has_a_handler_and_every_handler_an_operation() -> None:
    assert HANDLERS.keys() == OPERATIONS.keys()


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
    own = {errors.PreconditionFailedError.code}  # only the task tracker answers it, in its words
    assert codes.keys() - own <= _enum("Error")
    others = {errors.TooManyRequestsError.code}  # only the messages system answers it
    assert {in_words(code) for code in codes.keys() - others} <= _enum("TaskError")
    documented = {int(s) for operation in OPERATIONS.values() for s in operation["responses"]}
    assert set(codes.values()) <= documented


def _enum(schema: str) -> set[str]:
    return set(SCHEMAS[schema]["properties"]["error"]["enum"])


def _subclasses(kind: type[errors.ApiError]) -> set[type[errors.ApiError]]:
    return {kind}.union(*(_subclasses(sub) for sub in kind.__subclasses__()))


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
    validator = OAS30Validator({"oneOf": list(body_schemas().values())})
    only_the_code_knows = {
        "no address", "address without dot", "two addresses", "address with a name",
        "header injection", "rating as float", "name of tag characters",
        "name of letters that are not there",
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
