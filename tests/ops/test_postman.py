"""The Postman collection holds what the API answers, and is not stale."""

from __future__ import annotations

import json
from typing import Any

import yaml

from ops import postman

DOCUMENT: dict[str, Any] = yaml.safe_load(postman.SOURCE.read_text())
REQUESTS = [
    entry["request"] for folder in postman.collection(DOCUMENT)["item"] for entry in folder["item"]
]


def test_the_collection_is_of_the_document_as_it_is() -> None:
    assert postman.TARGET.read_text() == postman.text(), "stale: run `make postman`"


def test_every_operation_is_in_it() -> None:
    wanted = {
        (method.upper(), path)
        for path, item in DOCUMENT["paths"].items()
        for method in postman.METHODS
        if method in item
    }
    found = {
        (r["method"], "/" + "/".join(r["url"]["path"]).replace("{{", "{").replace("}}", "}"))
        for r in REQUESTS
    }
    assert found == wanted


def test_every_variable_is_declared() -> None:
    made = postman.collection(DOCUMENT)
    declared = {variable["key"] for variable in made["variable"]}
    for request in REQUESTS:
        for step in [*request["url"]["host"], *request["url"]["path"]]:
            assert not step.startswith("{{") or step[2:-2] in declared


def test_bodies_are_json_and_optional_parameters_are_off() -> None:
    bodies = [json.loads(r["body"]["raw"]) for r in REQUESTS if "body" in r]
    assert bodies
    assert all(bodies)
    [listed] = [r for r in REQUESTS if r["method"] == "GET" and r["url"]["path"] == ["tasks"]]
    assert all(entry["disabled"] for entry in listed["url"]["query"])


def test_keys_are_asked_for_where_the_document_does() -> None:
    [erasing] = [
        r for r in REQUESTS if r["method"] == "DELETE" and r["url"]["path"][0] == "feedback"
    ]
    assert {"key": "x-api-key", "value": "{{api_key}}"} in erasing["header"]
