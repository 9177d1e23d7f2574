"""`make demo-rollback`: a bad release of the running local stack is noticed and rolled back.

Releases a version of the feedback processor that is healthy when asked and fails every request,
under a small load. Shows, in seconds since the start, how the errors begin, the alarm fires, the
alias moves back and the API heals; then puts everything back. Exits with 1 if it did not heal, or
if anything that was accepted is lost.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table

from ops import OperatorError, emulator
from ops.demo.chain import Outcome, run, target
from ops.demo.load import Load
from ops.deployed import add_arguments, deployed
from ops.pump import process as pump

NOTE = (
    "The embedded cloud does not apply an alias' weights: errors begin at 100 % here. On AWS they "
    "begin at the first weight, and the release's own bake takes the version back."
)


class Clock:
    """Prints lines with the seconds since it was made."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()

    def __call__(self, line: str, style: str = "bold") -> None:
        seconds = time.monotonic() - self._started
        self._console.print(
            f"{seconds:6.1f} s  {line}", style=style, highlight=False, soft_wrap=True
        )

    @contextmanager
    def each_second(self, load: Load) -> Iterator[None]:
        """Print once a second what the load was answered since the second before."""
        stopped = threading.Event()

        def tell() -> None:
            told = 0
            while not stopped.wait(1):
                answers = load.seen()
                accepted = sum(answer.accepted for answer in answers[told:])
                failed = len(answers) - told - accepted
                told = len(answers)
                if accepted or failed:
                    self(f"  accepted {accepted:2}  failed {failed:2}", "red" if failed else "dim")

        thread = threading.Thread(target=tell, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            thread.join()


def summary(outcome: Outcome) -> Table:
    moments = outcome.moments
    table = Table("from", "to", "seconds", box=None, pad_edge=False)
    for start, end in (
        ("released", "first_error"), ("first_error", "alarm"), ("alarm", "back"),
        ("back", "healed"), ("back", "notified"), ("first_error", "healed"),
    ):  # fmt: skip
        moment, later = getattr(moments, start), getattr(moments, end)
        took = f"{later - moment:.1f}" if moment and later else "-"
        table.add_row(start.replace("_", " "), end.replace("_", " "), took)
    return table


def _problems(outcome: Outcome, limit: float) -> list[str]:
    accepted = sum(answer.accepted for answer in outcome.answers)
    found = []
    if outcome.healed_in is None:
        found.append(f"the API did not heal within {limit:.0f} s of the first error")
    if outcome.moments.notified is None:
        found.append("nobody was notified of a rollback")
    if outcome.lost:
        found.append(f"{len(outcome.lost)} of {accepted} accepted pieces of feedback are lost")
    if outcome.miscounted:
        found.append(f"the analytics count {outcome.miscounted:+d} of {accepted}")
    return found


def demo(suffix: str, limit: float, console: Console) -> int:
    """Raises OperatorError if it cannot be shown."""
    options = argparse.Namespace(outputs=None, suffix=suffix)
    if emulator.running(emulator.LOCAL) is None or not pump.running(emulator.LOCAL):
        raise OperatorError("the local stack does not run: `make up` first")
    stack = deployed(options)
    found = target(stack)
    console.print(NOTE, style="dim", soft_wrap=True)
    say = Clock(console)
    load = Load(stack.outputs["api_base_url"])
    with say.each_second(load):
        outcome = run(found, load, limit, say)
    console.print(summary(outcome))
    accepted = sum(answer.accepted for answer in outcome.answers)
    told = f"{len(outcome.answers)} requests, {accepted} accepted"
    if not outcome.lost and not outcome.miscounted:
        told += ", each of them readable and counted"
    console.print(f"\n{told}.", highlight=False, soft_wrap=True)
    for problem in (problems := _problems(outcome, limit)):
        console.print(f"make demo-rollback: {problem}", style="red", soft_wrap=True)
    return 1 if problems else 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    parser.add_argument(
        "--limit", type=float, default=60, help="seconds from first error to healed"
    )
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # put everything back first
    try:
        return demo(options.suffix, options.limit, Console())
    except (OperatorError, ClientError, BotoCoreError, OSError, KeyError) as error:
        print(f"make demo-rollback: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("make demo-rollback: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
