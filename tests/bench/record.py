"""Samples, ratios and goals: what every bench records, prints and writes."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Spread:
    """The median of some samples, and the quartiles around it."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, samples: Sequence[float]) -> Spread:
        """Raises ValueError without samples: nothing was measured."""
        if not samples:
            raise ValueError("no samples")
        if len(samples) == 1:
            return cls(samples[0], samples[0], samples[0])
        low, median, high = statistics.quantiles(samples, n=4, method="inclusive")
        return cls(median, low, high)


class Sheet:
    """Samples by subject and measure; one sample of each per round.

    `units` names the measures, in the order of the table's columns, and their units. Lower is
    better for all of them. With a `reference`, each other subject is also shown
    as a part of it (ratio).
    """

    def __init__(
        self,
        title: str,
        units: Mapping[str, str],
        reference: str | None = None,
        *,
        show_spread: bool = True,
    ) -> None:
        self._show_spread = show_spread
        self.title = title
        self.units = dict(units)
        self.reference = reference
        self._samples: dict[str, dict[str, list[float]]] = {}

    def add(self, subject: str, **values: float) -> None:
        """Record one round of a subject. Raises ValueError for a measure without unit."""
        unknown = sorted(set(values) - set(self.units))
        if unknown:
            raise ValueError(f"{self.title}: no unit for {', '.join(unknown)}")
        measures = self._samples.setdefault(subject, {})
        for measure, value in values.items():
            measures.setdefault(measure, []).append(float(value))

    @property
    def subjects(self) -> list[str]:
        return list(self._samples)

    def samples(self, subject: str, measure: str) -> list[float]:
        return self._samples.get(subject, {}).get(measure, [])

    def spread(self, subject: str, measure: str) -> Spread:
        return Spread.of(self.samples(subject, measure))

    def ratio(self, subject: str, measure: str, to: str | None = None) -> Spread:
        """Subject / reference, round by round: what slows a whole round down cancels out.

        Raises ValueError if the two were not measured in the same rounds.
        """
        reference = to or self.reference
        if reference is None:
            raise ValueError(f"{self.title}: nothing to compare with")
        pairs = zip(self.samples(subject, measure), self.samples(reference, measure), strict=True)
        return Spread.of([mine / other for mine, other in pairs])

    def as_json(self) -> dict[str, Any]:
        subjects: dict[str, Any] = {}
        for subject, measures in self._samples.items():
            subjects[subject] = {}
            for measure, samples in measures.items():
                entry: dict[str, Any] = {**asdict(Spread.of(samples)), "samples": samples}
                if self._compares(subject, measure):
                    entry["ratio"] = asdict(self.ratio(subject, measure))
                subjects[subject][measure] = entry
        return {
            "title": self.title,
            "units": self.units,
            "reference": self.reference,
            "subjects": subjects,
        }

    def as_table(self) -> Table:
        table = Table(title=self.title, title_justify="left", title_style="bold")
        table.add_column("", no_wrap=True)
        for measure, unit in self.units.items():
            words = measure.replace("_", " ")
            table.add_column(f"{words}\n{unit}", justify="right", no_wrap=self._show_spread)
            if self.reference is not None:
                table.add_column("\nratio", justify="right")
        for subject in self.subjects:
            cells: list[str] = []
            for measure in self.units:
                there = bool(self.samples(subject, measure))
                cells.append(self._shown(subject, measure) if there else "")
                if self.reference is not None:
                    compares = self._compares(subject, measure)
                    cells.append(as_ratio(self.ratio(subject, measure).median) if compares else "")
            table.add_row(subject, *cells)
        return table

    def _shown(self, subject: str, measure: str) -> str:
        spread = self.spread(subject, measure)
        if not self._show_spread or spread.low == spread.high:
            return as_number(spread.median)
        return (
            f"{as_number(spread.median)} [dim]({as_number(spread.low)}–{as_number(spread.high)})[/]"
        )

    def _compares(self, subject: str, measure: str) -> bool:
        return (
            self.reference is not None
            and subject != self.reference
            and bool(self.samples(subject, measure))
            and bool(self.samples(self.reference, measure))
        )


@dataclass(frozen=True)
class Goal:
    """What a measured figure is to be: at most `limit`, or at least `limit`."""

    text: str
    measured: float
    at_most: float | None = None
    at_least: float | None = None

    def __post_init__(self) -> None:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError(f"{self.text}: give either at_most or at_least")

    @property
    def met(self) -> bool:
        if math.isnan(self.measured):
            return False
        if self.at_most is not None:
            return self.measured <= self.at_most
        return self.measured >= (self.at_least or 0)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "met": self.met}

    def as_line(self) -> str:
        limit = (
            f"at most {self.at_most:g}"
            if self.at_most is not None
            else f"at least {self.at_least:g}"
        )
        style, word = ("green", "met   ") if self.met else ("red", "MISSED")
        return f"  [{style}]{word}[/] {self.text}: {self.measured:.3g} ({limit})"


class Shown(Protocol):
    """What of a report is printed as a table, and written."""

    def as_table(self) -> Table: ...

    def as_json(self) -> dict[str, Any]: ...


@dataclass
class Report:
    """What one bench found."""

    sheets: Sequence[Shown]
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def show(self, console: Console) -> None:
        for sheet in self.sheets:
            console.print()
            console.print(sheet.as_table())
        for note in self.notes:
            console.print(f"  {note}", highlight=False)
        for goal in self.goals:
            console.print(goal.as_line(), highlight=False)

    def write(self, file: Path, name: str, machine: Mapping[str, Any]) -> None:
        content = {
            "bench": name,
            "machine": dict(machine),
            "goals": [goal.as_json() for goal in self.goals],
            "notes": self.notes,
            "sheets": [sheet.as_json() for sheet in self.sheets],
        }
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content, indent=2) + "\n")


def as_ratio(value: float) -> str:
    """Two digits behind the point, or two that are not zero."""
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"


def as_number(value: float) -> str:
    """Three significant digits, and no fraction from a hundred on."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
