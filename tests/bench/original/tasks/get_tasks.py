"""GET /tasks."""

import json
import os
from typing import Any

import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


def lambda_handler(_event: dict[str, Any], _context: object) -> dict[str, Any]:
    answer = table.scan()
    tasks = answer["Items"]
    while "LastEvaluatedKey" in answer:  # a page of a Scan ends after 1 MB
        answer = table.scan(ExclusiveStartKey=answer["LastEvaluatedKey"])
        tasks += answer["Items"]
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"},
        "body": json.dumps(tasks),
    }
