"""Values on their way to CloudWatch, put together as PutMetricData takes them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import batched
from typing import Any

VALUES = 150  # distinct values that a datum may have
DATA = 500  # of a call; the service takes 1,000


@dataclass(frozen=True)
class Metric:
    """What CloudWatch keeps apart: the same name with other dimensions is another metric."""

    namespace: str
    name: str
    unit: str = "None"
    dimensions: tuple[tuple[str, str], ...] = ()


class Batch:
    """Values of many log events: those of one metric and second become one datum."""

    def __init__(self) -> None:
        self._values: dict[tuple[Metric, int], Counter[float]] = {}

    def add(self, metric: Metric, value: float, at: int) -> None:
        """Add a value of the moment `at`, in epoch milliseconds. NaN and infinity are dropped,
        which CloudWatch refuses."""
        if math.isfinite(value):
            self._values.setdefault((metric, at // 1000), Counter())[float(value)] += 1

    def calls(self) -> list[dict[str, Any]]:
        """Arguments of PutMetricData, fit for JSON: timestamps are epoch seconds.

        All data of one metric are in one call, so that one look at one metric tells whether a
        call arrived; a metric with more than DATA of them makes a call larger.
        """
        metrics: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for (metric, second), values in self._values.items():
            metrics.setdefault((metric.namespace, metric.name), []).extend(
                {
                    "MetricName": metric.name,
                    "Dimensions": [{"Name": n, "Value": v} for n, v in metric.dimensions],
                    "Timestamp": second,
                    "Unit": metric.unit,
                    "Values": [value for value, _ in part],
                    "Counts": [float(count) for _, count in part],
                }
                for part in batched(values.items(), VALUES, strict=False)
            )
        return list(_calls(metrics))


def _calls(metrics: Mapping[tuple[str, str], list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    call: dict[str, Any] | None = None
    for (namespace, _), data in sorted(metrics.items()):
        if call and (call["Namespace"] != namespace or len(call["MetricData"]) + len(data) > DATA):
            yield call
            call = None
        call = call or {"Namespace": namespace, "MetricData": []}
        call["MetricData"] += data
    if call:
        yield call
