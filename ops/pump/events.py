"""What is new in the log groups of the embedded cloud, each event exactly once.

FilterLogEvents looks by an event's own time, which may lie before what was read last, and gives
at most LIMIT events with no token for more. So an event is known by when it arrived
(ingestionTime, the cloud's clock), and the group's size tells whether any was overlooked.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

LIMIT = 10_000  # events of an answer
# An event is in its stream at most that long after its time of arrival was taken, milliseconds.
SETTLED = 10_000


@dataclass
class Position:
    """How far a log group was read."""

    created: int  # of the group, epoch milliseconds: another one may have its name later
    characters: int = 0  # of all messages read
    newest: int = 0  # arrival, epoch milliseconds
    recent: dict[str, int] = field(default_factory=dict)  # events => arrival, the last SETTLED ms


def log_groups(logs: Any) -> dict[str, dict[str, Any]]:
    """All log groups by name, as DescribeLogGroups tells them."""
    pages = logs.get_paginator("describe_log_groups").paginate()
    return {group["logGroupName"]: group for page in pages for group in page["logGroups"]}


def fresh(logs: Any, group: dict[str, Any], position: Position) -> list[dict[str, Any]]:
    """Events of a group that nobody took yet, in the order of their times; moves `position`.

    `group` is what DescribeLogGroups told before: there, storedBytes counts the characters of
    all messages.
    """
    grown = group["storedBytes"] - position.characters
    if not grown:
        return []
    name = group["logGroupName"]
    settled = position.newest - SETTLED  # for all of this round: what is read first moves `newest`
    taken = list(_take(position, settled, read(logs, name, max(0, settled))))
    if grown < 0 or sum(len(event["message"]) for event in taken) < grown:
        # Streams were deleted, or events arrived whose own time is long ago.
        taken += _take(position, settled, read(logs, name, 0))
        position.characters = group["storedBytes"]
    else:
        position.characters += sum(len(event["message"]) for event in taken)
    position.recent = {
        key: arrived
        for key, arrived in position.recent.items()
        if arrived > position.newest - SETTLED
    }
    return taken


def _take(
    position: Position, settled: int, events: Iterable[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Those of `events` that are new; what arrived until `settled` is not.

    Two that are equal in everything are told apart by their number: they have the same time, and
    `events` has all of that time or none.
    """
    equal: Counter[bytes] = Counter()
    time = -1
    for event in events:
        if event["timestamp"] != time:
            time = event["timestamp"]
            equal.clear()
        arrived = event["ingestionTime"]
        digest = hashlib.blake2b(digest_size=8)
        for part in (event["logStreamName"], time, arrived, event["message"]):
            digest.update(f"{part}\0".encode())
        equal[digest.digest()] += 1
        key = f"{digest.hexdigest()}-{equal[digest.digest()]}"
        if arrived > settled and key not in position.recent:
            position.recent[key] = arrived
            position.newest = max(position.newest, arrived)
            yield event


def read(logs: Any, group: str, start: int) -> Iterator[dict[str, Any]]:
    """Events whose own time is `start` or later, each once, in the order of their times."""
    while True:
        events = logs.filter_log_events(logGroupName=group, startTime=start, limit=LIMIT)["events"]
        if len(events) < LIMIT:
            yield from events
            return
        # There may be more, from the last event's time on.
        first, start = events[0]["timestamp"], events[-1]["timestamp"]
        if first < start:
            yield from (event for event in events if event["timestamp"] < start)
        else:
            yield from _of_one_time(logs, group, start)
            start += 1


def _of_one_time(logs: Any, group: str, time: int) -> Iterator[dict[str, Any]]:
    """More events than an answer holds have the same time: read stream by stream, with tokens."""
    for page in logs.get_paginator("describe_log_streams").paginate(logGroupName=group):
        for stream in page["logStreams"]:
            name = stream["logStreamName"]
            asked = {
                "logGroupName": group, "logStreamName": name, "startFromHead": True,
                "startTime": time, "endTime": time + 1, "limit": LIMIT,
            }  # fmt: skip
            token = None
            while True:
                answer = logs.get_log_events(**asked, **({"nextToken": token} if token else {}))
                yield from ({**event, "logStreamName": name} for event in answer["events"])
                if not answer["events"] or answer["nextForwardToken"] == token:
                    break
                token = answer["nextForwardToken"]
