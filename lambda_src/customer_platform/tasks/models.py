"""The request bodies of POST and PUT /tasks.

Limits, patterns and names are also in `terraform/openapi.yaml`; a unit test compares them.
"""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from customer_platform.http.validation import validated
from customer_platform.tasks import due_dates
from customer_platform.tasks.records import Priority as _Priority
from customer_platform.tasks.records import Status as _Status
from customer_platform.tasks.tags import MAX_LENGTH, MAX_TAGS
from customer_platform.text import LINE_EDGE, LINE_NOT, TEXT_EDGE, plain_text, trimmed

# One line of one character or more.
LINE_PATTERN = (
    f"^[{LINE_EDGE}]*[^{LINE_EDGE}{LINE_NOT}]([^{LINE_NOT}]*[^{LINE_EDGE}{LINE_NOT}])?"
    f"[{LINE_EDGE}]*$"
)
# Lines, or none: no control characters but tabs and line ends.
LINES_PATTERN = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*$"
_visible_lines = plain_text(LINES_PATTERN)
_TITLE_REQUIRED = "Title field is required"


def _due_date(text: str) -> str:
    try:
        return due_dates.parse(text)
    except ValueError as error:
        raise PydanticCustomError("due_date", str(error)) from None


def _lines(text: str) -> str:
    return _visible_lines.func(text) if text else text  # type: ignore[call-arg]


def _once(tags: list[str]) -> list[str]:
    """Saying a tag twice means what saying it once does."""
    return list(dict.fromkeys(tags))


def _nullable(schema: dict[str, Any]) -> None:
    """OpenAPI 3.0 has a word for it, JSON Schema has alternatives."""
    schema |= schema.pop("anyOf")[0] | {"nullable": True}
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    schema.pop("default")


def _of_changes(schema: dict[str, Any]) -> None:
    """A field that is not named has no value; the defaults below are only there to be left out."""
    schema["minProperties"] = 1
    for field in schema["properties"].values():
        field.pop("default", None)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


_Title = Annotated[
    str,
    Field(min_length=1, max_length=200, json_schema_extra={"pattern": LINE_PATTERN}),
    trimmed(LINE_EDGE),
    plain_text(LINE_PATTERN),
]
_Description = Annotated[
    str,
    Field(max_length=5000, json_schema_extra={"pattern": LINES_PATTERN}),
    trimmed(TEXT_EDGE),
    AfterValidator(_lines),
]
_Tag = Annotated[
    str,
    Field(min_length=1, max_length=MAX_LENGTH, json_schema_extra={"pattern": LINE_PATTERN}),
    trimmed(LINE_EDGE),
    plain_text(LINE_PATTERN),
]
_Tags = Annotated[list[_Tag], Field(max_length=MAX_TAGS), AfterValidator(_once)]
_DueDate = Annotated[
    str, Field(json_schema_extra={"pattern": due_dates.PATTERN}), AfterValidator(_due_date)
]
_OptionalPriority = Annotated[_Priority | None, Field(json_schema_extra=_nullable)]
_OptionalDueDate = Annotated[_DueDate | None, Field(json_schema_extra=_nullable)]


class NewTask(_Body):
    """A task to create."""

    Title: _Title
    Description: _Description = ""
    Status: _Status = "Open"
    Priority: _OptionalPriority = None
    Tags: _Tags = Field(default_factory=list)
    DueDate: _OptionalDueDate = None


class TaskChanges(_Body):
    """What of a task becomes otherwise; what is not named stays. Null takes a value away."""

    model_config = ConfigDict(json_schema_extra=_of_changes)

    Title: _Title = ""
    Description: _Description = ""
    Status: _Status = "Open"
    Priority: _OptionalPriority = None
    Tags: _Tags = Field(default_factory=list)
    DueDate: _OptionalDueDate = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise PydanticCustomError("no_field", "must name at least one field")
        return self

    def named(self) -> dict[str, Any]:
        """The values of the request, by name."""
        return self.model_dump(include=self.model_fields_set)


def task_body[Model: BaseModel](model: type[Model], body: dict[str, Any]) -> Model:
    """The body as a model; else a 400, with the document's sentence for a missing title."""
    title = body.get("Title", "" if model is NewTask else "-")
    missing = isinstance(title, str) and not title.strip()
    return validated(model, body, message=_TITLE_REQUIRED if missing else None)
