"""Probes: one call per action that somebody might be allowed, by kind of resource.

Each kind ends with what destroys the resource, so that all of them can be made in this order on
something of the kind that is there to be destroyed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.iam.permissions import Permission, allows
from tests.e2e.iam.stack_resources import Resource

MARK = "least-privilege-probe"
# Every function has one of these. A role is tried on its own function's and on another's.
PER_FUNCTION = {"function", "log group", "role"}

REFUSALS = ["AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"]

type Parameters = dict[str, Any]
type More = Parameters | Callable[[Resource], Parameters]

# How a call names a resource of a kind.
NAMED_BY: dict[str, Callable[[Resource], Parameters]] = {
    "account": lambda _: {},
    "api": lambda r: {"restApiId": r.facts["id"]},
    "bucket": lambda r: {"Bucket": r.name},
    "catalogue": lambda r: {"DatabaseName": r.name},
    "crawler": lambda r: {"Name": r.name},
    "event source": lambda r: {"UUID": r.facts["uuid"]},
    "function": lambda r: {"FunctionName": r.name},
    "index": lambda r: {"TableName": r.facts["table"], "IndexName": r.facts["index"]},
    "log group": lambda r: {"logGroupName": r.facts["name"]},
    "parameter": lambda r: {"Name": r.facts["name"]},
    "queue": lambda r: {"QueueUrl": r.facts["url"]},
    "role": lambda r: {"RoleName": r.name},
    "schedule": lambda r: {"Name": r.facts["name"]},
    "stream": lambda r: {"StreamArn": r.arn},
    "topic": lambda r: {"TopicArn": r.arn},
    "table": lambda r: {"TableName": r.facts["table"]},
    "workgroup": lambda r: {"WorkGroup": r.name},
}


@dataclass(frozen=True)
class Probe:
    """A call that needs one action on one resource. IAM knows that as the resource's ARN with
    `below` behind it. The call's parameters are the resource's name and `more`; or `more` alone,
    if that names the resource itself."""

    action: str
    operation: str
    more: More = field(default_factory=dict)
    below: str = ""
    named: bool = True
    service: str = ""  # boto3's, where it has another name than the action's

    def call(self, resource: Resource) -> Parameters:
        """As probe_handler.perform wants it."""
        more = self.more(resource) if callable(self.more) else self.more
        return {
            "service": self.service or self.action.partition(":")[0],
            "operation": self.operation,
            "parameters": (NAMED_BY[resource.kind](resource) if self.named else {}) | more,
        }


# --- DynamoDB ---------------------------------------------------------------------------


def _key(resource: Resource) -> Parameters:
    return {"Key": resource.facts["key"]}


def _query(resource: Resource) -> Parameters:
    name, value = next(iter(resource.facts["key"].items()))
    return {
        "KeyConditionExpression": "#h = :h",
        "ExpressionAttributeNames": {"#h": name},
        "ExpressionAttributeValues": {":h": value},
    }


def _batch(request: Callable[[Resource], Any]) -> Callable[[Resource], Parameters]:
    return lambda r: {"RequestItems": {r.facts["table"]: request(r)}}


def _check(resource: Resource) -> Parameters:
    table = {"TableName": resource.facts["table"], "Key": resource.facts["key"]}
    check = table | {"ConditionExpression": "attribute_not_exists(nothing)"}
    return {"TransactItems": [{"ConditionCheck": check}]}


def _select(resource: Resource) -> Parameters:
    # The name is Terraform's own; PartiQL takes none as a parameter.
    # Cost: without this probe, nobody sees whether a role may read by PartiQL.
    statement = f'SELECT * FROM "{resource.facts["table"]}"'  # noqa: S608  # nosec B608
    return {"Statement": statement}


TABLE = [
    Probe("dynamodb:DescribeTable", "describe_table"),
    Probe("dynamodb:Query", "query", _query),
    Probe("dynamodb:Scan", "scan"),
    Probe("dynamodb:GetItem", "get_item", _key),
    Probe(
        "dynamodb:BatchGetItem", "batch_get_item", named=False,
        more=_batch(lambda r: {"Keys": [r.facts["key"]]}),
    ),
    Probe("dynamodb:ConditionCheckItem", "transact_write_items", _check, named=False),
    Probe("dynamodb:PartiQLSelect", "execute_statement", _select, named=False),
    Probe("dynamodb:PutItem", "put_item", lambda r: {"Item": r.facts["key"]}),
    Probe("dynamodb:UpdateItem", "update_item", _key),
    Probe(
        "dynamodb:BatchWriteItem", "batch_write_item", named=False,
        more=_batch(lambda r: [{"PutRequest": {"Item": r.facts["key"]}}]),
    ),
    Probe("dynamodb:DeleteItem", "delete_item", _key),
    Probe("dynamodb:CreateBackup", "create_backup", {"BackupName": MARK}),
    Probe(
        "dynamodb:UpdateContinuousBackups", "update_continuous_backups",
        {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}},
    ),
    Probe("dynamodb:UpdateTable", "update_table", {"DeletionProtectionEnabled": False}),
    Probe("dynamodb:DeleteTable", "delete_table"),
]  # fmt: skip

INDEX = [Probe("dynamodb:Query", "query", _query), Probe("dynamodb:Scan", "scan")]

STREAM = [Probe("dynamodb:DescribeStream", "describe_stream", service="dynamodbstreams")]

# --- SQS --------------------------------------------------------------------------------

QUEUE = [
    Probe("sqs:GetQueueAttributes", "get_queue_attributes"),
    Probe("sqs:ReceiveMessage", "receive_message"),
    Probe("sqs:SendMessage", "send_message", {"MessageBody": MARK}),
    Probe(
        "sqs:SetQueueAttributes", "set_queue_attributes",
        {"Attributes": {"VisibilityTimeout": "30"}},
    ),
    Probe("sqs:PurgeQueue", "purge_queue"),
    Probe("sqs:DeleteQueue", "delete_queue"),
]  # fmt: skip

# --- SNS --------------------------------------------------------------------------------

TOPIC = [
    Probe("sns:GetTopicAttributes", "get_topic_attributes"),
    Probe("sns:Publish", "publish", {"Message": MARK}),
    Probe(
        "sns:Subscribe", "subscribe",
        {"Protocol": "sqs", "Endpoint": f"arn:aws:sqs:us-west-1:000000000000:{MARK}"},
    ),
    Probe(
        "sns:SetTopicAttributes", "set_topic_attributes",
        {"AttributeName": "DisplayName", "AttributeValue": MARK},
    ),
    Probe("sns:DeleteTopic", "delete_topic"),
]  # fmt: skip

# --- Lambda -----------------------------------------------------------------------------

FUNCTION = [
    Probe("lambda:GetFunction", "get_function"),
    Probe(
        "lambda:InvokeFunction", "invoke", below=":live",
        more={"Qualifier": "live", "Payload": '{"calls": [], "expected": [], "healthCheck": true}'},
    ),
    Probe("lambda:PublishVersion", "publish_version"),
    Probe("lambda:UpdateAlias", "update_alias", {"Name": "live", "Description": MARK}),
    Probe(
        "lambda:AddPermission", "add_permission",
        {
            "StatementId": MARK,
            "Action": "lambda:InvokeFunction",
            "Principal": "s3.amazonaws.com",
        },
    ),
    Probe(
        "lambda:UpdateFunctionConfiguration", "update_function_configuration",
        {"Description": MARK},
    ),
    # An empty archive is text, which can travel as JSON.
    Probe(
        "lambda:UpdateFunctionCode", "update_function_code",
        {"ZipFile": "PK\x05\x06" + "\x00" * 18},
    ),
    Probe(
        "lambda:PutFunctionConcurrency", "put_function_concurrency",
        {"ReservedConcurrentExecutions": 0},
    ),
    Probe("lambda:DeleteFunction", "delete_function"),
]  # fmt: skip

# The embedded cloud lets anybody change and delete one (MiniStack 1.5.33: _lambda_action in
# iam_actions.py knows no action for that), so NOBODY_MAY in test_least_privilege.py stands in.
EVENT_SOURCE = [Probe("lambda:GetEventSourceMapping", "get_event_source_mapping")]

# --- Logs -------------------------------------------------------------------------------

LOG_GROUP = [
    Probe("logs:FilterLogEvents", "filter_log_events"),
    Probe(
        "logs:CreateLogStream", "create_log_stream", {"logStreamName": MARK},
        f":log-stream:{MARK}",
    ),
    Probe(
        "logs:PutLogEvents", "put_log_events",
        {"logStreamName": MARK, "logEvents": [{"timestamp": 0, "message": MARK}]},
        f":log-stream:{MARK}",
    ),
    Probe("logs:PutRetentionPolicy", "put_retention_policy", {"retentionInDays": 1}),
    Probe("logs:DeleteLogGroup", "delete_log_group"),
]  # fmt: skip

# --- IAM --------------------------------------------------------------------------------


def _policy(**statement: Any) -> str:
    statement = {"Effect": "Allow"} | statement
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


ROLE = [
    Probe("iam:GetRole", "get_role"),
    Probe(
        "sts:AssumeRole", "assume_role", named=False,
        more=lambda r: {"RoleArn": r.arn, "RoleSessionName": MARK},
    ),
    Probe(
        "iam:PutRolePolicy", "put_role_policy",
        {"PolicyName": MARK, "PolicyDocument": _policy(Action="*", Resource="*")},
    ),
    Probe(
        "iam:UpdateAssumeRolePolicy", "update_assume_role_policy",
        {
            "PolicyDocument": _policy(
                Action="sts:AssumeRole", Principal={"Service": "ec2.amazonaws.com"}
            )
        },
    ),
    Probe("iam:DeleteRolePolicy", "delete_role_policy", {"PolicyName": MARK}),
    Probe("iam:DeleteRole", "delete_role"),
]  # fmt: skip

# --- API Gateway ------------------------------------------------------------------------

API = [
    Probe("apigateway:GET", "get_resources"),
    Probe("apigateway:PATCH", "update_rest_api"),
    Probe("apigateway:DELETE", "delete_rest_api"),
]

# --- S3 ---------------------------------------------------------------------------------


def _object(resource: Resource) -> Parameters:
    return {"Key": resource.facts["key"]}


BUCKET = [
    Probe("s3:ListBucket", "list_objects_v2"),
    Probe("s3:GetObject", "get_object", _object, "/*"),
    Probe("s3:PutObject", "put_object", lambda r: _object(r) | {"Body": MARK}, "/*"),
    Probe("s3:DeleteObject", "delete_object", _object, "/*"),
    Probe(
        "s3:PutBucketVersioning", "put_bucket_versioning",
        {"VersioningConfiguration": {"Status": "Suspended"}},
    ),
    Probe("s3:DeleteBucket", "delete_bucket"),
]  # fmt: skip

# --- Parameter Store --------------------------------------------------------------------

PARAMETER = [
    Probe("ssm:GetParameter", "get_parameter", {"WithDecryption": True}),
    Probe(
        "ssm:PutParameter", "put_parameter",
        {"Value": MARK, "Type": "SecureString", "Overwrite": True},
    ),
    Probe("ssm:DeleteParameter", "delete_parameter"),
]  # fmt: skip

# --- Glue and Athena --------------------------------------------------------------------

# The embedded cloud judges all of a database by the database's ARN, its tables too, and crawlers
# by the name of a table.
CATALOGUE = [
    Probe("glue:GetTables", "get_tables"),
    Probe("glue:CreateTable", "create_table", {"TableInput": {"Name": "probe"}}),
    Probe("glue:UpdateTable", "update_table", {"TableInput": {"Name": "probe"}}),
    Probe("glue:GetTable", "get_table", {"Name": "probe"}),
    Probe("glue:DeleteTable", "delete_table", {"Name": "probe"}),
]

CRAWLER = [
    Probe("glue:GetCrawler", "get_crawler"),
    Probe("glue:DeleteCrawler", "delete_crawler"),
]

WORKGROUP = [
    Probe("athena:GetWorkGroup", "get_work_group"),
    Probe("athena:StartQueryExecution", "start_query_execution", {"QueryString": "SELECT 1"}),
    Probe("athena:ListNamedQueries", "list_named_queries"),
    Probe("athena:UpdateWorkGroup", "update_work_group", {"Description": MARK}),
    Probe("athena:DeleteWorkGroup", "delete_work_group", {"RecursiveDeleteOption": True}),
]

# --- EventBridge Scheduler --------------------------------------------------------------


def _reschedule(resource: Resource) -> Parameters:
    account = resource.arn.split(":")[4]
    role = f"arn:aws:iam::{account}:role/{MARK}"
    return {
        "ScheduleExpression": "rate(1 day)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": f"arn:aws:sqs:us-west-1:{account}:{MARK}", "RoleArn": role},
        "State": "DISABLED",
    }


SCHEDULE = [
    Probe("scheduler:GetSchedule", "get_schedule"),
    Probe("scheduler:UpdateSchedule", "update_schedule", _reschedule),
    Probe("scheduler:DeleteSchedule", "delete_schedule"),
]

# --- the account ------------------------------------------------------------------------

# What tells about other stacks, and what would let a role have more.
ACCOUNT = [
    Probe("s3:ListAllMyBuckets", "list_buckets"),
    Probe("dynamodb:ListTables", "list_tables"),
    Probe("dynamodb:ListStreams", "list_streams", service="dynamodbstreams"),
    Probe("sqs:ListQueues", "list_queues"),
    Probe("lambda:ListFunctions", "list_functions"),
    Probe("logs:DescribeLogGroups", "describe_log_groups"),
    Probe("iam:ListRoles", "list_roles"),
    Probe("apigateway:GET", "get_api_keys", {"includeValues": True}),
    Probe("kms:ListKeys", "list_keys"),
    Probe("secretsmanager:ListSecrets", "list_secrets"),
    Probe("ssm:DescribeParameters", "describe_parameters"),
    Probe("iam:CreateUser", "create_user", {"UserName": MARK}),
    Probe("iam:CreateAccessKey", "create_access_key", {"UserName": MARK}),
]

PROBES: dict[str, list[Probe]] = {
    "account": ACCOUNT,
    "api": API,
    "bucket": BUCKET,
    "catalogue": CATALOGUE,
    "crawler": CRAWLER,
    "event source": EVENT_SOURCE,
    "function": FUNCTION,
    "index": INDEX,
    "log group": LOG_GROUP,
    "parameter": PARAMETER,
    "queue": QUEUE,
    "role": ROLE,
    "schedule": SCHEDULE,
    "stream": STREAM,
    "table": TABLE,
    "topic": TOPIC,
    "workgroup": WORKGROUP,
}

WHOLE_ACCOUNT = Resource("account", "*")


def neighbours(
    handler: str | None, found: list[Permission], resources: Sequence[Resource]
) -> list[tuple[Probe, Resource]]:
    """What stands beside a role's permissions and is none of them: every other action on what it
    may touch, and every action on what it may not. What destroys nothing comes first. A role that
    is no function's (`handler` is None) is tried on the first function's."""
    near = [WHOLE_ACCOUNT, *(r for r in resources if _is_near(handler, r, resources))]
    pairs = [
        (place, probe, resource)
        for resource in near
        for place, probe in enumerate(PROBES[resource.kind])
        if not allows(found, probe.action, resource.arn + probe.below)
    ]
    pairs.sort(key=lambda pair: pair[0])
    return [(probe, resource) for _, probe, resource in pairs]


def _is_near(handler: str | None, resource: Resource, resources: Sequence[Resource]) -> bool:
    if resource.kind not in PER_FUNCTION or resource.owner is None:
        return True
    owners = sorted({r.owner for r in resources if r.owner})
    if handler is None:
        return resource.owner == owners[0]
    following = owners[(owners.index(handler) + 1) % len(owners)]
    return resource.owner in {handler, following}
