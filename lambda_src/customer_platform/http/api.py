"""`@api_handler`: what every function behind API Gateway does around its own work."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from customer_platform import started
from customer_platform.health import health_answer
from customer_platform.http.errors import ApiError, ServiceUnavailableError
from customer_platform.http.requests import Event
from customer_platform.http.responses import Response, json_response
from customer_platform.observability import count, identify, log_failure, logger
from customer_platform.overload import UNREACHABLE, is_busy

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

type Handler = Callable[[Event, "LambdaContext"], Response]

_RETRY_AFTER_SECONDS = "2"


@dataclass(frozen=True)
class Wording:
    """How a system's documents call errors: the code of an ApiError in `error`, and the sentence
    for what was not foreseen."""

    code: Callable[[str], str] = str
    unexpected: str = "The request could not be processed"


def api_handler(handler: Handler) -> Handler:
    """Answer health events, errors in the documented shape, and log one line per request."""
    return worded_handler(Wording())(handler)


def worded_handler(wording: Wording) -> Callable[[Handler], Handler]:
    """The same with a system's own words for errors."""
    return lambda handler: _wrapped(handler, wording)


def _wrapped(handler: Handler, wording: Wording) -> Handler:
    started()

    @functools.wraps(handler)
    def wrapper(event: Event, context: "LambdaContext") -> Response:
        healthy = health_answer(event, context)
        if healthy is not None:
            return healthy
        # The gateway's id is the one in its access log and in its own errors.
        request = event.get("requestContext") or {}
        request_id = str(request.get("requestId") or context.aws_request_id)
        identify(request_id)
        error: ApiError | None = None
        try:
            response = handler(event, context)
        except Exception as raised:
            error = _api_error(raised, _route(event, context), wording)
            response = _error_response(error, request_id, wording)
        logger.info(
            "Request",
            extra={
                **_route(event, context),
                "status": response["statusCode"],
                "error": error.code if error else None,
            },
        )
        return response

    return wrapper


def _route(event: Event, context: "LambdaContext") -> dict[str, object]:
    """What a log line may say of a request: no path, which holds ids, and no body."""
    return {
        "method": event.get("httpMethod"),
        "resource": event.get("resource"),
        "functionVersion": context.function_version,
    }


def _api_error(raised: Exception, route: dict[str, object], wording: Wording) -> ApiError:
    if isinstance(raised, ApiError):
        return raised
    count("ProcessingErrors")
    log_failure("Request failed", raised, **route)
    if is_busy(raised) or isinstance(raised, UNREACHABLE):
        return ServiceUnavailableError(
            "The service is busy, try again shortly", headers={"Retry-After": _RETRY_AFTER_SECONDS}
        )
    return ApiError(wording.unexpected)


def _error_response(error: ApiError, request_id: str, wording: Wording) -> Response:
    body: dict[str, Any] = {
        "error": wording.code(error.code),
        "message": error.message,
        "details": error.details,
        "requestId": request_id,
    }
    return json_response(error.status, body, {"Cache-Control": "no-store", **error.headers})
