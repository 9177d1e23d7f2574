"""How many processes of functions start at once.

MiniStack 1.5.33 starts one for every invocation that finds none free (`lambda_runtime.
acquire_worker`), as AWS does, which has a machine for each. On two cores a burst of three hundred
messages became a hundred Python processes that imported at once: for forty seconds nobody was
answered in time, MiniStack itself least of all, and functions gave up on tables that were there.

So here as many start at once as there are cores. Who finds none free waits for one that becomes
free, or for its turn to start one: nobody waits for what a function does meanwhile, so one that
invokes itself is served too.
"""

from __future__ import annotations

import os
import threading
from typing import Any

from ministack.core import lambda_runtime  # type: ignore[import-not-found]
from ministack.services import lambda_svc  # type: ignore[import-not-found]

AT_ONCE = os.cpu_count() or 1
_changed = threading.Condition()
_starting: set[int] = set()  # ids of processes to be


def mend() -> None:
    """Let MiniStack start functions one after the other, and use those that it has."""
    if lambda_svc.acquire_worker is not lambda_runtime.acquire_worker:
        raise RuntimeError("MiniStack starts functions in another way: look at cold_starts.py")
    acquire, release = lambda_runtime.acquire_worker, lambda_runtime.release_worker
    worker = lambda_runtime.Worker
    spawn = worker._spawn

    def acquire_in_turn(function: str, config: Any, *arguments: Any, **named: Any) -> Any:
        key = lambda_runtime._worker_key(function, config, named.get("qualifier", "$LATEST"))
        with _changed:
            while len(_starting) >= AT_ONCE and not _is_one_free(key):
                _changed.wait()
            leased, reason = acquire(function, config, *arguments, **named)
            if reason == "spawn":
                _starting.add(id(leased))
            return leased, reason

    def release_and_tell(leased: Any) -> None:
        release(leased)
        _tell(leased)  # also of one that never came to start

    def spawn_and_tell(self: Any) -> None:
        try:
            spawn(self)
        finally:
            _tell(self)

    worker._spawn = spawn_and_tell
    for module in (lambda_runtime, lambda_svc):
        module.acquire_worker, module.release_worker = acquire_in_turn, release_and_tell


def _is_one_free(key: str) -> bool:
    with lambda_runtime._lock:
        return any(not worker.in_use for worker in lambda_runtime._workers.get(key, ()))


def _tell(worker: Any) -> None:
    with _changed:
        _starting.discard(id(worker))
        _changed.notify_all()
