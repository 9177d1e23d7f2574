"""Taking out of a message what tells who wrote it."""

import re

# What stands between addresses, and never in them. Looked at token by token: an expression for
# an address itself would take time quadratic in a text that has none.
_TOKEN = re.compile(r"[^\s<>()\[\]{},;:\"']+")
_WORD = re.compile(r"\w{2,}")


def redacted(message: str, name: str | None, email: str | None) -> str:
    """The message with every e-mail address and the submitter's own name and address replaced.

    Other people's names stay: only a language model could find them, and not reliably.
    """
    if email:
        message = re.sub(re.escape(email), "[email]", message, flags=re.IGNORECASE)
    if "@" in message:
        message = _TOKEN.sub(_without_address, message)
    if name:
        # The whole name first, then its words: people sign with the first one alone.
        parts = [name, *sorted(_WORD.findall(name), key=len, reverse=True)]
        either = "|".join(re.escape(part) for part in parts)
        message = re.sub(rf"(?<!\w)(?:{either})(?!\w)", "[name]", message, flags=re.IGNORECASE)
    return message


def _without_address(token: re.Match[str]) -> str:
    """Wider than what is a valid address, on purpose."""
    return "[email]" if "@" in token[0].strip("@") else token[0]
