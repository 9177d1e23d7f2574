"""What alarms do when data is missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ops.pump import alarms


class Watch:
    """CloudWatch with these alarms; `data`: seconds ago that each metric got a point."""

    def __init__(self, *described: dict[str, Any], data: dict[str, float] | None = None) -> None:
        self._alarms = list(described)
        self._data = data or {}
        self.evaluations = 0
        self.moved: list[tuple[str, str, str]] = []

    def get_paginator(self, name: str) -> Watch:
        assert name == "describe_alarms"
        return self

    def paginate(self, **_: Any) -> Watch:
        return self

    def __iter__(self) -> Iterator[dict[str, Any]]:
        yield {"MetricAlarms": self._alarms}

    def put_metric_data(self, *, MetricData: list[Any], **_: Any) -> None:  # noqa: N803
        assert MetricData == []
        self.evaluations += 1

    def get_metric_statistics(self, *, MetricName: str, **asked: Any) -> dict[str, Any]:  # noqa: N803
        assert "Dimensions" not in asked
        ago = self._data.get(MetricName)
        start = asked["EndTime"] - 2 * 3600 - asked["StartTime"]
        return {"Datapoints": [{}] if ago is not None and ago <= start else []}

    def set_alarm_state(self, *, AlarmName: str, StateValue: str, StateReason: str) -> None:  # noqa: N803
        self.moved.append((AlarmName, StateValue, StateReason))


def alarm(treatment: str, state: str, **changes: Any) -> dict[str, Any]:
    return {
        "AlarmName": "a", "Namespace": "Shop", "MetricName": "Errors", "StateValue": state,
        "Period": 60, "EvaluationPeriods": 5, "TreatMissingData": treatment,
        "StateUpdatedTimestamp": datetime.now(UTC) - timedelta(hours=1), **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("treatment", "before", "after"),
    [
        ("notBreaching", "ALARM", "OK"),
        ("notBreaching", "INSUFFICIENT_DATA", "OK"),
        ("notBreaching", "OK", None),
        ("missing", "ALARM", "INSUFFICIENT_DATA"),
        ("missing", "OK", "INSUFFICIENT_DATA"),
        ("breaching", "OK", "ALARM"),
        ("ignore", "ALARM", None),
    ],
)
def test_no_data(treatment: str, before: str, after: str | None) -> None:
    said: list[str] = []
    watch = Watch(alarm(treatment, before), data={"Errors": 301, "Other": 1})
    alarms.evaluate(watch, said.append)
    assert [state for _, state, _ in watch.moved] == ([after] if after else [])
    assert len(said) == len(watch.moved)
    assert watch.evaluations == 1
    for _, _, reason in watch.moved:
        assert reason.endswith(f"received for 300 seconds: missing data is treated as {treatment}.")


def test_an_alarm_with_data_in_its_window_is_the_clouds_to_evaluate() -> None:
    watch = Watch(alarm("notBreaching", "ALARM"), data={"Errors": 299})
    alarms.evaluate(watch, print)
    assert watch.moved == []


def test_what_somebody_set_stays_for_a_minute() -> None:
    for seconds, moved in ((50, 0), (70, 1)):
        since = datetime.now(UTC) - timedelta(seconds=seconds)
        watch = Watch(alarm("notBreaching", "ALARM", Period=300, StateUpdatedTimestamp=since))
        alarms.evaluate(watch, lambda _line: None)
        assert len(watch.moved) == moved


@pytest.mark.parametrize(
    "left_alone",
    [
        alarm("notBreaching", "ALARM", MetricName="", Namespace=""),  # metric math
        alarm("breaching", "OK", Namespace="AWS/Lambda"),
    ],
)
def test_alarms_left_alone(left_alone: dict[str, Any]) -> None:
    watch = Watch(left_alone)
    alarms.evaluate(watch, print)
    assert watch.moved == []


def test_without_alarms_nothing_is_evaluated() -> None:
    watch = Watch()
    alarms.evaluate(watch, print)
    assert watch.evaluations == 0
