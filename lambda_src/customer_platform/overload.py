"""Errors that pass by themselves: load and contention."""

import random
import time

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004

OVERLOAD_CODES = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingError",
        "ThrottlingException",
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)

# No connection, a cut one, or no answer in time: to botocore, one that never came about is no
# HTTPClientError.
UNREACHABLE = (HTTPClientError, ConnectionError)


class OverloadedError(Exception):
    """A service kept refusing for load or contention; the caller may try again later."""


def codes(error: ClientError) -> set[str]:
    """The error's code; for a cancelled transaction, the reasons of its parts instead."""
    reasons = error.response.get("CancellationReasons")
    if reasons:
        return {reason["Code"] for reason in reasons if reason.get("Code", "None") != "None"}
    return {str(error.response.get("Error", {}).get("Code", ""))}


def is_overload(error: ClientError) -> bool:
    found = codes(error)
    return bool(found) and found <= OVERLOAD_CODES


def is_busy(error: BaseException) -> bool:
    """Whether an error is a service's or a contention's, whoever noticed it."""
    return isinstance(error, OverloadedError) or (
        isinstance(error, ClientError) and is_overload(error)
    )


def pause(attempt: int, longest: float = 0.8) -> None:
    """Sleep before the next attempt: exponential with full jitter, so that the parties of a
    conflict do not meet again."""
    # Jitter, not a secret. Cost: a system call for randomness that nobody has to guess.
    time.sleep(random.uniform(0, min(longest, 0.05 * 2**attempt)))  # noqa: S311  # nosec B311
