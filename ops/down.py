"""`make down`: destroy a stack of the embedded cloud, and stop the cloud after the last one."""

from __future__ import annotations

import argparse
import sys

from ops import OperatorError, emulator
from ops.stack import Stack


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suffix", default="local")
    options = parser.parse_args(arguments)
    try:
        Stack(options.suffix, emulator.LOCAL).down()
    except OperatorError as error:
        print(f"make down: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
