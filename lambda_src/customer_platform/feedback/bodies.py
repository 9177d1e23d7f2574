"""Which of the two bodies of POST /feedback a request carries."""

from typing import Any

from customer_platform.feedback.models import FeedbackSubmission, FeedbackText, Submission
from customer_platform.http.validation import validated

_TEXT_REQUIRED = "Feedback text is required"


def submission_of(body: dict[str, Any]) -> Submission:
    """Any field of a FeedbackSubmission makes it one; everything else is a FeedbackText.

    So a form with a missing field is told which one, and a body with nothing in it is told
    that its text is missing, in the words that callers of the text form know.
    """
    if FeedbackSubmission.model_fields.keys() & body.keys():
        return validated(FeedbackSubmission, body)
    text = body.get("feedback", "")
    missing = isinstance(text, str) and not text.strip()
    return validated(FeedbackText, body, message=_TEXT_REQUIRED if missing else None)
