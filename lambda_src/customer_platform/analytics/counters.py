"""What is counted, for all time and for each day."""

from collections import Counter

TOTAL = "total"
COUNTER_NAMES = (
    "totalCount",
    "ratedCount",
    "sumRatings",
    "positiveCount",
    "neutralCount",
    "negativeCount",
    "mixedCount",
)

type Counters = Counter[str]


def one(sentiment: str, rating: int | None) -> Counters:
    """The counters of one piece of feedback."""
    counters = Counter({"totalCount": 1, f"{sentiment}Count": 1})
    if rating is not None:
        counters.update(ratedCount=1, sumRatings=rating)
    return counters


def aggregate_id(shard: int) -> str:
    return f"global#{shard}"


def day_period(day: str) -> str:
    """Sorts below TOTAL, so one Query reads the days from some day on and the total."""
    return f"day#{day}"
