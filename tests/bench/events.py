"""The event that each handler is called with: a proxy event as large as API Gateway's, or a
full batch of the stream."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.bench import BenchError

FEEDBACK_ID = "3f0c9a52-6f0e-4c69-9d57-000000000000"
MESSAGE = "Delivery was slow and the box was broken, but support answered within the hour."
TEXT = {"feedback": MESSAGE, "customer_id": "customer-42"}
FORM = {"name": "Ada Lovelace", "email": "ada@example.com", "rating": 2, "message": MESSAGE}
LETTER = {"email": "ada@example.com", "subject": "Your order", "message": MESSAGE}
BATCH = 100  # records; the event source's batch_size in terraform/feedback.tf


def request(
    method: str,
    resource: str,
    body: dict[str, Any] | None = None,
    path: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    """A REST API's proxy event."""
    sent = {
        "Accept": "application/json",
        "Accept-Encoding": "gzip, deflate, br",
        "Content-Type": "application/json",
        "Host": "abcdefghij.execute-api.us-west-1.amazonaws.com",
        "Origin": "https://feedback.example.com",
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "X-Amzn-Trace-Id": "Root=1-65a0c0de-0123456789abcdef01234567",
        "X-Forwarded-For": "192.0.2.10",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
        **(headers or {}),
    }
    return {
        "resource": resource,
        "path": resource.format(**(path or {})),
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": path,
        "stageVariables": None,
        "requestContext": {
            "resourceId": "abc123",
            "resourcePath": resource,
            "httpMethod": method,
            "requestTime": "01/Jan/2026:00:00:00 +0000",
            "path": f"/prod{resource}",
            "accountId": "000000000000",
            "protocol": "HTTP/1.1",
            "stage": "prod",
            "requestTimeEpoch": 1767225600000,
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "identity": {"sourceIp": "192.0.2.10", "userAgent": sent["User-Agent"]},
            "apiId": "abcdefghij",
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


def stream_batch(count: int = BATCH) -> dict[str, Any]:
    """New items of the feedback table, ten a second."""
    first = datetime(2026, 1, 1, tzinfo=UTC)
    records = []
    for number in range(count):
        moment = first + timedelta(milliseconds=100 * number)
        created = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        identity = str(uuid.UUID(int=number, version=4))
        image = {
            "feedbackId": {"S": identity},
            "timestamp": {"N": str(int(moment.timestamp()))},
            "createdAt": {"S": created},
            "name": {"S": FORM["name"]},
            "email": {"S": FORM["email"]},
            "rating": {"N": str(number % 5 + 1)},
            "message": {"S": MESSAGE},
            "sentiment": {"S": ("positive", "neutral", "negative", "mixed")[number % 4]},
            "sentimentScores": {
                "M": {name: {"N": "0.25"} for name in ("positive", "neutral", "negative", "mixed")}
            },
            "engine": {"S": "comprehend"},
            "language": {"S": "en"},
            "expiresAt": {"N": str(int(moment.timestamp()) + 30 * 86_400)},
        }
        records.append(
            {
                "eventID": f"{number:032x}",
                "eventName": "INSERT",
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": "us-west-1",
                "dynamodb": {
                    "Keys": {name: image[name] for name in ("feedbackId", "timestamp")},
                    "NewImage": image,
                    "SequenceNumber": f"{number:021d}",
                    "SizeBytes": 512,
                    "StreamViewType": "NEW_IMAGE",
                },
            }
        )
    return {"Records": records}


def task_batch(count: int = 25) -> dict[str, Any]:
    """Tasks that were changed, as the stream of their table tells."""
    records = []
    for number in range(count):
        keys = {"TaskId": {"S": str(uuid.UUID(int=number, version=4))}, "Entry": {"S": "task"}}
        change = {"Keys": keys, "SequenceNumber": f"{number:021d}"}
        records.append({"eventID": f"{number:032x}", "eventName": "MODIFY", "dynamodb": change})
    return {"Records": records}


SUBMISSION = request("POST", "/feedback", TEXT)
FORM_SUBMISSION = request("POST", "/feedback", FORM)
IDEMPOTENT_SUBMISSION = request("POST", "/feedback", TEXT, headers={"Idempotency-Key": "order-42"})

EMAIL_EVENT = {
    "Records": [
        {
            "EventSource": "aws:sns",
            "Sns": {
                "Message": json.dumps(
                    {
                        "eventType": "Delivery",
                        "mail": {
                            "timestamp": "2026-01-01T00:00:00.000Z",
                            "messageId": "010001",
                            "destination": ["ada@example.com"],
                            "tags": {"messageId": [FEEDBACK_ID]},
                        },
                        "delivery": {"timestamp": "2026-01-01T00:00:01.000Z"},
                    }
                )
            },
        }
    ]
}

_BY_ID = {"feedbackId": FEEDBACK_ID}
TASK_ID = "123e4567-e89b-42d3-a456-426614174000"
TASK = {"Title": "Renew the certificate", "Status": "Open", "Tags": ["security", "operations"]}
_BY_TASK = {"TaskId": TASK_ID}
EVENTS: dict[str, dict[str, Any]] = {
    "create_task": request("POST", "/tasks", TASK),
    "delete_feedback": request("DELETE", "/feedback/{feedbackId}", path=_BY_ID),
    "delete_task": request("DELETE", "/tasks/{TaskId}", path=_BY_TASK),
    "feedback_processor": SUBMISSION,
    "get_analytics": request("GET", "/analytics"),
    "get_feedback": request("GET", "/feedback/{feedbackId}", path=_BY_ID),
    "get_task": request("GET", "/tasks/{TaskId}", path=_BY_TASK),
    "get_task_activity": request("GET", "/tasks/{TaskId}/activity", path=_BY_TASK),
    "get_tasks": request("GET", "/tasks"),
    "get_contact": request("GET", "/contact/{messageId}", path={"messageId": FEEDBACK_ID}),
    "get_message": request("GET", "/messages/{messageId}", path={"messageId": FEEDBACK_ID}),
    "health": request("GET", "/health"),
    "lake_exporter": stream_batch(),
    "list_feedback": request("GET", "/feedback"),
    "reanalyze_feedback": {},
    "record_email_events": EMAIL_EVENT,
    # What they do besides is asked of Lambda itself.
    "release_steps": {"healthCheck": True},
    "report_failed_messages": {},
    "send_sms": {"messageId": FEEDBACK_ID},
    "rollback_orchestrator": {"healthCheck": True},
    "schedule_task_reminders": task_batch(),
    "send_task_reminder": {"TaskId": TASK_ID, "DueDate": "2999-01-31T12:00:00Z"},
    "stream_aggregator": stream_batch(),
    "update_task": request("PUT", "/tasks/{TaskId}", {"Status": "Completed"}, path=_BY_TASK),
    "send_email": {"messageId": FEEDBACK_ID},
    "settle_message": {"messageId": FEEDBACK_ID, "outcome": "refused", "reason": "Rejected"},
    "submit_contact": request("POST", "/contact", LETTER),
    "submit_message": request("POST", "/messages", LETTER),
    "unsubscribe": request(
        "POST",
        "/unsubscribe/{messageId}/{token}",
        path={"messageId": FEEDBACK_ID, "token": "token"},
    ),
}


def event_of(handler: str) -> dict[str, Any]:
    """Raises BenchError for a handler that has no event yet."""
    if handler not in EVENTS:
        raise BenchError(
            f"{handler} has no event: add one to EVENTS in tests/bench/events.py, and what it "
            "calls of AWS to ANSWERS in tests/bench/stand_in.py"
        )
    return EVENTS[handler]
