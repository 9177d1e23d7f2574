"""Rounds: no event counted twice or lost, whoever dies when; what is said, and once."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from ops.pump.pump import Pump
from tests.ops.pump.cloud import Logs, Metrics

GROUP = "/aws/lambda/shop"


class World:
    """A log group with a filter on ERROR, and pumps that come and go."""

    def __init__(self, folder: Path, **filter_changes: Any) -> None:
        self.logs = Logs()
        self.logs.clock = int(time.time() * 1000)
        self.metrics = Metrics()
        self.said: list[str] = []
        self._file = folder / "pump.json"
        self.logs.create(GROUP)
        made = {"metricNamespace": "Shop", "metricName": "Errors", "metricValue": "1"}
        self.logs.filters.append({
            "logGroupName": GROUP, "filterName": "errors", "filterPattern": "ERROR",
            "creationTime": self.logs.clock, "metricTransformations": [made], **filter_changes,
        })  # fmt: skip
        self.pump = self.restarted()

    def restarted(self) -> Pump:
        self.pump = Pump(self.logs, self.metrics, self._file, self.said.append)
        return self.pump

    def log(self, *messages: str) -> None:
        self.logs.put(GROUP, "stream", [(self.logs.clock, message) for message in messages])

    def errors(self) -> float:
        return self.metrics.total("Shop", "Errors")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def emf(name: str, value: float) -> str:
    directive = {"Namespace": "Shop", "Dimensions": [[]], "Metrics": [{"Name": name}]}
    metadata = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
    return json.dumps({"_aws": metadata, name: value})


def test_filters_and_emf_of_a_group(world: World) -> None:
    world.log("ERROR", "INFO", "ERROR", emf("Processed", 3))
    world.pump.round()
    assert (world.errors(), world.metrics.total("Shop", "Processed")) == (2, 3)
    world.pump.round()
    assert world.errors() == 2


def test_a_restart_counts_nothing_twice_and_loses_nothing(world: World) -> None:
    world.log("ERROR")
    world.pump.round()
    world.log("ERROR")  # nobody pumps
    world.restarted().round()
    assert world.errors() == 2
    world.restarted().round()
    assert world.errors() == 2


@pytest.mark.parametrize("dies", ["before", "after"])
@pytest.mark.parametrize("restarts", [False, True])
def test_a_call_without_an_answer(world: World, dies: str, restarts: bool) -> None:
    """The cloud took the metrics or not; the pump goes on, or is started anew."""
    world.log("ERROR", "ERROR", emf("Processed", 3))
    world.pump.round()
    world.log("ERROR", emf("Processed", 4))  # in a second that the cloud has data of
    world.metrics.dies = dies
    with pytest.raises(ConnectionClosedError):
        world.pump.round()
    if restarts:
        world.restarted()
    world.log("ERROR")
    world.pump.round()
    assert (world.errors(), world.metrics.total("Shop", "Processed")) == (4, 7)


def test_a_group_made_anew_starts_anew(world: World) -> None:
    world.log("ERROR")
    world.pump.round()
    world.logs.delete(GROUP)
    world.logs.clock += 1000
    world.logs.create(GROUP)
    world.log("ERROR")
    world.pump.round()
    assert world.errors() == 2


def test_quiet_minutes_survive_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {"metricNamespace": "Shop", "metricName": "Errors", "metricValue": "1",
            "defaultValue": 0.0}  # fmt: skip
    world = World(tmp_path, metricTransformations=[made])
    world.log("INFO")
    world.pump.round()
    assert world.metrics.data == []
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 61)
    world.restarted().round()
    [(_, datum)] = world.metrics.data
    assert (datum["Values"], datum["Counts"]) == ([0.0], [1.0])
    world.restarted().round()
    assert len(world.metrics.data) == 1


def test_what_is_not_understood_is_said_once_and_counts_nothing(tmp_path: Path) -> None:
    world = World(tmp_path, filterPattern="[ip, user]")
    broken = json.dumps({"_aws": {"CloudWatchMetrics": [{}]}})
    for _ in range(3):
        world.log("ERROR", broken, emf("Processed", 1))
        world.pump.round()
    assert [line.split(":")[0] for line in world.said] == [GROUP, GROUP]
    assert "space-delimited" in world.said[0]
    assert "embedded metric format" in world.said[1]
    assert (world.errors(), world.metrics.total("Shop", "Processed")) == (0, 3)
