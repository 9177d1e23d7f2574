"""A round: what is new in the logs goes into metrics. And what survives between two rounds."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from ops.pump import emf, events, filters
from ops.pump.metrics import Batch
from ops.pump.patterns import Line, PatternError


@dataclass
class State:
    """What must outlive the process, or events would be counted twice or never."""

    positions: dict[str, events.Position] = field(default_factory=dict)
    quiet: filters.QuietMinutes = field(default_factory=filters.QuietMinutes)
    # Calls of PutMetricData that may not have arrived, and what the cloud had before them.
    pending: list[tuple[dict[str, Any], float]] = field(default_factory=list)


def load(file: Path) -> State:
    """The state that was saved last, else a new one."""
    try:
        saved = json.loads(file.read_text())
    except FileNotFoundError:
        return State()
    return State(
        {name: events.Position(**position) for name, position in saved["positions"].items()},
        filters.QuietMinutes({tuple(minute): matched for *minute, matched in saved["quiet"]}),
        [(call, before) for call, before in saved["pending"]],
    )


def save(file: Path, state: State) -> None:
    """Replace the saved state at once: whoever dies here leaves the old one or the new one."""
    saved = {
        "positions": {name: asdict(position) for name, position in state.positions.items()},
        "quiet": [[*minute, matched] for minute, matched in state.quiet.open.items()],
        "pending": state.pending,
    }
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(saved))
    fresh.replace(file)


class Pump:
    """Carries metrics from the logs of one cloud to its CloudWatch.

    `say` gets a line for what a person should know, each once.
    """

    def __init__(self, logs: Any, cloudwatch: Any, file: Path, say: Callable[[str], None]) -> None:
        self._logs = logs
        self._cloudwatch = cloudwatch
        self._file = file
        self._say = say
        self._said: set[str] = set()
        self._state = load(file)

    def round(self) -> None:
        """Read what is new and put its metrics. An error leaves all to the next round."""
        try:
            self._round()
        except BaseException:
            self._state = load(self._file)
            raise

    def _round(self) -> None:
        self._deliver()
        now = int(time.time() * 1000)
        batch = Batch()
        groups = events.log_groups(self._logs)
        changed = self._gone(groups)
        deployed: dict[str, list[filters.MetricFilter]] | None = None
        for name, group in groups.items():
            lines = self._fresh(group)
            if not lines:
                continue
            changed = True
            if deployed is None:  # after the groups: a filter sees what arrives after it
                deployed = self._filters()
            filters.apply(deployed.get(name, []), lines, batch, self._state.quiet)
            for line, _, _ in lines:
                try:
                    emf.add_metrics(line, batch)
                except emf.EmfError as error:
                    self._say_once(f"{name}: a line breaks the embedded metric format: {error}")
        due = len(self._state.quiet.open)
        self._state.quiet.close(now, batch)
        changed = changed or len(self._state.quiet.open) != due
        if changed:
            self._state.pending = [(call, self._count(call)) for call in batch.calls()]
            save(self._file, self._state)
            self._put()

    def _gone(self, groups: dict[str, dict[str, Any]]) -> bool:
        """Forget groups that were deleted, or made anew under the same name."""
        before = len(self._state.positions)
        self._state.positions = {
            name: position
            for name, position in self._state.positions.items()
            if name in groups and groups[name]["creationTime"] == position.created
        }
        return len(self._state.positions) != before

    def _fresh(self, group: dict[str, Any]) -> list[tuple[Line, int, int]]:
        position = self._state.positions.setdefault(
            group["logGroupName"], events.Position(group["creationTime"])
        )
        try:
            found = events.fresh(self._logs, group, position)
        except self._logs.exceptions.ResourceNotFoundException:  # deleted a moment ago
            return []
        return [(Line(e["message"]), e["timestamp"], e["ingestionTime"]) for e in found]

    def _filters(self) -> dict[str, list[filters.MetricFilter]]:
        """Deployed metric filters by log group, without those that are not understood."""
        found: dict[str, list[filters.MetricFilter]] = {}
        for page in self._logs.get_paginator("describe_metric_filters").paginate():
            for described in page["metricFilters"]:
                try:
                    parsed = filters.parse(described)
                except PatternError as error:
                    self._say_once(
                        f"{described['logGroupName']}: metric filter {described['filterName']} "
                        f"counts nothing here: {error}"
                    )
                else:
                    found.setdefault(parsed.group, []).append(parsed)
        return found

    def _say_once(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            self._say(line)

    def _deliver(self) -> None:
        """Put what a round that did not come to its end left, unless it arrived."""
        if self._state.pending:
            self._state.pending = [
                (call, before)
                for call, before in self._state.pending
                if self._count(call) <= before
            ]
            self._put()

    def _put(self) -> None:
        for call, _ in self._state.pending:
            try:
                self._cloudwatch.put_metric_data(**call)
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
                    raise
                # Refused, and would be for ever.
                self._say_once(f"metrics of {call['Namespace']} were refused: {error}")
        if self._state.pending:
            self._state.pending = []
            save(self._file, self._state)

    def _count(self, call: dict[str, Any]) -> float:
        """How often the cloud was told the call's first metric, in that datum's second."""
        first = call["MetricData"][0]
        answer = self._cloudwatch.get_metric_statistics(
            Namespace=call["Namespace"], MetricName=first["MetricName"],
            StartTime=first["Timestamp"], EndTime=first["Timestamp"] + 1, Period=1,
            Statistics=["SampleCount"],
        )  # fmt: skip
        return float(sum(point["SampleCount"] for point in answer["Datapoints"]))
