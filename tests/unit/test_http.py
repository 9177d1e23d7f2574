"""What all functions do alike: health events, errors, headers, logs, settings."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from customer_platform import settings
from customer_platform.http.responses import cors_headers, json_response
from customer_platform.observability import log_failure
from customer_platform.overload import OverloadedError
from tests.unit.platform import FORM, HANDLERS, TEXT, Context, Platform

type Output = Callable[[], list[dict[str, Any]]]

API = sorted(set(HANDLERS) - {"stream_aggregator"})


@pytest.mark.parametrize("handler", HANDLERS)
def test_health_events_touch_no_data(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, output: Output, handler: str
) -> None:
    def refuse(*_arguments: Any, **_options: Any) -> None:
        raise AssertionError("a call to AWS")

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", refuse)
    answer = platform.modules[handler].lambda_handler({"healthCheck": True}, Context())
    assert answer == {"status": "ok", "version": "7"}
    assert output() == []


@pytest.mark.parametrize("event", [{"healthCheck": "true"}, {"healthCheck": 1}])
def test_only_true_is_a_health_event(platform: Platform, event: dict[str, Any]) -> None:
    assert platform.call("feedback_processor", event).status == 400


def test_an_unexpected_error_is_told_to_operators_only(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, output: Output
) -> None:
    def fail(*_arguments: Any) -> None:
        raise RuntimeError("about ada@example.com") from KeyError("ada@example.com")

    monkeypatch.setattr(platform.modules["feedback_processor"].ANALYZER, "analyze", fail)
    answer = platform.post(FORM)
    assert answer.status == 500
    assert answer.body == {
        "error": "InternalError",
        "message": "The request could not be processed",
        "details": [],
        "requestId": "gateway-request",
    }
    metric, error, request = output()
    assert metric["ProcessingErrors"] == [1.0]
    assert metric["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [[], ["Suffix"]]
    assert (error["errorType"], error["errorMessage"]) == ("RuntimeError", "RuntimeError")
    assert error["metadata"] == {
        name: request.get(name) for name in ("method", "resource", "functionVersion")
    }
    assert [link["type"] for link in error["errors"]] == ["RuntimeError", "KeyError"]
    assert error["errors"][0]["stack"][-1].endswith(" fail")
    assert (error["level"], request["level"], request["status"]) == ("ERROR", "INFO", 500)
    assert "ada@example.com" not in str((metric, error, request))
    assert platform.is_empty()


def test_logs_hold_nothing_personal(platform: Platform, output: Output) -> None:
    personal = ["Zebedee", "zebedee@example.com", "purple", "cust-77", "key-55"]
    form = {**FORM, "name": "Zebedee", "email": personal[1], "message": "a purple box"}
    platform.post(form, key="key-55")
    platform.post({**form, "rating": 2}, key="key-55")
    platform.post({**form, "rating": 99, "Zebedee": 1})
    platform.post({"feedback": "purple", "customer_id": "cust-77"})
    platform.post('{"feedback": "purple')
    feedback_id = platform.page().body["items"][0]["feedbackId"]
    platform.get(feedback_id)
    platform.delete(feedback_id)
    lines = output()
    assert len(lines) > 8
    assert not [word for word in personal if word in json.dumps(lines)]


def test_log_lines_are_correlated(platform: Platform, output: Output) -> None:
    platform.call("health", {"httpMethod": "GET", "resource": "/health"})
    [line] = output()
    assert line["correlation_id"] == line["requestId"] == "gateway-request"
    assert datetime.fromisoformat(line["timestamp"]).utcoffset() == timedelta(0)
    assert (line["level"], line["service"]) == ("INFO", "test")
    assert (line["method"], line["resource"], line["status"]) == ("GET", "/health", 200)
    platform.modules["health"].lambda_handler({}, Context())
    assert output()[0]["correlation_id"] == "lambda-request"


def test_feedback_is_measured_by_sentiment_and_once_more_for_its_stack(
    platform: Platform, output: Output
) -> None:
    platform.post(FORM)
    platform.post(TEXT)
    metrics = [line for line in output() if "FeedbackProcessed" in line]
    assert [metric["Sentiment"] for metric in metrics] == ["POSITIVE", "NEGATIVE"]
    for metric in metrics:
        [directive] = metric["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "FeedbackProcessing"
        assert directive["Dimensions"] == [["Sentiment"], ["Suffix", "Sentiment"]]
        assert metric.keys() == {"_aws", "Sentiment", "Suffix", "FeedbackProcessed"}
        assert metric["Suffix"] == "test"


def test_ratings_are_measured_where_there_are_any(platform: Platform, output: Output) -> None:
    platform.post({**FORM, "rating": 2}, key="once")
    platform.post({**FORM, "rating": 2}, key="once")  # the same again
    platform.post(TEXT)
    [metric] = [line for line in output() if "FeedbackRating" in line]
    [directive] = metric["_aws"]["CloudWatchMetrics"]
    assert directive["Metrics"] == [{"Name": "FeedbackRating", "Unit": "None"}]
    assert (metric["FeedbackRating"], directive["Dimensions"]) == ([2.0], [[], ["Suffix"]])


def _answered(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "PutItem")


def test_an_aws_error_is_named_by_operation_and_code(output: Output) -> None:
    answer = {"Error": {"Code": "Throttled", "Message": "ada@example.com is too quick"}}
    log_failure("Job failed", ClientError(answer, "PutItem"), functionVersion="3")  # type: ignore[arg-type]
    [line] = output()
    assert line["errorMessage"] == "PutItem was answered with Throttled"
    assert line["errorType"] == "ClientError"
    assert "ada@example.com" not in json.dumps(line)


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (_answered("ProvisionedThroughputExceededException"), "WARNING"),
        (_answered("ThrottlingException"), "WARNING"),
        (OverloadedError("keys stayed unprocessed"), "WARNING"),
        (_answered("AccessDeniedException"), "ERROR"),
        (EndpointConnectionError(endpoint_url="https://nowhere"), "ERROR"),
        (KeyError("x"), "ERROR"),
    ],
)
def test_a_busy_service_does_not_count_towards_a_rollback(
    output: Output, error: Exception, level: str
) -> None:
    log_failure("Request failed", error)
    [line] = output()
    assert line["level"] == level


def test_one_origin_varies() -> None:
    exposed = {"Access-Control-Expose-Headers": "ETag,Link,Retry-After"}
    assert cors_headers("*") == {"Access-Control-Allow-Origin": "*", **exposed}
    assert cors_headers("https://a.example") == {
        "Access-Control-Allow-Origin": "https://a.example",
        **exposed,
        "Vary": "Origin",
    }


def test_decimals_become_numbers() -> None:
    response = json_response(200, {"whole": Decimal("4.00"), "part": Decimal("4.25")})
    assert response["body"] == '{"whole":4,"part":4.25}'
    with pytest.raises(TypeError):
        json_response(200, {"odd": object()})


# --- settings


@dataclass(frozen=True)
class Sample:
    table: str
    engine: Literal["a", "b"]
    shards: int = settings.whole(1, 9)


def test_settings_are_typed() -> None:
    given = {"TABLE": "t", "ENGINE": "b", "SHARDS": "3", "OTHER": "x"}
    assert settings.read(Sample, given) == Sample("t", "b", 3)


@pytest.mark.parametrize("shards", ["0", "10", "-1", "1.5", "x", "٣"])
def test_all_problems_of_the_settings_are_told(shards: str) -> None:
    with pytest.raises(settings.SettingsError) as error:
        settings.read(Sample, {"ENGINE": "c", "SHARDS": shards})
    assert str(error.value) == (
        "Environment: TABLE is not set; ENGINE must be one of a, b; "
        "SHARDS must be a whole number from 1 to 9"
    )
