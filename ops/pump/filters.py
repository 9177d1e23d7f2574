"""Metric filters: what matches becomes a value, a minute without a match the default value."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ops.pump.metrics import Batch, Metric
from ops.pump.patterns import Line, Pattern, PatternError, Selector, compile_pattern

MINUTE = 60_000


@dataclass(frozen=True)
class Transformation:
    """What a matching event adds to a metric."""

    namespace: str
    name: str
    value: float | Selector
    default: float | None
    unit: str
    dimensions: dict[str, Selector]

    def add(self, line: Line, at: int, batch: Batch) -> None:
        """Add the value of a matching event. Nothing without a number where the value should
        be, or without a field that is a dimension: that metric would be another one."""
        value = self.value
        number = _number(value.of(line.document) if isinstance(value, Selector) else value)
        dimensions = []
        for name, selector in sorted(self.dimensions.items()):
            found = selector.of(line.document)
            if not isinstance(found, str | int | float):
                return
            dimensions.append((name, found if isinstance(found, str) else json.dumps(found)))
        if number is not None:
            batch.add(Metric(self.namespace, self.name, self.unit, tuple(dimensions)), number, at)


def _number(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool) or value is None else float(value)
    except (TypeError, ValueError):
        return None


@dataclass(frozen=True)
class MetricFilter:
    """A metric filter as DescribeMetricFilters tells it."""

    group: str
    name: str
    created: int  # epoch milliseconds; it sees nothing that arrived before
    matches: Pattern
    transformations: list[Transformation]


def parse(described: dict[str, Any]) -> MetricFilter:
    """Raises PatternError for a pattern, value or dimension that is not understood."""
    return MetricFilter(
        described["logGroupName"],
        described["filterName"],
        described["creationTime"],
        compile_pattern(described.get("filterPattern", "")),
        [_transformation(t) for t in described["metricTransformations"]],
    )


def _transformation(described: dict[str, Any]) -> Transformation:
    text = str(described["metricValue"])
    value = Selector(text) if text.startswith("$") else _number(text)
    if value is None:
        raise PatternError(f"the metric's value {text!r} is neither a number nor a selector")
    default = described.get("defaultValue")
    return Transformation(
        namespace=described["metricNamespace"],
        name=described["metricName"],
        value=value,
        default=None if default is None or math.isnan(default) else float(default),
        unit=described.get("unit") or "None",
        dimensions={n: Selector(v) for n, v in (described.get("dimensions") or {}).items()},
    )


type _Minute = tuple[int, str, str, str, str, float, str]


@dataclass
class QuietMinutes:
    """Minutes that are not over, in which a filter with a default value saw events.

    `open`: (start in epoch milliseconds, log group, filter, namespace, metric, default value,
    unit) => whether the filter matched.
    """

    open: dict[_Minute, bool] = field(default_factory=dict)

    def note(self, described: MetricFilter, arrived: int, *, matched: bool) -> None:
        """An event arrived at `arrived`, and the filter matched it or not."""
        for made in described.transformations:
            if made.default is not None:
                minute = (
                    arrived - arrived % MINUTE, described.group, described.name,
                    made.namespace, made.name, made.default, made.unit,
                )  # fmt: skip
                self.open[minute] = matched or self.open.get(minute, False)

    def close(self, now: int, batch: Batch) -> None:
        """Put the default value for each minute that ended before `now` without a match."""
        for minute in [minute for minute in self.open if minute[0] + MINUTE <= now]:
            start, _, _, namespace, name, default, unit = minute
            if not self.open.pop(minute):
                batch.add(Metric(namespace, name, unit), default, start)


def apply(
    filters: Iterable[MetricFilter],
    events: Iterable[tuple[Line, int, int]],
    batch: Batch,
    quiet: QuietMinutes,
) -> None:
    """Apply a group's filters to its events: (line, timestamp, arrival), epoch milliseconds."""
    filters = list(filters)
    for line, timestamp, arrived in events:
        for described in filters:
            if arrived < described.created:
                continue
            matched = described.matches(line)
            if matched:
                for transformation in described.transformations:
                    transformation.add(line, timestamp, batch)
            quiet.note(described, arrived, matched=matched)
