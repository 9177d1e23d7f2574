"""The module `api`: what it makes of an OpenAPI document, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.plan.conftest import FIXTURES, UNPLACED, Planner, Refusals, differences, inventory


def test_inventory(plan: Planner) -> None:
    assert differences(plan(FIXTURES / "api"), inventory("api")) == []


def test_operations_are_the_documents(plan: Planner) -> None:
    assert plan(FIXTURES / "api").outputs()["operations"] == {
        "createItem": "POST /items",
        "deletePart": "DELETE /items/{itemId}/parts/{partId}",
        "getRoot": "GET /",
        "listItems": "GET /items",
    }


def test_every_error_of_the_gateway_has_the_documented_body(plan: Planner) -> None:
    made = plan(FIXTURES / "api")
    templates = [
        values["response_templates"]["application/json"]
        for kind in ("gateway_response", "integration_response")
        for address, values in made.resources(f"aws_api_gateway_{kind}").items()
        if "preflight" not in address
    ]
    assert len(templates) == 36 + 6
    for template in templates:
        body = json.loads(template.replace("$context.error.messageString", '"the gateway says"'))
        assert body.keys() == {"error", "message", "details", "requestId"}
        assert body["error"]
        assert body["message"]
        assert body["details"] == []
        assert body["requestId"] == "$context.requestId"


def test_every_error_of_the_gateway_can_be_read_by_the_site_and_is_not_cached(
    plan: Planner,
) -> None:
    responses = plan(FIXTURES / "api").resources("aws_api_gateway_gateway_response")
    for address, values in responses.items():
        origin = "*" if "without_logs" in address else "https://items.example.com"
        headers = values["response_parameters"]
        assert headers["gatewayresponse.header.Access-Control-Allow-Origin"] == f"'{origin}'"
        assert headers["gatewayresponse.header.Cache-Control"] == "'no-store'"


def test_models_check_the_shape_and_leave_the_fields_to_the_handler(plan: Planner) -> None:
    models = plan(FIXTURES / "api").resources("aws_api_gateway_model")
    for values in models.values():
        schema = json.loads(values["schema"])
        assert schema == {
            "$schema": "http://json-schema.org/draft-04/schema#",
            "title": "createItem",
            "type": "object",
        }


def test_access_log_knows_no_one(plan: Planner) -> None:
    stage = plan(FIXTURES / "api").resources()["module.full.aws_api_gateway_stage.this"]
    (settings,) = stage["access_log_settings"]
    logged = json.loads(settings["format"])
    assert {"requestId", "status", "latency", "apiKeyId"} <= logged.keys()
    for value in logged.values():
        assert "sourceIp" not in value
        assert "userAgent" not in value
        assert value != "$context.identity.apiKey"


HANDLER = {
    "function_name": "f",
    "alias_name": "live",
    "invoke_arn": "arn:aws:apigateway:us-west-1:lambda:path/2015-03-31/functions/f/invocations",
}


def document(operation: dict[str, Any], path: str = "/items") -> dict[str, Any]:
    return {"openapi": {"paths": {path: {"get": {"operationId": "listItems"} | operation}}}}


GOOD = document({}) | {
    "name": "items-test",
    "handlers": {"listItems": HANDLER},
    "cors_allow_origin": "*",
}
PLAN = {"rate_limit": 1, "burst_limit": 1}
TWICE = {"get": {"operationId": "listItems"}, "put": {"operationId": "listItems"}}

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "name": ({"name": "items api"}, "name must be 1 to 128"),
    "no_document": ({"openapi": {}, "handlers": {}}, "decoded OpenAPI document with paths"),
    "operation_without_id": (
        {"openapi": {"paths": {"/items": {"get": {}}}}, "handlers": {"get /items": HANDLER}},
        "needs an operationId of letters and digits",
    ),
    "same_id_twice": ({"openapi": {"paths": {"/items": TWICE}}}, "the same operationId"),
    "unhandled_operation": ({"handlers": {}}, "Operations without a handler: listItems"),
    "unknown_operation": (
        {"handlers": {"listItems": HANDLER, "gone": HANDLER}},
        "operations that openapi does not have: gone",
    ),
    "handler_timeout": (
        {"handlers": {"listItems": HANDLER | {"timeout_milliseconds": 30000}}},
        "timeout_milliseconds must be 50 to 29000",
    ),
    "stage_name": ({"stage_name": "prod/v1"}, "stage_name must be 1 to 128"),
    "origin_with_path": (
        {"cors_allow_origin": "https://example.com/app"},
        "must be one origin without a path",
    ),
    "zero_throttle": ({"throttle": {"rate_limit": 0}}, "0 refuses every call"),
    "quota_period": (
        {"usage_plans": {"free": PLAN | {"quota": {"limit": 1, "period": "YEAR"}}}},
        "DAY, WEEK or MONTH",
    ),
    "key_without_plan": (
        {"api_keys": {"visitor": {"plan": "gold"}}},
        "must be one of usage_plans",
    ),
    "short_key_value": (
        {"api_keys": {"visitor": {"plan": "free"}}, "api_key_values": {"visitor": "short"}},
        "20 to 128 characters",
    ),
    "value_without_key": (
        {"api_key_values": {"visitor": "a-value-of-20-characters"}},
        "values of keys that api_keys does not have",
    ),
    "logging_level": ({"logging_level": "DEBUG"}, "logging_level must be OFF, ERROR or INFO"),
    "log_retention": ({"log_retention_days": 2}, "a period that CloudWatch Logs knows"),
}

WRONG_DOCUMENT: dict[str, tuple[dict[str, Any], str]] = {
    "deep_path": (document({}, "/a/b/c/d/e"), "at most four parts; not so: /a/b/c/d/e"),
    "path_without_slash": (document({}, "items"), "at most four parts; not so: items"),
    "unknown_scheme": (document({"security": [{"Bearer": []}]}), "not so: Bearer"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_inputs_are_refused(case: str, refusals: Refusals) -> None:
    answers = refusals("api", GOOD, {name: wrong for name, (wrong, _) in WRONG.items()})
    assert any(WRONG[case][1] in problem for problem in answers[case]), answers[case]


@pytest.mark.parametrize("case", WRONG_DOCUMENT)
def test_documents_it_cannot_serve_are_refused(case: str, refusals: Refusals) -> None:
    cases = {name: wrong for name, (wrong, _) in WRONG_DOCUMENT.items()}
    problems = refusals("api", GOOD, cases, group="document")[UNPLACED]
    assert len([problem for problem in problems if WRONG_DOCUMENT[case][1] in problem]) == 1
