"""Comprehend, played by a local server: the embedded cloud has none.

    with played() as comprehend, asking(deployment, "reanalyze_feedback", comprehend):
        ...  # the function's $LATEST asks it; versions and alias stay as they are

What the deployed functions send is checked as Comprehend checks it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.e2e.conftest import Deployment

SCORES = ("Positive", "Negative", "Neutral", "Mixed")


@dataclass
class Comprehend:
    """Finds `sentiment` in every text, except those that hold a word of `errors` (word =>
    ErrorCode). `fault`: the error with which it answers everything."""

    port: int
    sentiment: str = "MIXED"
    errors: dict[str, str] = field(default_factory=dict)
    fault: str | None = None
    calls: list[tuple[str, list[str]]] = field(default_factory=list)  # action, texts

    def answer(self, action: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        texts = request["TextList"] if action == "BatchDetectSentiment" else [request["Text"]]
        self.calls.append((action, texts))
        if self.fault:
            return 400, {"__type": self.fault, "Message": "as the test wants it"}
        if len(texts) > 25:
            return 400, {"__type": "BatchSizeLimitExceededException"}
        if any(len(text.encode()) > 5000 for text in texts):
            return 400, {"__type": "TextSizeLimitExceededException"}
        if action == "DetectSentiment":
            return 200, self._result()
        failed = {index: code for index, text in enumerate(texts) if (code := self._error(text))}
        return 200, {
            "ResultList": [
                {"Index": n, **self._result()} for n in range(len(texts)) if n not in failed
            ],
            "ErrorList": [
                {"Index": n, "ErrorCode": code, "ErrorMessage": texts[n]}
                for n, code in failed.items()
            ],
        }

    def _error(self, text: str) -> str | None:
        return next((code for word, code in self.errors.items() if word in text), None)

    def _result(self) -> dict[str, Any]:
        shares = {name: 0.97 if name.upper() == self.sentiment else 0.01 for name in SCORES}
        return {"Sentiment": self.sentiment, "SentimentScore": shares}


@contextmanager
def played() -> Iterator[Comprehend]:
    """A server for as long as the block lasts, on a free port of the loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            action = self.headers["X-Amz-Target"].partition(".")[2]
            status, body = comprehend.answer(action, json.loads(content))
            answer = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    comprehend = Comprehend(server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield comprehend
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def asking(deployment: Deployment, handler: str, comprehend: Comprehend) -> Iterator[None]:
    """Let a function's $LATEST have Comprehend as its engine, and find it there."""
    functions = deployment.client("lambda")
    name = deployment.outputs["functions"][handler]["name"]
    before = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    changes = {
        "SENTIMENT_ENGINE": "comprehend",
        "AWS_ENDPOINT_URL_COMPREHEND": f"http://127.0.0.1:{comprehend.port}",
    }
    try:
        _configure(functions, name, before | changes)
        yield
    finally:
        _configure(functions, name, before)


def _configure(functions: Any, name: str, variables: dict[str, str]) -> None:
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
    functions.get_waiter("function_updated_v2").wait(FunctionName=name)


def invoke(
    deployment: Deployment, handler: str, event: dict[str, Any], **options: Any
) -> tuple[str | None, Any]:
    """The error's type, if it failed, and the answer of a function's $LATEST, or of the version
    or alias that `Qualifier` names."""
    answer = deployment.client("lambda").invoke(
        FunctionName=deployment.outputs["functions"][handler]["name"],
        Payload=json.dumps(event),
        **options,
    )
    payload = answer["Payload"].read()
    return answer.get("FunctionError"), json.loads(payload) if payload else None
