"""`make lock`: compile every requirements.in into requirements.txt, with hashes.

Handlers are constrained to the versions that the development environment has, so that unit
tests run what is deployed. `make lock` keeps versions that still fit; delete a .txt first to
take the newest.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ops import ROOT

COMMON = (
    "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-annotate",
    "--no-header", "--python-version", (ROOT / ".python-version").read_text().strip(),
)  # fmt: skip


def _compile(source: Path, *extra: str) -> None:
    target = source.with_suffix(".txt")
    print(f"  {target.relative_to(ROOT)}", flush=True)
    uv = Path(sys.executable).with_name("uv")
    subprocess.run(
        [str(uv), *COMMON, *extra, str(source), "--output-file", str(target)], cwd=ROOT, check=True
    )


def main() -> int:
    for source in sorted((ROOT / "requirements").glob("*.in")):
        _compile(source)
    handlers = ROOT / "lambda_src"
    for source in sorted(handlers.glob("*/requirements.in")):
        _compile(
            source,
            "--constraints", str(ROOT / "requirements" / "dev.txt"),
            "--excludes", str(handlers / "excludes.txt"),
        )  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
