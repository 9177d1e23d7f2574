"""A local HTTP server in the place of every AWS service that a measured function calls.

What is measured is the function's own CPU, so the services must answer at once and at the same
price for everybody, Comprehend included, which the embedded cloud does not have. Answers are as
large as real ones and do not depend on what was stored. An operation that has none here is
refused in words, and the bench fails: add it to `ANSWERS`.

    python -m tests.bench.stand_in      prints its port, serves until it is ended
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

type Body = dict[str, Any] | str  # JSON, or XML as it is
type Answer = Callable[[dict[str, Any]], Body]

CALLS = "/_calls"  # GET: how often each operation was called since the last GET
_PER_QUERY = 3  # items of a partition; a page of ten takes four shards


def _nothing(_request: dict[str, Any]) -> dict[str, Any]:
    return {}


def _get(request: dict[str, Any]) -> dict[str, Any]:
    """A task, or the record of a message; nobody is on the suppression list."""
    if "TaskId" in request["Key"]:
        return {"Item": _task(request["Key"])}
    if "messageId" not in request["Key"]:
        return {}
    texts = {
        "channel": "email",
        "recipient": "ada@example.com",
        "subject": "Your order",
        "text": "It is on its way and will be with you on Thursday.",
        "template": "message",
        "unsubscribeToken": "token",
        "requestHash": "0" * 64,
        "status": "queued",
        "phase": "queued",
        "createdAt": "2026-01-01T00:00:00.000Z",
        "updatedAt": "2026-01-01T00:00:00.000Z",
    }
    numbers = {"attempts": {"N": "0"}, "expiresAt": {"N": "4102444800"}}
    return {"Item": request["Key"] | {n: {"S": text} for n, text in texts.items()} | numbers}


def _query(request: dict[str, Any]) -> dict[str, Any]:
    """Items of the feedback table, by id or of a partition; no message needs attention."""
    if request.get("IndexName") == "attention":
        return {"Items": [], "Count": 0, "ScannedCount": 0}
    if "messages" in request["TableName"]:
        key = {"messageId": request["ExpressionAttributeValues"][":id"]}
        items = [_get({"Key": key | {"entry": {"S": "message"}}})["Item"]]
        return {"Items": items, "Count": 1, "ScannedCount": 1}
    values = request["ExpressionAttributeValues"]
    if request["TableName"].startswith("task"):
        items = _task_rows(request)
        return {"Items": items, "Count": len(items), "ScannedCount": len(items)}
    count = 1 if ":id" in values else min(_PER_QUERY, request.get("Limit", _PER_QUERY))
    now = datetime.now(UTC)
    created = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    items = [_feedback(number, created, int(now.timestamp())) for number in range(count)]
    return {"Items": items, "Count": count, "ScannedCount": count}


def _task_rows(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Keys of an index of tasks, or entries of a task's activity."""
    created = "2026-01-01T00:00:00.000Z"
    if "IndexName" not in request:
        entry = {"At": {"S": "2026-01-01T00:00:00Z"}, "Action": {"S": "created"}}
        key = {"Entry": {"S": f"{created}#0000000001#created"}, "Version": {"N": "1"}}
        return [{**entry, **key, "expiresAt": {"N": "4000000000"}}]
    shard = request["ExpressionAttributeValues"][":bucket"]["S"][-1]
    ids = [f"3f0c9a52-6f0e-4c69-9d5{shard}-{number:012x}" for number in range(_PER_QUERY)]
    return [{"TaskId": {"S": known}, "SortKey": {"S": f"{created}#{known}"}} for known in ids]


def _task(key: dict[str, Any]) -> dict[str, Any]:
    return {
        **key,
        "Title": {"S": "Renew the certificate"},
        "Description": {"S": "The old one expires at the end of the week."},
        "Status": {"S": "Open"},
        "CreatedAt": {"S": "2026-01-01T00:00:00.000Z"},
        "Version": {"N": "1"},
        "DueDate": {"S": "2999-01-31T12:00:00Z"},
        "Tags": {"L": [{"S": "security"}, {"S": "operations"}]},
    }


def _feedback(number: int, created: str, now: int) -> dict[str, Any]:
    return {
        "feedbackId": {"S": f"3f0c9a52-6f0e-4c69-9d57-{number:012x}"},
        "timestamp": {"N": str(now)},
        "createdAt": {"S": created},
        "name": {"S": "Ada Lovelace"},
        "rating": {"N": "4"},
        "message": {"S": "Delivery was quick, but the box was broken when it arrived."},
        "sentiment": {"S": "mixed"},
        "listBucket": {"S": f"{created[:10]}#0"},
        "sortKey": {"S": f"{created}#3f0c9a52-6f0e-4c69-9d57-{number:012x}"},
        "expiresAt": {"N": str(now + 30 * 86_400)},
    }


def _batch_get(request: dict[str, Any]) -> dict[str, Any]:
    """Aggregates are there, keys of the ledger (nothing was counted yet) are not."""
    counters = ("totalCount", "ratedCount", "positiveCount", "neutralCount", "negativeCount")
    found: dict[str, list[Any]] = {}
    for table, asked in request["RequestItems"].items():
        if table.startswith("tasks"):
            found[table] = [_task(key) for key in asked["Keys"]]
            continue
        found[table] = [
            {
                **key,
                **{name: {"N": "1234"} for name in counters},
                "sumRatings": {"N": "4321"},
                "lastUpdated": {"S": "2026-01-01T00:00:00.000Z"},
            }
            for key in asked["Keys"]
            if key.get("period") == {"S": "total"}
        ]
    return {"Responses": found, "UnprocessedKeys": {}}


def _sentiment(_request: dict[str, Any]) -> dict[str, Any]:
    scores = {"Positive": 0.0311, "Negative": 0.8912, "Neutral": 0.0402, "Mixed": 0.0375}
    return {"Sentiment": "NEGATIVE", "SentimentScore": scores}


def _sentiments(request: dict[str, Any]) -> dict[str, Any]:
    found = [{"Index": n, **_sentiment({})} for n in range(len(request["TextList"]))]
    return {"ResultList": found, "ErrorList": []}


def _salt(_request: dict[str, Any]) -> dict[str, Any]:
    return {"Parameter": {"Value": "0123456789abcdef"}}


def _started(_request: dict[str, Any]) -> dict[str, Any]:
    return {"executionArn": "arn:aws:states:::execution:stand-in", "startDate": 1767225600}


def _in_queue(request: dict[str, Any]) -> dict[str, Any]:
    body = hashlib.md5(request["MessageBody"].encode(), usedforsecurity=False).hexdigest()
    return {"MessageId": "stand-in", "MD5OfMessageBody": body}


def _taken(_request: dict[str, Any]) -> dict[str, Any]:
    return {"MessageId": "stand-in"}


def _published(_request: dict[str, Any]) -> str:
    """SNS has answers in XML alone."""
    return (
        '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>'
        "<MessageId>stand-in</MessageId></PublishResult></PublishResponse>"
    )


# X-Amz-Target without the API's date; what has no target is named SERVICE.METHOD below.
ANSWERS: dict[str, Answer] = {
    "AWSStepFunctions.StartExecution": _started,
    "AmazonSQS.SendMessage": _in_queue,
    "AmazonSSM.GetParameter": _salt,
    "Comprehend.BatchDetectSentiment": _sentiments,
    "Comprehend.DetectSentiment": _sentiment,
    "DynamoDB.BatchGetItem": _batch_get,
    "DynamoDB.DeleteItem": _nothing,
    "DynamoDB.GetItem": _get,
    "DynamoDB.PutItem": _nothing,
    "DynamoDB.Query": _query,
    "DynamoDB.TransactWriteItems": _nothing,
    "DynamoDB.UpdateItem": _nothing,
    "GraniteServiceVersion20100801.PutMetricData": _nothing,
    "S3.PUT": _nothing,
    "SNS.POST": _published,
    "SCHEDULER.DELETE": _nothing,
    "SCHEDULER.POST": lambda _request: {"ScheduleArn": "arn:aws:scheduler:x"},
    "SES.POST": _taken,
}


def operation(method: str, headers: dict[str, str]) -> str:
    """The name of a call in `ANSWERS`."""
    target = headers.get("x-amz-target", "")
    if target:
        api, _, action = target.partition(".")
        return f"{api.partition('_')[0]}.{action}"
    # Credential=KEY/DATE/REGION/SERVICE/aws4_request
    scope = headers.get("authorization", "").partition("Credential=")[2].split("/")
    service = scope[3] if len(scope) > 3 else "unknown"
    return f"{service.upper()}.{method}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept, as AWS keeps them
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet for an answer
    calls: ClassVar[Counter[str]] = Counter()
    counting = threading.Lock()

    def _serve(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        name = operation(self.command, {k.lower(): v for k, v in self.headers.items()})
        with self.counting:
            self.calls[name] += 1
        answer = ANSWERS.get(name)
        if answer is None:
            problem = f"{name} has no answer in tests/bench/stand_in.py: add it to ANSWERS"
            self._send(400, {"__type": "StandInHasNoAnswer", "message": problem})
            return
        # Of an API's request; an object of the lake is NDJSON, and zipped.
        has_json = self.headers.get("Content-Type", "").startswith("application/x-amz-json")
        self._send(200, answer(json.loads(content) if has_json and content else {}))

    def _send(self, status: int, body: Body) -> None:
        text = body if isinstance(body, str) else json.dumps(body) if body else ""
        content = text.encode()
        kind = "text/xml" if isinstance(body, str) else "application/x-amz-json-1.0"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        if self.path == CALLS:
            with self.counting:
                counted = dict(self.calls)
                self.calls.clear()
            self._send(200, counted)
        else:
            self._serve()

    def handle_expect_100(self) -> bool:
        """S3 puts wait for it: answered at once, as S3 does, not when the buffer is full."""
        go_on = super().handle_expect_100()
        self.wfile.flush()
        return go_on

    do_PUT = do_POST = do_DELETE = _serve  # noqa: N815  the names that http.server looks for

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


def serve() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    server.serve_forever(poll_interval=60)


if __name__ == "__main__":
    serve()
