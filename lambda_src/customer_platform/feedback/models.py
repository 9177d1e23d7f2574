"""The two request bodies of POST /feedback.

Limits, patterns and names are also in `terraform/openapi.yaml`; a unit test compares them.
Text is trimmed first, and limits count characters (code points), not bytes.
"""

import re
from typing import Annotated, Any

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

# Control characters have no place in a line of text; a message may have tabs and line ends.
# In a name, the bidirectional overrides go too: with them one name can look like another.
NAME_PATTERN = (
    r"^\s*[^\s\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]"
    r"[^\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]*"
    r"[^\s\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]\s*$"
)
MESSAGE_PATTERN = (
    r"^\s*[^\s\u0000-\u001F\u007F-\u009F]"
    r"[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*$"
)
CUSTOMER_ID_PATTERN = r"^[A-Za-z0-9._:@+-]+$"
EMAIL_MAX = 254  # RFC 5321: the longest address that fits a path


def _trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _plain_text(pattern: str) -> AfterValidator:
    """Runs on trimmed text of allowed length, so the expression cannot be made slow, and
    only forbidden characters are left for it to find."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise PydanticCustomError("plain_text", "must not contain control characters")
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
    BeforeValidator(_trimmed),
    _plain_text(MESSAGE_PATTERN),
]


class FeedbackSubmission(_Body):
    """A customer's rating and message, with a name and an address to answer to."""

    name: Annotated[
        str,
        Field(min_length=2, max_length=100, json_schema_extra={"pattern": NAME_PATTERN}),
        BeforeValidator(_trimmed),
        _plain_text(NAME_PATTERN),
    ]
    email: Annotated[
        str,
        Field(max_length=EMAIL_MAX, json_schema_extra={"format": "email"}),
        BeforeValidator(_trimmed),
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
