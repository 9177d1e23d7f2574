"""A freshly applied stack in an embedded cloud of its own, with IAM enforced (tests/conftest.py).

`E2E_STACK=local` runs the tests against the stack of `make up` instead, while developing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from ops import emulator
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
