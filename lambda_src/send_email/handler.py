"""A step of the workflow customer-message: send one e-mail, `{"messageId": …}`.

The answer is sending.Result. An error is raised only for what a retry can mend: whoever comes then
finds the message as this one left it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from customer_platform import settings
from customer_platform.aws import client
from customer_platform.jobs import Event, job_handler
from customer_platform.messages.email import Mailer
from customer_platform.messages.sending import Sending
from customer_platform.messages.store import MessageTable
from customer_platform.messages.suppression import SuppressionList
from customer_platform.messages.templates import Templates

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True)
class Settings:
    messages_table_name: str
    recipients_table_name: str
    sender_address: str
    configuration_set: str
    unsubscribe_url: str
    messages_retention_days: int = settings.whole(91, 3650)


SETTINGS = settings.read(Settings)
_dynamodb = client("dynamodb")
_mailer = Mailer(
    # One attempt: a request that is sent again is another e-mail. SES answers within a second;
    # an answer that does not come is a doubt, so it gets all the time that the step has.
    client("sesv2", read_timeout=15, attempts=1),
    SETTINGS.sender_address,
    SETTINGS.configuration_set,
    SETTINGS.unsubscribe_url,
    Templates(Path(__file__).parent / "templates").render,
)
SENDING = Sending(
    MessageTable(_dynamodb, SETTINGS.messages_table_name, SETTINGS.messages_retention_days),
    SuppressionList(_dynamodb, SETTINGS.recipients_table_name),
    _mailer.deliver,
)


@job_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> dict[str, Any]:
    return {**SENDING.send(str(event["messageId"]))}
