"""A text message, handed to SNS once, and paid for beforehand.

SNS tells nothing afterwards: an answer that does not come is a doubt which only a person can
settle.
"""

import functools
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from customer_platform import clock
from customer_platform.messages.acceptance import handing_over
from customer_platform.messages.limits import SpendingLimit
from customer_platform.messages.records import Head
from customer_platform.messages.sending import NeverAcceptedError, NotAcceptedError
from customer_platform.observability import error_code, logger
from customer_platform.overload import UNREACHABLE, codes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# SNS's own refusals that pass.
_LATER = frozenset({"Throttled", "ThrottledException"})


class Sns(Protocol):
    """botocore's client of SNS."""

    def publish(self, **request: Any) -> dict[str, Any]: ...

    def close(self) -> None: ...


class Purse:
    """What text messages may still cost this month. Prices are thousandths of a dollar."""

    def __init__(self, dynamodb: "DynamoDBClient", limit: SpendingLimit, price: int) -> None:
        self._dynamodb = dynamodb
        self._limit = limit
        self.price = price  # the highest that one message may have

    def pay(self, now: datetime) -> bool:
        """For one message, at its highest price. False if the month's limit leaves no room."""
        part = self._limit.transaction_part(self.price, now)["Update"]
        try:
            self._dynamodb.update_item(**part)
        except ClientError as error:
            if codes(error) != {"ConditionalCheckFailedException"}:
                raise
            return False
        return True

    def take_back(self, now: datetime) -> None:
        """What was paid for a message that was certainly not sent."""
        self._dynamodb.update_item(**self._limit.returned(self.price, now))


class Texter:
    def __init__(self, sns: Sns, purse: Purse) -> None:
        self._sns = sns
        self._purse = purse

    def deliver(self, head: Head) -> str:
        """SNS's id of the text message. Raises NotAcceptedError, NeverAcceptedError and
        DoubtfulError, and what reading and writing the limit raises, before SNS hears of it."""
        now = clock.now()
        try:
            paid = self._purse.pay(now)
        except (ClientError, *UNREACHABLE) as error:
            # Perhaps it is counted: then a little less is sent this month than might be.
            _tell(head, error)
            raise NotAcceptedError(error_code(error)) from error
        if not paid:
            raise NeverAcceptedError("monthly limit of text messages reached")
        try:
            return self._publish(head)
        except (NotAcceptedError, NeverAcceptedError):
            self._take_back(head, now)
            raise

    def _take_back(self, head: Head, now: datetime) -> None:
        try:
            self._purse.take_back(now)
        except (ClientError, *UNREACHABLE) as error:
            # It stays counted, and a little less is sent this month than might be. Raised, it would
            # make a doubt of what is certain.
            _tell(head, error)

    def _publish(self, head: Head) -> str:
        # As for e-mail: a connection that was dropped would fail after the request went out.
        self._sns.close()
        with handing_over(_LATER, functools.partial(_tell, head)):
            return str(self._sns.publish(**self.request(head))["MessageId"])

    def request(self, head: Head) -> dict[str, Any]:
        """The parameters of Publish."""
        attributes = {
            # Reliable rather than cheap.
            "AWS.SNS.SMS.SMSType": ("String", "Transactional"),
            # SNS does not send what would cost more, to a number abroad for example.
            "AWS.SNS.SMS.MaxPrice": ("Number", f"{self._purse.price / 1000:.3f}"),
        }
        return {
            "PhoneNumber": head.recipient,
            "Message": head.text,
            "MessageAttributes": {
                name: {"DataType": kind, "StringValue": value}
                for name, (kind, value) in attributes.items()
            },
        }


def _tell(head: Head, error: BotoCoreError | ClientError) -> None:
    """What refused the message, for whoever looks after it."""
    asked = error.operation_name if isinstance(error, ClientError) else None
    logger.warning(
        "Text message refused",
        extra={"messageId": head.message_id, "operation": asked, "code": error_code(error)},
    )
