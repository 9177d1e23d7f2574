"""Every night: tells people which messages failed, and which wait for long, if there are any.

An operator may ask about more than the schedule does: `{"hours": 72}`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from customer_platform import clock, settings
from customer_platform.aws import client
from customer_platform.deployments.notices import Notices
from customer_platform.jobs import BadEventError, Event, job_handler, whole
from customer_platform.messages.report import DAYS, HOURS, AttentionIndex, report

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True)
class Settings:
    messages_table_name: str
    report_topic_arn: str


SETTINGS = settings.read(Settings)
INDEX = AttentionIndex(client("dynamodb"), SETTINGS.messages_table_name)
NOTICES = Notices(client("sns"), SETTINGS.report_topic_arn)


@job_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> dict[str, Any]:
    if unknown := event.keys() - {"hours"}:
        raise BadEventError(f"the event may have hours, and has {len(unknown)} more")
    found = report(INDEX, clock.now(), whole(event, "hours", HOURS, DAYS * 24))
    told = bool(found.failures or found.waiting)
    if told:
        NOTICES.publish(found.notice())
    return {"failed": found.failures, "waiting": len(found.waiting), "told": told}
