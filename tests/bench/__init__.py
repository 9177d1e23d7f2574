"""`make bench`: what is measured, never asserted on a clock. See docs/performance.md.

A bench is a module of `tests.bench.benches` with

    def measure(rounds: int | None, say: Say) -> Report

`rounds` is None for the bench's own default. It measures its subjects in turn within each
round, so that a busy moment of the machine hits all of them, and puts every sample into a
`Sheet` or `Pairs`. Printing, ratios, goals and build/bench/NAME.json are common to all: record.py.
"""

from collections.abc import Callable

from ops import BUILD

FOLDER = BUILD / "bench"

type Say = Callable[[str], None]


class BenchError(Exception):
    """Why a bench could not measure, and what to do about it."""
