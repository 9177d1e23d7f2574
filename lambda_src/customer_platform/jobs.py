"""`@job_handler`: what every function that runs on a schedule does around its own work."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from customer_platform import started
from customer_platform.health import health_answer
from customer_platform.observability import count, identify, log_failure, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

type Event = dict[str, Any]


class JobFailedError(Exception):
    """Lambda should try the event again. The log line before it says what happened."""


class RefusedError(Exception):
    """The job will not do it, and trying again does not help. The text says why, and holds nothing
    that must not be logged."""


class BadEventError(RefusedError):
    """The event asks for something that the job does not do. The text says what it may ask for,
    and nothing of the event."""


type Work = Callable[[Event, "LambdaContext"], dict[str, Any]]


def job_handler(work: Work) -> Callable[[Event, "LambdaContext"], dict[str, Any]]:
    """Make a Lambda handler of a job that answers what it did.

    An exception is logged and raised: Lambda tries a scheduled event again, then puts it on the
    dead-letter queue.
    """

    started()

    @functools.wraps(work)
    def handler(event: Event, context: "LambdaContext") -> dict[str, Any]:
        healthy = health_answer(event, context)
        if healthy is not None:
            return healthy
        identify(context.aws_request_id)
        try:
            return work(event, context)
        except RefusedError as error:
            logger.warning("Event refused", extra={"issue": str(error)})
            raise
        except Exception as error:
            count("ProcessingErrors")
            log_failure("Job failed", error, functionVersion=context.function_version)
            # Lambda logs what is raised, and messages of other people's exceptions quote values.
            raise JobFailedError(type(error).__qualname__) from None

    return handler


def whole(event: Event, name: str, default: int, longest: int) -> int:
    """A whole number from 1 that an event may name. Raises BadEventError."""
    value = event.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= longest:
        raise BadEventError(f"{name} must be a whole number from 1 to {longest}")
    return value
