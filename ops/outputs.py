"""`make outputs`: the outputs of a stack in the embedded cloud, as JSON."""

from __future__ import annotations

import argparse
import json
import sys

from ops import OperatorError, emulator
from ops.stack import Stack


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suffix", default="local")
    options = parser.parse_args(arguments)
    try:
        print(json.dumps(Stack(options.suffix, emulator.LOCAL).outputs(), indent=2))
    except OperatorError as error:
        print(f"make outputs: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
