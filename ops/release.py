"""`make release`: bring the newest published version of every function live, step by step.

Works on AWS, with the caller's credentials, and on the local stack: the outputs tell which. The
work is done by the stack's release workflow (Step Functions), not by this program: it starts an
execution, shows what the ledger says meanwhile, and may be stopped without stopping the release.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from customer_platform.deployments.ledger import Entry, Kind, Ledger
from ops import OperatorError
from ops.deployed import Deployed, add_arguments, deployed

POLL_SECONDS = 1.0


def start(
    stack: Deployed,
    why: str,
    *,
    again: bool = False,
    despite_alarms: bool = False,
    bake_seconds: int | None = None,
) -> str:
    """Start a release; the ARN of its execution."""
    asked: dict[str, Any] = {
        "who": stack.client("sts").get_caller_identity()["Arn"],
        "why": why,
        "again": again,
        "despite_alarms": despite_alarms,
    }
    if bake_seconds is not None:
        asked["bake_seconds"] = bake_seconds
    started = stack.client("stepfunctions").start_execution(
        stateMachineArn=stack.outputs["release_workflow_arn"], input=json.dumps(asked)
    )
    return str(started["executionArn"])


def follow(stack: Deployed, execution: str, show: Callable[[str], None] = print) -> dict[str, Any]:
    """Show the release's steps until it ends; returns {due, skipped}.

    Raises OperatorError, with the reason, if nothing was released.
    """
    states = stack.client("stepfunctions")
    ledger = Ledger(stack.client("dynamodb"), stack.outputs["deployments_table_name"])
    functions = sorted(function["name"] for function in stack.outputs["functions"].values())
    shown: set[str] = set()
    while True:
        state = states.describe_execution(executionArn=execution)
        for function in functions:
            for line in _news(ledger, function, execution, shown):
                show(line)
        if state["status"] != "RUNNING":
            break
        time.sleep(POLL_SECONDS)
    if state["status"] != "SUCCEEDED":
        raise OperatorError(_reason(state))
    answer: dict[str, Any] = json.loads(state["output"])
    for skipped in answer["skipped"]:
        show(
            f"{skipped['function']}: version {skipped['version']} stays where it is, "
            f"{skipped['why']} (AGAIN=1 releases it all the same)"
        )
    if not answer["due"]:
        show("Nothing to release.")
    return answer


def _news(ledger: Ledger, function: str, execution: str, shown: set[str]) -> list[str]:
    """A line for each entry of this release that was not shown yet, oldest first."""
    lines = []
    for entry in ledger.backwards(function):
        if entry.event != execution or entry.hash in shown:
            break
        shown.add(entry.hash)
        lines.append(_line(entry))
    return lines[::-1]


_SAID = {
    Kind.ADOPTED: "{chain}: version {to_version} is live, and known from now on",
    Kind.CANARY: "{chain}: {from_version} -> {to_version}, {weight} % of the traffic",
    Kind.RELEASED: "{chain}: {from_version} -> {to_version}, all of the traffic",
    Kind.WITHDRAWN: "{chain}: back to {to_version}",
}


def _line(entry: Entry) -> str:
    return _SAID[entry.kind].format(
        chain=entry.chain,
        from_version=entry.from_version,
        to_version=entry.to_version,
        weight=entry.weight,
    )


def _reason(state: dict[str, Any]) -> str:
    """What a failed execution says. What a function raised comes as JSON."""
    cause = str(state.get("cause") or "no cause given")
    with suppress(ValueError, KeyError, TypeError):
        cause = json.loads(cause)["errorMessage"]
    return f"the release ended as {state['status']}: {state.get('error') or ''} {cause}".strip()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    parser.add_argument("--why", default="make release")
    parser.add_argument("--again", action="store_true", help="also what was rolled back")
    parser.add_argument("--despite-alarms", action="store_true")
    options = parser.parse_args(arguments)
    try:
        stack = deployed(options)
        execution = start(
            stack, options.why, again=options.again, despite_alarms=options.despite_alarms
        )
        follow(stack, execution)
    except (OperatorError, ClientError, BotoCoreError, OSError, KeyError, ValueError) as error:
        print(f"make release: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
