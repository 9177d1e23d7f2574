"""`make site-dev`: vite's server, which shows a change at once; /api is the local stack's API."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from ops import OperatorError, emulator, setup
from ops.site.building import FRONTEND
from ops.stack import Stack


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suffix", default="local")
    options = parser.parse_args(arguments)
    try:
        outputs = Stack(options.suffix, emulator.LOCAL).outputs()
        setup.frontend()
    except (OperatorError, setup.SetupError) as error:
        print(f"make site-dev: {error}", file=sys.stderr)
        return 1
    environment = {**os.environ, "SITE_DEV_API": outputs["api_base_url"]}
    try:
        return subprocess.run(
            ["npm", "run", "--silent", "dev"], cwd=FRONTEND, env=environment, check=False
        ).returncode
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
