"""Amazon Comprehend."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from customer_platform.feedback.sentiment.base import (
    SENTIMENTS,
    Analysis,
    AnalyzerUnavailableError,
    Scores,
)
from customer_platform.observability import error_code

if TYPE_CHECKING:
    from mypy_boto3_comprehend import ComprehendClient

MAX_BYTES = 5000  # DetectSentiment refuses longer text


def cut(text: str, size: int = MAX_BYTES) -> str:
    """The longest beginning of the text that fits `size` bytes without splitting a character."""
    return text.encode()[:size].decode("utf-8", "ignore")


def analysis(answer: Mapping[str, Any], language: str) -> Analysis:
    """What an answer about one text says. Raises AnalyzerUnavailableError."""
    sentiment = next((s for s in SENTIMENTS if s.upper() == answer.get("Sentiment")), None)
    shares = answer.get("SentimentScore")
    if sentiment is None or not shares:
        raise AnalyzerUnavailableError("UnexpectedResponse")
    scores = Scores.rounded(
        shares["Positive"], shares["Negative"], shares["Neutral"], shares["Mixed"]
    )
    return Analysis(sentiment, scores, "comprehend", language)


class ComprehendAnalyzer:
    def __init__(self, comprehend: "ComprehendClient", language: str) -> None:
        self._comprehend = comprehend
        self._language = language

    def analyze(self, text: str) -> Analysis:
        """Raises AnalyzerUnavailableError for every failure: throttling, time-out, a language or
        a region that Comprehend does not serve, missing permission."""
        try:
            answer = self._comprehend.detect_sentiment(
                Text=cut(text),
                LanguageCode=self._language,  # type: ignore[arg-type]
            )
        except (ClientError, BotoCoreError) as error:
            raise AnalyzerUnavailableError(error_code(error)) from error
        return analysis(answer, self._language)
