"""A version of a function that is healthy when asked, and fails every request."""

from __future__ import annotations

import io
import zipfile

ENTRY = "handler.py"
WRAPPED = "deployed_handler.py"

# The deployed code is loaded, so that starting it costs what it always costs, and never asked.
_BROKEN = f'''"""The deployed handler, with a bug that a health check cannot see."""

import {WRAPPED.removesuffix(".py")}  # noqa: F401
from customer_platform.http.api import api_handler


@api_handler
def lambda_handler(_event, _context):
    raise KeyError("a bug of the demo")
'''


def broken_package(package: bytes) -> bytes:
    """The deployed package of an API function, with its handler wrapped.

    Raises KeyError if it has no handler.
    """
    with zipfile.ZipFile(io.BytesIO(package)) as deployed:
        handler = deployed.read(ENTRY)
        kept = [
            (entry, deployed.read(entry))
            for entry in deployed.infolist()
            # Python would take shipped bytecode for the handler, whatever the source says.
            if entry.filename != ENTRY and not entry.filename.startswith("__pycache__/handler.")
        ]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as broken:
        for entry, content in kept:
            broken.writestr(entry, content)
        # With a fixed time: the package is known again by its hash.
        broken.writestr(zipfile.ZipInfo(WRAPPED), handler)
        broken.writestr(zipfile.ZipInfo(ENTRY), _BROKEN)
    return made.getvalue()
