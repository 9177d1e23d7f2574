"""TransactWriteItems, tried again while others are at the same items."""

import time
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from customer_platform.overload import UNREACHABLE, OverloadedError, codes, is_overload, pause

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ATTEMPTS = 6


class ConditionFailedError(Exception):
    """A condition of the transaction does not hold, and nothing was written.

    `parts` are the positions of the parts whose conditions failed, with the item that is there
    where the part asked for it.
    """

    def __init__(self, parts: Mapping[int, Mapping[str, Any]]) -> None:
        super().__init__(f"conditions of parts {sorted(parts)}")
        self.parts = parts


def transact(
    dynamodb: "DynamoDBClient",
    parts: Sequence[Mapping[str, Any]],
    subject: str,
    patience: float = 0,
) -> None:
    """All parts or none. `subject` names them in an OverloadedError. `patience`: for how many
    seconds a call that nobody answers is made again, beyond the SDK's own attempts.

    Raises ConditionFailedError, OverloadedError, and what the SDK raises of a call that stays
    without an answer. The call has a token, so a write whose answer got lost is not refused by its
    own conditions when it is sent again.
    """
    token = str(uuid.uuid4())  # DynamoDB carries out once what bears the same
    last = time.monotonic() + patience
    refusals = silences = 0
    while refusals < _ATTEMPTS:
        try:
            dynamodb.transact_write_items(
                TransactItems=list(parts),  # type: ignore[arg-type]
                ClientRequestToken=token,
            )
        except ClientError as error:
            if "ConditionalCheckFailed" in codes(error):
                raise ConditionFailedError(_failed(error)) from None
            if not is_overload(error):
                raise
            # The next attempt is a transaction of its own; but not while this one is in progress:
            # its answer got lost, and its own conditions would refuse the next.
            if "TransactionInProgressException" not in codes(error):
                token = str(uuid.uuid4())
            pause(refusals)
            refusals += 1
        except UNREACHABLE:
            if time.monotonic() >= last:
                raise
            pause(silences)
            silences += 1
        else:
            return
    raise OverloadedError(subject)


def _failed(error: ClientError) -> dict[int, Mapping[str, Any]]:
    reasons: list[dict[str, Any]] = error.response["CancellationReasons"]  # type: ignore[assignment]
    return {
        number: reason.get("Item", {})
        for number, reason in enumerate(reasons)
        if reason["Code"] == "ConditionalCheckFailed"
    }
