"""Cursors of lists: where the next page starts.

A position is where in the list's order a page ended, so what arrives elsewhere moves nothing. It
holds nothing secret; the checksum tells a mangled cursor from a real one.
"""

import base64
import binascii
import hashlib
import json
import re
from datetime import date
from typing import Never

from customer_platform.http.errors import InvalidCursorError

MAX_LENGTH = 512
_VERSION = 1
_ID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# Of what `clock.iso` writes, and an id behind it.
MOMENT_AND_ID = rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z#{_ID}"
SECOND_AND_ID = rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ#{_ID}"


class Cursors:
    """Cursors of one list.

    `parameter` carries them. `positions` is a regular expression that every position matches; all
    of them begin with a day.
    """

    def __init__(self, parameter: str, positions: str) -> None:
        self._parameter = parameter
        self._positions = re.compile(positions, re.ASCII)

    def encode(self, position: str, filters: str) -> str:
        return _write(position, _short_hash(filters))

    def decode(self, cursor: str, filters: str) -> str:
        """The position; raises InvalidCursorError for anything that `encode` did not write."""
        if not 0 < len(cursor) <= MAX_LENGTH or not cursor.isascii():
            self._refuse()
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            content = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            position = content["p"]
            fingerprint = content["f"]
            if not self._positions.fullmatch(position):
                self._refuse()
            date.fromisoformat(position[:10])
        except (binascii.Error, ValueError, TypeError, KeyError, RecursionError):
            self._refuse()
        # Writing it again must give the same text: checks version, checksum, order and spacing.
        if not isinstance(fingerprint, str) or _write(position, fingerprint) != cursor:
            self._refuse()
        if fingerprint != _short_hash(filters):
            self._refuse(f"{self._parameter} belongs to other filters")
        return str(position)

    def _refuse(self, message: str | None = None) -> Never:
        name = self._parameter
        issue = f"must be the {name} of an earlier page"
        raise InvalidCursorError(
            message or f"{name} is not a cursor of this list", [{"field": name, "issue": issue}]
        ) from None


def _write(position: str, fingerprint: str) -> str:
    content = {
        "v": _VERSION,
        "p": position,
        "f": fingerprint,
        "c": _short_hash(f"{_VERSION}|{position}|{fingerprint}"),
    }
    text = json.dumps(content, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
