"""The demo's parts: a package that hides its bug, a load that keeps count, what it refuses."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ops import ROOT, OperatorError
from ops.demo import chain
from ops.demo.broken import broken_package
from ops.demo.load import Answer, Load
from ops.deployed import Deployed

HANDLER = """
from customer_platform.http.api import api_handler

@api_handler
def lambda_handler(_event, _context):
    return {"statusCode": 201, "body": "", "headers": {}}
"""
CALLS = """
import json, types
import handler
context = types.SimpleNamespace(aws_request_id="1", function_version="2", function_name="f")
print(json.dumps(handler.lambda_handler({"healthCheck": True}, context)))
print(json.dumps(handler.lambda_handler({"httpMethod": "POST"}, context)))
"""


def package() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("handler.py", HANDLER)
        file.writestr("__pycache__/handler.cpython-313.pyc", b"bytecode of the good handler")
        file.writestr("other/__pycache__/handler.cpython-313.pyc", b"")
    return made.getvalue()


def test_the_broken_package_is_healthy_and_fails_every_request(tmp_path: Path) -> None:
    file = tmp_path / "broken.zip"
    file.write_bytes(broken_package(package()))
    environment = json.loads((ROOT / "tests" / "function_environment.json").read_text())
    done = subprocess.run(
        [sys.executable, "-c", CALLS], text=True, capture_output=True, check=True, cwd=tmp_path,
        env=environment | {"PYTHONPATH": f"{file}:{ROOT / 'lambda_src'}"},
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    health, failed = (line for line in lines if "level" not in line and "_aws" not in line)
    assert (health["status"], health["version"]) == ("ok", "2")
    assert failed["statusCode"] == 500
    assert [line["level"] for line in lines if "level" in line].count("ERROR") == 1


def test_the_broken_package_ships_no_bytecode_of_its_handler() -> None:
    with zipfile.ZipFile(io.BytesIO(broken_package(package()))) as file:
        assert sorted(file.namelist()) == [
            "deployed_handler.py", "handler.py", "other/__pycache__/handler.cpython-313.pyc",
        ]  # fmt: skip
        assert file.read("deployed_handler.py").decode() == HANDLER
    assert broken_package(package()) == broken_package(package())  # known again by its hash


class Api(BaseHTTPRequestHandler):
    """Accepts two of three pieces of feedback; its health is bad."""

    protocol_version = "HTTP/1.1"
    received: list[str] = []  # noqa: RUF012  one test's
    lock = threading.Lock()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        with self.lock:
            self.received.append(self.headers["Idempotency-Key"])
            number = len(self.received)
        self._answer(500 if number % 3 == 0 else 201, {"feedbackId": f"id-{number}"})

    def do_GET(self) -> None:
        self._answer(503, {})

    def _answer(self, status: int, body: dict[str, str]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def base_url() -> Iterator[str]:
    Api.received = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_load_keeps_count_of_what_was_accepted(base_url: str) -> None:
    with Load(base_url, threads=2, per_second=50) as load:
        while load.unhealthy < 2:
            assert len(load.seen()) < 10_000
    answers = load.seen()
    assert len(answers) == len(Api.received) == len(set(Api.received))
    assert sum(answer.status == 500 for answer in answers) == len(answers) // 3
    accepted = {answer.feedback_id for answer in answers if answer.accepted}
    assert accepted == {f"id-{n}" for n in range(1, len(answers) + 1) if n % 3}
    assert [answer.at for answer in answers] == sorted(answer.at for answer in answers)


def test_a_connection_that_is_cut_counts_as_failed() -> None:
    with Load("http://127.0.0.1:9", threads=1, per_second=50) as load:
        while not load.seen():
            pass
    assert {answer.status for answer in load.seen()} == {0}
    assert not any(answer.accepted for answer in load.seen())


def test_healed_is_the_first_answer_of_a_steady_row_after_the_alias_is_back() -> None:
    def answers(*statuses: int) -> list[Answer]:
        return [Answer(float(at), status, "id") for at, status in enumerate(statuses, 1)]

    good = [201] * chain.STEADY
    moments = chain.Moments()
    chain.look_at_answers(answers(201, 500, *good), moments, print)
    assert moments.first_error == 2
    assert moments.healed is None  # the alias is not back
    moments.back = 3.5
    chain.look_at_answers(answers(201, 500, 500, *good[:-1]), moments, print)
    assert moments.healed is None
    chain.look_at_answers(answers(201, 500, 500, 201, 500, *good), moments, print)
    assert moments.healed == 6


class Cloud:
    """As much of a stack as the demo looks at before it changes anything."""

    def __init__(self, code: bytes) -> None:
        self.code_hash = base64.b64encode(hashlib.sha256(code).digest()).decode()
        self.alias: dict[str, Any] = {"FunctionVersion": "3"}
        self.alarm = "OK"
        self.started: datetime | None = None

    def client(self, service: str) -> Cloud:
        assert service in {"lambda", "cloudwatch", "dynamodb"}
        return self

    def get_function_configuration(self, **_: Any) -> dict[str, Any]:
        return {
            "CodeSha256": self.code_hash,
            "Environment": {"Variables": {"LOOP_WINDOW_MINUTES": "30"}},
        }

    def get_alias(self, **_: Any) -> dict[str, Any]:
        return self.alias

    def get_paginator(self, _: str) -> Cloud:
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return [{"Versions": [{"Version": "$LATEST"}, {"Version": "3"}, {"Version": "2"}]}]

    def describe_alarms(self, **_: Any) -> dict[str, Any]:
        return {"MetricAlarms": [{"StateValue": self.alarm}] if self.alarm else []}

    def query(self, **_: Any) -> dict[str, Any]:
        if not self.started:
            return {"Items": []}
        entry = {
            "chain": "feedback-processor-x", "kind": "rollback-started", "event": "e", "who": "w",
            "why": "y", "at": self.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }  # fmt: skip
        item: dict[str, Any] = {name: {"S": value} for name, value in entry.items()}
        return {"Items": [item | {"sequence": {"N": "1"}}]}


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    (tmp_path / "feedback_processor.zip").write_bytes(package())
    made = Cloud(package())
    monkeypatch.setattr(Deployed, "client", lambda _, service: made.client(service))
    return made


def target(packages: Path, endpoint: str | None = "http://127.0.0.1:4566") -> chain.Target:
    functions = {
        handler: {"name": f"{handler.replace('_', '-')}-x"}
        for handler in ("feedback_processor", "rollback_orchestrator")
    }
    outputs = {
        "emulator_endpoint": endpoint, "functions": functions, "deployments_table_name": "d",
    }  # fmt: skip
    return chain.target(Deployed(outputs), packages)


def test_what_is_broken(cloud: Cloud, tmp_path: Path) -> None:
    found = target(tmp_path)
    assert (found.name, found.version) == ("feedback-processor-x", "3")
    assert found.alarm == "feedback-processor-errors-x"
    cloud.started = datetime.now(UTC) - timedelta(minutes=31)
    assert target(tmp_path).version == "3"


def test_refuses_aws(cloud: Cloud, tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="not on AWS"):
        target(tmp_path, endpoint=None)


def test_refuses_another_package_than_is_deployed(cloud: Cloud, tmp_path: Path) -> None:
    cloud.code_hash = "another"
    with pytest.raises(OperatorError, match="is not what is deployed"):
        target(tmp_path)


@pytest.mark.parametrize(
    "alias",
    [
        {"FunctionVersion": "2"},
        {"FunctionVersion": "3", "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.1}}},
    ],
)
def test_refuses_when_not_the_newest_is_live(
    cloud: Cloud, tmp_path: Path, alias: dict[str, Any]
) -> None:
    cloud.alias = alias
    with pytest.raises(OperatorError, match="not its newest version is live"):
        target(tmp_path)


def test_refuses_while_the_alarm_would_refuse_the_release(cloud: Cloud, tmp_path: Path) -> None:
    cloud.alarm = "ALARM"
    with pytest.raises(OperatorError, match="goes back to OK five minutes after"):
        target(tmp_path)
    cloud.alarm = ""
    with pytest.raises(OperatorError, match="there is no alarm"):
        target(tmp_path)


def test_refuses_while_a_rollback_would_be_refused(cloud: Cloud, tmp_path: Path) -> None:
    cloud.started = datetime.now(UTC) - timedelta(minutes=29)
    with pytest.raises(OperatorError, match="loop_window_minutes"):
        target(tmp_path)
