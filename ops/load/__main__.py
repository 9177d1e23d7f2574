"""`make load`: concurrent users on the tasks of the local stack; percentiles by route."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from ops import ROOT, OperatorError, emulator
from ops.stack import Stack

LOCUST = ROOT / "build" / "load" / "venv" / "bin" / "locust"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suffix", default="local")
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args(arguments)
    if not emulator.running(emulator.LOCAL):
        print("make load: no embedded cloud runs, `make up` starts one", file=sys.stderr)
        return 1
    try:
        host = Stack(options.suffix, emulator.LOCAL).outputs()["api_base_url"]
    except OperatorError as error:
        print(f"make load: {error}", file=sys.stderr)
        return 1
    print(f"{options.users} users, {options.seconds} s, {host}", flush=True)
    done = subprocess.run(
        [
            str(LOCUST), "--headless", "--skip-log", "--loglevel", "ERROR",
            "--locustfile", str(Path(__file__).with_name("users.py")), "--host", host,
            "--users", str(options.users), "--spawn-rate", str(max(1, options.users // 5)),
            "--run-time", f"{options.seconds}s", "--stop-timeout", "30",
        ],
        check=False,
    )  # fmt: skip
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
