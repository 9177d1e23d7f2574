"""GET /tasks: a page of tasks, at a price that does not depend on how many there are.

An index is chosen by the filters. Its partitions are read side by side for as many keys as the
page still needs, merged, and the tasks themselves are read by key: so every index holds keys only,
and a page never shows what an index has not followed yet. Filters that the index does not answer
are applied then, within a bounded number of tasks.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from typing import Protocol

from customer_platform.http.cursors import MOMENT_AND_ID, SECOND_AND_ID, Cursors
from customer_platform.tasks import partitions
from customer_platform.tasks.partitions import UNSET, Partition
from customer_platform.tasks.records import PRIORITIES, STATUSES, Priority, Status, Task
from customer_platform.tasks.storage import Bounds, Position

LIMIT_RANGE = (1, 100)
# As many as a page can hold: who does not know of pages gets as much as there is to get.
DEFAULT_LIMIT = 100
# Tasks that one page reads for those that it shows. Then it ends, short, with a cursor.
MAX_TASKS_READ = 400
_BATCH = 100  # keys of one BatchGetItem
CURSORS = Cursors("cursor", f"{MOMENT_AND_ID}|{SECOND_AND_ID}")
_END = "~"  # above every key

# boto3 has imported this module anyway; threads start with the first page.
_pool = ThreadPoolExecutor(max_workers=8)


class Tasks(Protocol):
    def positions(self, partition: Partition, bounds: Bounds, limit: int) -> list[Position]: ...

    def all_of(self, task_ids: list[str]) -> dict[str, Task]: ...


@dataclass(frozen=True)
class Wanted:
    """What a request asks for. Times are as due_dates.parse returns them."""

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    status: Status | None = None
    priority: Priority | None = None
    tag: str | None = None
    due_before: str | None = None  # excluded
    due_after: str | None = None  # included

    @property
    def by_due_date(self) -> bool:
        return self.due_before is not None or self.due_after is not None

    @property
    def filters(self) -> str:
        named = (self.status, self.priority, self.tag, self.due_before, self.due_after)
        return "&".join(map(repr, named))

    def admits(self, task: Task) -> bool:
        return (
            self.status in (None, task.status)
            and self.priority in (None, task.priority)
            and (self.tag is None or self.tag in task.tags)
            and self._is_due(task)
        )

    def _is_due(self, task: Task) -> bool:
        if not self.by_due_date:
            return True
        if task.due_date is None:
            return False
        return (self.due_after or "") <= task.due_date < (self.due_before or _END)


@dataclass(frozen=True)
class Page:
    tasks: list[Task]
    cursor: str | None  # of the next one; None at the end


@dataclass(frozen=True)
class _Walk:
    """The partitions that hold what is wanted, and the order in which to go through them."""

    partitions: list[Partition]
    newest_first: bool
    place: Callable[[Task], str | None]  # where a task stands in it
    # Whether the index leaves something for `Wanted.admits` to do.
    is_filtered: bool


def page_of(wanted: Wanted, table: Tasks, shards: int) -> Page:
    """Raises InvalidCursorError."""
    walk = _walk(wanted, shards)
    bounds = _bounds(wanted, walk)
    # No date fits, or a cursor that somebody made up is behind all that do. DynamoDB refuses a
    # range that ends before it begins.
    if bounds.low >= bounds.high:
        return Page([], None)
    found: list[Task] = []
    budget = MAX_TASKS_READ
    while True:
        size = min(budget, _BATCH if walk.is_filtered else wanted.limit - len(found))
        positions, more = _next(table, walk, bounds, size)
        tasks = table.all_of([position.task_id for position in positions])
        for position in positions:
            bounds = _beyond(bounds, position.key)
            task = tasks.get(position.task_id)
            # The index may not have followed yet: it counts what the task is now.
            if task and walk.place(task) == position.key and wanted.admits(task):
                found.append(task)
                if len(found) == wanted.limit:
                    more = more or position is not positions[-1]
                    break
        budget -= len(positions)
        if not more:
            return Page(found, None)
        if len(found) == wanted.limit or budget <= 0:
            last = bounds.high if bounds.newest_first else bounds.low
            return Page(found, CURSORS.encode(last, wanted.filters))


def _next(table: Tasks, walk: _Walk, bounds: Bounds, size: int) -> tuple[list[Position], bool]:
    """The next `size` tasks of all partitions together, and whether there are more."""
    batches = _pool.map(table.positions, walk.partitions, repeat(bounds), repeat(size + 1))
    # While an index follows a change, a task may stand in two of its partitions.
    merged = sorted(
        {position for batch in batches for position in batch},
        key=lambda position: position.key,
        reverse=walk.newest_first,
    )
    return merged[:size], len(merged) > size


def _walk(wanted: Wanted, shards: int) -> _Walk:
    if wanted.by_due_date:
        others = (wanted.status, wanted.priority, wanted.tag)
        return _Walk(
            [partitions.by_due_date(shard) for shard in range(shards)],
            newest_first=False,
            place=lambda task: task.due_key,
            is_filtered=any(others),
        )
    if wanted.tag is not None:
        chosen = [partitions.of_tag(wanted.tag, shard) for shard in range(shards)]
    elif wanted.status or wanted.priority:
        chosen = [
            partitions.of_kind(status, priority, shard)
            for status in ([wanted.status] if wanted.status else STATUSES)
            for priority in ([wanted.priority] if wanted.priority else (*PRIORITIES, UNSET))
            for shard in range(shards)
        ]
    else:
        chosen = [partitions.recent(shard) for shard in range(shards)]
    return _Walk(
        chosen,
        newest_first=True,
        place=lambda task: task.sort_key,
        is_filtered=wanted.tag is not None and bool(wanted.status or wanted.priority),
    )


def _bounds(wanted: Wanted, walk: _Walk) -> Bounds:
    bounds = Bounds(wanted.due_after or "", wanted.due_before or _END, walk.newest_first)
    if wanted.cursor is None:
        return bounds
    return _beyond(bounds, CURSORS.decode(wanted.cursor, wanted.filters))


def _beyond(bounds: Bounds, key: str) -> Bounds:
    """What is left of them behind a key."""
    if bounds.newest_first:
        return Bounds(bounds.low, key, newest_first=True)
    return Bounds(key, bounds.high, newest_first=False)
