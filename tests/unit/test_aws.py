"""AWS clients: what every call says and how long it may take."""

from typing import Any

import botocore
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ConnectionClosedError

from customer_platform.aws import client


def test_calls_say_who_they_are_and_end_in_time() -> None:
    sqs = client("sqs", read_timeout=3, attempts=2)
    sent: list[AWSPreparedRequest] = []

    def cut(request: AWSPreparedRequest, **_: Any) -> None:
        sent.append(request)
        raise ConnectionClosedError(endpoint_url=request.url)

    sqs.meta.events.register("before-send.sqs", cut)
    with pytest.raises(ConnectionClosedError):
        sqs.send_message(QueueUrl="https://sqs.us-west-1.amazonaws.com/1/q", MessageBody="x")
    assert len(sent) == 2
    for request in sent:
        agent = request.headers["User-Agent"]
        assert (agent.decode() if isinstance(agent, bytes) else agent).startswith(
            f"customer-platform Botocore/{botocore.__version__}"
        )
    assert (sqs.meta.config.connect_timeout, sqs.meta.config.read_timeout) == (1, 3)


def test_clients_share_a_session_and_may_be_of_another_region() -> None:
    assert client("comprehend", region="us-west-2").meta.region_name == "us-west-2"
    assert client("sqs").meta.region_name == "us-west-1"
