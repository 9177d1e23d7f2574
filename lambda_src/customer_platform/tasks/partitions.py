"""Partitions of the indexes of tasks. Each is one of several, so that none takes all writes."""

from dataclasses import dataclass

from customer_platform.tasks.records import Task

UNSET = "Unset"  # in the place of a priority

# Index => its hash and range key. They hold keys only: pages read the tasks themselves.
INDEXES = {
    "recent": ("ListBucket", "SortKey"),
    "by-kind": ("KindBucket", "SortKey"),
    "by-tag": ("TagBucket", "SortKey"),
    "by-due-date": ("DueBucket", "DueKey"),
}


@dataclass(frozen=True)
class Partition:
    index: str
    bucket: str


def recent(shard: int) -> Partition:
    return Partition("recent", f"all#{shard}")


def of_kind(status: str, priority: str, shard: int) -> Partition:
    return Partition("by-kind", f"{status}#{priority}#{shard}")


def of_tag(tag: str, shard: int) -> Partition:
    return Partition("by-tag", f"{tag}#{shard}")


def by_due_date(shard: int) -> Partition:
    return Partition("by-due-date", f"due#{shard}")


def keys_of(task: Task, shard: int) -> dict[str, str | None]:
    """The attributes of a task that its indexes look at; one without a due date is in no `due`."""
    return {
        "ListBucket": recent(shard).bucket,
        "KindBucket": of_kind(task.status, task.priority or UNSET, shard).bucket,
        "SortKey": task.sort_key,
        "DueBucket": by_due_date(shard).bucket if task.due_date else None,
        "DueKey": task.due_key,
    }
