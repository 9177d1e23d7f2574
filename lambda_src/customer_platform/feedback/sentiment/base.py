"""What an analyzer is, and what it finds."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol

type Sentiment = Literal["positive", "negative", "neutral", "mixed"]
SENTIMENTS: tuple[Sentiment, ...] = ("positive", "neutral", "negative", "mixed")


@dataclass(frozen=True)
class Scores:
    """Shares of the text, to four decimals; they add up to one, give or take rounding."""

    positive: Decimal
    negative: Decimal
    neutral: Decimal
    mixed: Decimal

    @classmethod
    def rounded(cls, positive: float, negative: float, neutral: float, mixed: float) -> "Scores":
        return cls(*(Decimal(f"{score:.4f}") for score in (positive, negative, neutral, mixed)))


@dataclass(frozen=True)
class Analysis:
    sentiment: Sentiment
    scores: Scores
    engine: Literal["comprehend", "lexicon"]
    language: str
    is_substitute: bool = False  # the configured engine failed, and another one stood in


class Analyzer(Protocol):
    def analyze(self, text: str) -> Analysis: ...


class AnalyzerUnavailableError(Exception):
    """This engine has no answer now; another one may. `code` is safe to log."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
