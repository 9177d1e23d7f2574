"""`make site`: build the site and publish it to a stack that is there."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ops import OperatorError
from ops.deployed import add_arguments, deployed
from ops.site.building import build
from ops.site.deployment import publish_to, told


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    parser.add_argument(
        "--folder", type=Path, help="a build to publish as it is; default: this checkout's"
    )
    parser.add_argument("--wait", action="store_true", help="until CloudFront has the new pages")
    options = parser.parse_args(arguments)
    try:
        stack = deployed(options)
        done = publish_to(stack, options.folder or build(), wait=options.wait)
    except OperatorError as error:
        print(f"make site: {error}", file=sys.stderr)
        return 1
    print(f"{stack.outputs['site_url']}   ({told(done)})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
