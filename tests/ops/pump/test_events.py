"""Every event is taken once: late ones, equal ones, more than an answer holds, after a restart."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.pump import events
from tests.ops.pump.cloud import Logs


def taken(logs: Logs, positions: dict[str, events.Position]) -> list[str]:
    """One round over all groups: the messages that are new."""
    found = []
    for name, group in events.log_groups(logs).items():
        position = positions.setdefault(name, events.Position(group["creationTime"]))
        found += [event["message"] for event in events.fresh(logs, group, position)]
    return found


@pytest.mark.parametrize("moments", [1, 2, 9_999, 10_001, 25_000])
def test_more_events_at_once_than_an_answer_holds(moments: int) -> None:
    """25,000 events, spread over so many milliseconds; with 1, all have the same."""
    logs = Logs()
    logs.create("g")
    for stream in range(5):
        messages = [(logs.clock + n % moments, f"{stream} {n}") for n in range(stream, 25_000, 5)]
        logs.put("g", f"stream-{stream}", messages)
    positions: dict[str, events.Position] = {}
    found = taken(logs, positions)
    assert len(found) == 25_000
    assert len(set(found)) == 25_000
    assert taken(logs, positions) == []
    reads = logs.reads
    assert taken(logs, positions) == []
    assert logs.reads == reads  # a group that did not grow is not read


def test_late_and_equal_events() -> None:
    logs, positions = Logs(), dict[str, events.Position]()
    logs.create("g")
    logs.put("g", "s", [(logs.clock, "same"), (logs.clock, "same")])
    assert taken(logs, positions) == ["same", "same"]
    logs.put("g", "s", [(logs.clock, "same")])  # in the same millisecond, after the first read
    assert taken(logs, positions) == ["same"]
    logs.clock += 5 * 60_000
    logs.put("g", "s", [(logs.clock - 24 * 3_600_000, "a day late")])
    logs.put("g", "s", [(logs.clock + 3_600_000, "of the future")])
    assert sorted(taken(logs, positions)) == ["a day late", "of the future"]
    assert taken(logs, positions) == []


def test_a_late_event_and_long_after_it_one_in_time() -> None:
    """Read in one round, in two readings: the second one looks behind the first."""
    logs, positions = Logs(), dict[str, events.Position]()
    logs.create("g")
    logs.put("g", "s", [(logs.clock, "first")])
    assert taken(logs, positions) == ["first"]
    logs.put("g", "s", [(logs.clock - 50_000, "late")])
    logs.clock += 10 * events.SETTLED
    logs.put("g", "s", [(logs.clock, "in time")])
    assert sorted(taken(logs, positions)) == ["in time", "late"]


def test_a_group_that_lost_a_stream() -> None:
    logs, positions = Logs(), dict[str, events.Position]()
    logs.create("g")
    logs.put("g", "old", [(logs.clock, "a long message that goes away")])
    logs.put("g", "kept", [(logs.clock, "kept")])
    assert len(taken(logs, positions)) == 2
    logs.delete("g", "old")
    logs.clock += 60_000
    logs.put("g", "kept", [(logs.clock, "new")])
    assert taken(logs, positions) == ["new"]
    logs.put("g", "kept", [(logs.clock - 3_600_000, "late")])
    assert taken(logs, positions) == ["late"]


_STEP = st.one_of(
    st.tuples(st.just("wait"), st.integers(0, 30_000)),
    st.tuples(
        st.just("put"),
        st.tuples(
            st.sampled_from(["a", "b"]),
            # its own time, before or after it arrives; and a text that may come twice
            st.lists(st.tuples(st.sampled_from([0, 1, 5, -9_000, -50_000, -10**8, 60_000]),
                               st.sampled_from(["x", "yy", "zzz"])), min_size=1, max_size=8),
        ),
    ),
    st.tuples(st.just("round"), st.none()),
    st.tuples(st.just("restart"), st.none()),
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(_STEP, max_size=25))
def test_every_event_once_whatever_happens(steps: list[tuple[str, Any]]) -> None:
    logs, positions = Logs(limit=3), dict[str, events.Position]()
    logs.create("g")
    put, found = Counter[str](), Counter[str]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "LIMIT", 3)
        for kind, value in [*steps, ("round", None), ("round", None)]:
            if kind == "wait":
                logs.clock += value
            elif kind == "put":
                stream, messages = value
                logs.put("g", stream, [(logs.clock + offset, text) for offset, text in messages])
                put.update(text for _, text in messages)
            elif kind == "restart":
                positions = {n: events.Position(**asdict(p)) for n, p in positions.items()}
            else:
                found.update(taken(logs, positions))
    assert found == put
