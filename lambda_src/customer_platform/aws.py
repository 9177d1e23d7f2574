"""AWS clients.

botocore's own: boto3 adds resources and transfers to it, which nothing here uses and every cold
start would import. `build.py` reads the calls of `client` and packs the models of the services
that they name, and no others.
"""

import functools
from typing import Any

import botocore
import botocore.session
from botocore.config import Config

# botocore's own is put together anew for every request, which is a tenth of a call's CPU.
_USER_AGENT = f"customer-platform Botocore/{botocore.__version__}"


@functools.cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()


def client(
    service: str,
    *,
    region: str | None = None,
    connect_timeout: float = 1,
    read_timeout: float = 2,
    attempts: int = 2,
) -> Any:
    """A client, made once at import. `service` is a literal where this is called.

    botocore waits 60 s by default, longer than any function may run: a slow answer has to
    fail while there is still time to retry it. A call takes 6 s at most, so that a function of
    15 s can make two in a row, and API Gateway's 29 s are never reached.
    """
    return _session().create_client(
        service,
        region_name=region,
        config=Config(
            user_agent=_USER_AGENT,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            retries={"mode": "standard", "total_max_attempts": attempts},
        ),
    )
