"""Log groups and metrics in memory, with the embedded cloud's limits and none of its help.

As in MiniStack 1.5.33: FilterLogEvents gives the first events by their own time, at most `limit`
and no token for more; storedBytes counts the characters of all messages; GetLogEvents has tokens;
GetMetricStatistics without dimensions takes all of them together.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ConnectionClosedError


class NotFoundError(Exception):
    """The group is not there."""


class Exceptions:
    ResourceNotFoundException = NotFoundError


class Pages:
    def __init__(self, key: str, entries: list[dict[str, Any]]) -> None:
        self._key, self._entries = key, entries

    def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
        if not self._entries:
            yield {self._key: []}
        for entry in self._entries:
            yield {self._key: [entry]}


class Logs:
    """`limit`: of an answer. `clock`: epoch milliseconds, when what is put arrives."""

    exceptions = Exceptions

    def __init__(self, limit: int = 10_000) -> None:
        self.limit = limit
        self.clock = 1_800_000_000_000
        self.filters: list[dict[str, Any]] = []
        self.reads = 0
        self._groups: dict[str, dict[str, list[dict[str, Any]]]] = {}
        self._created: dict[str, int] = {}

    def create(self, group: str) -> None:
        self._groups[group] = {}
        self._created[group] = self.clock

    def delete(self, group: str, stream: str | None = None) -> None:
        if stream is None:
            del self._groups[group]
        else:
            self._groups[group].pop(stream, None)

    def put(self, group: str, stream: str, messages: list[tuple[int, str]]) -> None:
        """Put (time, message)."""
        history = self._groups[group].setdefault(stream, [])
        history += [
            {"timestamp": time, "message": message, "ingestionTime": self.clock}
            for time, message in messages
        ]
        history.sort(key=lambda event: int(event["timestamp"]))

    def get_paginator(self, name: str) -> Any:
        if name == "describe_log_groups":
            return Pages("logGroups", [
                {
                    "logGroupName": group,
                    "creationTime": self._created[group],
                    "storedBytes": sum(len(e["message"]) for s in streams.values() for e in s),
                }
                for group, streams in self._groups.items()
            ])  # fmt: skip
        if name == "describe_metric_filters":
            return Pages("metricFilters", self.filters)
        assert name == "describe_log_streams"
        return self

    def paginate(self, *, logGroupName: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        for stream in self._groups[logGroupName]:
            yield {"logStreams": [{"logStreamName": stream}]}

    def filter_log_events(
        self, *, logGroupName: str, startTime: int, limit: int  # noqa: N803
    ) -> dict[str, Any]:  # fmt: skip
        self.reads += 1
        if logGroupName not in self._groups:
            raise NotFoundError
        found = [
            {**event, "logStreamName": stream}
            for stream, events in self._groups[logGroupName].items()
            for event in events
            if event["timestamp"] >= startTime
        ]
        found.sort(key=lambda event: (event["timestamp"], event["ingestionTime"]))
        return {"events": found[: min(limit, self.limit)]}

    def get_log_events(self, *, startTime: int, endTime: int, **asked: Any) -> dict[str, Any]:  # noqa: N803
        events = [
            event
            for event in self._groups[asked["logGroupName"]][asked["logStreamName"]]
            if startTime <= event["timestamp"] < endTime
        ]
        start = int(asked.get("nextToken", 0))
        page = events[start : start + min(asked["limit"], self.limit)]
        return {"events": page, "nextForwardToken": str(start + len(page))}


class Metrics:
    """`dies`: before or after it took the next call, as when either side is killed."""

    def __init__(self) -> None:
        self.data: list[tuple[str, dict[str, Any]]] = []
        self.dies: str | None = None

    def put_metric_data(self, *, Namespace: str, MetricData: list[dict[str, Any]]) -> None:  # noqa: N803
        dies, self.dies = self.dies, None
        if dies == "before":
            raise ConnectionClosedError(endpoint_url="cloud")
        self.data += [(Namespace, datum) for datum in MetricData]
        if dies == "after":
            raise ConnectionClosedError(endpoint_url="cloud")

    def get_metric_statistics(self, **asked: Any) -> dict[str, Any]:
        counts = [
            sum(datum["Counts"])
            for namespace, datum in self.data
            if namespace == asked["Namespace"]
            and datum["MetricName"] == asked["MetricName"]
            and asked["StartTime"] <= datum["Timestamp"] < asked["EndTime"]
        ]
        return {"Datapoints": [{"SampleCount": sum(counts)}] if counts else []}

    def total(self, namespace: str, name: str) -> float:
        """Sum of a metric's values."""
        return float(sum(
            value * count
            for space, datum in self.data
            if (space, datum["MetricName"]) == (namespace, name)
            for value, count in zip(datum["Values"], datum["Counts"], strict=True)
        ))  # fmt: skip
