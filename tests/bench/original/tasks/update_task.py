"""PUT /tasks/{TaskId}."""

import json
import os
from typing import Any

import boto3
from botocore.exceptions import ClientError

table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])
HEADERS = {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"}
FIELDS = ("Title", "Description", "Status")


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    task_id = event["pathParameters"]["TaskId"]
    body = json.loads(event["body"])
    named = {field: body[field] for field in FIELDS if field in body}
    try:
        table.update_item(
            Key={"TaskId": task_id},
            UpdateExpression="SET " + ", ".join(f"#{field} = :{field}" for field in named),
            ConditionExpression="attribute_exists(TaskId)",
            ExpressionAttributeNames={f"#{field}": field for field in named},
            ExpressionAttributeValues={f":{field}": value for field, value in named.items()},
        )
    except ClientError as failure:
        if failure.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        error = {"error": "Not Found", "message": f"Task with ID '{task_id}' not found"}
        return {"statusCode": 404, "headers": HEADERS, "body": json.dumps(error)}
    answer = {"message": "Task updated successfully", "data": {"TaskId": task_id, **named}}
    return {"statusCode": 200, "headers": HEADERS, "body": json.dumps(answer)}
