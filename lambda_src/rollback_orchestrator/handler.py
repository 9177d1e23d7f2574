"""On the topic of critical alarms: rolls back the function whose errors an alarm tells of.

`{"Records": [{"Sns": {"Message": …}}]}`, as SNS delivers it.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from customer_platform import settings
from customer_platform.aws import client
from customer_platform.deployments.alarms import NotAnAlarmError, parse
from customer_platform.deployments.aliases import Aliases
from customer_platform.deployments.ledger import Ledger
from customer_platform.deployments.notices import Notices
from customer_platform.deployments.rollback import Rollbacks
from customer_platform.jobs import BadEventError, Event, job_handler
from customer_platform.observability import count

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True)
class Settings:
    deployments_table_name: str
    deployments_topic_arn: str
    rollback_targets: str  # JSON: name of an alarm => function
    loop_window_minutes: int = settings.whole(1, 1440)


SETTINGS = settings.read(Settings)
ROLLBACKS = Rollbacks(
    Ledger(client("dynamodb"), SETTINGS.deployments_table_name),
    # A version that gets no traffic starts cold, and a slow start is no bad health.
    Aliases(client("lambda", read_timeout=15)),
    json.loads(SETTINGS.rollback_targets),
    timedelta(minutes=SETTINGS.loop_window_minutes),
    Notices(client("sns"), SETTINGS.deployments_topic_arn).publish,
)


@job_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> dict[str, Any]:
    ended = []
    for message in _messages(event):
        try:
            change = parse(message)
        except NotAnAlarmError as error:
            raise BadEventError(str(error)) from None
        if change.state != "ALARM":
            continue
        entry = ROLLBACKS.answer(change)
        count("Rollbacks", Outcome=str(entry.kind))
        ended.append(
            {"function": entry.chain, "outcome": str(entry.kind), "sequence": entry.sequence}
        )
    return {"ended": ended}


def _messages(event: Event) -> list[str]:
    try:
        return [str(record["Sns"]["Message"]) for record in event["Records"]]
    except (KeyError, TypeError):
        raise BadEventError("the event is none that SNS delivers") from None
