"""`make up`: bring up a stack in the embedded cloud and print how to use it."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

from ops import OperatorError, emulator
from ops.stack import Stack, say

DEFAULT_PORT = 4566


def _port(wanted: str) -> int:
    """The port asked for; else that of the cloud that runs already; else the default."""
    if not wanted:
        present = emulator.running(emulator.LOCAL)
        return present.port if present else DEFAULT_PORT
    if not wanted.isdecimal() or not 1024 <= int(wanted) <= 65535:
        raise OperatorError(f"PORT={wanted} is not a port: choose one from 1024 to 65535")
    return int(wanted)


def _usage(outputs: dict[str, Any]) -> str:
    base = outputs["api_base_url"]
    body = (
        '{"name": "Ada", "email": "ada@example.com", "rating": 5, "message": "Works like a charm!"}'
    )
    task = '{"Title": "Renew the certificate", "Tags": ["security"], "Priority": "High"}'
    contact = '{"email": "ada@example.com", "subject": "Hello", "message": "Does it ship?"}'
    mailbox = f"{outputs['emulator_endpoint']}/_ministack/ses/messages"
    return f"""
Site             {outputs["site_url"]}
API              {base}
AWS endpoint     {outputs["emulator_endpoint"]}   (test / test, {outputs["aws_region"]})
Outputs          build/local/outputs.json   (make outputs)

Try it:
  curl -s -X POST '{base}/feedback' -H 'Content-Type: application/json' -d '{body}'
  curl -s '{base}/feedback?limit=5'
  curl -s '{base}/analytics?days=7'
  curl -s -X POST '{base}/tasks' -H 'Content-Type: application/json' -d '{task}'
  curl -s -X POST '{base}/contact' -H 'Content-Type: application/json' -d '{contact}'
  curl -s '{mailbox}'
"""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suffix", default="local")
    parser.add_argument("--port", default="")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        outputs = Stack(options.suffix, emulator.LOCAL).up(_port(options.port))
    except OperatorError as error:
        print(f"make up: {error}", file=sys.stderr)
        return 1
    say(f"Ready in {time.monotonic() - started:.0f} s.")
    say(_usage(outputs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
