"""The embedded engine: VADER, a lexicon with rules for English. No network, no cost."""

import re

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from customer_platform.feedback.sentiment.base import Analysis, Scores, Sentiment

_DECIDED = 0.05  # |compound| from which VADER's authors call a text positive or negative
_SUBSTANTIAL = 0.15  # share of the text

# VADER's time grows with the square of the words, and each emoji is several words: 5,000 of
# them, a message that everybody may send, take it ten seconds. So long texts are read in
# pieces, and of each piece's emoji the first ones; more of them would tell nothing new.
_PIECE = re.compile(r".{1,1000}(?:\s|$)|.{1,1000}", re.DOTALL)
_MAX_EMOJI = 50


class LexiconAnalyzer:
    def __init__(self) -> None:
        self._vader = SentimentIntensityAnalyzer()  # reads its lexicon: once, not per text

    def analyze(self, text: str) -> Analysis:
        shares = self._shares(text)
        positive, negative = shares["pos"], shares["neg"]
        # VADER knows no "mixed". Praise and complaint of similar weight is what people mean
        # by it: both substantial, the lesser at least half of the greater. The score is the
        # part of the text in which the two balance.
        lesser, greater = sorted((positive, negative))
        sentiment: Sentiment
        if lesser >= _SUBSTANTIAL and lesser * 2 >= greater:
            sentiment = "mixed"
        elif shares["compound"] >= _DECIDED:
            sentiment = "positive"
        elif shares["compound"] <= -_DECIDED:
            sentiment = "negative"
        else:
            sentiment = "neutral"
        scores = Scores.rounded(
            positive=positive - lesser,
            negative=negative - lesser,
            neutral=shares["neu"],
            mixed=2 * lesser,
        )
        return Analysis(sentiment, scores, "lexicon", "en")

    def _shares(self, text: str) -> dict[str, float]:
        """VADER's scores; of a long text, the mean of its pieces by their length."""
        pieces = _PIECE.findall(text)
        length = sum(map(len, pieces))
        mean = dict.fromkeys(("pos", "neg", "neu", "compound"), 0.0)
        for piece in pieces:
            scores = self._vader.polarity_scores(self._with_fewer_emoji(piece))
            for name in mean:
                mean[name] += scores[name] * len(piece) / length
        return mean

    def _with_fewer_emoji(self, piece: str) -> str:
        emoji = [at for at, character in enumerate(piece) if character in self._vader.emojis]
        if len(emoji) <= _MAX_EMOJI:
            return piece
        extra = set(emoji[_MAX_EMOJI:])
        return "".join(" " if at in extra else character for at, character in enumerate(piece))
