"""The embedded cloud: start it in the background, find it, stop it.

One folder of build/ belongs to one running cloud: `build/local` to that of `make up`, a
folder of its own to each end-to-end test run. Its `emulator.json` says where it listens.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from ops import BUILD, ROOT, OperatorError
from ops.pump import process as pump
from ops.setup import ENVIRONMENTS

REGION = "us-west-1"
ACCOUNT = "000000000000"
# The account's root user there; every other identity is held to its IAM policies. The cloud
# takes this key and no other. Cost: none, it opens nothing that holds data of anybody.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}  # nosec B105
START_SECONDS = 60
EDGE = ROOT / "ops" / "edge" / "ministack_edge.py"  # alone in its folder, which Python looks into
# How long a connection may idle before the cloud closes it: longer than any client keeps one.
# Its own start closes after 75 s, where the provider keeps connections for 90: a request that
# came in at that moment was carried out and its answer lost (hypercorn's `_idle_timeout` closes
# what has begun to work again), the provider asked once more and was told "already exists".
KEEP_ALIVE_SECONDS = 24 * 60 * 60


# Clouds that this process started. It must wait for them in the end, or they stay zombies.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Emulator:
    """A running embedded cloud."""

    pid: int
    port: int

    @property
    def endpoint(self) -> str:
        """Where AWS clients point, e.g. http://127.0.0.1:4566."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What points an AWS SDK, the AWS CLI and Terraform's provider at it, and at it alone."""
        return {
            **CREDENTIALS,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }


def client(service: str, endpoint: str, config: Config | None = None) -> Any:
    """A boto3 client of the embedded cloud at `endpoint`, as its root user."""
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=config,
    )


def free_port() -> int:
    """A TCP port of the loopback interface that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def running(folder: Path) -> Emulator | None:
    """The embedded cloud that belongs to `folder`, if it runs and answers."""
    try:
        emulator = Emulator(**json.loads((folder / "emulator.json").read_text()))
    except (FileNotFoundError, json.JSONDecodeError, TypeError):
        return None
    return emulator if alive(emulator.pid) and _answers(emulator.port) else None


def start(folder: Path, port: int) -> Emulator:
    """Start an embedded cloud for `folder` on loopback `port`, and the pump beside it, and wait
    until they are up. What of them runs already is left alone.

    Raises OperatorError if the port is taken or the cloud does not come up.
    """
    emulator = _start(folder, port)
    pump.start(folder, emulator.environment)
    return emulator


def _start(folder: Path, port: int) -> Emulator:
    present = running(folder)
    if present:
        if present.port != port:
            raise OperatorError(
                f"the embedded cloud runs already, on port {present.port}: "
                f"`make down` first, or `make up PORT={present.port}`"
            )
        return present
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise OperatorError(
                f"port {port} is taken by another program: choose one, `make up PORT={port + 1}`"
            )
    folder.mkdir(parents=True, exist_ok=True)
    scratch = folder / "tmp"
    scratch.mkdir(exist_ok=True)
    pump.stop(folder)  # of a cloud that died
    (folder / "pump.json").unlink(missing_ok=True)
    python = ENVIRONMENTS["emulator"] / "bin" / "python"
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "PYTHON"))},
        **CREDENTIALS,
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "AWS_DEFAULT_REGION": REGION,
        "MINISTACK_REGION": REGION,
        "SFTP_ENABLED": "0",  # would listen on 2222
        "IOT_MTLS_ENABLED": "0",
        "TMPDIR": str(scratch),
        "STATE_DIR": str(folder / "state"),
        "LOG_LEVEL": os.environ.get("EMULATOR_LOG_LEVEL", "INFO"),
    }
    with (folder / "emulator.log").open("wb") as log:
        process = subprocess.Popen(
            [
                str(python), "-m", "hypercorn", f"{EDGE}:app",
                "--bind", f"127.0.0.1:{port}", "--workers", "0",
                "--keep-alive", str(KEEP_ALIVE_SECONDS),
            ],
            env=environment, cwd=folder, stdin=subprocess.DEVNULL,
            stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    _children[process.pid] = process
    emulator = Emulator(process.pid, port)
    (folder / "emulator.json").write_text(json.dumps(asdict(emulator)) + "\n")
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if _answers(port):
            return emulator
        time.sleep(0.1)
    stop(folder)
    tail = (folder / "emulator.log").read_text(errors="replace").splitlines()[-5:]
    raise OperatorError("the embedded cloud did not start:\n    " + "\n    ".join(tail))


def stop(folder: Path) -> bool:
    """Stop the embedded cloud of `folder` and its pump; False if no cloud was running."""
    pump.stop(folder)
    try:
        pid = int(json.loads((folder / "emulator.json").read_text())["pid"])
    except (FileNotFoundError, json.JSONDecodeError, KeyError):
        return False
    was_running = alive(pid)
    if was_running:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 15
        while alive(pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        if alive(pid):  # its function workers are of the same process group
            os.killpg(pid, signal.SIGKILL)
    child = _children.pop(pid, None)
    if child:
        child.wait(timeout=15)
    (folder / "emulator.json").unlink(missing_ok=True)
    return was_running


def alive(pid: int) -> bool:
    """Whether `pid` lives and is an embedded cloud: numbers are used again after a restart."""
    if pid in _children and _children[pid].poll() is not None:
        del _children[pid]
        return False
    process = Path("/proc") / str(pid)
    if process.is_dir():
        return b"ministack" in (process / "cmdline").read_bytes()  # empty for a zombie
    if Path("/proc/self").exists():
        return False
    done = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return "ministack" in done.stdout


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_ministack/health", timeout=2) as r:
            return bool(r.status == 200)
    except (urllib.error.URLError, OSError):
        return False


LOCAL = BUILD / "local"


def outputs_file(folder: Path, suffix: str) -> Path:
    """Where the outputs of a stack in the cloud of `folder` lie."""
    return folder / "stacks" / suffix / "outputs.json"
