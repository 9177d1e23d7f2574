"""A freshly applied stack in an embedded cloud of its own, with IAM enforced.

`E2E_STACK=local` runs the tests against the stack of `make up` instead, while developing.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from ops import BUILD, emulator
from ops.stack import Stack


@dataclass(frozen=True)
class Deployment:
    """An applied stack: its outputs, and AWS clients that are root in its account."""

    stack: Stack
    cloud: emulator.Emulator
    outputs: dict[str, Any]

    def client(self, service: str) -> Any:
        return emulator.client(service, self.cloud.endpoint)

    def key(self, name: str) -> dict[str, str]:
        """The request header that carries an API key."""
        return {"x-api-key": self.outputs["api_key_values"][name]}

    def count(self, table: str) -> int:
        """Items in a table, by output name, counted by a scan: fit for tests only."""
        pages = (
            self.client("dynamodb")
            .get_paginator("scan")
            .paginate(TableName=self.outputs[table], Select="COUNT", ConsistentRead=True)
        )
        return sum(page["Count"] for page in pages)


@pytest.fixture(scope="session")
def deployment(request: pytest.FixtureRequest) -> Iterator[Deployment]:
    if os.environ.get("E2E_STACK"):
        stack = Stack(os.environ["E2E_STACK"], emulator.LOCAL)
        cloud = emulator.running(emulator.LOCAL)
        assert cloud, "E2E_STACK is set, but no embedded cloud runs: `make up`"
        yield Deployment(stack, cloud, stack.outputs())
        return
    folder = BUILD / f"e2e-{os.getpid()}"
    stack = Stack("e2e", folder)
    try:
        outputs = stack.up(emulator.free_port())
        cloud = emulator.running(folder)
        assert cloud
        yield Deployment(stack, cloud, outputs)
    finally:
        emulator.stop(folder)
    if not request.session.testsfailed:  # else its logs tell why
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def api(deployment: Deployment) -> Iterator[httpx.Client]:
    base = deployment.outputs["api_base_url"]
    with httpx.Client(base_url=base, timeout=60, trust_env=False) as session:
        yield session


def eventually[T](read: Callable[[], T], want: Callable[[T], bool], seconds: float = 30) -> T:
    """Read until `want` holds, for what arrives through a stream; fails with the last reading."""
    deadline = time.monotonic() + seconds
    while True:
        reading = read()
        if want(reading):
            return reading
        if time.monotonic() > deadline:
            pytest.fail(f"still {reading!r} after {seconds} s")
        time.sleep(0.2)
