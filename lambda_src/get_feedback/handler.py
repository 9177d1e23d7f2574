"""GET /feedback/{feedbackId}."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from customer_platform import clock, settings
from customer_platform.aws import client
from customer_platform.feedback.storage import FeedbackTable
from customer_platform.http.api import api_handler
from customer_platform.http.errors import NotFoundError
from customer_platform.http.requests import Event, no_query, path_uuid
from customer_platform.http.responses import Response, json_response

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True)
class Settings:
    feedback_table_name: str


SETTINGS = settings.read(Settings)
TABLE = FeedbackTable(client("dynamodb"), SETTINGS.feedback_table_name)


@api_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> Response:
    no_query(event)
    feedback = TABLE.get(path_uuid(event, "feedbackId"), now=int(clock.now().timestamp()))
    if feedback is None:
        raise NotFoundError("There is no feedback with this id")
    return json_response(200, feedback, {"Cache-Control": "no-store"})
