"""`make bench`: run every bench, or the ones named; print tables; write build/bench/NAME.json.

Ends with status 1 if something could not be measured. A missed goal is told, and no error: figures
of a clock are for people to judge.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
import time

from rich.console import Console

from tests.bench import FOLDER, BenchError, benches, machine


def names() -> list[str]:
    """All benches: the modules of tests.bench.benches."""
    return sorted(module.name for module in pkgutil.iter_modules(benches.__path__))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure, side by side.")
    parser.add_argument("--only", nargs="*", choices=names(), help="these benches only")
    parser.add_argument("--rounds", type=int, help="rounds, instead of each bench's own number")
    options = parser.parse_args(arguments)
    console = Console() if sys.stdout.isatty() else Console(width=120)
    described = machine.describe()
    console.print(machine.as_line(described), highlight=False)
    missed: list[str] = []
    for name in options.only or names():
        started = time.monotonic()
        bench = importlib.import_module(f"{benches.__name__}.{name}")
        try:
            report = bench.measure(options.rounds, _say)
        except BenchError as error:
            print(f"make bench: {name}: {error}", file=sys.stderr)
            return 1
        report.show(console)
        file = FOLDER / f"{name}.json"
        report.write(file, name, described)
        console.print(
            f"  build/bench/{file.name}, in {time.monotonic() - started:.0f} s", style="dim"
        )
        missed += [goal.text for goal in report.goals if not goal.met]
    console.print()
    if missed:
        console.print(f"[red]{len(missed)} goals missed[/]: {'; '.join(missed)}")
    else:
        console.print("Every goal is met.")
    return 0


def _say(line: str) -> None:
    print(f"  {time.strftime('%H:%M:%S')}  {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
