"""POST /feedback: analyse and store one piece of feedback."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from customer_platform import settings
from customer_platform.aws import client
from customer_platform.feedback.bodies import submission_of
from customer_platform.feedback.models import FeedbackSubmission, FeedbackText
from customer_platform.feedback.sentiment.engines import configured
from customer_platform.feedback.sentiment.settings import SentimentSettings
from customer_platform.feedback.storage import FeedbackTable
from customer_platform.feedback.submission_store import SubmissionStore
from customer_platform.feedback.submit import submit
from customer_platform.http.api import api_handler
from customer_platform.http.requests import Event, json_object, no_query
from customer_platform.http.responses import Response, json_response
from customer_platform.idempotency import IdempotencyTable, key_of
from customer_platform.observability import count, measure

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True)
class Settings:
    feedback_table_name: str
    idempotency_table_name: str
    feedback_retention_days: int = settings.whole(1, 3650)
    list_shards: int = settings.whole(1, 64)


SETTINGS = settings.read(Settings)
ANALYZER = configured(settings.read(SentimentSettings))
_dynamodb = client("dynamodb")
STORE = SubmissionStore(
    _dynamodb,
    FeedbackTable(_dynamodb, SETTINGS.feedback_table_name),
    IdempotencyTable(SETTINGS.idempotency_table_name),
    SETTINGS.list_shards,
    SETTINGS.feedback_retention_days,
)


@api_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> Response:
    no_query(event)
    submission = submission_of(json_object(event))
    accepted = submit(submission, key_of(event), ANALYZER, STORE)
    if not accepted.repeated:
        count("FeedbackProcessed", Sentiment=accepted.sentiment.upper())
        if isinstance(submission, FeedbackSubmission):
            measure("FeedbackRating", submission.rating)
    if isinstance(submission, FeedbackText):
        return json_response(
            200,
            {
                "message": "Feedback processed successfully",
                "feedbackId": accepted.feedback_id,
                "sentiment": accepted.sentiment.upper(),
            },
        )
    return json_response(
        201,
        {
            "feedbackId": accepted.feedback_id,
            **submission.model_dump(),
            "sentiment": accepted.sentiment,
            "createdAt": accepted.created_at,
        },
    )
