"""The steps of the release workflow, one per call: `{"step": "begin", "execution": ARN, …}`.

The workflow's definition (terraform/workflows/release) says what goes in and comes out. Every step
may answer `{"refused": why}` instead.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from customer_platform import settings
from customer_platform.aws import client
from customer_platform.deployments.alarms import in_alarm
from customer_platform.deployments.aliases import Aliases
from customer_platform.deployments.executions import is_running
from customer_platform.deployments.ledger import Ledger
from customer_platform.deployments.notices import Notices
from customer_platform.deployments.release import Asked, Releases, change_of
from customer_platform.jobs import BadEventError, Event, RefusedError, job_handler

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

type Answer = dict[str, Any]


@dataclass(frozen=True)
class Settings:
    deployments_table_name: str
    deployments_topic_arn: str


SETTINGS = settings.read(Settings)
_cloudwatch = client("cloudwatch")
_states = client("stepfunctions")
RELEASES = Releases(
    Ledger(client("dynamodb"), SETTINGS.deployments_table_name),
    # A version that gets no traffic starts cold, and a slow start is no bad health.
    Aliases(client("lambda", read_timeout=15)),
    in_alarm=lambda names: in_alarm(_cloudwatch, names),
    is_running=lambda execution: is_running(_states, execution),
    tell=Notices(client("sns"), SETTINGS.deployments_topic_arn).publish,
)


def _begin(event: Event, asked: Asked) -> Answer:
    return RELEASES.begin(asked, event["functions"], event["alarms"])


def _probe(event: Event, _asked: Asked) -> Answer:
    RELEASES.probe(change_of(event["change"]))
    return {}


def _shift(event: Event, asked: Asked) -> Answer:
    RELEASES.shift(change_of(event["change"]), int(event["weight"]), asked)
    return {}


def _watch(event: Event, _asked: Asked) -> Answer:
    return {"alarms": RELEASES.watch(event["alarms"])}


def _finish(event: Event, asked: Asked) -> Answer:
    RELEASES.finish(change_of(event["change"]), asked)
    return {}


def _back(event: Event, asked: Asked) -> Answer:
    return {"moved": RELEASES.back(change_of(event["change"]), asked, str(event["why"]))}


def _end(event: Event, asked: Asked) -> Answer:
    changes = [change_of(change) for change in event["changes"]]
    RELEASES.end(asked, changes, failed=event["failed"] is True, why=str(event["why"]))
    return {}


_STEPS: dict[str, Callable[[Event, Asked], Answer]] = {
    "begin": _begin,
    "probe": _probe,
    "shift": _shift,
    "watch": _watch,
    "finish": _finish,
    "back": _back,
    "end": _end,
}


@job_handler
def lambda_handler(event: Event, _context: "LambdaContext") -> Answer:
    try:
        step = _STEPS[event["step"]]
        asked = _asked(event["asked"])
    except (KeyError, TypeError):
        raise BadEventError("the event is none of the release workflow's") from None
    try:
        return step(event, asked)
    except RefusedError as error:
        # An answer, not an error: trying again does not help, and the workflow goes another way.
        return {"refused": str(error)}


def _asked(said: dict[str, Any]) -> Asked:
    return Asked(
        execution=str(said["execution"]),
        who=str(said["who"]),
        why=str(said["why"]),
        again=said["again"] is True,
        despite_alarms=said["despite_alarms"] is True,
    )
