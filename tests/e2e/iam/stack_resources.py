"""What an applied stack holds that somebody could be allowed to touch, from its Terraform state.

Every resource with an ARN is of a kind that probes.py knows, or the reason stands here why it
needs no probes of its own. A new type is an error that says so: a function's role could not be
tried against it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ops.stack import STATE_BUCKET
from tests.e2e.conftest import Deployment

KINDS = {
    "aws_api_gateway_rest_api": "api",
    "aws_athena_workgroup": "workgroup",
    "aws_cloudwatch_log_group": "log group",
    "aws_dynamodb_table": "table",
    "aws_glue_catalog_database": "catalogue",
    "aws_glue_crawler": "crawler",
    "aws_iam_role": "role",
    "aws_lambda_function": "function",
    "aws_lambda_event_source_mapping": "event source",
    "aws_s3_bucket": "bucket",
    "aws_scheduler_schedule": "schedule",
    "aws_sns_topic": "topic",
    "aws_sqs_queue": "queue",
    "aws_ssm_parameter": "parameter",
}

# Terraform's type => why its resources are tried with those of another kind.
COVERED = {
    "aws_cloudfront_cache_policy": "CloudFront has no probes: NOBODY_MAY stands in",
    "aws_cloudfront_distribution": "CloudFront has no probes: NOBODY_MAY stands in",
    "aws_cloudfront_function": "CloudFront has no probes: NOBODY_MAY stands in",
    "aws_cloudfront_origin_access_control": "CloudFront has no probes: NOBODY_MAY stands in",
    "aws_cloudfront_response_headers_policy": "CloudFront has no probes: NOBODY_MAY stands in",
    "aws_s3_object": "the bucket's probes",
    "aws_budgets_budget": "Budgets has no probes: NOBODY_MAY stands in",
    "aws_cloudwatch_composite_alarm": "CloudWatch has no probes: NOBODY_MAY stands in",
    "aws_kms_alias": "its actions name the key too",
    "aws_kms_key": "the embedded cloud encrypts without asking: NOBODY_MAY stands in",
    "aws_sesv2_configuration_set": "SES has no probes: NOBODY_MAY stands in",
    "aws_sns_topic_policy": "the topic's probes",
    "aws_sns_topic_subscription": "its actions name the topic: the topic's probes",
    "aws_api_gateway_api_key": "its actions are API Gateway's verbs on paths: the API's probes",
    "aws_api_gateway_stage": "its actions are API Gateway's verbs on paths: the API's probes",
    "aws_api_gateway_usage_plan": "its actions are API Gateway's verbs on paths: the API's probes",
    "aws_backup_plan": "Backup has no probes: no function's role may do anything there",
    "aws_backup_vault": "Backup has no probes: no function's role may do anything there",
    "aws_cloudwatch_metric_alarm": "CloudWatch has no probes: NOBODY_MAY stands in",
    "aws_glue_catalog_table": "judged by its database: the catalogue's probes",
    "aws_scheduler_schedule": "Scheduler has no probes: no function's role may do anything there",
    "aws_scheduler_schedule_group": "Scheduler has no probes: NOBODY_MAY stands in",
    "aws_sfn_state_machine": "Step Functions has no probes: NOBODY_MAY stands in",
    "aws_lambda_alias": "its actions name the function: the function's probes",
}


@dataclass(frozen=True)
class Resource:
    """Something that probes are made for. `facts` are what its probes need besides the ARN."""

    kind: str
    arn: str
    owner: str | None = None  # the handler whose own it is
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The last part of its ARN, which most calls name it by."""
        return self.arn.split(":", 5)[-1].partition("/")[2] or self.arn.rsplit(":", 1)[-1]


class UnknownTypeError(Exception):
    """The stack has a type of resource that no probe is made for."""


def resources(deployment: Deployment) -> list[Resource]:
    """Everything in the stack, and the state bucket, which no stack may touch.

    Raises UnknownTypeError.
    """
    state = f"arn:aws:s3:::{STATE_BUCKET}"
    found = [Resource("bucket", state, facts={"key": _state_key(deployment)})]
    for kind, attributes, owner in _applied(deployment):
        found += _of(deployment, kind, attributes, owner)
    return found


def _state_key(deployment: Deployment) -> str:
    return f"{deployment.stack.suffix}/terraform.tfstate"


def _applied(deployment: Deployment) -> Iterator[tuple[str, dict[str, Any], str | None]]:
    """(type, attributes, handler that it belongs to) of every resource that has an ARN."""
    body = deployment.client("s3").get_object(Bucket=STATE_BUCKET, Key=_state_key(deployment))
    handlers = deployment.outputs["functions"]
    for resource in json.loads(body["Body"].read())["resources"]:
        if resource["mode"] != "managed":
            continue
        module = resource.get("module", "")
        owner = next((name for name in handlers if f'["{name}"]' in module), None)
        for instance in resource["instances"]:
            if instance["attributes"].get("arn"):
                yield resource["type"], instance["attributes"], owner


def _of(
    deployment: Deployment, kind: str, attributes: dict[str, Any], owner: str | None
) -> Iterator[Resource]:
    if kind in COVERED:
        return
    if kind not in KINDS:
        raise UnknownTypeError(
            f"the stack has {kind}, which no probe is made for: give it a kind in "
            "tests/e2e/iam/stack_resources.py and probes in tests/e2e/iam/probes.py, or say in "
            "COVERED which other kind's probes are enough"
        )
    if kind == "aws_dynamodb_table":
        table = deployment.client("dynamodb").describe_table(TableName=attributes["name"])["Table"]
        yield from table_resources(table, owner)
        return
    facts = {name: attributes.get(name) for name in ("id", "name", "url", "uuid")}
    if kind == "aws_s3_bucket":
        facts["key"] = "probe"
    yield Resource(KINDS[kind], attributes["arn"], owner, facts)


def table_resources(table: dict[str, Any], owner: str | None) -> Iterator[Resource]:
    """A table as DescribeTable answers it: itself, its indexes, its stream."""
    types = {a["AttributeName"]: a["AttributeType"] for a in table["AttributeDefinitions"]}

    def key(schema: list[dict[str, str]]) -> dict[str, dict[str, str]]:
        names = [part["AttributeName"] for part in schema]
        return {name: {types[name]: "1"} for name in names}

    facts = {"table": table["TableName"], "key": key(table["KeySchema"])}
    yield Resource("table", table["TableArn"], owner, facts)
    for index in table.get("GlobalSecondaryIndexes", []):
        own = {"index": index["IndexName"], "key": key(index["KeySchema"])}
        yield Resource("index", index["IndexArn"], owner, facts | own)
    if table.get("LatestStreamArn"):
        yield Resource("stream", table["LatestStreamArn"], owner)
