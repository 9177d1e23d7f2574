"""The cursor of GET /feedback.

A position is an upper bound of sort keys: the last item's sort key, or a day whose
partitions are read to the end. Newer items arrive above it, so they move nothing.
"""

from customer_platform.http.cursors import MAX_LENGTH, MOMENT_AND_ID, Cursors

__all__ = ["MAX_LENGTH", "decode", "encode"]

_CURSORS = Cursors("lastKey", rf"\d{{4}}-\d\d-\d\d|{MOMENT_AND_ID}")
encode = _CURSORS.encode
decode = _CURSORS.decode
