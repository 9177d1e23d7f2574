"""Figures and guarantees that only a look at the request shows: moto takes any."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.stub import Stubber

from customer_platform.dynamodb import from_item
from customer_platform.feedback.sentiment.engines import configured
from customer_platform.feedback.sentiment.settings import SentimentSettings
from customer_platform.overload import is_overload, pause
from tests.unit import seeding
from tests.unit.platform import FORM, IDEMPOTENCY, TEXT, Context, Platform
from tests.unit.test_stream_aggregator import NOW

if TYPE_CHECKING:
    from collections.abc import Callable


def recorded(monkeypatch: pytest.MonkeyPatch, client: Any, operation: str) -> list[dict[str, Any]]:
    """Parameters of every call of an operation from now on."""
    calls: list[dict[str, Any]] = []
    real: Callable[..., Any] = getattr(client, operation)

    def record(**parameters: Any) -> Any:
        calls.append(parameters)
        return real(**parameters)

    monkeypatch.setattr(client, operation, record)
    return calls


def test_no_call_outlasts_a_function(platform: Platform) -> None:
    """Connecting and reading, tried as often as configured, twice in a row: below 15 s."""
    for module in platform.modules.values():
        for client in (
            getattr(getattr(module, holder, None), "_dynamodb", None)
            for holder in ("TABLE", "READER", "LEDGER", "STORE")
        ):
            if client is not None:
                config = client.meta.config
                attempts = config.retries["total_max_attempts"]
                assert 2 * attempts * (config.connect_timeout + config.read_timeout) <= 12
                assert attempts >= 2


def test_comprehend_gets_the_configured_language_and_region() -> None:
    analyzer: Any = configured(
        SentimentSettings(
            sentiment_engine="comprehend", comprehend_region="eu-west-1", language_code="de"
        )
    )
    client = analyzer._primary._comprehend
    assert client.meta.region_name == "eu-west-1"
    with Stubber(client) as stub:
        scores = {"Positive": 0.1, "Negative": 0.7, "Neutral": 0.1, "Mixed": 0.1}
        stub.add_response(
            "detect_sentiment",
            {"Sentiment": "NEGATIVE", "SentimentScore": scores},
            {"Text": "schlecht", "LanguageCode": "de"},
        )
        assert analyzer.analyze("schlecht").sentiment == "negative"


def test_keys_are_remembered_for_a_day_and_salt_the_hash_of_the_body(platform: Platform) -> None:
    for key in ("one", "two"):
        assert platform.post(TEXT, key=key).status == 200
    first, second = map(from_item, platform.items(IDEMPOTENCY))
    assert first["requestHash"] != second["requestHash"]
    feedback = {item["feedbackId"]: item for item in map(from_item, platform.items())}
    for record in (first, second):
        assert record["expiresAt"] == feedback[record["feedbackId"]]["timestamp"] + 86_400


@pytest.mark.parametrize(("size", "status"), [(65_536, 400), (65_537, 413)])
def test_a_body_may_have_64_kb_to_the_byte(size: int, status: int, platform: Platform) -> None:
    """At the limit it is read, and refused for its field."""
    frame = json.dumps({"feedback": ""})
    text = json.dumps({"feedback": "é" + "x" * (size - len(frame) - 2)}, ensure_ascii=False)
    assert len(text.encode()) == size
    assert platform.post(text).status == status


def test_health_names_the_version_that_runs(platform: Platform) -> None:
    handler = platform.modules["health"].lambda_handler
    answer = handler({}, Context(function_version="41"))
    assert json.loads(answer["body"])["version"] == "41"
    assert handler({"healthCheck": True}, Context(function_version="41"))["version"] == "41"


def test_overload_is_only_what_passes_by_itself() -> None:
    def cancelled(*reasons: str) -> ClientError:
        return ClientError(
            {
                "Error": {"Code": "TransactionCanceledException"},
                "CancellationReasons": [{"Code": reason} for reason in reasons],
            },
            "TransactWriteItems",
        )

    assert is_overload(cancelled("None", "TransactionConflict"))
    assert is_overload(cancelled("ThrottlingError", "TransactionConflict"))
    assert not is_overload(cancelled("ValidationError", "TransactionConflict"))
    assert not is_overload(cancelled("None"))


def test_retries_wait_longer_and_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    longest: list[float] = []
    monkeypatch.setattr("random.uniform", lambda _low, high: high)
    monkeypatch.setattr("time.sleep", longest.append)
    for attempt in range(8):
        pause(attempt)
    assert longest[:4] == [0.05, 0.1, 0.2, 0.4]
    assert set(longest[5:]) == {0.8}


def test_reads_that_a_write_depends_on_are_consistent(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = recorded(
        monkeypatch, platform.modules["stream_aggregator"].LEDGER._dynamodb, "batch_get_item"
    )
    platform.aggregate(seeding.stream(seeding.item(NOW)))
    ((request,),) = [call["RequestItems"].values() for call in ledger]
    assert request["ConsistentRead"] is True

    feedback_id = platform.post(FORM).body["feedbackId"]
    for handler, call in (("get_feedback", platform.get), ("delete_feedback", platform.delete)):
        queries = recorded(monkeypatch, platform.modules[handler].TABLE._dynamodb, "query")
        assert call(feedback_id).status in {200, 204}
        assert [query["ConsistentRead"] for query in queries] == [True], handler


def test_a_table_that_does_not_answer_is_503(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(**_parameters: Any) -> Any:
        raise ReadTimeoutError(endpoint_url="dynamodb")

    monkeypatch.setattr(platform.modules["get_feedback"].TABLE._dynamodb, "query", hang)
    answer = platform.get("00000000-0000-4000-8000-000000000000")
    assert (answer.status, answer.body["error"]) == (503, "ServiceUnavailable")
    assert answer.headers["Retry-After"] == "2"


@pytest.mark.parametrize("handler", ["feedback_processor", "get_feedback", "delete_feedback"])
def test_a_query_where_none_is_known_is_refused(handler: str, platform: Platform) -> None:
    event = {
        "multiValueQueryStringParameters": {"limit": ["1"]},
        "pathParameters": {"feedbackId": "00000000-0000-4000-8000-000000000000"},
        "body": json.dumps(FORM),
    }
    answer = platform.call(handler, event)
    assert answer.status == 400
    assert answer.body["details"] == [{"field": "limit", "issue": "is not a known parameter"}]
    assert platform.is_empty()
