"""The embedded cloud's mailbox, and a SES in front of it that fails as a test wants it to.

    with failing_ses(deployment) as ses:
        ses.faults += [THROTTLED, THROTTLED]
        ...  # the function that sends asks this one, which hands on what it takes

The function's alias is at a version of its own inside, which differs by one variable of the SDK's,
AWS_ENDPOINT_URL_SESV2. The product has no switch for it.
"""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from tests.e2e.conftest import Deployment


def emails(deployment: Deployment, recipient: str) -> list[dict[str, Any]]:
    """What the embedded cloud's SES has taken for an address, oldest first. It keeps sender,
    recipients, subject and both bodies, but no other headers and no tags."""
    url = f"{deployment.cloud.endpoint}/_ministack/ses/messages"
    accounts = httpx.get(url, trust_env=False, timeout=30).json()["messages"]
    found = [email for account in accounts.values() for email in account]
    return [email for email in found if recipient in email["To"]]


@dataclass(frozen=True)
class Fault:
    """What the caller sees: an error, or with status None a connection that is cut.

    - takes: whether the e-mail is handed on all the same.
    - held: called before anything is answered.
    """

    status: int | None
    code: str = ""
    takes: bool = False
    held: Callable[[], object] = lambda: None


THROTTLED = Fault(429, "TooManyRequestsException")
REJECTED = Fault(400, "MessageRejected")
LOST_ANSWER = Fault(None, takes=True)


@dataclass
class Ses:
    """`faults`: one for each of the next requests; then it works. `requests`: what it was asked."""

    port: int
    upstream: str
    faults: list[Fault] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)

    def answer(
        self, path: str, headers: dict[str, str], content: bytes
    ) -> tuple[int, bytes] | None:
        """None: cut the connection."""
        self.requests.append(json.loads(content))
        fault = self.faults.pop(0) if self.faults else None
        taken = self._hand_on(path, headers, content) if fault is None or fault.takes else None
        if fault is None:
            assert taken
            return taken
        fault.held()
        if fault.status is None:
            return None
        error = {"__type": fault.code, "message": "as the test wants it"}
        return fault.status, json.dumps(error).encode()

    def _hand_on(self, path: str, headers: dict[str, str], content: bytes) -> tuple[int, bytes]:
        request = urllib.request.Request(
            self.upstream + path, data=content, headers=headers, method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


@contextmanager
def failing_ses(deployment: Deployment) -> Iterator[Ses]:
    """A SES on a free port of the loopback, which send_email asks inside."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            headers = dict(self.headers.items())  # the signature is of the host as well
            answer = ses.answer(self.path, headers, content)
            if answer is None:
                self.close_connection = True
                return
            status, body = answer
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if status >= 400:
                self.send_header("x-amzn-ErrorType", json.loads(body).get("__type", "Unknown"))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    ses = Ses(server.server_address[1], deployment.cloud.endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with _asking(deployment, f"http://127.0.0.1:{ses.port}"):
            yield ses
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def _asking(deployment: Deployment, url: str) -> Iterator[None]:
    """The alias of send_email is at a version that asks for SES there."""
    functions = deployment.client("lambda")
    name = deployment.outputs["functions"]["send_email"]["name"]
    before = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    live = functions.get_alias(FunctionName=name, Name="live")["FunctionVersion"]
    made = None
    try:
        _configure(functions, name, before | {"AWS_ENDPOINT_URL_SESV2": url})
        made = functions.publish_version(FunctionName=name)["Version"]
        functions.update_alias(FunctionName=name, Name="live", FunctionVersion=made)
        yield
    finally:
        functions.update_alias(FunctionName=name, Name="live", FunctionVersion=live)
        _configure(functions, name, before)
        if made is not None:
            functions.delete_function(FunctionName=name, Qualifier=made)


def _configure(functions: Any, name: str, variables: dict[str, str]) -> None:
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
    functions.get_waiter("function_updated_v2").wait(FunctionName=name)
