"""What end-to-end and browser tests share: one applied stack."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import httpx
import pytest

from ops import BUILD, emulator
from ops.stack import Stack
from tests.e2e.conftest import Deployment


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
