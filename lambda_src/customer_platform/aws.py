"""AWS clients, and which of their errors pass by themselves."""

import random
import time
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

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


class OverloadedError(Exception):
    """A service kept refusing for load or contention; the caller may try again later."""


def client(
    service: str,
    *,
    region: str | None = None,
    connect_timeout: float = 1,
    read_timeout: float = 3,
    attempts: int = 3,
) -> Any:
    """A low-level client (resources cost 22 ms more of init), made once at import.

    botocore waits 60 s by default, longer than any function may run: a slow answer has to
    fail while there is still time to retry it.
    """
    return boto3.client(  # type: ignore[call-overload]
        service,
        region_name=region,
        config=Config(
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            retries={"mode": "standard", "total_max_attempts": attempts},
        ),
    )


def codes(error: ClientError) -> set[str]:
    """The error's code; for a cancelled transaction, the reasons of its parts instead."""
    reasons = error.response.get("CancellationReasons")
    if reasons:
        return {reason["Code"] for reason in reasons if reason.get("Code", "None") != "None"}
    return {str(error.response.get("Error", {}).get("Code", ""))}


def is_overload(error: ClientError) -> bool:
    found = codes(error)
    return bool(found) and found <= OVERLOAD_CODES


def pause(attempt: int, longest: float = 0.8) -> None:
    """Sleep before the next attempt: exponential with full jitter, so that the parties of a
    conflict do not meet again."""
    time.sleep(random.uniform(0, min(longest, 0.05 * 2**attempt)))  # noqa: S311
