"""Comprehend's answer, later, for what the lexicon answered in its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from botocore.stub import Stubber

from customer_platform import clock
from customer_platform.dynamodb import from_item
from customer_platform.feedback.reanalysis import MAX_FAILURES
from customer_platform.feedback.sentiment.base import Analysis, AnalyzerUnavailableError, Scores
from customer_platform.feedback.sentiment.batch import ComprehendBatch, Failure
from customer_platform.feedback.sentiment.fallback import FallbackAnalyzer
from customer_platform.feedback.sentiment.lexicon import LexiconAnalyzer
from customer_platform.jobs import BadEventError, JobFailedError
from customer_platform.observability import error_code
from tests.unit import seeding
from tests.unit.platform import FEEDBACK, FORM, ROOT, TEXT, Context, Platform

type Output = Callable[[], list[dict[str, Any]]]
type Item = dict[str, Any]

NOW = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
NOTHING = {
    "revised": 0, "givenUp": 0, "failed": 0, "overtaken": 0, "stoppedBy": None, "complete": True,
}  # fmt: skip


def scores(sentiment: str) -> dict[str, float]:
    names = ("Positive", "Negative", "Neutral", "Mixed")
    return {name: 0.91 if name.lower() == sentiment else 0.03 for name in names}


@dataclass
class Comprehend:
    """Says of a text what its first word says: a sentiment, or the code of an error. Calls fail
    with the errors in `down`, one each; the last one stays."""

    down: list[Exception] = field(default_factory=list)
    calls: list[list[str]] = field(default_factory=list)

    def batch_detect_sentiment(self, *, TextList: list[str], LanguageCode: str) -> Any:  # noqa: N803
        assert LanguageCode == "en"
        assert 1 <= len(TextList) <= 25
        assert all(len(text.encode()) <= 5000 for text in TextList)
        self.calls.append(TextList)
        if self.down:
            raise self.down.pop(0) if len(self.down) > 1 else self.down[0]
        answer: dict[str, list[Any]] = {"ResultList": [], "ErrorList": []}
        for index, text in enumerate(TextList):
            word = text.split()[0]
            if word == "refused":
                raise refusal("InvalidRequestException")
            if word.isupper():
                error = {"Index": index, "ErrorCode": word, "ErrorMessage": text}
                answer["ErrorList"].append(error)
            elif word != "silence":
                sentiment = word if word in ("positive", "negative", "mixed") else "neutral"
                answer["ResultList"].append(
                    {
                        "Index": index,
                        "Sentiment": sentiment.upper(),
                        "SentimentScore": scores(sentiment),
                    }
                )
        return answer


def refusal(code: str) -> ClientError:
    error = {"Code": code, "Message": "personal"}
    return ClientError({"Error": error}, "BatchDetectSentiment")  # type: ignore[typeddict-item]


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def comprehend(modules: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch) -> Comprehend:
    """Configured and well, until a test breaks it."""
    made = Comprehend()
    handler = modules["reanalyze_feedback"]
    monkeypatch.setattr(handler.ANALYZER, "_comprehend", made)
    settings = handler.SENTIMENT
    engine = type(settings)("comprehend", settings.comprehend_region, settings.language_code)
    monkeypatch.setattr(handler, "SENTIMENT", engine)
    return made


def waiting(message: str, age: timedelta = timedelta(hours=1), **more: Any) -> Item:
    """Stored, and answered as neutral by the lexicon."""
    item = seeding.pending(NOW - age, message=message, **more)
    seeding.store(item)
    return item


def stored(platform: Platform, item: Item) -> Item:
    [found] = [i for i in platform.items() if i["feedbackId"] == item["feedbackId"]]
    return from_item(found)


def metrics(output: Output) -> dict[str, float]:
    return {
        name: line[name][0]
        for line in output()
        for name in line
        if name.startswith(("Reanalysis", "FeedbackReanalyzed")) and isinstance(line[name], list)
    }


# --- what becomes pending


def _processor(
    modules: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch, analyzer: Any
) -> None:
    monkeypatch.setattr(modules["feedback_processor"], "ANALYZER", analyzer)


class _Down:
    def analyze(self, _text: str) -> Analysis:
        raise AnalyzerUnavailableError("ThrottlingException")


class _Up:
    def analyze(self, _text: str) -> Analysis:
        return Analysis("mixed", Scores.rounded(0, 0, 0, 1), "comprehend", "en")


@pytest.mark.parametrize("body", [FORM, TEXT])
def test_what_the_lexicon_answers_for_comprehend_is_pending_until_reanalysed(
    platform: Platform,
    modules: dict[str, ModuleType],
    monkeypatch: pytest.MonkeyPatch,
    comprehend: Comprehend,
    body: dict[str, Any],
) -> None:
    _processor(modules, monkeypatch, FallbackAnalyzer(_Down(), LexiconAnalyzer))
    assert platform.post(body, key="k").status in (200, 201)
    [item] = platform.items()
    assert item["engine"]["S"] == "lexicon"
    assert item["pendingBucket"]["S"].startswith("pending#")
    assert platform.reanalyze() == NOTHING | {"revised": 1}
    assert comprehend.calls == [[item["message"]["S"]]]
    [item] = platform.items()
    assert item["engine"]["S"] == "comprehend"
    # A repeat is answered as the first request was: its answer is a fact, whatever came later.
    first = platform.post(body, key="k").body["sentiment"]
    assert first.lower() != item["sentiment"]["S"] == "neutral"
    assert len(platform.items()) == 1


@pytest.mark.parametrize("analyzer", [LexiconAnalyzer(), FallbackAnalyzer(_Up(), LexiconAnalyzer)])
def test_what_the_configured_engine_answers_is_never_pending(
    platform: Platform,
    modules: dict[str, ModuleType],
    monkeypatch: pytest.MonkeyPatch,
    analyzer: Any,
) -> None:
    _processor(modules, monkeypatch, analyzer)
    platform.post(FORM)
    [item] = platform.items()
    assert "pendingBucket" not in item


# --- the move


def test_a_revision_replaces_the_answer_and_keeps_what_was_counted(
    platform: Platform, comprehend: Comprehend, output: Output
) -> None:
    item = waiting("negative thing", rating=2)
    assert platform.reanalyze() == NOTHING | {"revised": 1}
    after = stored(platform, item)
    before = from_item(item)
    changed = {
        "sentiment": "negative",
        "sentimentScores": {
            "positive": Decimal("0.0300"), "negative": Decimal("0.9100"),
            "neutral": Decimal("0.0300"), "mixed": Decimal("0.0300"),
        },
        "engine": "comprehend",
        "kindBucket": "2026-03-15#negative#2",
        "revision": 1,
        "revisedFrom": "neutral",
    }  # fmt: skip
    assert after == {k: v for k, v in before.items() if k != "pendingBucket"} | changed
    assert metrics(output) == {"FeedbackReanalyzed": 1}

    answer = platform.page(sentiment="negative", rating=2).body["items"]
    assert [found["feedbackId"] for found in answer] == [before["feedbackId"]]
    assert platform.page(sentiment="neutral").body["items"] == []
    assert platform.get(before["feedbackId"]).body["sentiment"] == "negative"


def test_the_same_sentiment_is_a_revision_too(platform: Platform, comprehend: Comprehend) -> None:
    item = waiting("so it is", rating=None)
    assert platform.reanalyze() == NOTHING | {"revised": 1}
    after = stored(platform, item)
    assert (after["sentiment"], after["revisedFrom"], after["engine"]) == (
        "neutral", "neutral", "comprehend",
    )  # fmt: skip
    assert after["kindBucket"] == "2026-03-15#neutral#0"


def test_a_second_run_finds_nothing_and_asks_nobody(
    platform: Platform, comprehend: Comprehend, output: Output
) -> None:
    waiting("positive")
    platform.reanalyze()
    after = platform.items()
    comprehend.calls.clear()
    output()
    assert platform.reanalyze() == NOTHING
    assert comprehend.calls == []
    assert platform.items() == after
    assert metrics(output) == {}


def test_runs_that_overlap_revise_once(platform: Platform, comprehend: Comprehend) -> None:
    """The second run goes over the same items while the first one waits for Comprehend."""
    items = [waiting(f"positive {number}") for number in range(30)]
    real = comprehend.batch_detect_sentiment
    theirs: list[dict[str, Any]] = []

    def slow(**request: Any) -> Any:
        if not theirs:
            comprehend.batch_detect_sentiment = real  # type: ignore[method-assign]
            theirs.append(platform.reanalyze())
        return real(**request)

    comprehend.batch_detect_sentiment = slow  # type: ignore[method-assign]
    mine = platform.reanalyze()
    assert theirs == [NOTHING | {"revised": 30}]
    assert mine["revised"] == 0
    assert mine["overtaken"] >= 25
    for item in items:
        assert stored(platform, item)["revision"] == 1


def test_what_is_erased_meanwhile_stays_erased(platform: Platform, comprehend: Comprehend) -> None:
    item = waiting("positive")
    real = comprehend.batch_detect_sentiment

    def slow(**request: Any) -> Any:
        assert platform.delete(item["feedbackId"]["S"]).status == 204
        return real(**request)

    comprehend.batch_detect_sentiment = slow  # type: ignore[method-assign]
    assert platform.reanalyze() == NOTHING | {"overtaken": 1}
    assert platform.items() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("sentiment", {"S": "mixed"}), ("engine", {"S": "comprehend"}), ("revision", {"N": "1"})],
)
def test_what_is_not_as_the_index_told_is_left_alone(
    platform: Platform, comprehend: Comprehend, name: str, value: Any
) -> None:
    """An index is a moment behind: `revisedFrom` must be what was counted."""
    item = waiting("positive")
    real = comprehend.batch_detect_sentiment

    def slow(**request: Any) -> Any:
        platform.dynamodb.put_item(TableName=FEEDBACK, Item=item | {name: value})
        return real(**request)

    comprehend.batch_detect_sentiment = slow  # type: ignore[method-assign]
    assert platform.reanalyze() == NOTHING | {"overtaken": 1}
    assert stored(platform, item) == from_item(item | {name: value})


@pytest.mark.parametrize("word", ["UNSUPPORTED_LANGUAGE", "INTERNAL_SERVER_ERROR"])
def test_notes_on_what_is_erased_meanwhile_make_no_item(
    platform: Platform, comprehend: Comprehend, word: str
) -> None:
    item = waiting(word)
    real = comprehend.batch_detect_sentiment

    def slow(**request: Any) -> Any:
        platform.delete(item["feedbackId"]["S"])
        return real(**request)

    comprehend.batch_detect_sentiment = slow  # type: ignore[method-assign]
    platform.reanalyze()
    assert platform.items() == []


# --- bounds


def test_the_oldest_come_first_over_shards_days_and_pages(
    platform: Platform, comprehend: Comprehend
) -> None:
    """More than a page of a shard's, of three days."""
    ages = [timedelta(minutes=7 * number) for number in range(550)]
    for age in ages:
        waiting(f"positive {NOW - age}", age)
    answer = platform.reanalyze(items=520)
    assert answer == NOTHING | {"revised": 520, "complete": False, "stoppedBy": "limit"}
    asked = [text for call in comprehend.calls for text in call]
    assert asked == [f"positive {NOW - age}" for age in sorted(ages, reverse=True)[:520]]
    assert [len(call) for call in comprehend.calls] == [25] * 20 + [20]
    assert platform.reanalyze() == NOTHING | {"revised": 30}


def test_only_the_last_days_and_never_what_has_expired(
    platform: Platform, comprehend: Comprehend
) -> None:
    for age in (0, 6.9, 7.1, 29.9, 30.1):
        waiting(f"positive {age}", timedelta(days=age))
    assert platform.reanalyze()["revised"] == 2
    assert platform.reanalyze(days=30) == NOTHING | {"revised": 2}
    assert [text for call in comprehend.calls for text in call] == [
        "positive 6.9", "positive 0", "positive 29.9", "positive 7.1",
    ]  # fmt: skip


def test_the_limit_is_told_only_if_something_is_left(
    platform: Platform, comprehend: Comprehend, output: Output
) -> None:
    for number in range(3):
        waiting(f"positive {number}")
    assert platform.reanalyze(items=2)["stoppedBy"] == "limit"
    assert metrics(output) == {"FeedbackReanalyzed": 2, "ReanalysisIncomplete": 1}
    assert platform.reanalyze(items=1) == NOTHING | {"revised": 1}


@pytest.mark.parametrize(("seconds", "revised"), [(29, 0), (31, 50)])
def test_no_batch_begins_without_the_time_for_it(
    platform: Platform, comprehend: Comprehend, seconds: float, revised: int, output: Output
) -> None:
    for number in range(50):
        waiting(f"positive {number}")
    answer = platform.reanalyze(seconds_left=seconds)
    assert answer["revised"] == revised
    assert answer["stoppedBy"] == (None if revised else "time")
    assert ("ReanalysisIncomplete" in metrics(output)) == (not revised)


def test_a_batch_that_took_too_long_is_not_written_to_its_end(
    platform: Platform, modules: dict[str, ModuleType], comprehend: Comprehend
) -> None:
    for number in range(5):
        waiting(f"positive {number}")
    left = iter([300, 40, 8, 6])
    context = Context()
    object.__setattr__(context, "get_remaining_time_in_millis", lambda: next(left) * 1000)
    answer = modules["reanalyze_feedback"].lambda_handler({}, context)
    assert answer == NOTHING | {"revised": 2, "complete": False, "stoppedBy": "time"}


# --- Comprehend is down


DOWN = [
    refusal("ThrottlingException"),
    refusal("InternalServerException"),
    refusal("AccessDeniedException"),
    refusal("UnsupportedLanguageException"),
    ReadTimeoutError(endpoint_url="https://comprehend"),
    EndpointConnectionError(endpoint_url="https://comprehend"),
]


@pytest.mark.parametrize("error", DOWN, ids=error_code)
def test_a_comprehend_that_is_down_ends_the_run_quietly(
    platform: Platform, comprehend: Comprehend, output: Output, error: Exception
) -> None:
    items = [waiting(f"positive {number}") for number in range(30)]
    comprehend.down = [error]
    answer = platform.reanalyze()
    assert answer == NOTHING | {"complete": False, "stoppedBy": error_code(error)}
    assert len(comprehend.calls) == 1  # the service is not pestered with the rest
    assert all("pendingBucket" in stored(platform, item) for item in items)
    lines = output()
    assert [line["level"] for line in lines if "level" in line] == ["WARNING", "INFO"]
    assert {"ReanalysisStopped", "ReanalysisIncomplete"} <= {n for line in lines for n in line}
    assert "ProcessingErrors" not in str(lines)
    assert "personal" not in str(lines)


def test_what_was_answered_before_it_went_down_is_kept(
    platform: Platform, comprehend: Comprehend
) -> None:
    for number in range(60):
        waiting(f"positive {number}")
    real = comprehend.batch_detect_sentiment

    def tiring(**request: Any) -> Any:
        if len(comprehend.calls) == 2:
            raise refusal("ThrottlingException")
        return real(**request)

    comprehend.batch_detect_sentiment = tiring  # type: ignore[method-assign]
    answer = platform.reanalyze()
    assert (answer["revised"], answer["stoppedBy"]) == (50, "ThrottlingException")


# --- texts that get no answer


@pytest.mark.parametrize(
    "code", ["TEXT_SIZE_LIMIT_EXCEEDED", "UNSUPPORTED_LANGUAGE", "INVALID_REQUEST"]
)
def test_a_text_that_no_retry_can_mend_makes_room(
    platform: Platform, comprehend: Comprehend, output: Output, code: str
) -> None:
    hopeless = waiting(f"{code} personal", timedelta(hours=2))
    other = waiting("positive")
    assert platform.reanalyze() == NOTHING | {"revised": 1, "givenUp": 1}
    after = stored(platform, hopeless)
    assert "pendingBucket" not in after
    assert after["analysisProblem"] == code
    assert (after["engine"], after["sentiment"]) == ("lexicon", "neutral")
    assert "revision" not in after
    assert stored(platform, other)["engine"] == "comprehend"
    lines = output()
    assert [line["ReanalysisGivenUp"] for line in lines if "ReanalysisGivenUp" in line] == [[1.0]]
    assert "personal" not in str(lines)
    assert platform.reanalyze() == NOTHING


@pytest.mark.parametrize("word", ["INTERNAL_SERVER_ERROR", "BRAND_NEW_CODE", "silence"])
def test_other_texts_stay_pending_but_not_for_ever(
    platform: Platform, comprehend: Comprehend, word: str, output: Output
) -> None:
    item = waiting(word, timedelta(hours=2))
    waiting("positive")
    expected = NOTHING | {"revised": 1, "failed": 1, "complete": False}
    for attempt in range(1, MAX_FAILURES):
        assert platform.reanalyze() == expected | {"revised": int(attempt == 1)}
        assert stored(platform, item)["analysisFailures"] == attempt
        assert metrics(output)["ReanalysisIncomplete"] == 1
    assert platform.reanalyze() == NOTHING | {"givenUp": 1}
    after = stored(platform, item)
    assert after["analysisProblem"] == ("NoAnswer" if word == "silence" else word)
    assert "pendingBucket" not in after


def test_a_text_that_recovers_is_revised(platform: Platform, comprehend: Comprehend) -> None:
    item = waiting("silence")
    platform.reanalyze()
    real = comprehend.batch_detect_sentiment
    comprehend.batch_detect_sentiment = lambda **r: real(  # type: ignore[method-assign]
        **(r | {"TextList": ["positive"]})
    )
    assert platform.reanalyze() == NOTHING | {"revised": 1}
    assert "analysisFailures" not in stored(platform, item)


def test_texts_that_fail_do_not_starve_those_behind_them(
    platform: Platform, comprehend: Comprehend
) -> None:
    """More of them than a run takes."""
    for number in range(12):
        waiting(f"ODD_CODE {number}", timedelta(hours=2))
    good = waiting("positive")
    runs = 0
    while "revision" not in stored(platform, good):
        platform.reanalyze(items=10)
        runs += 1
        assert runs <= 2 * MAX_FAILURES


# --- one text for which the whole call is refused


def test_the_text_that_a_call_is_refused_for_is_found(
    platform: Platform, comprehend: Comprehend
) -> None:
    bad = waiting("refused", timedelta(hours=2))
    others = [waiting(f"positive {number}") for number in range(30)]
    assert platform.reanalyze() == NOTHING | {"revised": 30, "givenUp": 1}
    assert stored(platform, bad)["analysisProblem"] == "InvalidRequestException"
    assert all(stored(platform, item)["revision"] == 1 for item in others)


def test_a_comprehend_that_refuses_everything_gives_nothing_up(
    platform: Platform, comprehend: Comprehend
) -> None:
    items = [waiting(f"positive {number}") for number in range(3)]
    comprehend.down = [refusal("InvalidRequestException")]
    answer = platform.reanalyze()
    assert answer == NOTHING | {"complete": False, "stoppedBy": "InvalidRequestException"}
    assert all(stored(platform, item) == from_item(item) for item in items)


# --- the event, errors, the engine


@pytest.mark.parametrize(
    "event",
    [
        {"days": 0}, {"days": 31}, {"days": "7"}, {"days": True}, {"days": 1.5}, {"days": None},
        {"items": 0}, {"items": 10_001}, {"day": 3},
    ],
)  # fmt: skip
def test_what_the_event_asks_for_is_bounded(
    platform: Platform, comprehend: Comprehend, event: dict[str, Any]
) -> None:
    waiting("positive")
    with pytest.raises(BadEventError, match=r"days|items"):
        platform.reanalyze(**event)
    assert comprehend.calls == []


def test_errors_of_the_table_are_errors(
    platform: Platform, comprehend: Comprehend, monkeypatch: pytest.MonkeyPatch, output: Output
) -> None:
    waiting("positive")
    client = platform.modules["reanalyze_feedback"].TABLE._dynamodb

    def refuse(**_request: Any) -> Any:
        raise ClientError(
            {"Error": {"Code": "AccessDeniedException", "Message": "personal"}}, "UpdateItem"
        )

    monkeypatch.setattr(client, "update_item", refuse)
    with pytest.raises(JobFailedError):
        platform.reanalyze()
    lines = output()
    assert "ProcessingErrors" in str(lines)
    assert "AccessDeniedException" in str(lines)
    assert "personal" not in str(lines)


def test_a_throttled_table_ends_the_run_quietly(
    platform: Platform, comprehend: Comprehend, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting("positive")
    client = platform.modules["reanalyze_feedback"].TABLE._dynamodb
    code = "ProvisionedThroughputExceededException"

    def refuse(**_request: Any) -> Any:
        raise ClientError({"Error": {"Code": code, "Message": ""}}, "UpdateItem")

    monkeypatch.setattr(client, "update_item", refuse)
    assert platform.reanalyze() == NOTHING | {"complete": False, "stoppedBy": code}


def test_with_the_lexicon_configured_it_asks_nobody(
    platform: Platform, modules: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Comprehend()
    monkeypatch.setattr(modules["reanalyze_feedback"].ANALYZER, "_comprehend", made)
    item = waiting("positive")
    assert platform.reanalyze()["stoppedBy"] == "the engine is the lexicon"
    assert made.calls == []
    assert stored(platform, item) == from_item(item)


def test_it_answers_health_events(platform: Platform) -> None:
    assert platform.reanalyze(healthCheck=True) == {"status": "ok", "version": "7"}


def test_its_comprehend_is_in_its_region_and_does_not_wait_long(
    modules: dict[str, ModuleType],
) -> None:
    analyzer = modules["reanalyze_feedback"].ANALYZER
    assert isinstance(analyzer, ComprehendBatch)
    config: Any = analyzer._comprehend.meta.config
    assert analyzer._comprehend.meta.region_name == "us-west-2"
    assert (config.connect_timeout, config.read_timeout) == (1, 5)
    assert config.retries["total_max_attempts"] == 2


def test_writes_name_what_the_role_may_name_and_ask_for_nothing_back(
    platform: Platform, comprehend: Comprehend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS refuses an update that names another attribute; the embedded cloud does not look."""
    for word in ("positive", "INVALID_REQUEST", "silence"):
        waiting(word)
    client = platform.modules["reanalyze_feedback"].TABLE._dynamodb
    real = client.update_item
    named: set[str] = set()

    def watched(**request: Any) -> Any:
        assert "ReturnValues" not in request
        names = request.get("ExpressionAttributeNames", {})
        text = f"{request['UpdateExpression']} {request['ConditionExpression']}"
        words = re.findall(r"(?<![:\w])#?[a-z]\w*(?![\w(])", text)
        named.update(request["Key"], (names.get(word, word) for word in words))
        return real(**request)

    monkeypatch.setattr(client, "update_item", watched)
    assert platform.reanalyze() == NOTHING | {
        "revised": 1, "givenUp": 1, "failed": 1, "complete": False,
    }  # fmt: skip
    source = (ROOT / "terraform/feedback.tf").read_text()
    [allowed] = re.findall(r"revised_attributes = \[([^\]]+)\]", source)
    assert named == set(re.findall(r'"(\w+)"', allowed))


# --- what is asked of Comprehend and what it answers, as botocore knows the operation


@pytest.fixture
def stub() -> Iterator[Stubber]:
    comprehend: Any = boto3.client("comprehend", region_name="us-west-2")
    with Stubber(comprehend) as stubber:
        yield stubber


def _client(stub: Stubber) -> Any:
    return stub.client


def test_answers_are_matched_by_their_index(stub: Stubber) -> None:
    texts = ["é" * 2501, "b", "c", "d", "e"]
    stub.add_response(
        "batch_detect_sentiment",
        {
            "ResultList": [
                {"Index": 3, "Sentiment": "MIXED", "SentimentScore": scores("mixed")},
                {"Index": 0, "Sentiment": "POSITIVE", "SentimentScore": scores("positive")},
                {"Index": 4, "Sentiment": "POSITIVE"},
                {"Index": 5, "Sentiment": "NEGATIVE", "SentimentScore": scores("negative")},
                {"Index": -1, "Sentiment": "NEGATIVE", "SentimentScore": scores("negative")},
            ],
            "ErrorList": [
                {"Index": 1, "ErrorCode": "TextSizeLimitExceededException", "ErrorMessage": "b"}
            ],
        },
        {"TextList": ["é" * 2500, "b", "c", "d", "e"], "LanguageCode": "es"},
    )
    first, second, third, fourth, fifth = ComprehendBatch(_client(stub), "es").analyze(texts)
    assert isinstance(first, Analysis)
    assert (first.sentiment, first.engine, first.language) == ("positive", "comprehend", "es")
    assert not first.is_substitute
    assert second == Failure("TextSizeLimitExceededException", is_lasting=True)
    assert third == Failure("NoAnswer", is_lasting=False)
    assert isinstance(fourth, Analysis)
    assert fourth.sentiment == "mixed"
    assert fifth == Failure("UnexpectedResponse", is_lasting=False)
    stub.assert_no_pending_responses()


def test_one_refused_text_is_to_blame_only_if_another_is_answered(stub: Stubber) -> None:
    batch = ComprehendBatch(_client(stub), "en")
    probe = {"TextList": ["Thank you."], "LanguageCode": "en"}
    stub.add_client_error("batch_detect_sentiment", "InvalidRequestException")
    stub.add_response("batch_detect_sentiment", {"ResultList": [], "ErrorList": []}, probe)
    assert batch.analyze(["x"]) == [Failure("InvalidRequestException", is_lasting=True)]
    stub.add_client_error("batch_detect_sentiment", "TextSizeLimitExceededException")
    stub.add_client_error("batch_detect_sentiment", "ThrottlingException", expected_params=probe)
    with pytest.raises(AnalyzerUnavailableError, match="TextSizeLimitExceededException"):
        batch.analyze(["x"])
    stub.assert_no_pending_responses()


def test_the_index_holds_no_name_and_no_address(platform: Platform) -> None:
    item = waiting("positive")
    [shown] = platform.dynamodb.query(
        TableName=FEEDBACK,
        IndexName="pending-analysis",
        KeyConditionExpression="pendingBucket = :b",
        ExpressionAttributeValues={":b": item["pendingBucket"]},
    )["Items"]
    assert not {"name", "email", "customerId"} & shown.keys()
