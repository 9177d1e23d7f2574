"""`make test`: every check, two lanes side by side, and a one-screen summary.

One lane holds what keeps a core busy; the other what applies stacks, and mostly waits for
Terraform. Each check's whole output is in build/test/NAME.log.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ops import BUILD, ROOT

LANES = (
    (
        *("lint", "types", "unit", "site-lint", "site-types", "site-unit"),
        *("plan-test", "security", "lifecycle"),
    ),
    ("e2e",),
)
FOLDER = BUILD / "test"


@dataclass(frozen=True)
class Result:
    """How a check ended."""

    name: str
    succeeded: bool
    seconds: float
    passed: int = 0
    failed: int = 0
    skipped: int = 0


def _counts(log: str) -> dict[str, int]:
    """Counts of pytest's closing lines, added up."""
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for line in re.findall(r"^(?:=+ )?(\d+ \w+.*) in [\d.]+s", log, flags=re.MULTILINE):
        for number, word in re.findall(r"(\d+) (\w+)", line):
            key = "failed" if word in {"error", "errors"} else word
            if key in counts:
                counts[key] += int(number)
    return counts


def _run(name: str, lock: threading.Lock) -> Result:
    log = FOLDER / f"{name}.log"
    with lock:
        print(f"--> {name}", flush=True)
    started = time.monotonic()
    try:
        code = _make(name, log)
        text = log.read_text(errors="replace")
    except OSError as error:  # no memory for a process, no room for a log
        code, text = 1, str(error)
    seconds = time.monotonic() - started
    counts = _counts(text)
    # A run of pytest that came to no verdict proves nothing.
    idle = bool(counts["skipped"]) and not counts["passed"]
    result = Result(name, code == 0 and not idle, seconds, **counts)
    with lock:
        if not result.succeeded:
            print(f"\n{text}\n", flush=True)
        print(
            f"<-- {name}: {'ok' if result.succeeded else 'FAILED'} in {seconds:.0f} s", flush=True
        )
    return result


def _make(name: str, log: Path) -> int:
    """The exit code of `make NAME`, with its output in `log`."""
    with log.open("wb") as output:
        return subprocess.run(
            ["make", "--no-print-directory", name],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            check=False,
        ).returncode  # fmt: skip


def main(wanted: Sequence[str]) -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    known = [name for lane in LANES for name in lane]
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        print(f"no check {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 1
    results: list[Result] = []
    lock = threading.Lock()

    def work(lane: Sequence[str]) -> None:
        results.extend(_run(name, lock) for name in lane if not wanted or name in wanted)

    started = time.monotonic()
    threads = [threading.Thread(target=work, args=(lane,)) for lane in LANES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    print("\ncheck        result   seconds   passed  failed  skipped")
    for result in sorted(results, key=lambda r: known.index(r.name)):
        print(
            f"{result.name:<12} {'ok' if result.succeeded else 'FAILED':<8} {result.seconds:>7.0f}"
            f"  {result.passed:>7} {result.failed:>7} {result.skipped:>8}"
        )
    failed = sum(result.failed for result in results)
    # Also what was never run, because its lane ended before.
    good = {result.name for result in results if result.succeeded}
    broken = [name for name in known if (not wanted or name in wanted) and name not in good]
    if broken:
        print(f"\nFailed: {', '.join(broken)}. Logs: build/test/")
    print(f"\nAll checks took {time.monotonic() - started:.0f} s.")
    skipped = sum(result.skipped for result in results)
    print(
        f"{sum(result.passed for result in results)} passed, "
        f"{max(failed, len(broken))} failed, {skipped} skipped"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
