"""The task tracker in two designs: their functions, called as Lambda calls them, on tables of their
own in one DynamoDB."""

from __future__ import annotations

import contextlib
import gzip
import importlib.util
import io
import json
import os
import random
import sys
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from customer_platform import aws, clock
from customer_platform.tasks.partitions import INDEXES
from customer_platform.tasks.records import Task
from customer_platform.tasks.storage import TaskTable
from ops import ROOT
from tests.bench import BenchError
from tests.bench.pairs import Call

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DOCUMENT, PLATFORM = "document", "platform"
OPERATIONS = ("get_tasks", "create_task", "get_task", "update_task", "delete_task")
_BUCKET = "task-seeds"
_STATUS = {"create_task": 201, "delete_task": 204}
_IMPORT_SECONDS = 180
# An answer of the embedded cloud may take longer than DynamoDB's, and is to be measured then.
_READ_SECONDS = 120
# DynamoDB's requests whose items are in the request; a Query or Scan tells in its answer.
_SEARCHES = ("Query", "Scan")


class Counted:
    """Requests of some clients of DynamoDB, and items that they read or wrote."""

    def __init__(self) -> None:
        # Appended to, because a page reads its partitions in several threads.
        self._requests: list[str] = []
        self._items: list[int] = []

    def watch(self, client: Any) -> None:
        client.meta.events.register("provide-client-params.dynamodb", self._asked)
        client.meta.events.register("after-call.dynamodb", self._answered)

    def take(self) -> tuple[int, int]:
        """Requests and items since the last time this was asked."""
        taken = len(self._requests), sum(self._items)
        self._requests.clear()
        self._items.clear()
        return taken

    def _asked(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        self._requests.append(model.name)
        if model.name == "BatchGetItem":
            self._items += [len(table["Keys"]) for table in params["RequestItems"].values()]
        elif model.name == "TransactWriteItems":
            self._items.append(len(params["TransactItems"]))
        elif model.name not in _SEARCHES:
            self._items.append(1)

    def _answered(self, parsed: Mapping[str, Any], **_: Any) -> None:
        self._items.append(parsed.get("ScannedCount", 0))


@dataclass(frozen=True)
class Layout:
    """The functions of one design."""

    name: str
    functions: Mapping[str, ModuleType]
    counted: Counted

    def call(self, operation: str, event: dict[str, Any]) -> tuple[Call, str]:
        """How the call went, and the body of the answer. Raises BenchError unless it succeeds."""
        function = self.functions[operation].lambda_handler
        with _silence():
            cpu, started = time.process_time(), time.perf_counter()
            answer = function(event, _Context())
            wall, used = time.perf_counter() - started, time.process_time() - cpu
        if answer["statusCode"] != _STATUS.get(operation, 200):
            raise BenchError(f"{operation}, {self.name}: {str(answer)[:300]}")
        requests, items = self.counted.take()
        return Call(wall * 1000, used * 1000, requests, items), str(answer["body"])


class _Context:
    function_name = "function"
    function_version = "1"
    aws_request_id = "bench"

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


def layouts(environment: Mapping[str, str], label: str) -> list[Layout]:
    """Both designs on the tables of `label`. `environment`: all that a function is told but the
    names of these tables."""
    names = {
        "TABLE_NAME": _document_table(label),
        "TASKS_TABLE_NAME": _platform_table(label),
        "TASK_ACTIVITY_TABLE_NAME": _activity_table(label),
    }
    with patch.dict(os.environ, {**environment, **names}), _silence():
        return [_document(), _platform()]


def _document() -> Layout:
    counted = Counted()
    functions = {}
    for operation in OPERATIONS:
        path = ROOT / "tests" / "bench" / "original" / "tasks" / f"{operation}.py"
        functions[operation] = _load(path)
        counted.watch(functions[operation].table.meta.client)
    return Layout(DOCUMENT, functions, counted)


def _platform() -> Layout:
    counted = Counted()
    client = aws.client

    def watched(service: str) -> Any:
        made = client(service, read_timeout=_READ_SECONDS)
        counted.watch(made)
        return made

    with patch.object(aws, "client", watched):
        functions = {o: _load(ROOT / "lambda_src" / o / "handler.py") for o in OPERATIONS}
    return Layout(PLATFORM, functions, counted)


def _load(path: Path) -> ModuleType:
    """A fresh copy, which reads the environment of now."""
    name = f"bench_{path.parent.name}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise BenchError(f"{path} is no module")
    module = importlib.util.module_from_spec(spec)
    with patch.dict(sys.modules, {name: module}):  # dataclasses look their module up
        spec.loader.exec_module(module)
    return module


class _Nowhere(io.StringIO):
    """Never closed: the logger keeps the stream that it was made with."""

    def write(self, text: str) -> int:
        return len(text)


_NOWHERE = _Nowhere()


def _silence() -> contextlib.AbstractContextManager[Any]:
    """Logs of functions are made, and shown to nobody."""
    return contextlib.redirect_stdout(_NOWHERE)


# --- tables and what is in them


def some_tasks(count: int) -> list[Task]:
    """As the document's clients create them, a second apart. The same every time but for now."""
    chance = random.Random(count)
    now = datetime.now(UTC)
    return [
        Task(
            task_id=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            title=f"Complete project documentation, part {number}",
            description="Write comprehensive README and API docs, and have them reviewed.",
            status="In Progress",
            created_at=clock.iso(now - timedelta(seconds=number)),
            version=1,
        )
        for number in range(count)
    ]


def create_tables(
    dynamodb: DynamoDBClient, s3: Any, label: str, tasks: list[Task], shards: int
) -> None:
    """Tables of both designs that hold the tasks, by DynamoDB's import from S3: it makes the table
    and its items in one request. Raises BenchError."""
    region = dynamodb.meta.region_name
    with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=_BUCKET, CreateBucketConfiguration={"LocationConstraint": region})
    name = _platform_table(label)
    table = TaskTable(dynamodb, name)
    items = [part["Put"]["Item"] for task in tasks for part in table.creation(task, shards)]
    _import(dynamodb, s3, _table(name, "TaskId", "Entry", indexes=INDEXES), items)
    items = [{k: {"S": v} for k, v in task.public().items()} for task in tasks]
    _import(dynamodb, s3, _table(_document_table(label), "TaskId"), items)
    dynamodb.create_table(**_table(_activity_table(label), "TaskId", "Entry"))


def _document_table(label: str) -> str:
    return f"Tasks-{label}"


def _platform_table(label: str) -> str:
    return f"tasks-{label}"


def _activity_table(label: str) -> str:
    return f"task-activity-{label}"


def _table(
    name: str, *keys: str, indexes: Mapping[str, tuple[str, str]] | None = None
) -> dict[str, Any]:
    """As terraform/tasks.tf has it: keys are strings, indexes hold keys only."""
    found = indexes or {}
    attributes = {*keys, *(key for pair in found.values() for key in pair)}
    made: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _schema(*keys),
        "AttributeDefinitions": [
            {"AttributeName": key, "AttributeType": "S"} for key in sorted(attributes)
        ],
    }
    if found:
        made["GlobalSecondaryIndexes"] = [
            {
                "IndexName": index,
                "KeySchema": _schema(*pair),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
            for index, pair in found.items()
        ]
    return made


def _schema(*keys: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": key, "KeyType": kind}
        for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
    ]


def _import(
    dynamodb: DynamoDBClient, s3: Any, table: dict[str, Any], items: list[dict[str, Any]]
) -> None:
    lines = "\n".join(json.dumps({"Item": item}) for item in items)
    folder = f"{table['TableName']}/"
    s3.put_object(
        Bucket=_BUCKET, Key=f"{folder}items.json.gz", Body=gzip.compress(lines.encode(), 1)
    )
    arn = dynamodb.import_table(
        S3BucketSource={"S3Bucket": _BUCKET, "S3KeyPrefix": folder},
        InputFormat="DYNAMODB_JSON",
        InputCompressionType="GZIP",
        TableCreationParameters=table,  # type: ignore[arg-type]
    )["ImportTableDescription"]["ImportArn"]
    deadline = time.monotonic() + _IMPORT_SECONDS
    while True:
        found = dynamodb.describe_import(ImportArn=arn)["ImportTableDescription"]
        if found["ImportStatus"] != "IN_PROGRESS":
            break
        if time.monotonic() > deadline:
            raise BenchError(f"{table['TableName']} is not imported after {_IMPORT_SECONDS} s")
        time.sleep(0.1)
    if found["ImportStatus"] != "COMPLETED" or found["ImportedItemCount"] != len(items):
        raise BenchError(f"{table['TableName']} could not be imported: {found}")
