"""What callers write through the API, and how they read it again.

A system with a POST of its own adds a line to SUBMISSIONS.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Submission:
    """A request that writes. Its body carries a mark by which it is found again anywhere."""

    operation: str
    body: Callable[[str], dict[str, Any]]
    read: str
    """Path that reads it, with names of the answer's fields in braces."""


SUBMISSIONS = (
    Submission(
        "submitFeedback",
        lambda mark: {"name": f"Ada {mark}", "email": f"{mark}@example.com", "rating": 5,
                      "message": f"{mark} works like a charm!"},
        read="/feedback/{feedbackId}",
    ),
    Submission(
        "submitFeedback",
        lambda mark: {"feedback": f"{mark} is terrible", "customer_id": mark},
        read="/feedback/{feedbackId}",
    ),
    Submission(
        "createTask",
        lambda mark: {"Title": f"{mark} is due", "Tags": [mark], "DueDate": "2999-01-31T12:00:00Z"},
        read="/tasks/{TaskId}",
    ),
)  # fmt: skip

# What cannot be read again as it was answered first, and why.
NOT_READ = {
    "submitMessage": "what becomes of a message changes by itself within a second",
    "submitContact": "the same, twice",
    "unsubscribe": "it needs the token of a message that was sent",
}


def operations(tree: Path) -> dict[str, tuple[str, str]]:
    """operationId => method and path, from the OpenAPI document of a tree."""
    document = yaml.safe_load((tree / "terraform" / "openapi.yaml").read_text())
    return {
        operation["operationId"]: (method.upper(), path)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def secured(tree: Path) -> list[tuple[str, str]]:
    """Method and path of the operations that ask for an API key."""
    document = yaml.safe_load((tree / "terraform" / "openapi.yaml").read_text())
    return [
        (method.upper(), path)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS and operation.get("security")
    ]


def filled(path: str, value: str) -> str:
    """A path with `value` for each of its parameters."""
    return re.sub(r"{\w+}", value, path)


@dataclass(frozen=True)
class Written:
    """What was written, as its first reading answered."""

    path: str
    answer: Mapping[str, Any]


def write(
    api: httpx.Client, known: Mapping[str, tuple[str, str]], mark: str, key: Mapping[str, str]
) -> list[Written]:
    """Make every submission that the API knows, with an idempotency key, and read it again."""
    return list(_write(api, known, mark, key))


def _write(
    api: httpx.Client, known: Mapping[str, tuple[str, str]], mark: str, key: Mapping[str, str]
) -> Iterator[Written]:
    for number, submission in enumerate(SUBMISSIONS):
        if submission.operation in known:
            _, path = known[submission.operation]
            headers = {**key, "Idempotency-Key": f"{mark}-{number}"}
            answer = api.post(path, json=submission.body(mark), headers=headers)
            assert answer.is_success, answer.text
            read = submission.read.format(**answer.json())
            yield Written(read, reading(api, read, key))


def reading(api: httpx.Client, path: str, key: Mapping[str, str]) -> Any:
    """What a GET of `path` answers; fails if it is not 200."""
    answer = api.get(path, headers=dict(key))
    assert answer.status_code == 200, f"GET {path}: {answer.status_code} {answer.text}"
    return answer.json()
