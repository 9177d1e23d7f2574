"""Write shards of an index, and the order within one."""

import uuid


def shard_of(identity: str, shards: int) -> int:
    """The same for a UUID everywhere and always; random ids spread evenly.

    More shards may be configured at any time. With fewer, a reader no longer looks at the
    last ones: wait until their items have expired, or rewrite them.
    """
    return uuid.UUID(identity).int % shards


def sort_key(created_at: str, identity: str) -> str:
    """Orders by time; the id makes it unique. Starts with the day, so a day's partitions
    hold exactly the keys between `YYYY-MM-DD` and the next day."""
    return f"{created_at}#{identity}"
