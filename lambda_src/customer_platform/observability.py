"""Structured logs and metrics (EMF: metrics are log lines, no API calls).

Nothing that a customer wrote is ever logged: no body, no name, no e-mail address, and no
exception message, because messages quote the values that they complain about.
"""

import json
import traceback

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.metric import SingleMetric
from botocore.exceptions import ClientError

logger = Logger(utc=True)


def count(name: str, value: int = 1, **dimensions: str) -> None:
    """Emit one metric with exactly these dimensions.

    An empty service keeps Powertools from adding its `service` dimension, which would make
    another metric of it for CloudWatch: `FeedbackProcessed` is by `Sentiment` alone.
    """
    metric = SingleMetric(service="")
    metric.add_metric(name=name, unit=MetricUnit.Count, value=value)
    for dimension, setting in dimensions.items():
        metric.add_dimension(name=dimension, value=setting)
    print(json.dumps(metric.serialize_metric_set()), flush=True)


def describe(error: BaseException) -> list[dict[str, object]]:
    """An exception and its causes: types, AWS error codes and stack frames, no messages."""
    chain: list[dict[str, object]] = []
    current: BaseException | None = error
    while current is not None and len(chain) < 5:
        link: dict[str, object] = {
            "type": type(current).__qualname__,
            "stack": [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(current.__traceback__)
            ],
        }
        if isinstance(current, ClientError):
            link["code"] = error_code(current)
            link["operation"] = current.operation_name
        chain.append(link)
        current = current.__cause__ or current.__context__
    return chain


def error_code(error: BaseException) -> str:
    """A short name of what went wrong that is safe to log."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "Unknown"))
    return type(error).__name__
