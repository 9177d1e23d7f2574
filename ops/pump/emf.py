"""Lines in CloudWatch's embedded metric format (EMF), by its published specification."""

from __future__ import annotations

from typing import Any

from ops.pump.metrics import Batch, Metric
from ops.pump.patterns import Line

DIMENSIONS = 30  # of a set
VALUES = 100  # of a metric in a line
METRICS = 100  # of a directive


class EmfError(ValueError):
    """Why CloudWatch would take no metrics from a line."""


def add_metrics(line: Line, batch: Batch) -> None:
    """Add the metrics of a line, once for each set of dimensions; a line in another format has
    none. Raises EmfError, with none of them added, for a line that breaks the format."""
    if '"_aws"' not in line.message or not isinstance(line.document, dict):
        return
    document = line.document
    metadata = document.get("_aws")
    if not isinstance(metadata, dict) or "CloudWatchMetrics" not in metadata:
        return
    at = _of(metadata, "Timestamp", int)
    found = [
        (Metric(_of(directive, "Namespace", str), name, unit, dimensions), values)
        for directive in _of(metadata, "CloudWatchMetrics", list)
        for dimensions in _sets(directive, document)
        for name, unit, values in _metrics(directive, document)
    ]
    for metric, values in found:
        for value in values:
            batch.add(metric, value, at)


def _of[T](mapping: Any, key: str, kind: type[T]) -> T:
    value = mapping.get(key) if isinstance(mapping, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool) or not value:
        raise EmfError(f"{key} is not a {kind.__name__} with a value")
    return value


def _sets(directive: Any, document: dict[str, Any]) -> list[tuple[tuple[str, str], ...]]:
    sets = _of(directive, "Dimensions", list)
    for names in sets:
        if not isinstance(names, list) or len(names) > DIMENSIONS:
            raise EmfError(f"a set of dimensions is not a list of at most {DIMENSIONS} names")
    return [tuple((name, _of(document, name, str)) for name in sorted(names)) for names in sets]


def _metrics(directive: Any, document: dict[str, Any]) -> list[tuple[str, str, list[float]]]:
    definitions = _of(directive, "Metrics", list)
    if len(definitions) > METRICS:
        raise EmfError(f"a directive has more than {METRICS} metrics")
    return [_metric(definition, document) for definition in definitions]


def _metric(definition: Any, document: dict[str, Any]) -> tuple[str, str, list[float]]:
    name = _of(definition, "Name", str)
    values = document.get(name)
    values = values if isinstance(values, list) else [values]
    if len(values) > VALUES:
        raise EmfError(f"{name} has more than {VALUES} values")
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        raise EmfError(f"{name} is not a number, nor a list of numbers")
    return name, str(definition.get("Unit", "None")), values
