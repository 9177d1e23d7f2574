"""`make postman`: postman_collection.json from terraform/openapi.yaml.

Every operation, with its first example as the body and its parameters, optional ones switched off.
Variables of the collection: `api_url` (make outputs: api_base_url), `api_key`, and the ids.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import yaml

from ops import ROOT

SOURCE = ROOT / "terraform" / "openapi.yaml"
TARGET = ROOT / "postman_collection.json"
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
METHODS = ("get", "post", "put", "delete", "patch")


def collection(document: dict[str, Any]) -> dict[str, Any]:
    """The document as Postman's collection 2.1, a folder per tag."""
    folders: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in document["tags"]}
    ids: set[str] = set()
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
                known = [_resolved(document, parameter) for parameter in parameters]
                ids |= {entry["name"] for entry in known if entry["in"] == "path"}
                request = _request(method, path, operation, known)
                folders[operation["tags"][0]].append(
                    {"name": operation["summary"], "request": request}
                )
    variables = {"api_url": "", "api_key": ""} | dict.fromkeys(sorted(ids), "")
    return {
        "info": {
            "name": document["info"]["title"],
            "description": document["info"]["description"],
            "schema": SCHEMA,
        },
        "item": [{"name": name, "item": items} for name, items in folders.items() if items],
        "variable": [{"key": key, "value": value} for key, value in variables.items()],
    }


def _resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    found: Any = node
    while "$ref" in found:
        target: Any = document
        for step in found["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        found = target
    return dict(found)


def _request(
    method: str, path: str, operation: dict[str, Any], parameters: list[dict[str, Any]]
) -> dict[str, Any]:
    steps = [
        f"{{{{{step[1:-1]}}}}}" if step.startswith("{") else step
        for step in path.strip("/").split("/")
    ]
    query = [_optional(entry) for entry in parameters if entry["in"] == "query"]
    url = {"raw": "/".join(["{{api_url}}", *steps]), "host": ["{{api_url}}"], "path": steps}
    headers = [_optional(entry) for entry in parameters if entry["in"] == "header"]
    request = {
        "method": method.upper(),
        "description": operation.get("description", operation["summary"]),
        "url": {**url, "query": query} if query else url,
        "header": headers,
    }
    if operation.get("security"):
        headers.append({"key": "x-api-key", "value": "{{api_key}}"})
    if "requestBody" in operation:
        headers.append({"key": "Content-Type", "value": "application/json"})
        request["body"] = _body(operation["requestBody"]["content"])
    return request


def _optional(parameter: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": parameter["name"],
        "value": str(parameter.get("example", "")),
        "description": parameter.get("description", ""),
        "disabled": not parameter.get("required", False),
    }


def _body(content: dict[str, Any]) -> dict[str, Any]:
    media = content.get("application/json", {})
    examples = [example["value"] for example in media.get("examples", {}).values()]
    text = json.dumps(examples[0] if examples else {}, indent=2, ensure_ascii=False)
    return {"mode": "raw", "raw": text, "options": {"raw": {"language": "json"}}}


def text() -> str:
    made = collection(yaml.safe_load(SOURCE.read_text()))
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    TARGET.write_text(text())
    print(f"  {TARGET.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
