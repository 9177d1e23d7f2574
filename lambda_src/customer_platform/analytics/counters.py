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


def moved(before: str, after: str) -> Counters:
    """The counters of a sentiment that was revised. None if the other engine says the same."""
    if before == after:
        return Counter()
    return Counter({f"{before}Count": -1, f"{after}Count": 1})


def aggregate_id(shard: int) -> str:
    return f"global#{shard}"


def day_period(day: str) -> str:
    """Sorts below TOTAL, so one Query reads the days from some day on and the total."""
    return f"day#{day}"
