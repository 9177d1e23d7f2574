"""The configured analyzer."""

from customer_platform.aws import client
from customer_platform.feedback.sentiment.base import Analyzer
from customer_platform.feedback.sentiment.comprehend import ComprehendAnalyzer
from customer_platform.feedback.sentiment.fallback import FallbackAnalyzer
from customer_platform.feedback.sentiment.settings import SentimentSettings


def configured(settings: SentimentSettings) -> Analyzer:
    if settings.sentiment_engine == "lexicon":
        return _lexicon()
    comprehend = client(
        "comprehend",
        region=settings.comprehend_region,
    )
    return FallbackAnalyzer(ComprehendAnalyzer(comprehend, settings.language_code), _lexicon)


def _lexicon() -> Analyzer:
    # Imported here: with Comprehend, the lexicon's 7,500 lines are read only when it fails.
    from customer_platform.feedback.sentiment.lexicon import LexiconAnalyzer

    return LexiconAnalyzer()
