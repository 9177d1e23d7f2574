"""Operator programs: each does one thing, `python -m ops.NAME`, usually through `make`."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The ledger of releases is read by the code that writes it.
sys.path.append(str(ROOT / "lambda_src"))
BUILD = ROOT / "build"


class OperatorError(Exception):
    """What went wrong and what to do, as the operator reads it on the terminal."""
