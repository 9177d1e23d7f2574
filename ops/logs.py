"""`make logs FUNCTION=feedback_processor`: what a function of the local stack logged."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from ops import OperatorError, emulator
from ops.stack import Stack


def _print_logs(suffix: str, wanted: str, minutes: int) -> None:
    cloud = emulator.running(emulator.LOCAL)
    if cloud is None:
        raise OperatorError("the embedded cloud is not running: `make up` starts it")
    functions = Stack(suffix, emulator.LOCAL).outputs()["functions"]
    function = functions.get(wanted.replace("-", "_"))
    if function is None:
        raise OperatorError(f"no function {wanted!r}; FUNCTION= one of: {', '.join(functions)}")
    logs = emulator.client("logs", cloud.endpoint)
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=function["log_group"], startTime=int((time.time() - minutes * 60) * 1000)
    )
    try:
        for page in pages:
            for event in page["events"]:
                moment = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
                print(f"{moment:%H:%M:%S}  {event['message'].rstrip()}")
    except ClientError as error:
        raise OperatorError(str(error)) from error


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suffix", default="local")
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("function")
    options = parser.parse_args(arguments)
    try:
        _print_logs(options.suffix, options.function, options.minutes)
    except OperatorError as error:
        print(f"make logs: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
