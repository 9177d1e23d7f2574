"""Errors that the API answers, with their stable machine-readable codes."""

from collections.abc import Sequence
from typing import TypedDict


class Detail(TypedDict):
    field: str
    issue: str


class ApiError(Exception):
    """An answer other than 2xx. `message` and `details` reach the caller: no secrets."""

    status = 500
    code = "InternalError"

    def __init__(
        self,
        message: str,
        details: Sequence[Detail] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details = list(details)
        self.headers = headers or {}


class ValidationError(ApiError):
    status = 400
    code = "ValidationError"


class InvalidCursorError(ApiError):
    status = 400
    code = "InvalidCursor"


class NotFoundError(ApiError):
    status = 404
    code = "NotFound"


class PreconditionFailedError(ApiError):
    status = 412
    code = "PreconditionFailed"


class PayloadTooLargeError(ApiError):
    status = 413
    code = "PayloadTooLarge"


class UnsupportedMediaTypeError(ApiError):
    status = 415
    code = "UnsupportedMediaType"


class IdempotencyConflictError(ApiError):
    status = 422
    code = "IdempotencyConflict"


class TooManyRequestsError(ApiError):
    status = 429
    code = "TooManyRequests"


class ServiceUnavailableError(ApiError):
    status = 503
    code = "ServiceUnavailable"


def invalid(details: Sequence[Detail], message: str | None = None) -> ValidationError:
    """A ValidationError whose message says it all when there is one problem."""
    if message is None:
        first = details[0]
        message = (
            f"{first['field']} {first['issue']}"
            if len(details) == 1
            else "Several values are not valid, see details"
        )
    return ValidationError(message, details)
