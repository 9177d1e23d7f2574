"""Taking out of a message what tells who wrote it."""

import re
import unicodedata

_AT = "@\uff20\ufe6b"  # as typed, full-width, small
# What stands between addresses, and never in them. Looked at token by token: an expression for
# an address itself would take time quadratic in a text that has none.
_TOKEN = re.compile(r"[^\s<>()\[\]{},;:\"]+")
# "Ada L."@example.com, and ada @ example.com: with blanks, only what ends like a domain.
_UNUSUAL = re.compile(
    rf'"[^"\n]{{1,64}}"[{_AT}]\S{{1,255}}'
    rf"|(?<!\S)[^\s{_AT}]{{1,64}} ?[{_AT}] ?[\w-]{{1,63}}(?:\.[\w-]{{1,63}})*\.[^\W\d_]{{2,63}}"
)
_WORD = re.compile(r"[^\W_]{2,}")
# Scripts without blanks between words: Thai to Lao, Khmer, kana, Han, Hangul.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def redacted(message: str, name: str | None, email: str | None) -> str:
    """The message with every e-mail address and the submitter's own name and address replaced.

    Other people's names stay: only a language model could find them, and not reliably.
    """
    # One way of writing each letter: an accent may be typed as a character of its own.
    message = unicodedata.normalize("NFC", message)
    if email:
        message = re.sub(re.escape(email), "[email]", message, flags=re.IGNORECASE)
    if any(sign in message for sign in _AT):
        message = _UNUSUAL.sub("[email]", _TOKEN.sub(_without_address, message))
    if name:
        name = unicodedata.normalize("NFC", name)
        # The whole name first, then its words: people sign with the first one alone.
        parts = [name, *sorted(_WORD.findall(name), key=len, reverse=True)]
        # In upper case too: some letters are two there, such as the sharp s.
        either = "|".join(_standing_alone(p) for part in parts for p in (part, part.upper()))
        message = re.sub(either, "[name]", message, flags=re.IGNORECASE)
    return message


def _standing_alone(part: str) -> str:
    """An expression for a part of a name, no letter or digit beside it where words have blanks."""
    if _UNSPACED.search(part):
        return re.escape(part)
    return rf"(?<![^\W_]){re.escape(part)}(?![^\W_])"


def _without_address(token: re.Match[str]) -> str:
    """Wider than what is a valid address, on purpose."""
    inside = token[0].strip(_AT)
    return "[email]" if any(sign in inside for sign in _AT) else token[0]
