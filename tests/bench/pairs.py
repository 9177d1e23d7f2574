"""Operations of two designs, side by side: percentiles of their calls, and what each call reads."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from tests.bench.record import as_number, as_ratio


@dataclass(frozen=True)
class Call:
    """One call of a function."""

    milliseconds: float
    cpu: float  # milliseconds of the function's process, all threads
    requests: int  # to DynamoDB
    items: int  # that these read or wrote; of a Query or Scan, what it looked at


def percentile(samples: Sequence[float], percent: int) -> float:
    """Raises ValueError without samples: nothing was measured."""
    if not samples:
        raise ValueError("no samples")
    if len(samples) == 1:
        return samples[0]
    return statistics.quantiles(samples, n=100, method="inclusive")[percent - 1]


class Pairs:
    """Calls by operation and design. `designs`: what is compared with, and what is compared."""

    def __init__(self, title: str, designs: tuple[str, str]) -> None:
        self.title = title
        self.designs = designs
        self._calls: dict[str, dict[str, list[Call]]] = {}

    def add(self, operation: str, design: str, call: Call) -> None:
        """Record one call. Raises ValueError for a design that is not compared."""
        if design not in self.designs:
            raise ValueError(f"{self.title}: {design} is not compared")
        self._calls.setdefault(operation, {}).setdefault(design, []).append(call)

    @property
    def operations(self) -> list[str]:
        return list(self._calls)

    def calls(self, operation: str, design: str) -> list[Call]:
        return self._calls.get(operation, {}).get(design, [])

    def percentile(self, operation: str, design: str, percent: int) -> float:
        """Milliseconds."""
        return percentile([c.milliseconds for c in self.calls(operation, design)], percent)

    def median(self, operation: str, design: str, measure: str) -> float:
        """The median of another measure of `Call`."""
        values: list[float] = [getattr(call, measure) for call in self.calls(operation, design)]
        return statistics.median(values)

    def ratio(self, operation: str, percent: int) -> float:
        """The second design's percentile as a part of the first one's."""
        first, second = (self.percentile(operation, design, percent) for design in self.designs)
        return second / first

    def as_json(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "designs": self.designs,
            "operations": {
                operation: {
                    **{
                        design: {
                            "p50": self.percentile(operation, design, 50),
                            "p99": self.percentile(operation, design, 99),
                            "calls": [asdict(call) for call in self.calls(operation, design)],
                        }
                        for design in self.designs
                    },
                    "ratio": {f"p{p}": self.ratio(operation, p) for p in (50, 99)},
                }
                for operation in self.operations
            },
        }

    def as_table(self) -> Table:
        table = Table(title=self.title, title_justify="left", title_style="bold")
        table.add_column("", no_wrap=True)
        for heading in ("calls", "p50\nms", "p99\nms", "cpu\nms", "requests", "items"):
            table.add_column(heading, justify="right")
        for heading in ("p50\nratio", "p99\nratio"):
            table.add_column(heading, justify="right")
        for operation in self.operations:
            first, second = self.designs
            table.add_row(f"{operation}, {first}", *self._row(operation, first))
            ratios = (as_ratio(self.ratio(operation, percent)) for percent in (50, 99))
            table.add_row(f"{operation}, {second}", *self._row(operation, second), *ratios)
        return table

    def _row(self, operation: str, design: str) -> list[str]:
        times = [self.percentile(operation, design, percent) for percent in (50, 99)]
        others = [self.median(operation, design, m) for m in ("cpu", "requests", "items")]
        return [as_number(value) for value in (len(self.calls(operation, design)), *times, *others)]
