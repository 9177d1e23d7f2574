"""DELETE /tasks/{TaskId}."""

import json
import os
from typing import Any

import boto3
from botocore.exceptions import ClientError

table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])
HEADERS = {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"}


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    task_id = event["pathParameters"]["TaskId"]
    try:
        table.delete_item(Key={"TaskId": task_id}, ConditionExpression="attribute_exists(TaskId)")
    except ClientError as failure:
        if failure.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        error = {"error": "Not Found", "message": f"Task with ID '{task_id}' not found"}
        return {"statusCode": 404, "headers": HEADERS, "body": json.dumps(error)}
    answer = {"message": "Task deleted successfully"}
    return {"statusCode": 204, "headers": HEADERS, "body": json.dumps(answer)}
