"""The cursor of GET /feedback: where the next page starts.

A position is an upper bound of sort keys: the last item's sort key, or a day whose
partitions are read to the end. Newer items arrive above it, so they move nothing. It holds
nothing secret; the checksum tells a mangled cursor from a real one.
"""

import base64
import binascii
import hashlib
import json
import re
from datetime import date
from typing import Never

from customer_platform.http.errors import Detail, InvalidCursorError

MAX_LENGTH = 512
_VERSION = 1
_POSITION = re.compile(
    r"\d{4}-\d\d-\d\d"
    r"(T\d\d:\d\d:\d\d\.\d{3}Z#[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})?",
    re.ASCII,
)


def encode(position: str, filters: str) -> str:
    return _write(position, _short_hash(filters))


def decode(cursor: str, filters: str) -> str:
    """The position; raises InvalidCursorError for anything that `encode` did not write."""
    if not 0 < len(cursor) <= MAX_LENGTH or not cursor.isascii():
        _refuse()
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        content = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        position = content["p"]
        fingerprint = content["f"]
        if not _POSITION.fullmatch(position):
            _refuse()
        date.fromisoformat(position[:10])
    except (binascii.Error, ValueError, TypeError, KeyError, RecursionError):
        _refuse()
    # Writing it again must give the same text: checks version, checksum, order and spacing.
    if not isinstance(fingerprint, str) or _write(position, fingerprint) != cursor:
        _refuse()
    if fingerprint != _short_hash(filters):
        raise InvalidCursorError("lastKey belongs to other filters", [_DETAIL])
    return str(position)


def _write(position: str, fingerprint: str) -> str:
    content = {
        "v": _VERSION,
        "p": position,
        "f": fingerprint,
        "c": _short_hash(f"{_VERSION}|{position}|{fingerprint}"),
    }
    text = json.dumps(content, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


_DETAIL: Detail = {"field": "lastKey", "issue": "must be the lastKey of an earlier page"}


def _refuse() -> Never:
    raise InvalidCursorError("lastKey is not a cursor of this list", [_DETAIL]) from None


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
