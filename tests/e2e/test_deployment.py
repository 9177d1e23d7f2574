"""What the deployed stack is: IAM enforced, called through its aliases, quiet about people."""

from __future__ import annotations

import json
import time
import uuid

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

from ops import emulator
from ops.deployed import Deployed
from ops.release import follow, start
from tests.contract import OPERATIONS
from tests.e2e.conftest import Deployment, eventually
from tests.e2e.test_feedback import SUBMISSION


def test_iam_is_enforced(deployment: Deployment) -> None:
    role = deployment.outputs["functions"]["health"]["role"]
    session = deployment.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{emulator.ACCOUNT}:role/{role}", RoleSessionName="probe"
    )["Credentials"]
    as_health = boto3.client(
        "dynamodb",
        endpoint_url=deployment.cloud.endpoint,
        region_name=emulator.REGION,
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )
    with pytest.raises(ClientError, match="AccessDenied"):
        as_health.query(
            TableName=deployment.outputs["dynamodb_table_name"],
            KeyConditionExpression="feedbackId = :id",
            ExpressionAttributeValues={":id": {"S": "x"}},
        )


def test_no_role_may_scan_a_table(deployment: Deployment) -> None:
    iam = deployment.client("iam")
    for function in deployment.outputs["functions"].values():
        role = function["role"]
        assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            for statement in document["Statement"]:
                actions = statement["Action"]
                for action in [actions] if isinstance(actions, str) else actions:
                    assert "*" not in action
                    assert action != "dynamodb:Scan"


def test_everything_calls_functions_through_the_alias(deployment: Deployment) -> None:
    gateway, functions = deployment.client("apigateway"), deployment.client("lambda")
    api_id = deployment.outputs["api_gateway_id"]
    uris = [
        method["methodIntegration"]["uri"]
        for resource in gateway.get_resources(restApiId=api_id, embed=["methods"])["items"]
        for method in resource.get("resourceMethods", {}).values()
        if method.get("methodIntegration", {}).get("type") == "AWS_PROXY"
    ]
    assert len(uris) == len(OPERATIONS)
    assert all(uri.endswith(":live/invocations") for uri in uris)
    mappings = functions.list_event_source_mappings()["EventSourceMappings"]
    assert mappings
    assert all(mapping["FunctionArn"].endswith(":live") for mapping in mappings)
    for function in deployment.outputs["functions"].values():
        live = functions.get_alias(FunctionName=function["name"], Name="live")
        assert live["FunctionVersion"] == function["version"] != "$LATEST"


def test_logs_hold_no_personal_data(api: httpx.Client, deployment: Deployment) -> None:
    mark = uuid.uuid4().hex
    person = {
        "name": f"Name{mark}",
        "email": f"mail{mark}@example.com",
        "message": f"Text{mark} is terrible",
    }
    assert api.post("/feedback", json=SUBMISSION | person).status_code == 201
    assert api.post("/feedback", json=SUBMISSION | person | {"rating": 9}).status_code == 400
    text = {"feedback": f"Text{mark}", "customer_id": mark}
    assert api.post("/feedback", json=text).status_code == 200
    assert api.get("/feedback", params={"lastKey": mark}).status_code == 400
    letter = {"email": person["email"], "subject": f"Subject{mark}", "message": f"Text{mark}"}
    assert api.post("/contact", json=letter).status_code == 202
    answer = api.post("/messages", json=letter, headers=deployment.key("operator"))
    assert answer.status_code == 202
    message = f"/messages/{answer.json()['messageId']}"
    eventually(
        lambda: api.get(message, headers=deployment.key("operator")).json()["status"],
        lambda status: status == "sent",
    )
    logs = deployment.client("logs")
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    assert len(groups) >= 9
    start = int((time.time() - 120) * 1000)

    def events() -> list[str]:
        return [
            event["message"]
            for group in groups
            for page in logs.get_paginator("filter_log_events").paginate(
                logGroupName=group, startTime=start
            )
            for event in page["events"]
        ]

    eventually(events, lambda lines: any("Batch counted" in line for line in lines))
    found = eventually(events, lambda lines: any("FeedbackProcessed" in line for line in lines))
    assert not [line for line in found if mark in line]
    metric = next(json.loads(line) for line in found if '"FeedbackProcessed"' in line)
    (definition,) = metric["_aws"]["CloudWatchMetrics"]
    assert definition["Namespace"] == "FeedbackProcessing"
    assert definition["Dimensions"] == [["Sentiment"], ["Suffix", "Sentiment"]]
    assert metric["Suffix"] == deployment.stack.suffix
    assert metric["Sentiment"] in {"POSITIVE", "NEGATIVE", "NEUTRAL", "MIXED"}


def test_a_poisoned_record_goes_to_the_dead_letter_queue_and_blocks_nothing(
    api: httpx.Client, deployment: Deployment
) -> None:
    before = int(api.get("/analytics").json()["totalFeedback"])
    poison = str(uuid.uuid4())
    deployment.client("dynamodb").put_item(
        TableName=deployment.outputs["dynamodb_table_name"],
        Item={
            "feedbackId": {"S": poison},
            "timestamp": {"N": "1"},
            "sentiment": {"S": "furious"},
            "email": {"S": "person@example.com"},
        },
    )
    assert api.post("/feedback", json=SUBMISSION).status_code == 201
    sqs = deployment.client("sqs")
    queue = deployment.outputs["functions"]["stream_aggregator"]["dead_letter_queue"]
    letters: list[str] = []

    def received() -> list[str]:
        answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=1)
        letters.extend(message["Body"] for message in answer.get("Messages", []))
        return letters

    found = eventually(received, lambda bodies: any(poison in body for body in bodies))
    assert "person@example.com" not in "".join(found)
    eventually(
        lambda: int(api.get("/analytics").json()["totalFeedback"]), lambda total: total > before
    )
    deployment.client("dynamodb").delete_item(
        TableName=deployment.outputs["dynamodb_table_name"],
        Key={"feedbackId": {"S": poison}, "timestamp": {"N": "1"}},
    )


def test_an_apply_publishes_and_only_a_release_makes_live(deployment: Deployment) -> None:
    functions = deployment.client("lambda")
    name = deployment.outputs["functions"]["feedback_processor"]["name"]

    def live() -> str:
        return str(functions.get_alias(FunctionName=name, Name="live")["FunctionVersion"])

    first = live()
    outputs = deployment.stack.apply(deployment.cloud, lambda_timeout="29")
    newest = outputs["functions"]["feedback_processor"]["version"]
    assert int(newest) > int(first)
    assert live() == first

    stack = Deployed(outputs)
    lines: list[str] = []
    answer = follow(stack, start(stack, "a test", despite_alarms=True), lines.append)
    assert answer["due"] == [{"function": name, "from_version": first, "to_version": newest}]
    assert lines == [
        f"{name}: {first} -> {newest}, 10 % of the traffic",
        f"{name}: {first} -> {newest}, all of the traffic",
    ]
    assert live() == newest

    functions.update_alias(FunctionName=name, Name="live", FunctionVersion=first)  # a rollback
    deployment.stack.apply(deployment.cloud, lambda_timeout="29")
    assert live() == first

    deployment.stack.up(deployment.cloud.port)  # the settings are the file's again: a new version
    assert int(live()) > int(newest)
    deployment.stack.up(deployment.cloud.port)
    functions.update_alias(FunctionName=name, Name="live", FunctionVersion=first)
    deployment.stack.up(deployment.cloud.port)
    assert live() == first
    answer = follow(stack, start(stack, "a test", despite_alarms=True))
    assert [skipped["function"] for skipped in answer["skipped"]] == [name]
    follow(stack, start(stack, "a test", again=True, despite_alarms=True))
