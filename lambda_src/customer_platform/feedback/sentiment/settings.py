"""What is set about sentiment analysis."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class SentimentSettings:
    sentiment_engine: Literal["comprehend", "lexicon"]
    comprehend_region: str
    language_code: str
