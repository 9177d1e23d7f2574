"""pydantic's errors in the API's words."""

from typing import Any

from pydantic import BaseModel
from pydantic import ValidationError as PydanticError

from customer_platform.http.errors import Detail, invalid
from customer_platform.http.requests import echo

_MAX_DETAILS = 20
_ISSUES = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "string_type": "must be a string",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "list_type": "must be an array",
    "too_long": "must have at most {max_length} entries",
    "string_pattern_mismatch": "contains characters that are not allowed",
}


def validated[Model: BaseModel](
    model: type[Model], body: dict[str, Any], message: str | None = None
) -> Model:
    """The body as a model; else a 400 that names every field and rule.

    `message` replaces the summary when it is not None.
    """
    try:
        return model.model_validate(body)
    except PydanticError as error:
        problems = error.errors(include_url=False, include_input=False)
    details: list[Detail] = [
        {
            "field": echo(".".join(map(str, problem["loc"])) or "body"),
            "issue": _issue(problem["type"], problem["msg"], problem.get("ctx", {})),
        }
        for problem in problems[:_MAX_DETAILS]
    ]
    raise invalid(details, message)


def _issue(kind: str, message: str, context: dict[str, Any]) -> str:
    return _ISSUES[kind].format(**context) if kind in _ISSUES else message
