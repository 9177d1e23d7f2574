"""The task tracker beside the layout of its document, at 10, 1,000 and 100,000 tasks.

The document has one table with one key, and GET /tasks is a Scan of all of it; here it is a page of
100. Functions of both are called in turns, in one process, over HTTP to one DynamoDB: the embedded
cloud's. That one keeps the partitions of an index apart, but sorts and filters a whole partition in
Python for each Query, so its time for a page grows with the table, where DynamoDB's does not: it
seeks, and reads on from there. What carries over to AWS is what a call asks for (requests, and
items that DynamoDB goes through for them) and the CPU of the function.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.config import Config

from customer_platform.tasks.listing import DEFAULT_LIMIT
from ops import OperatorError, emulator
from ops.pump import process as pump
from tests.bench import FOLDER, BenchError, Say, events
from tests.bench.functions import settings
from tests.bench.layouts import (
    DOCUMENT,
    OPERATIONS,
    PLATFORM,
    Layout,
    create_tables,
    layouts,
    some_tasks,
)
from tests.bench.pairs import Pairs
from tests.bench.record import Goal, Report

TITLE = "Tasks"
SIZES = (10, 1_000, 100_000)
ROUNDS = 60
_WARM_UP = 10
# GET /tasks of so many takes many seconds: in every so many-th round only.
_LARGE, _SELDOM = 100_000, 20
_LAMBDA_MB = 6  # a function's answer may not be longer
_NAMES = (DOCUMENT, PLATFORM)
_FOLDER = FOLDER / "tasks"
_BODY = {
    "Title": "Implement user authentication",
    "Description": "Add Cognito integration for secure access",
    "Status": "Open",
}


@dataclass(frozen=True)
class Subject:
    """Both designs with so many tasks."""

    designs: list[Layout]
    task_ids: list[str]
    pairs: Pairs


def measure(rounds: int | None, say: Say) -> Report:
    count = rounds or ROUNDS
    longest = 0
    with _cloud() as cloud:
        subjects = [_subject(cloud, size, say) for size in SIZES]
        small = subjects[0]
        for number in range(-_WARM_UP, 0):
            one_round(Subject(small.designs, small.task_ids, Pairs("", _NAMES)), number)
        for number in range(count):
            if number % 10 == 0:
                say(f"Tasks: round {number + 1} of {count}, each operation once")
            for subject in subjects:
                is_large = len(subject.task_ids) >= _LARGE
                left_out = is_large and number % _SELDOM != 0
                length = one_round(subject, number, OPERATIONS[1:] if left_out else OPERATIONS)
                longest = max(longest, length)
    found = [subject.pairs for subject in subjects]
    return Report(found, goals(found), notes(longest))


@contextmanager
def _cloud() -> Iterator[emulator.Emulator]:
    """An embedded cloud for this bench alone."""
    shutil.rmtree(_FOLDER, ignore_errors=True)
    try:
        cloud = emulator.start(_FOLDER, emulator.free_port())
    except OperatorError as error:
        raise BenchError(str(error)) from error
    try:
        pump.stop(_FOLDER)  # it asks the cloud about alarms all the time
        yield cloud
    finally:
        emulator.stop(_FOLDER)
        shutil.rmtree(_FOLDER, ignore_errors=True)


def _subject(cloud: emulator.Emulator, size: int, say: Say) -> Subject:
    say(f"Tasks: tables of {size:,} tasks")
    dynamodb = emulator.client("dynamodb", cloud.endpoint, Config(read_timeout=120))
    s3 = emulator.client("s3", cloud.endpoint)
    environment = {**settings(), **cloud.environment}
    tasks = some_tasks(size)
    create_tables(dynamodb, s3, str(size), tasks, int(environment["TASK_SHARDS"]))
    designs = layouts(environment, str(size))
    return Subject(designs, [task.task_id for task in tasks], Pairs(f"{size:,} tasks", _NAMES))


def one_round(subject: Subject, number: int, operations: tuple[str, ...] = OPERATIONS) -> int:
    """Each operation once by each design, in turns; what is created is deleted. Returns the length
    of the longest answer. Raises BenchError for an answer that is not as it must be."""
    size = len(subject.task_ids)
    some_id = subject.task_ids[number * 7919 % size]
    created: dict[str, str] = {}
    longest = 0
    # Each goes first in half of the rounds.
    designs = subject.designs[:: 1 if number % 2 else -1]
    for operation in operations:
        for design in designs:
            task_id = created[design.name] if operation == "delete_task" else some_id
            call, body = design.call(operation, event(operation, task_id, number))
            subject.pairs.add(operation, design.name, call)
            longest = max(longest, len(body))
            if operation == "create_task":
                created[design.name] = json.loads(body)["TaskId"]
            elif operation == "get_tasks":
                _check(design, size, len(json.loads(body)))
    return longest


def event(operation: str, task_id: str, number: int) -> dict[str, Any]:
    path = {"TaskId": task_id}
    match operation:
        case "get_tasks":
            return events.request("GET", "/tasks")
        case "create_task":
            return events.request("POST", "/tasks", _BODY)
        case "get_task":
            return events.request("GET", "/tasks/{TaskId}", path=path)
        case "update_task":
            # Another title each time: what is as asked already is not written.
            changes = {"Status": "Completed", "Title": f"{_BODY['Title']} (Updated {number})"}
            return events.request("PUT", "/tasks/{TaskId}", changes, path)
        case _:
            return events.request("DELETE", "/tasks/{TaskId}", path=path)


def _check(design: Layout, size: int, shown: int) -> None:
    wanted = size if design.name == DOCUMENT else min(size, DEFAULT_LIMIT)
    if shown != wanted:
        raise BenchError(f"{design.name} listed {shown:,} of {size:,} tasks, not {wanted:,}")


def goals(found: list[Pairs]) -> list[Goal]:
    """A page costs the same, whatever there is."""
    middle, large = (pairs.median("get_tasks", PLATFORM, "items") for pairs in found[-2:])
    all_items = found[-1].median("get_tasks", DOCUMENT, "items")
    return [
        Goal("items of a page at the most tasks, of those at 1,000", large / middle, at_most=1),
        Goal(
            "items of a page at the most tasks, of the document's", large / all_items, at_most=0.01
        ),
    ]


def notes(longest: int) -> list[str]:
    """What the figures cannot tell."""
    told = [
        "items: read, looked at by a Query or Scan, or written. The embedded cloud goes through a",
        "whole partition for each Query, DynamoDB does not: times of get_tasks do not carry over.",
    ]
    if longest > _LAMBDA_MB * 2**20:
        told.append(
            f"The longest answer has {longest / 1e6:.1f} MB; Lambda refuses more than {_LAMBDA_MB}."
        )
    return told
