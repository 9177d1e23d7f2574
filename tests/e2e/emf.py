"""Metrics in embedded metric format, as CloudWatch reads them from log lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

_Name = Annotated[str, Field(min_length=1, max_length=1024)]


class _Strict(BaseModel):
    """By CloudWatch's specification: it drops silently what does not fit."""

    model_config = ConfigDict(strict=True)


class _Definition(_Strict):
    name: _Name = Field(alias="Name")
    unit: str = Field("None", alias="Unit")


class _Directive(_Strict):
    namespace: _Name = Field(alias="Namespace")
    dimensions: list[Annotated[list[_Name], Field(max_length=30)]] = Field(
        alias="Dimensions", min_length=1
    )
    metrics: list[_Definition] = Field(alias="Metrics", min_length=1, max_length=100)


class _Metadata(_Strict):
    timestamp: int = Field(alias="Timestamp", gt=0)  # epoch milliseconds
    directives: list[_Directive] = Field(alias="CloudWatchMetrics", min_length=1)


@dataclass(frozen=True)
class Metric:
    """A value of a metric, once for each set of dimensions."""

    namespace: str
    name: str
    unit: str
    dimensions: dict[str, str]
    value: float


def metrics_in(lines: Iterable[str]) -> Iterator[Metric]:
    """Metrics of these log lines; fails for one that CloudWatch would not understand."""
    for line in lines:
        if '"_aws"' in line:
            yield from _metrics(json.loads(line))


def _metrics(entry: dict[str, Any]) -> Iterator[Metric]:
    for directive in _Metadata.model_validate(entry["_aws"]).directives:
        for names in directive.dimensions:
            dimensions = {name: entry[name] for name in names}
            assert all(isinstance(value, str) and value for value in dimensions.values()), entry
            for metric in directive.metrics:
                values = entry[metric.name]
                values = values if isinstance(values, list) else [values]
                assert 0 < len(values) <= 100, entry
                for value in values:
                    yield Metric(
                        directive.namespace, metric.name, metric.unit, dimensions, float(value)
                    )
