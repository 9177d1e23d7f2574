"""`make release`: point `live` at the newest published version of every function of a stack.

Works on AWS, with the caller's credentials, and on the local stack: the outputs tell which.
Every version is asked for its health before traffic goes to it.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ops import OperatorError
from ops.deployed import add_arguments, deployed

ALIAS = "live"


def release(aws: Any, functions: dict[str, dict[str, str]]) -> list[str]:
    """Release the `version` of each function of the stack's `functions` output.

    All versions are probed before any alias moves. Returns a line per function released.
    Raises OperatorError, with nothing moved, if a version does not answer as healthy.
    """
    due = []
    for function in sorted(functions.values(), key=lambda f: f["name"]):
        alias = aws.get_alias(FunctionName=function["name"], Name=ALIAS)
        # Also one that is live already: Terraform makes a new function's alias on its version 1.
        _probe(aws, function["name"], function["version"])
        if alias["FunctionVersion"] != function["version"]:
            due.append((function, alias))
    lines = []
    for function, alias in due:
        aws.update_alias(
            FunctionName=function["name"],
            Name=ALIAS,
            FunctionVersion=function["version"],
            RevisionId=alias["RevisionId"],  # refused if somebody moved it since we looked
        )
        lines.append(f"{function['name']}: {alias['FunctionVersion']} -> {function['version']}")
    return lines


def _probe(aws: Any, name: str, version: str) -> None:
    answer = aws.invoke(
        FunctionName=name, Qualifier=version, Payload=json.dumps({"healthCheck": True})
    )
    payload = answer["Payload"].read()
    if answer.get("FunctionError") or json.loads(payload).get("status") != "ok":
        raise OperatorError(
            f"{name} version {version} is not healthy, nothing was released: "
            f"{payload.decode(errors='replace')[:500]}"
        )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    try:
        stack = deployed(parser.parse_args(arguments))
        lines = release(stack.client("lambda"), stack.outputs["functions"])
    except (OperatorError, ClientError, BotoCoreError, OSError, KeyError, ValueError) as error:
        print(f"make release: {error}", file=sys.stderr)
        return 1
    print("\n".join(lines) or "Every function's newest version is live already.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
