"""What stands before the embedded cloud: functions there answer as on AWS when many are called."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from botocore.config import Config

from ops import emulator
from tests.e2e.packages import own_function

# It takes its time to start, as one with an SDK does, and little to work.
SLOW_TO_START = """
import os, time
import boto3

until = time.process_time() + 0.5
while time.process_time() < until:
    pass


def handler(event, context):
    time.sleep(event.get("seconds", 0))
    if event.get("calls"):
        boto3.client("lambda").invoke(FunctionName=context.function_name, Payload="{}")
    return os.getpid()
"""
BURST = 60


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[emulator.Emulator]:
    folder = tmp_path_factory.mktemp("cloud")
    yield emulator.start(folder, emulator.free_port())
    emulator.stop(folder)


@pytest.fixture
def slow_to_start(cloud: emulator.Emulator) -> Iterator[str]:
    name = f"test-{uuid4().hex[:12]}"
    arn = f"arn:aws:lambda:{emulator.REGION}:{emulator.ACCOUNT}:function:{name}"
    with own_function(cloud, name, SLOW_TO_START, {"lambda:InvokeFunction": arn}) as made:
        yield made


def invoked(cloud: emulator.Emulator, name: str, times: int, event: dict[str, float]) -> set[int]:
    """The processes that answered, asked all at once."""
    config = Config(max_pool_connections=times, read_timeout=120, retries={"total_max_attempts": 1})
    functions = emulator.client("lambda", cloud.endpoint, config)

    def invoke(_number: int) -> int:
        answer = functions.invoke(FunctionName=name, Payload=json.dumps(event))
        found = json.load(answer["Payload"])
        assert "FunctionError" not in answer, found
        return int(found)

    with ThreadPoolExecutor(times) as callers:
        return set(callers.map(invoke, range(times)))


def test_a_burst_uses_the_processes_that_are_there(
    cloud: emulator.Emulator, slow_to_start: str
) -> None:
    """A process for each would take every core for half a minute, and nobody be answered."""
    waits: list[float] = []
    tables = emulator.client("dynamodb", cloud.endpoint)
    with ThreadPoolExecutor(1) as burst:
        asked = burst.submit(invoked, cloud, slow_to_start, BURST, {})
        while not asked.done():
            started = time.monotonic()
            tables.list_tables()
            waits.append(time.monotonic() - started)
            time.sleep(0.05)
    assert len(asked.result()) < BURST / 3
    assert max(waits) < 2  # what a function waits for an answer of its table


def test_who_is_busy_is_not_waited_for(cloud: emulator.Emulator, slow_to_start: str) -> None:
    """On AWS each call has a process of its own while the others work."""
    assert len(invoked(cloud, slow_to_start, 6, {"seconds": 15})) == 6


def test_functions_that_invoke_themselves_do_not_wait_for_each_other(
    cloud: emulator.Emulator, slow_to_start: str
) -> None:
    assert invoked(cloud, slow_to_start, 6, {"seconds": 2, "calls": 1})
