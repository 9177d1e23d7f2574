"""A deployed stack, on AWS or in the embedded cloud of this machine, known by its outputs."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from ops import OperatorError, emulator


@dataclass(frozen=True)
class Deployed:
    """Outputs, {name: value}, and clients for the place where the stack is."""

    outputs: dict[str, Any]

    def require(self, *names: str) -> None:
        """Raises OperatorError if the stack is older than what is asked of it."""
        missing = [name for name in names if name not in self.outputs]
        if missing:
            raise OperatorError(
                f"the stack has no output {', '.join(missing)}: apply this version of it once"
            )

    def client(self, service: str) -> Any:
        """With the caller's credentials on AWS; as root in the embedded cloud."""
        endpoint = self.outputs.get("emulator_endpoint")
        if endpoint:
            return emulator.client(service, endpoint)
        return boto3.client(service, region_name=self.outputs["aws_region"])  # type: ignore[call-overload]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The two ways of naming a stack."""
    parser.add_argument(
        "--outputs", type=Path, help="`terraform output -json` of a stack; default: the local stack"
    )
    parser.add_argument("--suffix", default="local")


def deployed(options: argparse.Namespace) -> Deployed:
    """The stack that the arguments name. Raises OperatorError if there is none."""
    file = options.outputs or emulator.outputs_file(emulator.LOCAL, options.suffix)
    if not file.is_file():
        raise OperatorError(f"{file} is not there: `make up`, or name the file of another stack")
    try:
        outputs = json.loads(file.read_text())
    except ValueError as error:
        raise OperatorError(
            f"{file} is not what `terraform output -json` writes: {error}"
        ) from None
    if not isinstance(outputs, dict):
        raise OperatorError(f"{file} is not what `terraform output -json` writes")
    return Deployed(
        {
            name: output["value"] if isinstance(output, dict) and "sensitive" in output else output
            for name, output in outputs.items()
        }
    )
