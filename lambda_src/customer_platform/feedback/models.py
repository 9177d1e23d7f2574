"""The two request bodies of POST /feedback.

Limits, patterns and names are also in `terraform/openapi.yaml`; a unit test compares them.
"""

from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from customer_platform.text import (
    EMAIL_MAX,
    LINE_EDGE,
    LINE_NOT,
    SPACES,
    TEXT_EDGE,
    TEXT_PATTERN,
    plain_text,
    trimmed,
)

NAME_PATTERN = (
    f"^[{LINE_EDGE}]*[^{LINE_EDGE}{LINE_NOT}][^{LINE_NOT}]*[^{LINE_EDGE}{LINE_NOT}][{LINE_EDGE}]*$"
)
MESSAGE_PATTERN = TEXT_PATTERN
CUSTOMER_ID_PATTERN = r"^[A-Za-z0-9._:@+-]+$"


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
    trimmed(TEXT_EDGE),
    plain_text(MESSAGE_PATTERN),
]


class FeedbackSubmission(_Body):
    """A customer's rating and message, with a name and an address to answer to."""

    name: Annotated[
        str,
        Field(min_length=2, max_length=100, json_schema_extra={"pattern": NAME_PATTERN}),
        trimmed(LINE_EDGE),
        plain_text(NAME_PATTERN),
    ]
    email: Annotated[
        str,
        Field(max_length=EMAIL_MAX, json_schema_extra={"format": "email"}),
        trimmed(SPACES),
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
