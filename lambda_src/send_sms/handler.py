"""A step of the workflow customer-message: send one text message, `{"messageId": …}`.

As send_email, with the same record, suppression list and claim.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from customer_platform import settings
from customer_platform.aws import client
from customer_platform.jobs import Event, job_handler
from customer_platform.messages.limits import SpendingLimit
from customer_platform.messages.sending import Sending
from customer_platform.messages.store import MessageTable
from customer_platform.messages.suppression import SuppressionList
from customer_platform.messages.texting import Purse, Texter

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True)
class Settings:
    """Prices and limits are in thousandths of a dollar."""

    messages_table_name: str
    recipients_table_name: str
    messages_retention_days: int = settings.whole(91, 3650)
    sms_highest_price: int = settings.whole(1, 10_000)
    sms_monthly_limit: int = settings.whole(1, 100_000_000)


SETTINGS = settings.read(Settings)
_dynamodb = client("dynamodb")
_texter = Texter(
    # One attempt, as for e-mail: a request that is sent again is another text message.
    client("sns", read_timeout=15, attempts=1),
    Purse(
        _dynamodb,
        SpendingLimit(SETTINGS.recipients_table_name, SETTINGS.sms_monthly_limit),
        SETTINGS.sms_highest_price,
    ),
)
SENDING = Sending(
    MessageTable(_dynamodb, SETTINGS.messages_table_name, SETTINGS.messages_retention_days),
    SuppressionList(_dynamodb, SETTINGS.recipients_table_name),
    _texter.deliver,
)


@job_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> dict[str, Any]:
    return {**SENDING.send(str(event["messageId"]))}
