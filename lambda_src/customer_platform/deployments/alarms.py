"""Alarms as they arrive through SNS, and as CloudWatch tells their state."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from customer_platform import clock

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

_BATCH = 100  # names of one DescribeAlarms


class NotAnAlarmError(Exception):
    """A message that is no alarm's. The text says what it lacks, and nothing that it holds."""


@dataclass(frozen=True)
class AlarmChange:
    """An alarm's change of state. `reason` is CloudWatch's: numbers and thresholds."""

    name: str
    state: str
    changed_at: datetime
    reason: str

    @property
    def event(self) -> str:
        """The same for every delivery of this change, and for no other change."""
        return f"{self.name} {clock.iso(self.changed_at)}"


def parse(message: str) -> AlarmChange:
    """Read what CloudWatch publishes. Raises NotAnAlarmError."""
    try:
        said = json.loads(message)
        change = AlarmChange(
            name=_text(said, "AlarmName")[:255],
            state=_text(said, "NewStateValue"),
            changed_at=datetime.fromisoformat(_text(said, "StateChangeTime")),
            reason=str(said.get("NewStateReason") or "")[:300],
        )
    except KeyError as error:
        raise NotAnAlarmError(f"the message has no {error.args[0]}") from None
    except (ValueError, TypeError, AttributeError):
        raise NotAnAlarmError("the message is not JSON as CloudWatch writes it") from None
    if change.changed_at.tzinfo is None:
        raise NotAnAlarmError("StateChangeTime has no time zone")
    return change


def _text(said: Any, name: str) -> str:
    value = said[name]
    if not isinstance(value, str):
        raise TypeError(name)
    return value


def in_alarm(cloudwatch: "CloudWatchClient", names: Sequence[str]) -> list[str]:
    """Those of the alarms that are in ALARM now."""
    found: list[str] = []
    for start in range(0, len(names), _BATCH):
        answer = cloudwatch.describe_alarms(
            AlarmNames=names[start : start + _BATCH],
            # No composite ones: they are described to those only who may describe every alarm.
            AlarmTypes=["MetricAlarm"],
            StateValue="ALARM",
            MaxRecords=_BATCH,  # without it, half as many
        )
        found += [alarm["AlarmName"] for alarm in answer["MetricAlarms"]]
    return sorted(found)
