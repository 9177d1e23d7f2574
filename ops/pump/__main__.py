"""`python -m ops.pump --folder build/local`: pump until the cloud of that folder goes away."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from ops.pump import process

INTERVAL = 1.0  # seconds between rounds
ALARMS = 10.0  # seconds between evaluations of alarms
# A round costs the cloud more the more logs it holds. At most this share of the time goes there,
# unless alarms would ring too late for it.
SHARE = 0.1
LONGEST = 10.0  # seconds between rounds, whatever they cost


def say(line: str) -> None:
    """Write a line of the log."""
    print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}", flush=True)


def pump(folder: Path, stopped: threading.Event) -> None:
    """Rounds until the cloud of `folder` is gone or `stopped` is set."""
    # Imported with the file held: whoever started this program waits for that.
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    from ops import emulator
    from ops.pump.alarms import evaluate
    from ops.pump.pump import Pump

    cloud = emulator.running(folder)
    if cloud is None:
        say("no embedded cloud runs here")
        return
    # Never tried again by the SDK: metrics that arrived and were not confirmed would count twice.
    once = Config(retries={"total_max_attempts": 1}, read_timeout=60)
    logs, cloudwatch = (
        emulator.client(name, cloud.endpoint, once) for name in ("logs", "cloudwatch")
    )
    work = Pump(logs, cloudwatch, folder / "pump.json", say)
    say(f"pumping for {cloud.endpoint}")
    due, trouble = 0.0, ""
    while not stopped.is_set():
        started = time.monotonic()
        try:
            work.round()
            if started >= due:
                due = started + ALARMS
                evaluate(cloudwatch, say)
            trouble = ""
        except (BotoCoreError, ClientError) as error:
            if not emulator.alive(cloud.pid):
                say("the embedded cloud is gone")
                return
            if str(error) != trouble:
                trouble = str(error)
                say(f"a round failed, the next one tries again: {trouble}")
        spent = time.monotonic() - started
        stopped.wait(min(LONGEST, max(INTERVAL, spent / SHARE)))
    say("stopped")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    folder = parser.parse_args(arguments).folder
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    if process.hold(folder) is None:
        say("another pump runs here")
        return 1
    pump(folder, stopped)
    return 0


if __name__ == "__main__":
    sys.exit(main())
