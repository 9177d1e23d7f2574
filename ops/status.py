"""`make status`: whether the embedded cloud runs, and what of the stack answers."""

from __future__ import annotations

import argparse
import json
import sys
import urllib.error
import urllib.request

from rich.console import Console
from rich.table import Table

from ops import OperatorError, emulator
from ops.pump import process as pump
from ops.stack import Stack


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suffix", default="local")
    options = parser.parse_args(arguments)
    cloud = emulator.running(emulator.LOCAL)
    if cloud is None:
        print("The embedded cloud is not running: `make up` starts it.")
        return 1
    print(f"Embedded cloud   {cloud.endpoint}   (process {cloud.pid})")
    pumping = pump.running(emulator.LOCAL)
    print(f"Pump             {f'process {pumping}' if pumping else 'does not run: `make up`'}")
    try:
        outputs = Stack(options.suffix, emulator.LOCAL).outputs()
    except OperatorError as error:
        print(f"make status: {error}", file=sys.stderr)
        return 1
    try:
        with urllib.request.urlopen(f"{outputs['api_base_url']}/health", timeout=10) as response:
            health = json.load(response)
    except (urllib.error.URLError, OSError) as error:
        health = {"status": f"does not answer: {error}"}
    print(f"API              {outputs['api_base_url']}   ({health['status']})")
    print(f"Site             {outputs['site_url']}")

    lambda_client, sqs = (emulator.client(name, cloud.endpoint) for name in ("lambda", "sqs"))
    table = Table("function", "live", "newest", "dead letters", box=None, pad_edge=False)
    for function in sorted(outputs["functions"].values(), key=lambda f: str(f["name"])):
        live = lambda_client.get_alias(FunctionName=function["name"], Name=function["alias"])
        table.add_row(
            function["name"],
            live["FunctionVersion"],
            function["version"],
            _depth(sqs, function["dead_letter_queue"]),
        )
    Console().print(table)
    return 0 if health["status"] == "ok" and pumping else 1


def _depth(sqs: object, url: str | None) -> str:
    if not url:
        return ""
    attribute = "ApproximateNumberOfMessages"
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[attribute])  # type: ignore[attr-defined]
    return str(answer["Attributes"][attribute])


if __name__ == "__main__":
    sys.exit(main())
