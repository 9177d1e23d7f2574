"""`@stream_handler`: what every consumer of a DynamoDB stream does around its own work."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from customer_platform import started
from customer_platform.health import health_answer
from customer_platform.observability import count, identify, log_failure

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


class BatchFailedError(Exception):
    """The stream should deliver the batch again. The log line before it says what happened."""


type Work = Callable[[list[Any]], None]


def stream_handler(work: Work) -> Callable[[dict[str, Any], "LambdaContext"], dict[str, Any]]:
    """Make a Lambda handler of a function over stream records.

    An exception means that a retry can mend it: it is logged and raised, and the stream
    delivers the batch again. Records that no retry can mend are the work's own business.
    """

    started()

    @functools.wraps(work)
    def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
        healthy = health_answer(event, context)
        if healthy is not None:
            return healthy
        identify(context.aws_request_id)
        try:
            work(event["Records"])
        except Exception as error:
            count("ProcessingErrors")
            log_failure("Batch failed", error, functionVersion=context.function_version)
            # Lambda logs what is raised, and messages of other people's exceptions quote values.
            raise BatchFailedError from None
        return {"batchItemFailures": []}

    return handler
