"""What the site's forms say of a text is what the API says of it.

The table is the site's own test data: `frontend/src/api/validate.test.ts` holds the forms to it,
and this holds it to the API's models.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from customer_platform.feedback.models import FeedbackSubmission
from customer_platform.http.errors import Detail, ValidationError
from customer_platform.http.validation import validated
from customer_platform.messages.models import ContactRequest

TABLE = Path(__file__).parents[2] / "frontend" / "src" / "test" / "verdicts.json"
BODIES: dict[str, tuple[type[BaseModel], dict[str, Any]]] = {
    "FeedbackSubmission": (
        FeedbackSubmission,
        {"name": "Ada", "email": "ada@example.com", "rating": 5, "message": "Good"},
    ),
    "ContactRequest": (
        ContactRequest,
        {"email": "ada@example.com", "subject": "Hello", "message": "Are you open?"},
    ),
}


def _whole(text: str | list[tuple[str, int]]) -> str:
    """A long text is written as its runs."""
    return text if isinstance(text, str) else "".join(run * times for run, times in text)


def _cases() -> list[Any]:
    return [
        pytest.param(
            body, field, _whole(case["text"]), case["issue"], id=f"{body}-{field}-{number}"
        )
        for body, fields in json.loads(TABLE.read_text()).items()
        for field, cases in fields.items()
        for number, case in enumerate(cases)
    ]


@pytest.mark.parametrize(("body", "field", "text", "issue"), _cases())
def test_the_api_says_what_the_table_says(
    body: str, field: str, text: str, issue: str | None
) -> None:
    model, valid = BODIES[body]
    details: list[Detail] = []
    try:
        validated(model, valid | {field: text})
    except ValidationError as error:
        details = error.details

    assert details == ([] if issue is None else [{"field": field, "issue": issue}])
