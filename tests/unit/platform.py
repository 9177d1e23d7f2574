"""The functions as the platform calls them, over moto's tables."""

import functools
import gzip
import importlib.util
import json
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3

from customer_platform.tasks.partitions import INDEXES as TASK_INDEXES
from tests import contract

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT: dict[str, str] = json.loads((ROOT / "tests/function_environment.json").read_text())
FEEDBACK = ENVIRONMENT["FEEDBACK_TABLE_NAME"]
ANALYTICS = ENVIRONMENT["ANALYTICS_TABLE_NAME"]
IDEMPOTENCY = ENVIRONMENT["IDEMPOTENCY_TABLE_NAME"]
LAKE = ENVIRONMENT["LAKE_BUCKET"]
DEPLOYMENTS = ENVIRONMENT["DEPLOYMENTS_TABLE_NAME"]
RECIPIENTS = ENVIRONMENT["RECIPIENTS_TABLE_NAME"]
MESSAGES = ENVIRONMENT["MESSAGES_TABLE_NAME"]
TASKS = ENVIRONMENT["TASKS_TABLE_NAME"]
TASK_ACTIVITY = ENVIRONMENT["TASK_ACTIVITY_TABLE_NAME"]
HANDLERS = sorted(path.parent.name for path in (ROOT / "lambda_src").glob("*/handler.py"))

FORM = {"name": "Ada Lovelace", "email": "ada@example.com", "rating": 5, "message": "Wonderful!"}
TEXT = {"feedback": "Delivery was slow and the box was broken.", "customer_id": "customer-42"}


@dataclass(frozen=True)
class Context:
    function_name: str = "function"
    function_version: str = "7"
    aws_request_id: str = "lambda-request"
    seconds_left: float = 300

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds_left * 1000)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str
    body: Any = field(init=False)

    def __post_init__(self) -> None:
        is_json = self.headers.get("Content-Type") == "application/json"
        object.__setattr__(self, "body", json.loads(self.text) if is_json else None)


def load(handler: str) -> ModuleType:
    """A fresh copy: all of them are called handler.py."""
    path = ROOT / "lambda_src" / handler / "handler.py"
    spec = importlib.util.spec_from_file_location(f"{handler}_handler", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@functools.cache
def _client(service: str) -> Any:
    """Made once: that takes longer than most tests."""
    return boto3.client(service)  # type: ignore[call-overload]


class Platform:
    """Every answer of every test is held to the OpenAPI document."""

    def __init__(self, modules: dict[str, ModuleType]) -> None:
        self.modules = modules
        self.dynamodb = _client("dynamodb")
        self._sqs = _client("sqs")
        self.s3 = _client("s3")
        self._create_tables()
        self._create_lake()
        self._create_workflow()
        self.dead_letter_url = self._sqs.create_queue(QueueName="dlq")["QueueUrl"]

    # --- requests

    def call(self, handler: str, event: dict[str, Any]) -> Answer:
        event = {"requestContext": {"requestId": "gateway-request"}, **event}
        response = self.modules[handler].lambda_handler(event, Context())
        assert response["headers"]["Access-Control-Allow-Origin"] == "*"
        answer = Answer(response["statusCode"], response["headers"], response["body"])
        operation = contract.operation_of(handler, event)
        contract.assert_documented(operation, answer.status, answer.headers, answer.text)
        return answer

    def post(self, body: Any, key: str | None = None, **event: Any) -> Answer:
        headers = {"content-type": "application/json; charset=utf-8"}
        if key is not None:
            headers["idempotency-KEY"] = key
        text = body if isinstance(body, str) else json.dumps(body)
        return self.call("feedback_processor", {"headers": headers, "body": text, **event})

    def get(self, feedback_id: str) -> Answer:
        return self.call("get_feedback", {"pathParameters": {"feedbackId": feedback_id}})

    def delete(self, feedback_id: str) -> Answer:
        return self.call("delete_feedback", {"pathParameters": {"feedbackId": feedback_id}})

    def page(self, **query: Any) -> Answer:
        return self.call("list_feedback", _query_event(query))

    def analytics(self, **query: Any) -> Answer:
        return self.call("get_analytics", _query_event(query))

    def tasks(self, **query: Any) -> Answer:
        return self.call("get_tasks", _query_event(query))

    def create_task(self, body: Any, **headers: str) -> Answer:
        return self.call("create_task", {"body": _text(body), "headers": _names(headers)})

    def task(self, task_id: str) -> Answer:
        return self.call("get_task", _of_task(task_id))

    def update_task(self, task_id: str, body: Any, **headers: str) -> Answer:
        event = {"body": _text(body), "headers": _names(headers)}
        return self.call("update_task", _of_task(task_id) | event)

    def delete_task(self, task_id: str, **headers: str) -> Answer:
        return self.call("delete_task", _of_task(task_id) | {"headers": _names(headers)})

    def task_activity(self, task_id: str, **query: Any) -> Answer:
        return self.call("get_task_activity", _of_task(task_id) | _query_event(query))

    def aggregate(self, records: list[Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self.modules["stream_aggregator"].lambda_handler(
            {"Records": records}, Context()
        )
        return answer

    def export(self, records: list[Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self.modules["lake_exporter"].lambda_handler(
            {"Records": records}, Context()
        )
        return answer

    def reanalyze(self, *, seconds_left: float = 300, **event: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.modules["reanalyze_feedback"].lambda_handler(
            event, Context(seconds_left=seconds_left)
        )
        return answer

    # --- what is stored

    def lake(self) -> dict[str, list[dict[str, Any]]]:
        """Objects of the lake: key => rows."""
        keys = [o["Key"] for o in self.s3.list_objects_v2(Bucket=LAKE).get("Contents", [])]
        return {
            key: [
                json.loads(line)
                for line in gzip.decompress(
                    self.s3.get_object(Bucket=LAKE, Key=key)["Body"].read()
                ).splitlines()
            ]
            for key in keys
        }

    def items(self, table: str = FEEDBACK) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for page in self.dynamodb.get_paginator("scan").paginate(TableName=table):
            found += page["Items"]
        return found

    def is_empty(self) -> bool:
        return not self.items(FEEDBACK) and not self.items(IDEMPOTENCY)

    def dead_letters(self) -> list[dict[str, Any]]:
        """Take them off the queue: what is only received comes back after 30 s."""
        found: list[dict[str, Any]] = []
        while True:
            messages = self._sqs.receive_message(
                QueueUrl=self.dead_letter_url,
                MaxNumberOfMessages=10,
                MessageAttributeNames=["All"],
            ).get("Messages", [])
            if not messages:
                return found
            for message in messages:
                self._sqs.delete_message(
                    QueueUrl=self.dead_letter_url, ReceiptHandle=message["ReceiptHandle"]
                )
            found += messages

    def _create_lake(self) -> None:
        region = ENVIRONMENT["AWS_REGION"]
        self.s3.create_bucket(Bucket=LAKE, CreateBucketConfiguration={"LocationConstraint": region})
        _client("ssm").put_parameter(
            Name=ENVIRONMENT["CUSTOMER_SALT_PARAMETER"], Value="salt", Type="SecureString"
        )

    def _create_workflow(self) -> None:
        name = ENVIRONMENT["MESSAGE_WORKFLOW_ARN"].rpartition(":")[2]
        _client("stepfunctions").create_state_machine(
            name=name,
            definition=json.dumps({"StartAt": "Sent", "States": {"Sent": {"Type": "Succeed"}}}),
            roleArn=f"arn:aws:iam::123456789012:role/{name}",
        )

    def _create_tables(self) -> None:
        public = ["name", "rating", "message", "sentiment", "createdAt"]
        pending = ["message", "sentiment", "rating", "createdAt", "analysisFailures"]
        indexes = {
            "recent": ("listBucket", public),
            "recent-by-kind": ("kindBucket", public),
            "pending-analysis": ("pendingBucket", pending),
        }
        self._create(
            FEEDBACK,
            {"feedbackId": "HASH", "timestamp": "RANGE"},
            numbers={"timestamp"},
            GlobalSecondaryIndexes=[
                {
                    "IndexName": name,
                    "KeySchema": [
                        {"AttributeName": bucket, "KeyType": "HASH"},
                        {"AttributeName": "sortKey", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": shown},
                }
                for name, (bucket, shown) in indexes.items()
            ],
            more=["listBucket", "kindBucket", "pendingBucket", "sortKey"],
        )
        self._create(ANALYTICS, {"aggregateId": "HASH", "period": "RANGE"})
        self._create(IDEMPOTENCY, {"idempotencyKey": "HASH"})
        task = {"TaskId": "HASH", "Entry": "RANGE"}
        self._create(
            TASKS,
            task,
            GlobalSecondaryIndexes=[
                {
                    "IndexName": name,
                    "KeySchema": [
                        {"AttributeName": bucket, "KeyType": "HASH"},
                        {"AttributeName": key, "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
                for name, (bucket, key) in TASK_INDEXES.items()
            ],
            more=sorted({key for keys in TASK_INDEXES.values() for key in keys}),
        )
        self._create(TASK_ACTIVITY, task)
        self._create(DEPLOYMENTS, {"chain": "HASH", "sequence": "RANGE"}, numbers={"sequence"})
        self._create(RECIPIENTS, {"recipient": "HASH", "entry": "RANGE"})
        self._create(
            MESSAGES,
            {"messageId": "HASH", "entry": "RANGE"},
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "attention",
                    "KeySchema": [
                        {"AttributeName": "attentionDay", "KeyType": "HASH"},
                        {"AttributeName": "messageId", "KeyType": "RANGE"},
                    ],
                    "Projection": {
                        "ProjectionType": "INCLUDE",
                        "NonKeyAttributes": [
                            "status",
                            "reason",
                            "channel",
                            "createdAt",
                            "updatedAt",
                        ],
                    },
                }
            ],
            more=["attentionDay"],
        )

    def _create(
        self,
        name: str,
        keys: dict[str, str],
        numbers: frozenset[str] | set[str] = frozenset(),
        more: Any = (),
        **options: Any,
    ) -> None:
        self.dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": k, "KeyType": t} for k, t in keys.items()],
            AttributeDefinitions=[
                {"AttributeName": key, "AttributeType": "N" if key in numbers else "S"}
                for key in [*keys, *more]
            ],
            **options,
        )


def _text(body: Any) -> str:
    return body if isinstance(body, str) else json.dumps(body)


def _names(headers: dict[str, str]) -> dict[str, str]:
    """If_Match='"1"' is the header if-match: clients and proxies write names as they like."""
    return {name.replace("_", "-").lower(): value for name, value in headers.items()}


def _of_task(task_id: str) -> dict[str, Any]:
    return {"pathParameters": {"TaskId": task_id}}


def _query_event(query: dict[str, Any]) -> dict[str, Any]:
    """As API Gateway sends it: null without a query string."""
    if not query:
        return {"queryStringParameters": None, "multiValueQueryStringParameters": None}
    many = {name: v if isinstance(v, list) else [str(v)] for name, v in query.items()}
    return {
        "queryStringParameters": {name: values[-1] for name, values in many.items()},
        "multiValueQueryStringParameters": many,
    }
