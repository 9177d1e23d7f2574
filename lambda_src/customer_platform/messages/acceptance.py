"""Whether a service has taken a message: what its answer says, and what no answer says.

SES and SNS keep no idempotency keys: a request that is sent again is another message. So there is
one attempt per claim, and an answer that does not come is a doubt (sending.py).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
)

from customer_platform.messages.sending import (
    DoubtfulError,
    NeverAcceptedError,
    NotAcceptedError,
)

# Refusals of every service that pass: rates, and credentials that ran out just now.
_LATER = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "Throttling",
        "ThrottlingException",
    }
)


@contextmanager
def handing_over(later: frozenset[str], tell: Callable[[ClientError], None]) -> Iterator[None]:
    """Around the one request. `later`: the service's own codes of refusals that pass. `tell` hears
    of every refusal before it becomes an error.

    Raises NotAcceptedError, NeverAcceptedError, DoubtfulError with AWS's code, never its sentence,
    which quotes addresses and numbers.
    """
    try:
        yield
    except (ConnectTimeoutError, EndpointConnectionError) as error:
        raise NotAcceptedError(type(error).__name__) from error  # nothing was sent
    except ClientError as error:
        tell(error)
        raise _meaning(error, later) from error
    except HTTPClientError as error:  # cut or timed out after the request was on its way
        raise DoubtfulError(type(error).__name__) from error


def _meaning(
    error: ClientError, later: frozenset[str]
) -> NotAcceptedError | NeverAcceptedError | DoubtfulError:
    code = str(error.response["Error"]["Code"])
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    if code in _LATER | later or status in (429, 503):
        return NotAcceptedError(code)
    # 408: it says that it did not get all of it, and who knows.
    if status >= 500 or status == 408:
        return DoubtfulError(code)
    return NeverAcceptedError(code)
