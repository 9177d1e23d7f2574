"""Times as the platform writes them: UTC, ISO-8601, milliseconds, `Z`."""

import re
from datetime import UTC, datetime

_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


def now() -> datetime:
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_iso(text: str) -> datetime:
    """The inverse of `iso`; raises ValueError for anything `iso` does not write."""
    if not _ISO.fullmatch(text):
        raise ValueError("not a UTC time with milliseconds")
    return datetime.fromisoformat(text)
