"""GET /health: which version answers, where and when."""

import os
from typing import TYPE_CHECKING

from customer_platform import clock
from customer_platform.http.api import api_handler
from customer_platform.http.requests import Event
from customer_platform.http.responses import Response, json_response

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@api_handler
def lambda_handler(_event: Event, context: "LambdaContext") -> Response:
    body = {
        "status": "ok",
        "version": context.function_version,
        "region": os.environ["AWS_REGION"],
        "timestamp": clock.iso(clock.now()),
    }
    return json_response(200, body, {"Cache-Control": "no-store"})
