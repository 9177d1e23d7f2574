"""Due dates: UTC, whole seconds."""

import re
from datetime import datetime

PATTERN = (
    r"^(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?Z$"
)
ISSUE = "must be a UTC time such as 2025-12-27T16:30:00Z"
NO_SUCH_DAY = "must be a day that exists"


def parse(text: str) -> str:
    """The time without its fraction. Raises ValueError that says what is wrong."""
    if not re.fullmatch(PATTERN, text):
        raise ValueError(ISSUE)
    try:
        datetime.fromisoformat(text[:19])
    except ValueError:
        raise ValueError(NO_SUCH_DAY) from None
    return f"{text[:19]}Z"
