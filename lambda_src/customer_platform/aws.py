"""AWS clients."""

from typing import Any

import boto3
from botocore.config import Config


def client(
    service: str,
    *,
    region: str | None = None,
    connect_timeout: float = 1,
    read_timeout: float = 2,
    attempts: int = 2,
) -> Any:
    """A low-level client (resources cost 22 ms more of init), made once at import.

    botocore waits 60 s by default, longer than any function may run: a slow answer has to
    fail while there is still time to retry it. A call takes 6 s at most, so that a function of
    15 s can make two in a row, and API Gateway's 29 s are never reached.
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
