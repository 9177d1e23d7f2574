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
import moto
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from rich.console import Console

import build
from customer_platform.tasks import listing
from ops import ROOT
from tests.bench import BenchError, __main__, benches, events, layouts, machine, runtime
from tests.bench.benches import packages, packaging, tasks
from tests.bench.functions import settings
from tests.bench.layouts import DOCUMENT, OPERATIONS, PLATFORM
from tests.bench.pairs import Call, Pairs
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


# --- tasks beside the layout of their document


def pairs(document: list[float], platform: list[float]) -> Pairs:
    made = Pairs("Some tasks", (DOCUMENT, PLATFORM))
    for design, samples in ((DOCUMENT, document), (PLATFORM, platform)):
        for milliseconds in samples:
            made.add("get_task", design, Call(milliseconds, cpu=1, requests=2, items=3))
    return made


def test_percentiles_of_all_calls() -> None:
    made = pairs([10.0] * 98 + [90, 110], [float(number) for number in range(1, 102)])
    assert made.percentile("get_task", DOCUMENT, 50) == 10
    assert made.percentile("get_task", DOCUMENT, 99) == pytest.approx(90.2)
    assert made.percentile("get_task", PLATFORM, 50) == 51
    assert made.percentile("get_task", PLATFORM, 99) == 100
    assert made.ratio("get_task", 50) == 5.1
    assert pairs([7], [14]).ratio("get_task", 99) == 2
    with pytest.raises(ValueError, match="no samples"):
        pairs([], [1]).ratio("get_task", 50)
    with pytest.raises(ValueError, match="original is not compared"):
        made.add("get_task", "original", Call(1, 1, 1, 1))


def test_pairs_are_written_and_shown(tmp_path: Path) -> None:
    report = Report([pairs([10, 10], [4, 4])])
    file = tmp_path / "tasks.json"
    report.write(file, "tasks", {})
    written = json.loads(file.read_text())["sheets"][0]
    found = written["operations"]["get_task"]
    assert found["ratio"] == {"p50": 0.4, "p99": 0.4}
    assert found[PLATFORM]["p50"] == 4
    assert (
        found[DOCUMENT]["calls"] == [{"milliseconds": 10, "cpu": 1, "requests": 2, "items": 3}] * 2
    )
    console = Console(record=True, width=100, file=(tmp_path / "screen").open("w"))
    report.show(console)
    shown = console.export_text()
    console.file.close()
    for text in ("Some tasks", "get_task, document", "get_task, platform", "0.40"):
        assert text in shown


@pytest.fixture
def both_designs(monkeypatch: pytest.MonkeyPatch) -> Iterator[tasks.Subject]:
    """Over moto, whose tables are not made for threads."""
    monkeypatch.setattr(listing._pool, "map", map)
    environment = settings()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with moto.mock_aws():
        some = layouts.some_tasks(12)
        dynamodb, s3 = boto3.client("dynamodb"), boto3.client("s3")
        layouts.create_tables(dynamodb, s3, "12", some, int(environment["TASK_SHARDS"]))
        designs = layouts.layouts(environment, "12")
        names = (designs[0].name, designs[1].name)
        yield tasks.Subject(designs, [task.task_id for task in some], Pairs("12", names))


def test_both_designs_do_the_same(both_designs: tasks.Subject) -> None:
    for number in range(2):
        assert tasks.one_round(both_designs, number) > 1000
    lists = []
    for design in both_designs.designs:
        _, body = design.call("get_tasks", tasks.event("get_tasks", "", 0))
        lists.append(sorted(json.loads(body), key=lambda task: str(task["TaskId"])))
    assert lists[0] == lists[1]
    assert [task["TaskId"] for task in lists[0]] == sorted(both_designs.task_ids)
    assert sum(task["Title"].endswith("(Updated 1)") for task in lists[0]) == 1


def test_requests_and_items_are_counted(both_designs: tasks.Subject) -> None:
    tasks.one_round(both_designs, 0)
    counted = {
        (operation, design): tuple(
            both_designs.pairs.median(operation, design, what) for what in ("requests", "items")
        )
        for operation in OPERATIONS
        for design in both_designs.pairs.designs
    }
    assert counted == {
        ("get_tasks", DOCUMENT): (1, 12),
        ("get_tasks", PLATFORM): (5, 24),  # a Query for each of 4 shards; keys, then tasks
        ("create_task", DOCUMENT): (1, 1),
        ("create_task", PLATFORM): (1, 2),  # the task and its activity
        ("get_task", DOCUMENT): (1, 1),
        ("get_task", PLATFORM): (1, 1),
        ("update_task", DOCUMENT): (1, 1),
        ("update_task", PLATFORM): (2, 3),
        ("delete_task", DOCUMENT): (1, 1),
        ("delete_task", PLATFORM): (2, 3),
    }


def test_a_call_that_fails_is_no_measurement(both_designs: tasks.Subject) -> None:
    for design in both_designs.designs:
        with pytest.raises(BenchError, match=f"get_task, {design.name}.*404"):
            design.call("get_task", tasks.event("get_task", events.TASK_ID, 0))


def test_a_list_that_lacks_tasks_is_no_measurement(both_designs: tasks.Subject) -> None:
    more = tasks.Subject(both_designs.designs, [*both_designs.task_ids, "one"], both_designs.pairs)
    with pytest.raises(BenchError, match="listed 12 of 13 tasks, not 13"):
        tasks.one_round(more, 0, ("get_tasks",))


def test_a_page_that_grows_misses_its_goal() -> None:
    def lists(document: int, platform: int) -> Pairs:
        made = Pairs("", (DOCUMENT, PLATFORM))
        for design, items in ((DOCUMENT, document), (PLATFORM, platform)):
            made.add("get_tasks", design, Call(1, 1, 1, items))
        return made

    small, middle = lists(10, 20), lists(1_000, 508)
    good = tasks.goals([small, middle, lists(100_000, 508)])
    assert [goal.met for goal in good] == [True, True]
    grown = tasks.goals([small, middle, lists(100_000, 1_016)])
    assert [goal.met for goal in grown] == [False, False]


def test_an_answer_that_lambda_refuses_is_told() -> None:
    assert "Lambda refuses" not in "".join(tasks.notes(6 * 2**20))
    assert "25.2 MB; Lambda refuses" in "".join(tasks.notes(25_200_000))
