"""The pump beside the embedded cloud: log -> metric filter -> alarm -> SNS -> SQS, and back.

In a cloud of its own, which holds no other logs: a round takes the longer the more there are, and
what a metric got later than its alarm's period raises no alarm.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from ops import emulator
from ops.pump import process
from tests.e2e.conftest import eventually
from tests.e2e.packages import own_function

PERIOD = 10


@dataclass
class Watched:
    """A log group whose errors an alarm watches: more than two in PERIOD seconds."""

    folder: Path
    cloud: emulator.Emulator
    name: str

    def client(self, service: str) -> Any:
        return emulator.client(service, self.cloud.endpoint)

    def log(self, *messages: str, moment: int | None = None) -> None:
        """Write lines; `moment` in epoch milliseconds, now if left out."""
        logs = self.client("logs")
        stream = uuid4().hex
        logs.create_log_stream(logGroupName=self.name, logStreamName=stream)
        at = moment or int(time.time() * 1000)
        for start in range(0, len(messages), 10_000):
            part = messages[start : start + 10_000]
            logs.put_log_events(
                logGroupName=self.name, logStreamName=stream,
                logEvents=[{"timestamp": at, "message": message} for message in part],
            )  # fmt: skip

    def filter(self, name: str, pattern: str, **transformation: Any) -> None:
        made = {"metricNamespace": self.name, "metricName": name, "metricValue": "1"}
        self.client("logs").put_metric_filter(
            logGroupName=self.name, filterName=name, filterPattern=pattern,
            metricTransformations=[made | transformation],
        )  # fmt: skip

    def statistic(self, name: str, statistic: str = "Sum") -> float:
        """Of all values that the metric ever got."""
        answer = self.client("cloudwatch").get_metric_statistics(
            Namespace=self.name, MetricName=name, Statistics=[statistic], Period=86_400,
            StartTime=time.time() - 7 * 86_400, EndTime=time.time() + 86_400,
        )  # fmt: skip
        return float(sum(point[statistic] for point in answer["Datapoints"]))

    def state(self) -> str:
        [alarm] = self.client("cloudwatch").describe_alarms(AlarmNames=[self.name])["MetricAlarms"]
        return str(alarm["StateValue"])


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, emulator.Emulator]]:
    folder = tmp_path_factory.mktemp("cloud")
    yield folder, emulator.start(folder, emulator.free_port())
    emulator.stop(folder)


@pytest.fixture
def watched(cloud: tuple[Path, emulator.Emulator]) -> Iterator[Watched]:
    watched = Watched(*cloud, f"pump-test-{uuid4().hex[:8]}")
    logs = watched.client("logs")
    logs.create_log_group(logGroupName=watched.name)
    yield watched
    logs.delete_log_group(logGroupName=watched.name)


@pytest.fixture
def messages(watched: Watched) -> Iterator[list[dict[str, Any]]]:
    """What the subscriber of the alarm's topic got, read into a list by `arrived`."""
    sns, sqs, cloudwatch = (watched.client(name) for name in ("sns", "sqs", "cloudwatch"))
    topic = sns.create_topic(Name=watched.name)["TopicArn"]
    queue = sqs.create_queue(QueueName=watched.name)["QueueUrl"]
    asked = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    arn = asked["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
                 "Action": "sqs:SendMessage", "Resource": arn,
                 "Condition": {"ArnEquals": {"aws:SourceArn": topic}}}  # fmt: skip
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn,
                  Attributes={"RawMessageDelivery": "true"})  # fmt: skip
    cloudwatch.put_metric_alarm(
        AlarmName=watched.name, Namespace=watched.name, MetricName="errors", Statistic="Sum",
        Period=PERIOD, EvaluationPeriods=1, Threshold=2, TreatMissingData="notBreaching",
        ComparisonOperator="GreaterThanThreshold", AlarmActions=[topic], OKActions=[topic],
    )  # fmt: skip
    received: list[dict[str, Any]] = []
    yield received
    cloudwatch.delete_alarms(AlarmNames=[watched.name])
    sqs.delete_queue(QueueUrl=queue)
    sns.delete_topic(TopicArn=topic)


def arrived(watched: Watched, received: list[dict[str, Any]]) -> list[str]:
    """States that the subscriber was told so far."""
    sqs = watched.client("sqs")
    queue = sqs.get_queue_url(QueueName=watched.name)["QueueUrl"]
    for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
        received.append(json.loads(message["Body"]))
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return [message["NewStateValue"] for message in received]


def test_from_log_line_to_subscriber_and_back(
    watched: Watched, messages: list[dict[str, Any]]
) -> None:
    watched.filter("errors", '{ $.level = "ERROR" || $.level = "CRITICAL" }', defaultValue=0)
    eventually(watched.state, lambda state: state == "OK")  # no data is no breach
    watched.log('{"level": "ERROR"}', '{"level": "INFO"}', "ERROR", '{"level": "CRITICAL"}')
    eventually(lambda: watched.statistic("errors"), lambda total: total == 2)
    assert watched.state() == "OK"  # two are not more than two
    watched.log('{"level": "ERROR"}', '{"level": "ERROR"}', '{"level": "ERROR"}')
    eventually(lambda: arrived(watched, messages), lambda states: "ALARM" in states)
    eventually(lambda: arrived(watched, messages), lambda states: states[-1] == "OK")
    assert [m["NewStateValue"] for m in messages] == ["OK", "ALARM", "OK"]
    assert "missing data is treated as notBreaching" in messages[-1]["NewStateReason"]
    assert watched.statistic("errors") == 5


def test_more_events_at_once_than_the_cloud_gives(watched: Watched) -> None:
    """All in one millisecond, and an hour late."""
    watched.filter("errors", "ERROR")
    watched.log(*(f"ERROR {n}" for n in range(25_000)))
    eventually(lambda: watched.statistic("errors"), lambda total: total >= 25_000, 90)
    watched.log(*(f"ERROR late {n}" for n in range(15_000)),
                moment=int(time.time() * 1000) - 3_600_000)  # fmt: skip
    eventually(lambda: watched.statistic("errors"), lambda total: total >= 40_000, 90)
    watched.filter("after", "?ERROR ?INFO")
    watched.log("INFO")
    eventually(lambda: watched.statistic("after"), lambda total: total == 1)
    assert watched.statistic("errors") == 40_000


def test_values_of_fields_and_embedded_metrics(watched: Watched) -> None:
    watched.filter("latency", "{ $.ms = * }", metricValue="$.ms", unit="Milliseconds",
                   dimensions={"Route": "$.route"})  # fmt: skip
    directive = {"Namespace": watched.name, "Dimensions": [["service"], []],
                 "Metrics": [{"Name": "Processed", "Unit": "Count"}]}  # fmt: skip
    metadata = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
    watched.log(
        json.dumps({"ms": 12.5, "route": "/feedback"}),
        json.dumps({"_aws": metadata, "service": "shop", "Processed": [1, 2]}),
    )
    eventually(lambda: watched.statistic("latency"), lambda total: total == 12.5)
    cloudwatch = watched.client("cloudwatch")
    told = {
        (metric["MetricName"], *(f"{d['Name']}={d['Value']}" for d in metric["Dimensions"]))
        for metric in cloudwatch.list_metrics(Namespace=watched.name)["Metrics"]
    }
    assert told == {("latency", "Route=/feedback"), ("Processed", "service=shop"), ("Processed",)}
    assert watched.statistic("Processed") == 6  # both sets; the cloud adds them up


def test_alarms_of_one_metric_each_look_with_their_own_statistic_and_window(
    watched: Watched,
) -> None:
    """What one of them found is not taken for another's (ops/edge/alarm_evaluation.py)."""
    cloudwatch, now = watched.client("cloudwatch"), time.time()
    wanted = {
        ("Sum", 10, 2): "OK",
        ("Sum", 60, 4): "ALARM",
        ("Maximum", 60, 4): "OK",
        ("Maximum", 60, 3): "ALARM",
        ("p1", 60, 3): "OK",
        ("Sum", 60, 5): "OK",
    }
    names = {asked: f"{watched.name}-{'-'.join(map(str, asked))}" for asked in wanted}
    for (statistic, period, threshold), name in names.items():
        kind = "ExtendedStatistic" if statistic == "p1" else "Statistic"
        cloudwatch.put_metric_alarm(
            AlarmName=name, Namespace=watched.name, MetricName="errors", Period=period,
            EvaluationPeriods=1, Threshold=threshold, ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="ignore", **{kind: statistic},
        )  # fmt: skip
    data = [{"MetricName": "errors", "Timestamp": now - age, "Value": value}
            for age, value in ((30, 4), (0, 1))]  # fmt: skip
    cloudwatch.put_metric_data(Namespace=watched.name, MetricData=data)
    described = cloudwatch.describe_alarms(AlarmNames=list(names.values()))["MetricAlarms"]
    states = {alarm["AlarmName"]: alarm["StateValue"] for alarm in described}
    assert {asked: states[name] for asked, name in names.items()} == wanted
    cloudwatch.delete_alarms(AlarmNames=list(names.values()))


def test_one_pump_that_is_started_anew_and_counts_nothing_twice(watched: Watched) -> None:
    folder, cloud = watched.folder, watched.cloud
    watched.filter("errors", "ERROR")
    watched.log("ERROR")
    eventually(lambda: watched.statistic("errors"), lambda total: total == 1)
    first = process.running(folder)
    assert first
    os.kill(first, signal.SIGKILL)
    eventually(lambda: process.running(folder), lambda pid: pid is None)
    watched.log("ERROR")
    assert emulator.start(folder, cloud.port) == cloud
    second = process.running(folder)
    assert second not in {None, first}
    assert emulator.start(folder, cloud.port) == cloud
    assert process.running(folder) == second
    watched.log("ERROR")
    eventually(lambda: watched.statistic("errors"), lambda total: total == 3)


# Its lines come faster than the cloud reads them, and nothing calls it again.
TALKATIVE = """
def handler(event, context):
    for n in range(event["lines"]):
        print("line", n)
    print("and the last", end="")
    if event["lines"] % 2:
        raise ValueError("an odd number")
"""


@pytest.fixture
def talkative(watched: Watched) -> Iterator[str]:
    """A function that logs into the watched group."""
    more = {"LoggingConfig": {"LogGroup": watched.name}}
    with own_function(watched.cloud, watched.name, TALKATIVE, **more) as name:
        yield name


@pytest.mark.parametrize("lines", [200_000, 199_999, 0])
def test_all_that_a_function_logged_is_in_its_log_when_it_has_answered(
    watched: Watched, talkative: str, lines: int
) -> None:
    answer = watched.client("lambda").invoke(
        FunctionName=talkative, Payload=json.dumps({"lines": lines})
    )
    assert ("FunctionError" in answer) == (lines % 2 == 1)
    logs = watched.client("logs")
    [stream] = logs.describe_log_streams(logGroupName=watched.name)["logStreams"]
    last = logs.get_log_events(
        logGroupName=watched.name, logStreamName=stream["logStreamName"], startFromHead=False,
        limit=10,
    )["events"]  # fmt: skip
    printed = [event["message"] for event in last if event["message"].startswith(("line", "and"))]
    assert printed[-1] == "and the last"
    assert printed[:-1] == [f"line {n}" for n in range(lines)][-len(printed) + 1 :]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The folder of a cloud of its own, with nothing applied."""
    yield tmp_path
    emulator.stop(tmp_path)


def test_the_pump_ends_when_its_cloud_dies(folder: Path) -> None:
    cloud = emulator.start(folder, emulator.free_port())
    eventually((folder / "pump.log").read_text, lambda text: "pumping" in text)
    os.killpg(cloud.pid, signal.SIGKILL)
    eventually(lambda: process.running(folder), lambda pid: pid is None)
    assert "the embedded cloud is gone" in (folder / "pump.log").read_text()


def test_the_pump_stops_and_starts_with_its_cloud(folder: Path) -> None:
    cloud = emulator.start(folder, emulator.free_port())
    first = process.running(folder)
    assert first
    logs = emulator.client("logs", cloud.endpoint)
    logs.create_log_group(logGroupName="group")
    logs.create_log_stream(logGroupName="group", logStreamName="stream")
    event = {"timestamp": int(time.time() * 1000), "message": "of the first cloud"}
    logs.put_log_events(logGroupName="group", logStreamName="stream", logEvents=[event])
    eventually((folder / "pump.json").exists, bool)
    emulator.stop(folder)
    assert process.running(folder) is None
    assert not Path(f"/proc/{first}").exists()
    emulator.start(folder, emulator.free_port())
    assert process.running(folder) not in {None, first}
    assert not (folder / "pump.json").exists()  # nothing of another cloud was read
