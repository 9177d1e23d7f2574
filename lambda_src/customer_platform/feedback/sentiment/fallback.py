"""One engine standing in for another, so that no feedback is lost to a failing service."""

from collections.abc import Callable
from dataclasses import replace

from customer_platform.feedback.sentiment.base import Analysis, Analyzer, AnalyzerUnavailableError
from customer_platform.observability import count, logger


class FallbackAnalyzer:
    def __init__(self, primary: Analyzer, make_substitute: Callable[[], Analyzer]) -> None:
        self._primary = primary
        self._make_substitute = make_substitute
        self._substitute: Analyzer | None = None

    def analyze(self, text: str) -> Analysis:
        try:
            return self._primary.analyze(text)
        except AnalyzerUnavailableError as error:
            logger.warning("Sentiment fallback", extra={"code": error.code})
            count("SentimentFallbacks")
        if self._substitute is None:
            self._substitute = self._make_substitute()
        return replace(self._substitute.analyze(text), is_substitute=True)
