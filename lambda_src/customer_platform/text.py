"""Fields of text in request bodies: what is cut off their edges, and what they may not hold.

Patterns are also in `terraform/openapi.yaml`; a unit test compares them. Text is trimmed first, and
limits count characters (code points), not bytes.
"""

import re
import unicodedata
from typing import Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

# What is cut off the edges: spaces of all kinds, and characters that show nothing. Spelled out,
# because `\s` and `strip()` mean different characters to Python and to the readers of the
# document, control characters among them.
SPACES = r"\u0020\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000"
_BLANKS = r"\u00AD\u061C\u200B\u200E\u200F\u2028\u2029\u2060\u2800\u3164\uFEFF"
LINE_EDGE = SPACES + _BLANKS
TEXT_EDGE = r"\u0009\u000A\u000D" + LINE_EDGE
# Control characters have no place in a line of text; a longer text may have tabs and line ends.
# A line must not look like another: no bidirectional overrides, no blanks (direction marks, which
# right-to-left names need, may stand inside).
LINE_NOT = (
    r"\u0000-\u001F\u007F-\u009F\u00AD\u200B\u2028-\u202E\u2060\u2066-\u2069\u2800\u3164\uFEFF"
)
_TEXT_NOT = r"\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F"
TEXT_PATTERN = f"^[{TEXT_EDGE}]*[^{TEXT_EDGE}{_TEXT_NOT}][^{_TEXT_NOT}]*$"
# Letters to Unicode, and nothing to the eye: Hangul's places for a letter that is not there.
_UNSEEN_LETTERS = "\u115f\u1160\u3164\uffa0"
EMAIL_MAX = 254  # RFC 5321: the longest address that fits a path


def trimmed(edge: str) -> BeforeValidator:
    """Runs before the limits, so on 64 KB of anything: an expression for the end of the text
    would take time quadratic in the blanks inside it."""
    ranges = re.findall(r"\\u(\w{4})(?:-\\u(\w{4}))?", edge)
    characters = "".join(
        chr(code) for low, high in ranges for code in range(int(low, 16), int(high or low, 16) + 1)
    )

    def trim(value: Any) -> Any:
        return value.strip(characters) if isinstance(value, str) else value

    return BeforeValidator(trim)


def plain_text(pattern: str) -> AfterValidator:
    """Runs on trimmed text of allowed length, so the expression cannot be made slow, and
    only forbidden characters are left for it to find."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise PydanticCustomError("plain_text", "must not contain control characters")
        # Letters, digits, punctuation and symbols (emoji are) can be seen.
        if not any(_seen(character) for character in value):
            raise PydanticCustomError("plain_text", "must contain something that can be seen")
        return value

    return AfterValidator(check)


def _seen(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNPS" and character not in _UNSEEN_LETTERS
