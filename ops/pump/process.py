"""The pump's process: one for each embedded cloud, known by the file that it holds locked."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from ops import ROOT, OperatorError

START_SECONDS = 20
STOP_SECONDS = 15

# Pumps that this process started. It must wait for them in the end, or they stay zombies.
_children: dict[int, subprocess.Popen[bytes]] = {}


def hold(folder: Path) -> int | None:
    """Lock the file of the pump of `folder` until this process ends, and write its number there.

    Returns the file's descriptor, or None if another pump holds it.
    """
    descriptor = os.open(folder / "pump.pid", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor


def running(folder: Path) -> int | None:
    """The number of the process that pumps for the cloud of `folder`, if there is one."""
    try:
        with (folder / "pump.pid").open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                text = file.read()
                return int(text) if text else None
    except FileNotFoundError:
        return None
    return None


def start(folder: Path, environment: dict[str, str]) -> int:
    """Start the pump of the cloud of `folder` in the background, if it does not run.

    `environment`: what points an AWS SDK at that cloud. Returns the process's number. Raises
    OperatorError if it does not come up.
    """
    present = running(folder)
    if present:
        return present
    with (folder / "pump.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ops.pump", "--folder", str(folder)],
            env={k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | environment,
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    _children[process.pid] = process
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        present = running(folder)
        if present:
            return present
        time.sleep(0.05)
    tail = (folder / "pump.log").read_text(errors="replace").splitlines()[-5:]
    raise OperatorError("the pump did not start:\n    " + "\n    ".join(tail))


def stop(folder: Path) -> bool:
    """Stop the pump of `folder` at the end of its round; False if none was running."""
    pid = running(folder)
    if pid:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while running(folder) and time.monotonic() < deadline:
            time.sleep(0.05)
        if running(folder):
            os.kill(pid, signal.SIGKILL)
        child = _children.pop(pid, None)
        if child:
            child.wait(timeout=STOP_SECONDS)
    (folder / "pump.pid").unlink(missing_ok=True)
    return bool(pid)
