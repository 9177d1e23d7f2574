"""Which permissions a function needs: each is taken away in turn, and its exercise run without.

A permission is needed if the exercise then fails *and* the function logged that it was denied: a
failure for another reason proves nothing. One without which the exercise passes is unneeded,
unless it is among those that AWS needs and the embedded cloud never asks for, which
tests/reviewed_permissions.yaml lists.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from types import FrameType
from typing import Any

from tests.e2e.iam.exercises import EXERCISES, MISSING, Exercise, ExerciseError, Ground
from tests.e2e.iam.permissions import Permission, permissions, policies, taken_away
from tests.reviewed import Reviewed

LANES = 3  # functions at a time: most of their time they wait for each other's processor
SETTLE_SECONDS = 30  # until a function works again that has its permission back
LOG_SECONDS = 30  # until what a function logged can be read, on a busy machine


class Outcome(StrEnum):
    """How a function did without a permission."""

    NEEDED = "needed"
    NOT_ENFORCED = "not enforced here"  # reviewed: AWS needs it
    UNNEEDED = "unneeded"
    ENFORCED = "enforced, though listed as not"
    UNCLEAR = "unclear"  # it failed, and not because it was denied


GOOD = {Outcome.NEEDED, Outcome.NOT_ENFORCED}


@dataclass(frozen=True)
class Verdict:
    """One permission's."""

    permission: Permission
    outcome: Outcome
    evidence: str
    seconds: float

    def line(self) -> str:
        return f"{self.permission}: {self.outcome} ({self.evidence})"


class ControlError(Exception):
    """A function does not work with all its permissions, so nothing can be learnt from it."""


class Mutation:
    """One run over some functions of a stack. `say` gets a line of progress per permission."""

    def __init__(
        self,
        ground: Ground,
        reviewed: Reviewed,
        say: Callable[[str], None],
        exercises: Mapping[str, Exercise] = EXERCISES,
    ) -> None:
        self._ground = ground
        self._reviewed = reviewed
        self._say = say
        self._exercises = exercises
        self._iam = ground.deployment.client("iam")
        self._logs = ground.deployment.client("logs")
        self._stop = threading.Event()
        self._started = 0.0

    def run(self, handlers: Sequence[str]) -> list[Verdict]:
        """Verdicts on every permission of the functions, sorted. Raises ControlError.

        Roles are changed in threads, which an interruption of this one does not stop half-way:
        it is raised when every role has its policies back.
        """
        self._started = time.monotonic()
        verdicts: list[Verdict] = []
        with _terminated_like_interrupted(), ThreadPoolExecutor(LANES) as pool:
            longest_first = sorted(handlers, key=lambda h: len(self.permissions(h)), reverse=True)
            runs = [pool.submit(self._function, handler) for handler in longest_first]
            try:
                for run in as_completed(runs):
                    verdicts += run.result()
            except BaseException:
                self._stop.set()
                raise
        return sorted(verdicts, key=lambda verdict: verdict.permission)

    def permissions(self, handler: str) -> list[Permission]:
        """Every permission of a function's role."""
        role = self._ground.function(handler)["role"]
        return permissions(handler, role, policies(self._iam, role))

    def _function(self, handler: str) -> list[Verdict]:
        self._control(handler)
        verdicts = []
        for permission in self.permissions(handler):
            if self._stop.is_set():
                break
            verdicts.append(self._without(permission))
            # Also lets a stream finish what it could not do.
            self._control(handler, permission.resource)
            self._say(f"{time.monotonic() - self._started:5.1f} s  {verdicts[-1].line()}")
        return verdicts

    def _without(self, permission: Permission) -> Verdict:
        started, since = time.monotonic(), int(time.time() * 1000)
        with taken_away(self._iam, permission):
            problem = self._attempt(permission.handler, permission.resource)
            if problem is None and not self._reviewed.not_enforced(permission):
                # Perhaps it was used once, when the function started.
                self._start_anew(permission.handler)
                problem = self._attempt(permission.handler, permission.resource)
        denial = self._denial(permission.handler, since) if problem else None
        outcome = self._outcome(permission, problem, denial)
        evidence = "; ".join(filter(None, [problem, denial])) or "its exercise passes without"
        return Verdict(permission, outcome, evidence, round(time.monotonic() - started, 2))

    def _outcome(self, permission: Permission, problem: str | None, denial: str | None) -> Outcome:
        listed = self._reviewed.not_enforced(permission)
        if problem is None:
            return Outcome.NOT_ENFORCED if listed else Outcome.UNNEEDED
        if denial is None:
            return Outcome.UNCLEAR
        return Outcome.ENFORCED if listed else Outcome.NEEDED

    def _attempt(self, handler: str, focus: str | None) -> str | None:
        """Run the exercise; what went wrong, or None. Raises ControlError if there is none."""
        if handler not in self._exercises:
            raise ControlError(f"{handler}: {MISSING}")
        try:
            self._exercises[handler](replace(self._ground, focus=focus))
        except ExerciseError as error:
            return str(error)
        return None

    def _control(self, handler: str, focus: str | None = None) -> None:
        deadline = time.monotonic() + SETTLE_SECONDS
        while problem := self._attempt(handler, focus):
            if time.monotonic() > deadline:
                raise ControlError(f"{handler} does not work with all its permissions: {problem}")
            time.sleep(0.2)

    def _denial(self, handler: str, since: int) -> str | None:
        """What the function logged about being denied, from `since` (epoch milliseconds) on."""
        group = self._ground.function(handler)["log_group"]
        pages = self._logs.get_paginator("filter_log_events")
        deadline = time.monotonic() + LOG_SECONDS
        while time.monotonic() < deadline:
            for page in pages.paginate(logGroupName=group, startTime=since):
                for event in page["events"]:
                    if found := denied(event["message"]):
                        return found
            time.sleep(0.1)
        return None

    def _start_anew(self, handler: str) -> None:
        """Make the next call a cold start. Raises ControlError if it would not be one."""
        name = self._ground.function(handler)["name"]
        cloud = self._ground.deployment.cloud.pid
        ended = workers(cloud, name)
        if not ended:
            raise ControlError(f"no process of the embedded cloud runs {name}, which just ran")
        for process in ended:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        # A call that meets a process on its way out fails, and not for want of a permission.
        while set(ended) & set(workers(cloud, name)):
            time.sleep(0.05)


def workers(cloud: int, function: str) -> list[int]:
    """Processes in which the embedded cloud (process `cloud`) runs a function: its children,
    each in a folder that is named after the function."""
    table = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,command="],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    rows = (line.split(maxsplit=2) for line in table.splitlines())
    return [
        int(row[0])
        for row in rows
        if len(row) == 3 and int(row[1]) == cloud and f"/ministack-lambda-{function}-" in row[2]
    ]


def denied(message: str) -> str | None:
    """The words about a denial in a line of a log: the operation and the code, if it names them."""
    code = re.search(r"AccessDenied\w*|AuthorizationError\w*|UnauthorizedOperation", message)
    if code is None:
        return None
    operation = re.search(r'"operation":\s*"(\w+)"', message)
    return f"{operation[1]} was refused with {code[0]}" if operation else code[0]


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """SIGTERM raises KeyboardInterrupt inside: it too lets every role have its policies back."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def inventory(ground: Ground) -> dict[str, Any]:
    """Role => its policies, of every function: what a run must leave as it was."""
    iam = ground.deployment.client("iam")
    roles = [function["role"] for function in ground.deployment.outputs["functions"].values()]
    return dict(zip(roles, map(partial(policies, iam), roles), strict=True))
