"""Partitions of the feedback indexes, and the order within them.

Each day has its own partitions, so that none grows for ever, and several of them, so that
none takes all writes of a day.
"""

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
