"""Both engines, and one standing in for the other."""

import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from botocore.stub import Stubber

from customer_platform.dynamodb import from_item
from customer_platform.feedback.sentiment.base import Analyzer
from customer_platform.feedback.sentiment.comprehend import ComprehendAnalyzer, cut
from customer_platform.feedback.sentiment.engines import configured
from customer_platform.feedback.sentiment.fallback import FallbackAnalyzer
from customer_platform.feedback.sentiment.lexicon import LexiconAnalyzer
from customer_platform.feedback.sentiment.settings import SentimentSettings
from tests.unit.platform import FORM, Platform

type Output = Callable[[], list[dict[str, Any]]]

SCORES = {"Positive": 0.91234567, "Negative": 0.01, "Neutral": 0.05, "Mixed": 0.02765433}


@pytest.fixture
def comprehend() -> Any:
    return boto3.client("comprehend", region_name="us-west-2")


@pytest.fixture
def stub(comprehend: Any) -> Iterator[Stubber]:
    with Stubber(comprehend) as stubber:
        yield stubber


@pytest.fixture
def analyzer(comprehend: Any) -> Analyzer:
    return FallbackAnalyzer(ComprehendAnalyzer(comprehend, "en"), LexiconAnalyzer)


# --- lexicon


@pytest.mark.parametrize(
    ("text", "sentiment"),
    [
        ("I love it, wonderful service!", "positive"),
        ("Great 😀", "positive"),
        ("Terrible. The box was broken and nobody helped.", "negative"),
        ("The parcel arrived on Monday.", "neutral"),
        ("Great product but terrible support", "mixed"),
        ("זה בסדר", "neutral"),
        ("!!!", "neutral"),
    ],
)
def test_lexicon(text: str, sentiment: str) -> None:
    analysis = LexiconAnalyzer().analyze(text)
    scores = analysis.scores
    assert analysis.sentiment == sentiment
    assert (analysis.engine, analysis.language) == ("lexicon", "en")
    parts = (scores.positive, scores.negative, scores.neutral, scores.mixed)
    assert all(0 <= part <= 1 and part.as_tuple().exponent == -4 for part in parts)
    assert sum(parts) == pytest.approx(1, abs=Decimal("0.002"))


def test_long_texts_are_read_to_the_end() -> None:
    """The mean of the pieces: a long neutral beginning does not hide what follows."""
    filler = "The parcel was on the table near the door. " * 40
    assert LexiconAnalyzer().analyze(
        filler + "It was horrible, awful, useless. " * 60
    ).sentiment == ("negative")


@pytest.mark.parametrize("text", ["😸" * 5000, "😸 x" * 1600, "q gg " * 1000])
def test_no_text_takes_the_lexicon_long(text: str) -> None:
    """VADER alone takes ten seconds for five thousand emoji."""
    started = time.process_time()
    assert LexiconAnalyzer().analyze(text).sentiment == "positive"
    assert time.process_time() - started < 2


# --- Comprehend


@pytest.mark.parametrize("sentiment", ["POSITIVE", "NEGATIVE", "NEUTRAL", "MIXED"])
def test_comprehend(stub: Stubber, analyzer: Analyzer, sentiment: str, output: Output) -> None:
    stub.add_response(
        "detect_sentiment",
        {"Sentiment": sentiment, "SentimentScore": SCORES},
        {"Text": "Fine", "LanguageCode": "en"},
    )
    analysis = analyzer.analyze("Fine")
    assert analysis.sentiment == sentiment.lower()
    assert (analysis.engine, analysis.language) == ("comprehend", "en")
    assert analysis.scores.positive == Decimal("0.9123")
    assert output() == []


@pytest.mark.parametrize("character", ["é", "€", "😀"])
@pytest.mark.parametrize("offset", range(4))
def test_text_is_cut_on_a_character_boundary(
    stub: Stubber, analyzer: Analyzer, character: str, offset: int
) -> None:
    """For every position of the cut within a character."""
    text = "x" * offset + character * 4000
    expected = cut(text)
    assert text.startswith(expected)
    assert 5000 - len(character.encode()) < len(expected.encode()) <= 5000
    stub.add_response(
        "detect_sentiment",
        {"Sentiment": "NEUTRAL", "SentimentScore": SCORES},
        {"Text": expected, "LanguageCode": "en"},
    )
    assert analyzer.analyze(text).engine == "comprehend"
    stub.assert_no_pending_responses()


def test_text_of_the_limit_is_not_cut() -> None:
    assert cut("é" * 2500) == "é" * 2500


@pytest.mark.parametrize(
    "code",
    [
        "ThrottlingException",
        "TooManyRequestsException",
        "UnsupportedLanguageException",
        "TextSizeLimitExceededException",
        "AccessDeniedException",
        "InternalServerException",
    ],
)
def test_the_lexicon_stands_in_for_a_failing_comprehend(
    stub: Stubber, analyzer: Analyzer, output: Output, code: str
) -> None:
    stub.add_client_error("detect_sentiment", code, "secret text", 400)
    analysis = analyzer.analyze("I love it")
    assert (analysis.sentiment, analysis.engine) == ("positive", "lexicon")
    warning, metric = output()
    assert (warning["level"], warning["code"]) == ("WARNING", code)
    assert metric["SentimentFallbacks"] == [1.0]
    assert "secret" not in str(warning)


@pytest.mark.parametrize("kind", [ReadTimeoutError, ConnectTimeoutError])
def test_the_lexicon_stands_in_for_a_slow_comprehend(
    comprehend: Any, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch, kind: Any
) -> None:
    def slow(**_parameters: Any) -> Any:
        raise kind(endpoint_url="https://comprehend")

    monkeypatch.setattr(comprehend, "detect_sentiment", slow)
    assert analyzer.analyze("I love it").engine == "lexicon"


@pytest.mark.parametrize(
    "response", [{}, {"Sentiment": "ODD", "SentimentScore": SCORES}, {"Sentiment": "POSITIVE"}]
)
def test_the_lexicon_stands_in_for_an_odd_answer(
    stub: Stubber, analyzer: Analyzer, response: Any
) -> None:
    stub.add_response("detect_sentiment", response)
    assert analyzer.analyze("I love it").engine == "lexicon"


def test_the_substitute_is_made_once(stub: Stubber, comprehend: Any) -> None:
    made: list[LexiconAnalyzer] = []

    def make() -> LexiconAnalyzer:
        made.append(LexiconAnalyzer())
        return made[-1]

    analyzer = FallbackAnalyzer(ComprehendAnalyzer(comprehend, "en"), make)
    assert made == []
    for _ in range(2):
        stub.add_client_error("detect_sentiment", "ThrottlingException")
        analyzer.analyze("x")
    assert len(made) == 1


def test_the_configured_comprehend_is_impatient() -> None:
    analyzer = configured(SentimentSettings("comprehend", "eu-west-1", "es"))
    assert isinstance(analyzer, FallbackAnalyzer)
    primary = analyzer._primary
    assert isinstance(primary, ComprehendAnalyzer)
    meta = primary._comprehend.meta
    config: Any = meta.config
    assert meta.region_name == "eu-west-1"
    assert (config.connect_timeout, config.read_timeout) == (1, 2)
    assert config.retries["total_max_attempts"] == 2


def test_a_submission_is_stored_with_the_engine_that_answered(
    platform: Platform,
    stub: Stubber,
    analyzer: Analyzer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(platform.modules["feedback_processor"], "ANALYZER", analyzer)
    stub.add_response("detect_sentiment", {"Sentiment": "MIXED", "SentimentScore": SCORES})
    stub.add_client_error("detect_sentiment", "ThrottlingException")
    assert platform.post(FORM).body["sentiment"] == "mixed"
    assert platform.post(FORM).body["sentiment"] == "positive"
    engines = {item["engine"]: item for item in map(from_item, platform.items())}
    assert engines.keys() == {"comprehend", "lexicon"}
    assert engines["comprehend"]["sentimentScores"]["mixed"] == Decimal("0.0277")
