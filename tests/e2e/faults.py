"""Faults made from outside: the product has no switches for them.

A function fails because its role is refused something for a while, or because the process that
runs it dies.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import PurePath

from ops import emulator
from tests.e2e.conftest import Deployment

_POLICY = "refused-by-a-test"
_WORKER_FOLDER = "ministack-lambda-"


@contextmanager
def refused(deployment: Deployment, handler: str, *actions: str) -> Iterator[None]:
    """Refuse a function's role these actions, from the next call on.

    The embedded cloud evaluates policies anew for every call; on AWS it takes seconds.
    """
    iam = deployment.client("iam")
    role = deployment.outputs["functions"][handler]["role"]
    statement = {"Effect": "Deny", "Action": list(actions), "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=role, PolicyName=_POLICY, PolicyDocument=document)
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName=_POLICY)


def workers(cloud: emulator.Emulator, functions: Sequence[str]) -> list[int]:
    """Processes that run these functions (full names), busy or not.

    The embedded cloud runs a function in children of its own:
    `python TMPDIR/ministack-lambda-FUNCTION-RANDOM/_worker.py`.
    """
    commands = _children(cloud.pid)
    return [pid for pid, command in commands.items() if _function_of(command) in functions]


def _children(parent: int) -> dict[int, list[str]]:
    done = subprocess.run(
        ["ps", "-axwwo", "pid=,ppid=,command="], capture_output=True, text=True, check=True
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    return {int(pid): command for pid, ppid, *command in lines if int(ppid) == parent}


def _function_of(command: list[str]) -> str | None:
    for script in map(PurePath, command):
        if script.name == "_worker.py" and script.parent.name.startswith(_WORKER_FOLDER):
            return script.parent.name.removeprefix(_WORKER_FOLDER).rpartition("-")[0]
    return None


def kill(cloud: emulator.Emulator, functions: Sequence[str]) -> int:
    """End the processes that run these functions, at once and in the middle of what they do;
    returns how many those were."""
    return sum(_signalled(pid, signal.SIGKILL) for pid in workers(cloud, functions))


def freeze(cloud: emulator.Emulator, functions: Sequence[str]) -> int:
    """Stop the processes that run these functions where they are, until `kill`; returns how
    many those were."""
    return sum(_signalled(pid, signal.SIGSTOP) for pid in workers(cloud, functions))


def _signalled(pid: int, number: signal.Signals) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
        return True
    return False
