"""Events become metrics: filters with values, dimensions and default values; EMF; calls."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ops.pump import emf, filters
from ops.pump.metrics import DATA, VALUES, Batch, Metric
from ops.pump.patterns import Line, PatternError

MINUTE = 60_000
NOON = 1_800_000_000_000 - 1_800_000_000_000 % MINUTE


# (namespace, metric, dimensions, second, value => count)
type Datum = tuple[str, str, dict[str, str], int, dict[float, float]]


def described(**changes: Any) -> dict[str, Any]:
    made = {"metricNamespace": "Shop", "metricName": "Errors", "metricValue": "1"}
    made |= {key: changes.pop(key) for key in list(changes) if key != "filterPattern"}
    return {
        "logGroupName": "/group", "filterName": "errors", "creationTime": NOON,
        "filterPattern": "ERROR", "metricTransformations": [made], **changes,
    }  # fmt: skip


def told(batch: Batch) -> list[Datum]:
    return [
        (
            call["Namespace"],
            datum["MetricName"],
            {d["Name"]: d["Value"] for d in datum["Dimensions"]},
            datum["Timestamp"],
            dict(zip(datum["Values"], datum["Counts"], strict=True)),
        )
        for call in batch.calls()
        for datum in call["MetricData"]
    ]


def applied(one: dict[str, Any], *events: tuple[str, int], until: int = NOON) -> list[Datum]:
    """What a filter makes of (message, moment of event and arrival)."""
    batch, quiet = Batch(), filters.QuietMinutes()
    lines = [(Line(message), at, at) for message, at in events]
    filters.apply([filters.parse(one)], lines, batch, quiet)
    quiet.close(until, batch)
    return told(batch)


def test_a_match_counts_in_its_second() -> None:
    events = [("ERROR", NOON), ("ERROR", NOON + 999), ("INFO", NOON), ("ERROR", NOON + 1000)]
    assert applied(described(), *events) == [
        ("Shop", "Errors", {}, NOON // 1000, {1.0: 2.0}),
        ("Shop", "Errors", {}, NOON // 1000 + 1, {1.0: 1.0}),
    ]


def test_a_filter_sees_nothing_that_arrived_before_it() -> None:
    assert applied(described(), ("ERROR", NOON - 1)) == []
    assert len(applied(described(), ("ERROR", NOON))) == 1


def test_value_unit_and_dimensions_of_fields() -> None:
    one = described(
        filterPattern="{ $.ms = * }", metricValue="$.ms", unit="Milliseconds",
        dimensions={"Route": "$.route.path", "Status": "$.status"},
    )  # fmt: skip
    line = {"ms": 12.5, "route": {"path": "/feedback"}, "status": 201}
    batch = Batch()
    arrived = [
        line, line | {"ms": "7"}, line | {"ms": "slow"}, line | {"ms": True},
        line | {"status": None}, {"ms": 3}, line | {"ms": "nan"},
    ]  # fmt: skip
    lines = [(Line(json.dumps(entry)), NOON, NOON) for entry in arrived]
    filters.apply([filters.parse(one)], lines, batch, filters.QuietMinutes())
    dimensions = {"Route": "/feedback", "Status": "201"}
    assert told(batch) == [("Shop", "Errors", dimensions, NOON // 1000, {12.5: 1.0, 7.0: 1.0})]
    assert batch.calls()[0]["MetricData"][0]["Unit"] == "Milliseconds"


def test_default_value_of_a_minute_with_events_and_no_match() -> None:
    one = described(defaultValue=0.0)
    quiet: Datum = ("Shop", "Errors", {}, NOON // 1000, {0.0: 1.0})
    events = [("INFO", NOON), ("INFO", NOON + 30_000)]
    assert applied(one, *events, until=NOON + MINUTE - 1) == []  # it is not over
    assert applied(one, *events, until=NOON + MINUTE) == [quiet]
    assert applied(one, ("ERROR", NOON), *events, until=NOON + MINUTE) == [
        ("Shop", "Errors", {}, NOON // 1000, {1.0: 1.0})
    ]
    assert applied(one, *events, ("ERROR", NOON + MINUTE), until=NOON + 2 * MINUTE) == [
        ("Shop", "Errors", {}, NOON // 1000 + 60, {1.0: 1.0}),
        quiet,
    ]
    assert applied(one, until=NOON + MINUTE) == []  # nothing arrived
    assert applied(described(), *events, until=NOON + MINUTE) == []


@pytest.mark.parametrize(
    "changes",
    [{"metricValue": "one"}, {"metricValue": "$"}, {"filterPattern": "[a, b]"},
     {"dimensions": {"a": "b"}}],
)  # fmt: skip
def test_a_filter_that_is_not_understood(changes: dict[str, Any]) -> None:
    with pytest.raises(PatternError):
        filters.parse(described(**changes))


def embedded(**changes: Any) -> dict[str, Any]:
    directive = {
        "Namespace": "Shop",
        "Dimensions": [["service"], ["service", "Sentiment"], []],
        "Metrics": [{"Name": "Processed", "Unit": "Count"}, {"Name": "Size"}],
    }
    return {
        "_aws": {"Timestamp": NOON + 1500, "CloudWatchMetrics": [directive | changes]},
        "service": "shop", "Sentiment": "POSITIVE", "Processed": 1, "Size": [1.5, 1.5, 2],
    }  # fmt: skip


def emitted(entry: Any) -> list[Datum]:
    batch = Batch()
    emf.add_metrics(Line(json.dumps(entry)), batch)
    return told(batch)


def test_emf_counts_once_for_each_set_of_dimensions() -> None:
    second = NOON // 1000 + 1
    both = {"service": "shop", "Sentiment": "POSITIVE"}
    assert emitted(embedded()) == [
        ("Shop", name, dimensions, second, values)
        for name, values in (("Processed", {1.0: 1.0}), ("Size", {1.5: 2.0, 2.0: 1.0}))
        for dimensions in ({"service": "shop"}, both, {})
    ]


def test_emf_units() -> None:
    batch = Batch()
    emf.add_metrics(Line(json.dumps(embedded())), batch)
    [call] = batch.calls()
    units = {datum["MetricName"]: datum["Unit"] for datum in call["MetricData"]}
    assert units == {"Processed": "Count", "Size": "None"}


@pytest.mark.parametrize("entry", ["START RequestId", {"_aws": 1}, {"_aws": {}}, ["_aws"], {}])
def test_lines_without_emf(entry: Any) -> None:
    assert emitted(entry) == []


@pytest.mark.parametrize(
    "entry",
    [
        embedded() | {"service": 1},
        embedded() | {"service": ""},
        embedded() | {"Processed": "1"},
        embedded() | {"Processed": True},
        embedded() | {"Size": [1] * 101},
        embedded(Namespace=""),
        embedded(Dimensions=None),
        embedded(Dimensions=["service"]),
        embedded(Dimensions=[["service"] * 31]),
        embedded(Metrics=[]),
        embedded(Metrics=[{"Name": "Missing"}]),
        embedded(Metrics=[{"Name": "Processed"}] * 101),
        embedded() | {"_aws": {"CloudWatchMetrics": [{}]}},
        embedded() | {"_aws": {"Timestamp": NOON, "CloudWatchMetrics": [1]}},
    ],
)
def test_emf_that_breaks_the_format_makes_no_metric(entry: Any) -> None:
    batch = Batch()
    with pytest.raises(emf.EmfError):
        emf.add_metrics(Line(json.dumps(entry)), batch)
    assert batch.calls() == []


def test_calls_keep_the_limits_and_a_metric_together() -> None:
    batch = Batch()
    for value in range(VALUES + 1):
        batch.add(Metric("A", "many values"), value, NOON)
    for second in range(DATA):
        batch.add(Metric("A", "many seconds"), 1, NOON + second * 1000)
    batch.add(Metric("B", "one"), 1, NOON)
    batch.add(Metric("B", "one"), float("inf"), NOON)
    calls = batch.calls()
    assert [(c["Namespace"], {d["MetricName"] for d in c["MetricData"]}) for c in calls] == [
        ("A", {"many seconds"}), ("A", {"many values"}), ("B", {"one"}),
    ]  # fmt: skip
    data = [datum for call in calls for datum in call["MetricData"]]
    assert max(len(datum["Values"]) for datum in data) == VALUES
    assert sum(sum(datum["Counts"]) for datum in data) == VALUES + 1 + DATA + 1
    json.dumps(calls)  # they are saved as that
