"""GET /tasks/{TaskId}."""

import json
import os
from typing import Any

import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])
HEADERS = {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"}


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    task_id = event["pathParameters"]["TaskId"]
    item = table.get_item(Key={"TaskId": task_id}).get("Item")
    if item is None:
        error = {"error": "Not Found", "message": f"Task with ID '{task_id}' not found"}
        return {"statusCode": 404, "headers": HEADERS, "body": json.dumps(error)}
    return {"statusCode": 200, "headers": HEADERS, "body": json.dumps(item)}
