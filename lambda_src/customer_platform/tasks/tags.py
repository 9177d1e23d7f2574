"""Tags: a line of text each."""

MAX_LENGTH = 50
MAX_TAGS = 10


def wanted(text: str) -> str:
    """The tag that a list is asked for. Raises ValueError that says what is wrong."""
    if not 1 <= len(text) <= MAX_LENGTH:
        raise ValueError(f"must have 1 to {MAX_LENGTH} characters")
    return text
