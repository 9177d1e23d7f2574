"""Bodies of POST /messages and POST /contact.

Limits and patterns are also in `terraform/openapi.yaml`; a unit test compares them.
"""

from typing import Annotated, Any, Literal

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

# One line of what can be seen: no line end of any kind, so that no header follows it.
SUBJECT_PATTERN = (
    f"^[{LINE_EDGE}]*[^{LINE_EDGE}{LINE_NOT}]"
    f"([^{LINE_NOT}]*[^{LINE_EDGE}{LINE_NOT}])?[{LINE_EDGE}]*$"
)
MESSAGE_MAX = 10_000
# SNS takes 1,600 bytes for one message, and an emoji has four.
SMS_MAX = 400
PHONE_PATTERN = r"^\+[1-9][0-9]{7,14}$"


def _address(value: str) -> str:
    """In ASCII, the domain in punycode: SES takes nothing else before the @, and a line that is
    ASCII cannot look like another."""
    try:
        # No DNS: a message must not wait for, or be refused by, somebody's name server.
        found = validate_email(value, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise PydanticCustomError(
            "email", "must be an e-mail address, in ASCII before the @"
        ) from None
    address = found.ascii_email
    if address is None or len(address) > EMAIL_MAX:
        raise PydanticCustomError("email", "must be an e-mail address, in ASCII before the @")
    return address


# `Field` stands next to `str`, so that limits are those of a string, applied after trimming.
Address = Annotated[
    str,
    Field(max_length=EMAIL_MAX, json_schema_extra={"format": "email"}),
    trimmed(SPACES),
    AfterValidator(_address),
]
Subject = Annotated[
    str,
    Field(min_length=1, max_length=200, json_schema_extra={"pattern": SUBJECT_PATTERN}),
    trimmed(LINE_EDGE),
    plain_text(SUBJECT_PATTERN),
]
Text = Annotated[
    str,
    Field(min_length=1, max_length=MESSAGE_MAX, json_schema_extra={"pattern": TEXT_PATTERN}),
    trimmed(TEXT_EDGE),
    plain_text(TEXT_PATTERN),
]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _as_enum(schema: dict[str, Any]) -> None:
    """OpenAPI 3.0 knows no `const`."""
    schema["enum"] = [schema.pop("const")]


class EmailMessage(Body):
    """An e-mail to one customer."""

    channel: Annotated[Literal["email"], Field(json_schema_extra=_as_enum)] = "email"
    email: Address
    subject: Subject
    message: Text


class SmsMessage(Body):
    """A text message to one customer."""

    channel: Annotated[Literal["sms"], Field(json_schema_extra=_as_enum)]
    phone: Annotated[str, Field(pattern=PHONE_PATTERN)]
    message: Annotated[
        str,
        Field(min_length=1, max_length=SMS_MAX, json_schema_extra={"pattern": TEXT_PATTERN}),
        trimmed(TEXT_EDGE),
        plain_text(TEXT_PATTERN),
    ]


class ContactRequest(Body):
    """What a visitor of the site wants to tell the team, and where the answer goes."""

    email: Address
    subject: Subject
    message: Text
