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


def start(stack: Deployed, why: str, **wishes: object) -> str:
    """Start a release; the ARN of its execution.

    `wishes` are what the workflow's input may say besides who and why: again, despite_alarms,
    weights ([]: all at once), bake_seconds.
    """
    who = stack.client("sts").get_caller_identity()["Arn"]
    asked = {"who": who, "why": why, "again": False, "despite_alarms": False, **wishes}
    started = stack.client("stepfunctions").start_execution(
        stateMachineArn=stack.outputs["release_workflow_arn"], input=json.dumps(asked)
    )
    return str(started["executionArn"])


def follow(stack: Deployed, execution: str, show: Callable[[str], None] = print) -> dict[str, Any]:
    """Show the release's steps until it ends; returns {due, skipped, unhealthy}.

    Raises OperatorError, with the reason, if it was refused or taken back, and if a version that
    is live does not start and nothing was there to mend it.
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
    if "refused" in answer:
        raise OperatorError(answer["refused"])
    for skipped in answer["skipped"]:
        show(
            f"{skipped['function']}: version {skipped['version']} stays where it is, "
            f"{skipped['why']} (AGAIN=1 releases it all the same)"
        )
    if not answer["due"]:
        show("Nothing to release.")
    mended = {change["function"] for change in answer["due"]}
    # An older workflow does not tell.
    sick = [f for f in answer.get("unhealthy", []) if f["function"] not in mended]
    if sick:
        names = ", ".join(f"{f['function']} version {f['version']}" for f in sick)
        raise OperatorError(f"live, and not healthy: {names}")
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
    parser.add_argument("--at-once", action="store_true", help="no part of the traffic first")
    options = parser.parse_args(arguments)
    try:
        stack = deployed(options)
        stack.require("release_workflow_arn", "deployments_table_name")
        weights: dict[str, object] = {"weights": []} if options.at_once else {}
        execution = start(
            stack,
            options.why,
            again=options.again,
            despite_alarms=options.despite_alarms,
            **weights,
        )
        follow(stack, execution)
    except (OperatorError, ClientError, BotoCoreError, OSError, KeyError, ValueError) as error:
        print(f"make release: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
