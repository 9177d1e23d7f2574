"""DELETE /feedback/{feedbackId}: erasure on a customer's request. The gateway asks for an
API key before this runs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from customer_platform import settings
from customer_platform.aws import client
from customer_platform.feedback.storage import FeedbackTable
from customer_platform.http.api import api_handler
from customer_platform.http.errors import NotFoundError
from customer_platform.http.requests import Event, no_query, path_uuid
from customer_platform.http.responses import Response, no_content
from customer_platform.observability import logger

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
    feedback_id = path_uuid(event, "feedbackId")
    # Backups still hold it, and who restores one (ops/restore.py) must know what stays erased. Said
    # before it is done: of a function that dies in between, the line would be missing.
    logger.info("Erasing feedback", extra={"feedbackId": feedback_id})
    if not TABLE.delete(feedback_id):
        raise NotFoundError("There is no feedback with this id")
    return no_content()
