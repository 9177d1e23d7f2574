"""Partitions of the feedback indexes, and the order within them.

Each day has its own partitions, so that none grows for ever, and several of them, so that
none takes all writes of a day.
"""

import uuid
from dataclasses import dataclass

UNRATED = 0


@dataclass(frozen=True)
class DayShard:
    """A share of all feedback of a day."""

    day: str  # YYYY-MM-DD
    shard: int

    @property
    def bucket(self) -> str:
        return f"{self.day}#{self.shard}"


@dataclass(frozen=True)
class DayKind:
    """All feedback of a day with one sentiment and rating."""

    day: str
    sentiment: str
    rating: int  # UNRATED for feedback without one

    @property
    def bucket(self) -> str:
        return f"{self.day}#{self.sentiment}#{self.rating}"


@dataclass(frozen=True)
class PendingShard:
    """A share of what waits for the configured engine. Without a day: nothing stays in it, so it
    does not grow, and one Query finds the oldest of all days."""

    shard: int

    @property
    def bucket(self) -> str:
        return f"pending#{self.shard}"


type Partition = DayShard | DayKind


def shard_of(feedback_id: str, shards: int) -> int:
    """The same for an id everywhere and always; random ids spread evenly.

    More shards may be configured at any time. With fewer, a reader no longer looks at the
    last ones: wait for the retention period, or rewrite the items.
    """
    return uuid.UUID(feedback_id).int % shards


def sort_key(created_at: str, feedback_id: str) -> str:
    """Orders by time; the id makes it unique. Starts with the day, so a day's partitions
    hold exactly the keys between `YYYY-MM-DD` and the next day."""
    return f"{created_at}#{feedback_id}"
