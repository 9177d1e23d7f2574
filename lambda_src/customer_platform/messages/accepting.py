"""Handing a message from the API to the outbox, in the API's words."""

import re

from customer_platform.http.errors import (
    ApiError,
    IdempotencyConflictError,
    ServiceUnavailableError,
    TooManyRequestsError,
    invalid,
)
from customer_platform.http.requests import Event, header
from customer_platform.messages.submission import (
    KeyReusedError,
    NotStartedError,
    Outbox,
    RateLimitedError,
    Submission,
    Submitted,
)
from customer_platform.observability import count, log_failure

_KEY_PATTERN = r"^[!-~]{1,128}$"
_RETRY_AFTER = {"Retry-After": "2"}


def idempotency_key(event: Event, route: str) -> str | None:
    """The request's key as the outbox takes it: whose it is comes before it. One caller's key says
    nothing about another's; without an API key, all share the route's."""
    key = header(event, "Idempotency-Key")
    if key is None:
        return None
    if not re.fullmatch(_KEY_PATTERN, key):
        issue = "must be 1 to 128 visible ASCII characters"
        raise invalid([{"field": "Idempotency-Key", "issue": issue}])
    identity = (event.get("requestContext") or {}).get("identity") or {}
    return f"{route}\n{identity.get('apiKeyId') or ''}\n{key}"


def accept(outbox: Outbox, submission: Submission) -> Submitted:
    """Raises ApiError for what the caller may mend, or try again."""
    try:
        return outbox.submit(submission)
    except KeyReusedError:
        raise IdempotencyConflictError("The Idempotency-Key was used with another body") from None
    except RateLimitedError as error:
        raise TooManyRequestsError(
            "This recipient has been sent as many messages as one may get for now",
            headers={"Retry-After": str(error.retry_after)},
        ) from None
    except NotStartedError as error:
        raise not_started(error) from None


def not_started(error: NotStartedError) -> ApiError:
    """It is stored, and will be sent when it is asked for again."""
    count("ProcessingErrors")
    log_failure("Workflow not started", error.__cause__ or error)
    return ServiceUnavailableError(
        "The message could not be handed on, try again shortly", headers=_RETRY_AFTER
    )
