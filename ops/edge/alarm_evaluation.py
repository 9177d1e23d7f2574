"""What it costs to look at all alarms after every PutMetricData.

For each alarm MiniStack 1.5.33 gathers all points that its metric ever got, of every function, and
computes its statistic anew (`cloudwatch._evaluate_alarm`), though it ignores dimensions: alarms of
one metric see the same points. It answers nobody meanwhile, and the pump puts metrics into several
namespaces a round. Here points are gone through once for all alarms of a metric, and a statistic is
computed once; the rule is MiniStack's own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from types import FunctionType
from typing import Any

from ministack.services import cloudwatch  # type: ignore[import-not-found]

type Metric = tuple[str, str]  # namespace, name
type Points = list[dict[str, Any]]


class _Look:
    """One look at all alarms: what the rule finds where it looks for metrics and statistics."""

    def __init__(self, recent: dict[Metric, Points]) -> None:
        self._recent = recent
        self._known: dict[tuple[Metric, float, str], Any] = {}
        self._metric: Metric = ("", "")
        self._window = 0.0

    def turn_to(self, alarm: dict[str, Any]) -> None:
        self._metric, self._window = _metric(alarm), _window(alarm)

    def items(self) -> list[tuple[tuple[str, str, None], Points]]:
        return [((*self._metric, None), self._recent.get(self._metric, []))]

    def stats(self, points: Points) -> dict[str, Any]:
        found: dict[str, Any] = self._once("all", lambda: cloudwatch._calc_stats(points))
        return found

    def value(self, stats: dict[str, Any], name: str, points: Points) -> float | None:
        found: float | None = self._once(name, lambda: cloudwatch._stat_value(stats, name, points))
        return found

    def _once(self, what: str, compute: Callable[[], Any]) -> Any:
        key = (self._metric, self._window, what)
        if key not in self._known:
            self._known[key] = compute()
        return self._known[key]


def mend() -> None:
    """Let MiniStack's CloudWatch look at points once."""
    rule, all_by_rule = cloudwatch._evaluate_alarm, cloudwatch._evaluate_all_alarms
    named = {*rule.__code__.co_names, *all_by_rule.__code__.co_names}
    if not {"_metrics", "_calc_stats", "_stat_value", "_evaluate_alarm"} <= named:
        raise RuntimeError("MiniStack's rule of alarms has changed: look at alarm_evaluation.py")

    def evaluate_all() -> None:
        look = _Look(_recent(list(cloudwatch._alarms.values())))
        # Names of its own for each look: several threads may look at once.
        names = {"_metrics": look, "_calc_stats": look.stats, "_stat_value": look.value}
        evaluate = FunctionType(rule.__code__, {**vars(cloudwatch), **names})

        def evaluate_one(alarm: dict[str, Any]) -> None:
            look.turn_to(alarm)
            evaluate(alarm)

        loop = FunctionType(
            all_by_rule.__code__, {**vars(cloudwatch), "_evaluate_alarm": evaluate_one}
        )
        loop()

    cloudwatch._evaluate_all_alarms = evaluate_all


def _metric(alarm: dict[str, Any]) -> Metric:
    return alarm.get("Namespace") or "", alarm.get("MetricName") or ""


def _window(alarm: dict[str, Any]) -> float:
    """Seconds that the rule looks back."""
    return float(alarm.get("Period", 60) * alarm.get("EvaluationPeriods", 1))


def _recent(alarms: list[dict[str, Any]]) -> dict[Metric, Points]:
    """Points that the alarm with the longest window of each metric may look at, all dimensions'."""
    windows: dict[Metric, float] = {}
    for alarm in alarms:
        windows[_metric(alarm)] = max(_window(alarm), windows.get(_metric(alarm), 0.0))
    now = time.time()
    found: dict[Metric, Points] = {}
    for (namespace, name, _), points in list(cloudwatch._metrics.items()):
        window = windows.get((namespace, name))
        if window is not None:
            found.setdefault((namespace, name), []).extend(
                point for point in points if point["Timestamp"] >= now - window
            )
    return found
