"""What Step Functions would say to a state machine's definition, without AWS.

The provider has every definition that is known at plan time checked by AWS. `answering` gives that
one answer here, for plans that are made without an account: it refuses what AWS would refuse, as
far as moto's parser of the language and the rules below know.
"""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ACTION = "AWSStepFunctions.ValidateStateMachineDefinition"


@functools.cache  # parsing takes seconds, and every environment has the same definition
def problems(definition: str) -> tuple[str, ...]:
    """What is wrong with a definition; nothing if it is right."""
    from moto.stepfunctions.parser.asl.parse.asl_parser import (
        AmazonStateLanguageParser,
        ASLParserException,
    )

    try:
        machine: Any = json.loads(definition)
        AmazonStateLanguageParser.parse(definition)
    except (ValueError, ASLParserException) as error:
        return (f"it cannot be read: {error}",)
    return tuple(_machine(machine, set()))


def _machine(machine: Mapping[str, Any], outer: set[str]) -> Iterator[str]:
    """Problems of the states on one level, and below. `outer` are the variables around them."""
    states: Mapping[str, Any] = machine["States"]
    if machine["StartAt"] not in states:
        yield f"StartAt names {machine['StartAt']}, which is no state"
    for name, state in states.items():
        ways = set(_ways(state))
        for way in sorted(ways - states.keys()):
            yield f"{name} leads to {way}, which is no state"
        if not ways and not state.get("End") and state["Type"] not in {"Succeed", "Fail"}:
            yield f"{name} leads nowhere"
    reached = _reached(machine["StartAt"], states)
    yield from (f"{name} is never reached" for name in states if name not in reached)
    own = {variable for state in states.values() for variable in _assigned(state)}
    for variable in sorted(own & outer):
        yield f"${variable} is assigned inside a map, and around it: Step Functions forbids that"
    for state in states.values():
        for inside in [state.get("ItemProcessor"), *state.get("Branches", [])]:
            if inside:
                yield from _machine(inside, outer | own)


def _ways(state: Mapping[str, Any]) -> Iterator[str]:
    choices = [*state.get("Choices", []), *state.get("Catch", [])]
    for way in [state.get("Next"), state.get("Default"), *(choice["Next"] for choice in choices)]:
        if way:
            yield way


def _reached(start: str, states: Mapping[str, Any]) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in reached and name in states:
            reached.add(name)
            waiting += _ways(states[name])
    return reached


def _assigned(state: Mapping[str, Any]) -> Iterator[str]:
    for place in [state, *state.get("Choices", []), *state.get("Catch", [])]:
        yield from place.get("Assign", {})


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("X-Amz-Target") != ACTION:
            self._answer(400, {"__type": "UnknownOperationException"})
            return
        found = problems(json.loads(asked)["definition"])
        diagnostics = [
            {"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": problem}
            for problem in found
        ]
        self._answer(200, {"result": "FAIL" if found else "OK", "diagnostics": diagnostics})

    def _answer(self, status: int, body: Mapping[str, Any]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        pass  # a line per question


@contextmanager
def answering() -> Iterator[str]:
    """URL of a Step Functions that checks definitions and does nothing else."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
