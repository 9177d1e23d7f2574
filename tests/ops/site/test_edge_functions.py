"""What runs at the edge, run by Node: the functions of modules/cdn, with CloudFront's events."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest

from ops import ROOT

FUNCTIONS = ROOT / "modules" / "cdn" / "functions"
# As CloudFront does: the code, then its handler with the event. Nothing of Node is in reach.
HARNESS = """
const vm = require("vm");
const { code, events } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const context = vm.createContext({});
new vm.Script(code).runInContext(context);
const run = (event) => {
  context.event = JSON.stringify(event);
  return JSON.parse(vm.runInContext("JSON.stringify(handler(JSON.parse(event)))", context));
};
process.stdout.write(JSON.stringify(events.map(run)));
"""


def event(uri: str) -> dict[str, Any]:
    """A viewer's request, as "CloudFront Functions event structure" has it."""
    return {
        "version": "1.0",
        "context": {"eventType": "viewer-request", "requestId": "edge-1"},
        "viewer": {"ip": "192.0.2.1"},
        "request": {
            "method": "GET",
            "uri": uri,
            "querystring": {
                "limit": {"value": "5"},
                "tag": {"value": "a", "multiValue": [{"value": "a"}, {"value": "b%2Fc"}]},
            },
            "headers": {"x-api-key": {"value": "secret"}},
            "cookies": {"theme": {"value": "dark"}},
        },
    }


def answers(function: str, uris: list[str]) -> list[dict[str, Any]]:
    given = {
        "code": (FUNCTIONS / f"{function}.js").read_text(),
        "events": [event(uri) for uri in uris],
    }
    done = subprocess.run(
        ["node", "-e", HARNESS], input=json.dumps(given), capture_output=True, text=True, check=True
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def rewritten(function: str, wanted: dict[str, str]) -> None:
    """All that a function changes of a request is its path."""
    found = dict(zip(wanted, answers(function, list(wanted)), strict=True))
    for uri, path in wanted.items():
        assert found[uri] == {**event(uri)["request"], "uri": path}, uri


def test_the_api_is_asked_without_the_prefix() -> None:
    rewritten(
        "strip",
        {
            "/api": "/",
            "/api/": "/",
            "/api/feedback": "/feedback",
            "/api/tasks/7": "/tasks/7",
            "/api/tasks/": "/tasks/",
            "/api/api/feedback": "/api/feedback",
            "/api//feedback": "//feedback",
            "/api/feedback/a%2Fb%20c": "/feedback/a%2Fb%20c",
            "/api/feedback/%F0%9F%98%80": "/feedback/%F0%9F%98%80",
            "/api/v1.2/..x": "/v1.2/..x",
            # Not the prefix, whatever the distribution sends here.
            "/apiary": "/apiary",
            "/API/feedback": "/API/feedback",
            "/%61pi/feedback": "/%61pi/feedback",
            "/feedback/api/x": "/feedback/api/x",
        },
    )


def test_pages_are_the_apps_and_files_are_files() -> None:
    page = "/index.html"
    rewritten(
        "pages",
        {
            "/": page,
            "/dashboard": page,
            "/tasks/": page,
            "/tasks/7f3c": page,
            "//": page,
            "/apiary": page,
            "/assets": page,
            "/fran%C3%A7ais": page,
            "/index.html": page,
            "/robots.txt": "/robots.txt",
            "/config.json": "/config.json",
            "/icons/icon-192.png": "/icons/icon-192.png",
            "/.well-known/security.txt": "/.well-known/security.txt",
            "/assets/index-DpX1.js": "/assets/index-DpX1.js",
            "/assets/gone": "/assets/gone",
            "/assets/": "/assets/",
            "/robots%2Etxt": "/robots%2Etxt",
            "/v1.2/tasks": page,
        },
    )


CLIMBING = ["/{}/../x", "/{}/./x", "/{}/x/..", "/{}/%2e%2e/x", "/{}/.%2E/x", "/{}/a%2f..%2fx"]


@pytest.mark.parametrize("function", ["pages", "strip"])
@pytest.mark.parametrize("path", [*CLIMBING, "/{}/%", "/{}/%ff"])
def test_what_climbs_or_is_no_text_is_refused(function: str, path: str) -> None:
    (answer,) = answers(function, [path.format("assets" if function == "pages" else "api")])
    assert answer["statusCode"] == 400
    assert answer["headers"]["cache-control"]["value"] == "no-store"
    assert "uri" not in answer


def test_the_apis_refusal_looks_like_the_apis() -> None:
    (answer,) = answers("strip", ["/api/../x"])
    assert answer["headers"]["content-type"]["value"] == "application/json"
    body = json.loads(answer["body"])
    assert body.keys() == {"error", "message", "details", "requestId"}
    assert (body["error"], body["requestId"]) == ("ValidationError", "edge-1")


@pytest.mark.parametrize("function", sorted(path.stem for path in FUNCTIONS.glob("*.js")))
def test_cloudfront_can_run_it(function: str) -> None:
    """What its runtime 2.0 does not have, Node would hide: modules, timers, the network."""
    code = (FUNCTIONS / f"{function}.js").read_text()
    assert len(code.encode()) <= 10 * 1024
    assert not re.findall(r"\b(require|import|process|fetch|setTimeout|eval|Function)\b", code)
