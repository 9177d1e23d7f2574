"""What alarms do when data is missing; the embedded cloud leaves them in the state they have."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

# "ignore" leaves an alarm as it is.
STATES = {"notBreaching": "OK", "missing": "INSUFFICIENT_DATA", "breaching": "ALARM"}
_EVERY = 60  # seconds


def evaluate(cloudwatch: Any, say: Callable[[str], None]) -> None:
    """Evaluate every alarm, also those whose metric got nothing new.

    Left alone: alarms on metric math (the embedded cloud stores none of it), and those that take
    missing data for a breach of an AWS service's metric: no service puts metrics there.
    """
    pages = cloudwatch.get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm"])
    if not any(page["MetricAlarms"] for page in pages):
        return
    # The cloud evaluates what has data whenever metrics are put, be it none.
    cloudwatch.put_metric_data(Namespace="Pump", MetricData=[])
    for page in pages:
        for alarm in page["MetricAlarms"]:
            treatment = alarm.get("TreatMissingData", "missing")
            state = STATES.get(treatment)
            metric = alarm.get("MetricName")
            if not state or not metric or alarm["StateValue"] == state:
                continue
            if state == "ALARM" and alarm["Namespace"].startswith("AWS/"):
                continue
            # CloudWatch looks once a minute; what somebody set (SetAlarmState) stays until then.
            age = time.time() - alarm["StateUpdatedTimestamp"].timestamp()
            if age < min(_EVERY, alarm["Period"]):
                continue
            window = alarm["Period"] * alarm["EvaluationPeriods"]
            if _has_data(cloudwatch, alarm["Namespace"], metric, window):
                continue
            reason = f"No datapoints were received for {window} seconds: missing data is treated as"
            say(f"{alarm['AlarmName']}: {alarm['StateValue']} -> {state}, no data for {window} s")
            cloudwatch.set_alarm_state(
                AlarmName=alarm["AlarmName"], StateValue=state, StateReason=f"{reason} {treatment}."
            )


def _has_data(cloudwatch: Any, namespace: str, metric: str, window: int) -> bool:
    """Whether the cloud sees data for an alarm. It ignores an alarm's dimensions, so they are not
    asked for here: else an alarm would go to and fro between its answer and this one."""
    now = time.time()
    answer = cloudwatch.get_metric_statistics(
        Namespace=namespace, MetricName=metric, Statistics=["SampleCount"],
        StartTime=now - window, EndTime=now + 2 * 3600, Period=60,
    )  # fmt: skip
    return bool(answer["Datapoints"])
