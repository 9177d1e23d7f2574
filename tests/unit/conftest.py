import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import moto
import pytest

from tests.unit.platform import ENVIRONMENT, HANDLERS, Platform, load

# Before any first-party module is imported: settings are read at import.
os.environ.update(ENVIRONMENT)


@pytest.fixture(scope="session")
def modules() -> dict[str, ModuleType]:
    return {name: load(name) for name in HANDLERS}


@pytest.fixture
def platform(modules: dict[str, ModuleType]) -> Iterator[Platform]:
    with moto.mock_aws():
        made = Platform(modules)
        with pytest.MonkeyPatch.context() as patch:
            for handler in ("stream_aggregator", "lake_exporter", "schedule_task_reminders"):
                patch.setattr(modules[handler].DEAD_LETTERS, "_url", made.dead_letter_url)
            yield made


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries are counted, not timed."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


@pytest.fixture
def one_call_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto's tables are not made for threads. Calls of several threads may come in any order,
    but each of them is atomic, as DynamoDB's are."""
    from botocore.client import BaseClient

    lock = threading.RLock()
    call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def locked(self: BaseClient, *arguments: Any, **options: Any) -> Any:
        with lock:
            return call(self, *arguments, **options)

    monkeypatch.setattr(BaseClient, "_make_api_call", locked)


class _CurrentStdout:
    """The logger keeps the stream it was made with; pytest changes it between phases."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


@pytest.fixture
def output(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[], list[dict[str, Any]]]:
    """Log lines and metrics since the last call."""
    from customer_platform.observability import logger

    monkeypatch.setattr(logger.registered_handler, "stream", _CurrentStdout())
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]
