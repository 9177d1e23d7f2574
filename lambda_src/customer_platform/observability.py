"""Structured logs and metrics (EMF: metrics are log lines, no API calls).

Nothing that a customer wrote is ever logged: no body, no name, no e-mail address, and no
exception message, because messages quote the values that they complain about.
"""

import json
import os
import traceback
from typing import Any

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.metric import SingleMetric
from botocore.exceptions import ClientError

from customer_platform.overload import is_busy

logger = Logger(utc=True, use_rfc3339=True)

_SUFFIX = os.environ.get("ENVIRONMENT_SUFFIX", "")


def count(name: str, value: int = 1, **dimensions: str) -> None:
    """Emit one metric with exactly these dimensions, and once more for this stack alone: with
    `Suffix` before them. All stacks of an account share the first one."""
    _emit(name, value, MetricUnit.Count, dimensions)


def measure(name: str, value: float, **dimensions: str) -> None:
    """The same for a value without a unit, of which one looks at the average or a percentile."""
    _emit(name, value, MetricUnit.NoUnit, dimensions)


def _emit(name: str, value: float, unit: MetricUnit, dimensions: dict[str, str]) -> None:
    """An empty service keeps Powertools from adding its `service` dimension, which would make
    another metric of it for CloudWatch: `FeedbackProcessed` is by `Sentiment` alone, and by that of
    one stack.
    """
    metric = SingleMetric(service="")
    metric.add_metric(name=name, unit=unit, value=value)
    for dimension, setting in dimensions.items():
        metric.add_dimension(name=dimension, value=setting)
    line: Any = metric.serialize_metric_set()
    if _SUFFIX:
        line["Suffix"] = _SUFFIX
        line["_aws"]["CloudWatchMetrics"][0]["Dimensions"].append(["Suffix", *dimensions])
    print(json.dumps(line), flush=True)


def identify(request_id: str) -> None:
    """Every line from here on names the request: `requestId`, and Powertools' `correlation_id`."""
    logger.set_correlation_id(request_id)
    logger.append_keys(requestId=request_id)


def log_failure(message: str, error: BaseException, **metadata: object) -> None:
    """One line about what went wrong. `errorMessage` says what kind of thing it was (AWS's code
    and operation, else the type), never what the exception says: that may quote what a customer
    wrote. `metadata` must not either.

    The level is ERROR, which counts towards a rollback of the function; WARNING where a service
    was busy: an earlier version would be refused as well, and the service has alarms of its own.
    """
    causes = describe(error)
    log = logger.warning if is_busy(error) else logger.error
    log(
        message,
        extra={
            "errorType": causes[0]["type"],
            "errorMessage": _in_words(error),
            "metadata": metadata,
            "errors": causes,
        },
    )


def _in_words(error: BaseException) -> str:
    if isinstance(error, ClientError):
        return f"{error.operation_name} was answered with {error_code(error)}"
    return type(error).__qualname__


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
