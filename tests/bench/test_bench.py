"""The bench measures what it says. No clock is asserted here, and nothing is measured."""

from __future__ import annotations

import hashlib
import http.client
import importlib
import json
import math
import re
import socket
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from rich.console import Console

import build
from ops import ROOT
from tests.bench import BenchError, __main__, benches, events, machine, runtime
from tests.bench.benches import packages, packaging
from tests.bench.record import Goal, Report, Sheet, Spread

LOG = """\
START RequestId: 3c704308 Version: 1
[INFO] (rapid) INIT START(type: on-demand, phase: init)
{"level":"INFO","message":"a line of the function's own"}
[INFO] (rapid) INIT RTDONE(status: success)
[INFO] (rapid) INIT REPORT(durationMs: 282.423000)
[INFO] (rapid) INVOKE START(requestId: 3c704308)
[INFO] (rapid) INVOKE RTDONE(status: success, produced bytes: 0, duration: 9.725000ms)
END RequestId: 3c704308
REPORT RequestId: 3c704308\tInit Duration: 0.32 ms\tDuration: 683.34 ms\tBilled Duration: 684 ms
[INFO] (rapid) INVOKE RTDONE(status: success, produced bytes: 0, duration: 3.096000ms)
"""


def test_init_is_what_the_runtime_took_not_the_emulator() -> None:
    assert runtime.init_milliseconds(LOG) == 282.423
    assert runtime.call_milliseconds(LOG) == [9.725, 3.096]


def test_a_log_without_a_good_start_is_no_measurement() -> None:
    failed = LOG.replace("INVOKE RTDONE(status: success", "INVOKE RTDONE(status: error")
    with pytest.raises(BenchError, match="no successful call"):
        runtime.call_milliseconds(failed)
    with pytest.raises(BenchError, match="0 inits"):
        runtime.init_milliseconds("")
    with pytest.raises(BenchError, match="2 inits"):  # the first one failed and was tried again
        runtime.init_milliseconds(LOG + LOG)


@pytest.mark.parametrize(
    ("answer", "good"),
    [
        (b'{"statusCode": 201}', True),
        (b'{"statusCode": 204}', True),
        (b'{"batchItemFailures": []}', True),
        (b'{"batchItemFailures": [{"itemIdentifier": "1"}]}', False),
        (b'{"statusCode": 404}', False),
        (b'{"statusCode": 500}', False),
        (b'{"errorType": "KeyError", "errorMessage": "x"}', False),
        (b"null", False),
        (b"", False),
    ],
)
def test_only_success_is_measured(answer: bytes, good: bool) -> None:
    assert runtime.is_success(answer) is good


def test_spread_is_median_and_quartiles() -> None:
    samples = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert Spread.of(samples) == Spread(median=3, low=2, high=4)
    assert Spread.of(samples).median == statistics.median(samples)
    assert Spread.of([7]) == Spread(7, 7, 7)
    with pytest.raises(ValueError, match="no samples"):
        Spread.of([])


def sheet(**samples: list[float]) -> Sheet:
    made = Sheet("Some calls", {"cpu": "ms", "calls": "count"}, "original")
    for subject, values in samples.items():
        for value in values:
            made.add(subject, cpu=value)
    return made


def test_ratios_are_taken_round_by_round() -> None:
    # The machine was busy in the second round: the ratio of the medians would be 0.6.
    made = sheet(original=[10, 100, 20], ours=[5, 12, 60])
    assert made.ratio("ours", "cpu").median == 0.5
    assert made.ratio("ours", "cpu", to="ours").median == 1


def test_a_ratio_needs_the_same_rounds() -> None:
    with pytest.raises(ValueError, match=r"zip\(\) argument 2 is longer"):
        sheet(original=[10, 20], ours=[5]).ratio("ours", "cpu")


def test_a_measure_has_a_unit() -> None:
    with pytest.raises(ValueError, match="no unit for wall"):
        sheet().add("original", wall=1)


@pytest.mark.parametrize(
    ("measured", "limits", "met"),
    [
        (0.5, {"at_most": 0.5}, True),
        (0.51, {"at_most": 0.5}, False),
        (math.nan, {"at_most": 0.5}, False),
        (50, {"at_least": 50}, True),
        (49.9, {"at_least": 50}, False),
        (math.nan, {"at_least": 50}, False),
    ],
)
def test_goals(measured: float, limits: dict[str, float], met: bool) -> None:
    goal = Goal("something", measured, **limits)
    assert goal.met is met
    assert ("MISSED" in goal.as_line()) is not met


def test_a_goal_has_one_limit() -> None:
    with pytest.raises(ValueError, match="either"):
        Goal("something", 1)


def test_a_report_is_written_and_shown(tmp_path: Path) -> None:
    made = sheet(original=[10, 10, 10], ours=[4, 5, 6])
    report = Report([made], [Goal("CPU", 0.5, at_most=0.5)], ["A note."])
    file = tmp_path / "new" / "some.json"
    report.write(file, "some", machine.describe())
    written = json.loads(file.read_text())
    assert written["bench"] == "some"
    assert written["goals"] == [
        {"text": "CPU", "measured": 0.5, "at_most": 0.5, "at_least": None, "met": True}
    ]
    ours = written["sheets"][0]["subjects"]["ours"]["cpu"]
    assert ours["samples"] == [4, 5, 6]
    assert (ours["median"], ours["low"], ours["high"]) == (5, 4.5, 5.5)
    assert ours["ratio"] == {"median": 0.5, "low": 0.45, "high": 0.55}
    assert "ratio" not in written["sheets"][0]["subjects"]["original"]["cpu"]

    console = Console(record=True, width=100, file=(tmp_path / "screen").open("w"))
    report.show(console)
    shown = console.export_text()
    console.file.close()
    for text in ("Some calls", "5 (4.50–5.50)", "0.50", "A note.", "met", "at most 0.5"):
        assert text in shown


def test_the_machine_is_described_without_names_of_people_or_hosts() -> None:
    described = machine.describe()
    assert {"measured", "cpu", "cores", "memory_gib", "system", "load", "python", "packages",
            "commit"} == set(described)  # fmt: skip
    assert machine.as_line(described).count("\n") == 1


def test_every_bench_is_found_and_can_be_called() -> None:
    assert __main__.names() == sorted(
        file.stem for file in Path(benches.__file__).parent.glob("*.py") if file.stem != "__init__"
    )
    for name in __main__.names():
        module = importlib.import_module(f"{benches.__name__}.{name}")
        assert callable(module.measure)


def test_a_missed_goal_is_told_and_a_failed_measurement_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measured = [0.4]

    class Bench:
        @staticmethod
        def measure(rounds: int | None, say: Any) -> Report:
            say(f"{rounds} rounds")
            if not measured:
                raise BenchError("nothing answered")
            goal = Goal("init", measured[0], at_most=0.5)
            return Report([sheet(original=[10], ours=[4])], [goal])

    monkeypatch.setattr(__main__, "FOLDER", tmp_path)
    monkeypatch.setattr("importlib.import_module", lambda _name: Bench)
    assert __main__.main(["--only", "coldstart", "--rounds", "3"]) == 0
    told = capsys.readouterr().out
    assert "3 rounds" in told
    assert "Every goal is met" in told
    assert (tmp_path / "coldstart.json").is_file()
    measured[0] = 0.6
    assert __main__.main(["--only", "coldstart"]) == 0
    assert "1 goals missed: init" in capsys.readouterr().out
    measured.clear()
    assert __main__.main(["--only", "coldstart"]) == 1
    assert capsys.readouterr().err == "make bench: coldstart: nothing answered\n"


def test_the_original_is_unchanged() -> None:
    content = (ROOT / "tests/bench/original/lambda_function.py").read_bytes()
    digest = "52e582b64b7e463748a9f26521d419ed15de6b8ec39689d7cfa999e6192a3434"
    assert hashlib.sha256(content).hexdigest() == digest


@pytest.mark.parametrize("handler", build.handlers())
def test_every_handler_has_an_event(handler: str) -> None:
    assert json.dumps(events.event_of(handler))


def test_a_handler_without_event_is_told_where_to_add_it() -> None:
    with pytest.raises(BenchError, match=r"EVENTS in tests/bench/events\.py"):
        events.event_of("new_handler")


def test_there_is_no_event_for_a_handler_that_is_gone() -> None:
    assert set(events.EVENTS) == set(build.handlers())


# --- the stand-in for AWS


@pytest.fixture(scope="module")
def aws() -> Iterator[runtime.Services]:
    with runtime.services() as running:
        yield running


def client(service: str, aws: runtime.Services) -> Any:
    return boto3.client(  # type: ignore[call-overload]
        service,
        region_name="us-west-1",
        endpoint_url=aws.endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=10),
    )


def test_the_stand_in_answers_and_counts(aws: runtime.Services) -> None:
    aws.calls()
    found = client("comprehend", aws).detect_sentiment(Text="Bad.", LanguageCode="en")
    assert found["Sentiment"] == "NEGATIVE"
    assert sum(found["SentimentScore"].values()) == pytest.approx(1)
    client("s3", aws).put_object(Bucket="lake", Key="feedback/1.json", Body=b"{}")
    client("cloudwatch", aws).put_metric_data(
        Namespace="FeedbackProcessing", MetricData=[{"MetricName": "FeedbackProcessed", "Value": 1}]
    )
    assert aws.calls() == {
        "Comprehend.DetectSentiment": 1,
        "S3.PUT": 1,
        "GraniteServiceVersion20100801.PutMetricData": 1,
    }
    assert aws.calls() == {}


def test_the_stand_in_refuses_what_it_does_not_know(aws: runtime.Services) -> None:
    with pytest.raises(ClientError, match=r"DynamoDB\.Scan has no answer .* add it to ANSWERS"):
        client("dynamodb", aws).scan(TableName="feedback")
    with pytest.raises(ClientError, match="StandInHasNoAnswer"):
        client("sqs", aws).purge_queue(QueueUrl="https://sqs/1/dlq")


def test_the_stand_in_keeps_connections(aws: runtime.Services) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(aws.endpoint.rpartition(":")[2]))
    headers = {"X-Amz-Target": "DynamoDB_20120810.PutItem", "Content-Type": "application/json"}
    for _ in range(2):
        connection.request("POST", "/", b"{}", headers)
        response = connection.getresponse()
        response.read()
        assert response.status == 200
        assert not response.will_close
    connection.close()
    aws.calls()


def test_the_stand_in_lets_a_put_go_on_at_once(aws: runtime.Services) -> None:
    """S3 puts ask first; without an answer they wait for a second, which would be measured."""
    with socket.create_connection(("127.0.0.1", int(aws.endpoint.rpartition(":")[2])), 10) as put:
        put.sendall(b"PUT /b/k HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert put.recv(100).startswith(b"HTTP/1.1 100 Continue")
        put.sendall(b"{}")
        assert put.recv(1000).startswith(b"HTTP/1.1 400")  # it is not signed by any service
    aws.calls()


# --- imports, and sam's project

IMPORTTIME = """\
import time: self [us] | cumulative | imported package
import time:       100 |        100 | json
import time:      2000 |       2000 |   botocore.docs.client
import time:      1500 |       3500 | botocore
import time:       250 |        250 | customer_platform.aws
import time:     70000 |      75000 | handler
some line of a library
"""


def test_import_times_are_read() -> None:
    assert packages.import_times(IMPORTTIME) == {
        "json": 0.1, "botocore.docs.client": 2, "botocore": 1.5, "customer_platform.aws": 0.25,
        "handler": 70,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("module", "group"),
    [
        ("email.parser", "standard library"),
        ("botocore.client", "botocore"),
        ("pydantic_core._pydantic_core", "pydantic_core"),
        ("customer_platform.http.api", "own code and clients"),
        ("lambda_function", "own code and clients"),
    ],
)
def test_modules_are_grouped(module: str, group: str) -> None:
    assert packages.group(module) == group


def test_sam_builds_the_same_handlers() -> None:
    resources: Any = packaging.template(build.handlers())["Resources"]
    uris = sorted(resource["Properties"]["CodeUri"] for resource in resources.values())
    assert uris == [f"{handler}/" for handler in build.handlers()]
    assert all(re.fullmatch("[A-Za-z0-9]+", name) for name in resources)


def test_sam_gets_the_locked_versions() -> None:
    lock = "one==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\ntwo==2.0 \\\n    --hash=x\n"
    assert packaging.without_hashes(lock) == "one==1.0\ntwo==2.0\n"
