"""Functions as Lambda runs them, without Docker: the Runtime Interface Emulator (its binary
ships inside aws-sam-cli), Lambda's own runtime client, and the runtime's boto3.

Linux only, like the emulator.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from ops import ROOT
from ops.setup import ENVIRONMENTS
from tests.bench import FOLDER, BenchError, stand_in
from tests.bench.functions import Case

PYTHON = ENVIRONMENTS["runtime"] / "bin" / "python"
_ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
_INVOKE = "/2015-03-31/functions/function/invocations"
_SECONDS = 30  # for a start and for a call
_SOURCES = FOLDER / "runtime-sources"


class Failed(BenchError):  # noqa: N818
    """A function that did not start or did not answer well, with its last lines of output."""


@dataclass(frozen=True)
class ColdStart:
    """One cold start, in milliseconds."""

    init: float
    first_call: float
    cpu: float  # user and system time of the function's process, from exec to the first answer


def emulator_binary() -> Path:
    """Raises BenchError where the emulator does not run."""
    architecture = _ARCHITECTURES.get(platform.machine().lower())
    if platform.system() != "Linux" or architecture is None:
        raise BenchError(f"the Lambda emulator does not run on {platform.system()} "
                         f"{platform.machine()}: use Linux on x86_64 or arm64")  # fmt: skip
    pattern = f"lib/python*/site-packages/samcli/local/rapid/aws-lambda-rie-{architecture}"
    found = sorted(ENVIRONMENTS["bench"].glob(pattern))
    if not found:
        raise BenchError("aws-sam-cli brings no emulator any more: see tests/bench/runtime.py")
    return found[0]


def prepare() -> None:
    """Give the runtime's packages bytecode, and make a copy of them that has none."""
    packages = _site_packages()
    subprocess.run([str(PYTHON), "-m", "compileall", "-q", "-j", "0", str(packages)], check=True)
    stamp = _SOURCES / ".lock-digest"
    digest = (ENVIRONMENTS["runtime"] / ".lock-digest").read_text()
    if stamp.exists() and stamp.read_text() == digest:
        return
    shutil.rmtree(_SOURCES, ignore_errors=True)
    shutil.copytree(packages, _SOURCES, ignore=shutil.ignore_patterns("__pycache__"))
    stamp.write_text(digest)


def _site_packages() -> Path:
    return next(ENVIRONMENTS["runtime"].glob("lib/python*/site-packages"))


def variables(case: Case, endpoint: str, *, bytecode: bool = True) -> dict[str, str]:
    """The whole environment of a function's process: nothing of this one's leaks into it."""
    given = {
        "PATH": os.environ["PATH"],
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "HOME": "/nonexistent",  # no configuration files of the person who runs this
        "PYTHONDONTWRITEBYTECODE": "1",  # on Lambda, packages lie on a read-only disk
        "AWS_ENDPOINT_URL": endpoint,
        **case.variables,
    }
    if not bytecode:
        given["PYTHONPATH"] = str(_SOURCES)
    return given


class Emulator:
    """One function in one emulator. Nothing runs before the first call: that is the cold start."""

    def __init__(self, case: Case, endpoint: str, *, bytecode: bool = True) -> None:
        self._case = case
        self._log = FOLDER / "logs" / f"{case.name.replace(' ', '_')}.log"
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._port, runtime_port = _free_ports(2)
        self._payload = case.payload
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                [
                    str(emulator_binary()), "--log-level", "info",
                    "--runtime-interface-emulator-address", f"127.0.0.1:{self._port}",
                    "--runtime-api-address", f"127.0.0.1:{runtime_port}",
                    str(PYTHON), "-m", "awslambdaric", case.function.handler,
                ],
                cwd=case.function.folder,
                env=variables(case, endpoint, bytecode=bytecode),
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_SECONDS)
        self._function: int | None = None
        try:
            self._connect()
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def cold_start(self) -> ColdStart:
        """Make the first call. Raises Failed."""
        self.call()
        log = self._log.read_text(errors="replace")
        return ColdStart(init_milliseconds(log), call_milliseconds(log)[0], self.cpu() * 1000)

    def call(self) -> None:
        """Raises Failed unless the answer is a success."""
        try:
            self._connection.request("POST", _INVOKE, self._payload)
            response = self._connection.getresponse()
            text = response.read()
        except OSError as error:
            raise self._failed(f"no answer: {error}") from error
        if response.status != 200 or not is_success(text):
            raise self._failed(f"{response.status} {text[:300].decode(errors='replace')}")

    def cpu(self) -> float:
        """Seconds of CPU that the function's process has used, all threads, in nanosecond steps."""
        if self._function is None:
            self._function = _child_of(self._process.pid)
        # The CPU clock of another process (Linux: include/linux/posix-timers.h, CPUCLOCK_SCHED).
        return time.clock_gettime(~self._function << 3 | 2)

    def stop(self) -> None:
        self._connection.close()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _connect(self) -> None:
        deadline = time.monotonic() + _SECONDS
        while True:
            try:
                self._connection.connect()
            except ConnectionRefusedError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise self._failed("the emulator does not start") from None
                time.sleep(0.005)
            else:
                return

    def _failed(self, problem: str) -> Failed:
        tail = "\n    ".join(self._log.read_text(errors="replace").splitlines()[-12:])
        return Failed(f"{self._case.name}: {problem}\n    {tail}")


def init_milliseconds(log: str) -> float:
    """The duration of the init phase, as the emulator reports it. `Init Duration` of its REPORT
    line is not meant: that is the emulator's own start."""
    found = re.findall(r"INIT REPORT\(durationMs: ([0-9.]+)\)", log)
    if len(found) != 1:
        raise BenchError(f"the emulator reported {len(found)} inits, not one")
    return float(found[0])


def call_milliseconds(log: str) -> list[float]:
    """Durations of the calls so far, without init."""
    durations = re.findall(r"INVOKE RTDONE\(status: success,.* duration: ([0-9.]+)ms\)", log)
    if not durations:
        raise BenchError("the emulator reported no successful call")
    return [float(duration) for duration in durations]


def is_success(answer: bytes) -> bool:
    """2xx of an API's handler; for another one, an answer that is no error."""
    try:
        content = json.loads(answer)
    except ValueError:
        return False
    if not isinstance(content, dict) or "errorType" in content:
        return False
    status = content.get("statusCode", 200)
    return isinstance(status, int) and 200 <= status < 300 and not content.get("batchItemFailures")


@contextlib.contextmanager
def services() -> Iterator[Services]:
    """The stand-in for AWS, in a process of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", stand_in.__name__], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            port = (process.stdout or sys.stdin).readline().strip()
            if not port:
                raise BenchError("the stand-in for AWS does not start")
            yield Services(int(port))
        finally:
            process.terminate()


class Services:
    def __init__(self, port: int) -> None:
        self._port = port
        self.endpoint = f"http://127.0.0.1:{port}"

    def calls(self) -> Mapping[str, int]:
        """How often each operation was called since the last time this was asked."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_SECONDS)
        try:
            connection.request("GET", stand_in.CALLS)
            content: Any = json.loads(connection.getresponse().read() or b"{}")
        finally:
            connection.close()
        return dict(content)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _child_of(parent: int) -> int:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            text = stat.read_text()
            # The command in parentheses may hold anything; state and parent follow it.
            if int(text.rpartition(")")[2].split()[1]) == parent:
                return int(stat.parent.name)
    raise BenchError(f"the emulator (process {parent}) runs no function")
