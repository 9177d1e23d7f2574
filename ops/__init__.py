"""Operator programs: each does one thing, `python -m ops.NAME`, usually through `make`."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"


class OperatorError(Exception):
    """What went wrong and what to do, as the operator reads it on the terminal."""
