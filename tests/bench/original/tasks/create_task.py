"""POST /tasks."""

import json
import os
import uuid
from datetime import UTC, datetime
from typing import Any

import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])
HEADERS = {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"}


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    body = json.loads(event["body"])
    if not body.get("Title"):
        error = {"error": "Validation Error", "message": "Title field is required"}
        return {"statusCode": 400, "headers": HEADERS, "body": json.dumps(error)}
    task = {
        "TaskId": str(uuid.uuid4()),
        "Title": body["Title"],
        "Description": body.get("Description", ""),
        "Status": body.get("Status", "Open"),
        "CreatedAt": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    table.put_item(Item=task)
    answer = {"message": "Task created successfully", "TaskId": task["TaskId"], "data": task}
    return {"statusCode": 201, "headers": HEADERS, "body": json.dumps(answer)}
