"""The two request bodies of POST /feedback.

Limits, patterns and names are also in `terraform/openapi.yaml`; a unit test compares them.
Text is trimmed first, and limits count characters (code points), not bytes.
"""

import re
import unicodedata
from typing import Annotated, Any

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

# What is cut off the edges: spaces of all kinds, and characters that show nothing. Spelled out,
# because `\s` and `strip()` mean different characters to Python and to the readers of the
# document, control characters among them.
_SPACES = r"\u0020\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000"
_BLANKS = r"\u00AD\u061C\u200B\u200E\u200F\u2028\u2029\u2060\u2800\u3164\uFEFF"
_NAME_EDGE = _SPACES + _BLANKS
_MESSAGE_EDGE = r"\u0009\u000A\u000D" + _NAME_EDGE
# Control characters have no place in a line of text; a message may have tabs and line ends.
# A name is one line and must not look like another: no bidirectional overrides, no blanks
# (direction marks, which right-to-left names need, may stand inside).
_NAME_NOT = (
    r"\u0000-\u001F\u007F-\u009F\u00AD\u200B\u2028-\u202E\u2060\u2066-\u2069\u2800\u3164\uFEFF"
)
_MESSAGE_NOT = r"\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F"
NAME_PATTERN = (
    f"^[{_NAME_EDGE}]*[^{_NAME_EDGE}{_NAME_NOT}][^{_NAME_NOT}]*"
    f"[^{_NAME_EDGE}{_NAME_NOT}][{_NAME_EDGE}]*$"
)
MESSAGE_PATTERN = f"^[{_MESSAGE_EDGE}]*[^{_MESSAGE_EDGE}{_MESSAGE_NOT}][^{_MESSAGE_NOT}]*$"
CUSTOMER_ID_PATTERN = r"^[A-Za-z0-9._:@+-]+$"
EMAIL_MAX = 254  # RFC 5321: the longest address that fits a path


def _trimmed(edge: str) -> BeforeValidator:
    """Runs before the limits, so on 64 KB of anything: an expression for the end of the text
    would take time quadratic in the blanks inside it."""
    ranges = re.findall(r"\\u(\w{4})(?:-\\u(\w{4}))?", edge)
    characters = "".join(
        chr(code) for low, high in ranges for code in range(int(low, 16), int(high or low, 16) + 1)
    )

    def trim(value: Any) -> Any:
        return value.strip(characters) if isinstance(value, str) else value

    return BeforeValidator(trim)


def _plain_text(pattern: str) -> AfterValidator:
    """Runs on trimmed text of allowed length, so the expression cannot be made slow, and
    only forbidden characters are left for it to find."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise PydanticCustomError("plain_text", "must not contain control characters")
        # Letters, digits, punctuation and symbols (emoji are) can be seen.
        if not any(unicodedata.category(character)[0] in "LNPS" for character in value):
            raise PydanticCustomError("plain_text", "must contain something that can be seen")
        return value

    return AfterValidator(check)


def _email(value: str) -> str:
    try:
        # No DNS: a submission must not wait for, or be refused by, somebody's name server.
        return validate_email(value, check_deliverability=False).normalized
    except EmailNotValidError:
        raise PydanticCustomError("email", "must be an e-mail address") from None


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


# `Field` stands next to `str`, so that limits are those of a string, applied after trimming.
_Message = Annotated[
    str,
    Field(min_length=1, max_length=5000, json_schema_extra={"pattern": MESSAGE_PATTERN}),
    _trimmed(_MESSAGE_EDGE),
    _plain_text(MESSAGE_PATTERN),
]


class FeedbackSubmission(_Body):
    """A customer's rating and message, with a name and an address to answer to."""

    name: Annotated[
        str,
        Field(min_length=2, max_length=100, json_schema_extra={"pattern": NAME_PATTERN}),
        _trimmed(_NAME_EDGE),
        _plain_text(NAME_PATTERN),
    ]
    email: Annotated[
        str,
        Field(max_length=EMAIL_MAX, json_schema_extra={"format": "email"}),
        _trimmed(_SPACES),
        AfterValidator(_email),
    ]
    rating: Annotated[int, Field(ge=1, le=5)]
    message: _Message


class FeedbackText(_Body):
    """Bare text from another system."""

    feedback: _Message
    customer_id: Annotated[
        str, Field(min_length=1, max_length=128, pattern=CUSTOMER_ID_PATTERN)
    ] = "anonymous"


type Submission = FeedbackSubmission | FeedbackText
