"""Doing what a policy allows, to see whether it is allowed: each attempt changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from botocore.exceptions import ClientError

type Client = Callable[[str], Any]
"""Makes clients of one identity, by service."""

# Actions, or services of which no action, that prove nothing in the embedded cloud (MiniStack
# 1.5.33). What policies say of them is compared with the other stack's ARNs (`reaches`).
NOT_TRIED = {
    "logs": "allowed to every role",
    "xray": "allowed to every role",
    "dynamodb:DescribeStream": "judged as if asked for *, so denied to whoever is allowed an ARN",
    "dynamodb:GetRecords": "judged as if asked for *",
    "dynamodb:GetShardIterator": "judged as if asked for *",
    "backup": "judged as if asked for *",
    "dynamodb:CreateBackup": "it would leave a backup; judged as the table's other actions are",
    "dynamodb:DeleteBackup": "judged as if asked for *, a backup's ARN is no table's",
    "dynamodb:DescribeBackup": "judged as if asked for *, a backup's ARN is no table's",
    "dynamodb:ListTagsOfResource": "judged as if asked for *",
    "dynamodb:RestoreTableFromAwsBackup": "no client has it: AWS Backup alone asks for it",
    "dynamodb:RestoreTableFromBackup": "judged as if asked for *, a backup's ARN is no table's",
    "dynamodb:StartAwsBackupJob": "no client has it: AWS Backup alone asks for it",
    "glue": "judged by the database alone, whichever table is asked for",
    "athena:GetDataCatalog": "judged as if asked for *",
    "athena:GetQueryExecution": "judged as if asked for *, a query's ID names no workgroup",
    "athena:GetQueryResults": "judged as if asked for *, a query's ID names no workgroup",
    "iam:PassRole": "the embedded cloud's scheduler takes any role",
    "ses:SendEmail": "judged as if asked for *",
    "scheduler": "judged as if every schedule were of the group default",
    "kms": "the embedded cloud encrypts notices without asking for the key",
    "cloudwatch:DescribeAlarms": "judged as if asked for *",
    "s3:DeleteObject": "it would leave a delete marker; judged as PutObject is",
}
DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthorizationErrorException",
}
# What attempts come to that may be made.
ALLOWED = {
    "ConditionalCheckFailedException", "ExecutionDoesNotExist", "InvalidRequestException",
    "NoSuchKey", "NoSuchUpload", "PreconditionFailedException",
    "TransactionCanceledException",
    "ResourceNotFoundException",  # a table that is made by a restore only
}  # fmt: skip


def _table(arn: str) -> str:
    return arn.partition(":table/")[2].partition("/")[0]


def _key(root: Client, arn: str, index: str = "") -> dict[str, dict[str, str]]:
    """A key of a table or of its index that no item has; of a table that is not there, any."""
    dynamodb = root("dynamodb")
    try:
        table = dynamodb.describe_table(TableName=_table(arn))["Table"]
    except dynamodb.exceptions.ResourceNotFoundException:
        return {"attempt": {"S": "attempt"}}
    schema = table["KeySchema"]
    if index:
        (schema,) = [
            found["KeySchema"]
            for found in table["GlobalSecondaryIndexes"]
            if found["IndexName"] == index
        ]
    types = {
        entry["AttributeName"]: entry["AttributeType"] for entry in table["AttributeDefinitions"]
    }
    sample = {"S": "attempt", "N": "0", "B": "attempt"}
    names = [entry["AttributeName"] for entry in schema]
    return {name: {types[name]: sample[types[name]]} for name in names}


# The condition of a write that never happens.
NEVER = {
    "ConditionExpression": "attribute_exists(#never)",
    "ExpressionAttributeNames": {"#never": "never"},
}


def _query(role: Client, root: Client, arn: str) -> None:
    index = arn.partition("/index/")[2]
    name, value = next(iter(_key(root, arn, index).items()))
    arguments = {"IndexName": index} if index else {}
    role("dynamodb").query(
        TableName=_table(arn), KeyConditionExpression="#key = :key",
        ExpressionAttributeNames={"#key": name}, ExpressionAttributeValues={":key": value},
        **arguments,
    )  # fmt: skip


def _bucket(arn: str) -> dict[str, str]:
    return {"Bucket": arn.partition(":::")[2].partition("/")[0]}


def _object(arn: str) -> dict[str, str]:
    """An object that is not there."""
    return _bucket(arn) | {"Key": arn.partition(":::")[2].partition("/")[2]}


ATTEMPTS: Mapping[str, Callable[[Client, Client, str], Any]] = {
    "dynamodb:GetItem": lambda role, root, arn: role("dynamodb").get_item(
        TableName=_table(arn), Key=_key(root, arn)
    ),
    "dynamodb:BatchGetItem": lambda role, root, arn: role("dynamodb").batch_get_item(
        RequestItems={_table(arn): {"Keys": [_key(root, arn)]}}
    ),
    "dynamodb:Query": _query,
    "dynamodb:PutItem": lambda role, root, arn: role("dynamodb").put_item(
        TableName=_table(arn), Item=_key(root, arn), **NEVER
    ),
    "dynamodb:UpdateItem": lambda role, root, arn: role("dynamodb").update_item(
        TableName=_table(arn), Key=_key(root, arn), **NEVER
    ),
    "dynamodb:DeleteItem": lambda role, root, arn: role("dynamodb").delete_item(
        TableName=_table(arn), Key=_key(root, arn), **NEVER
    ),
    "dynamodb:ConditionCheckItem": lambda role, root, arn: role("dynamodb").transact_write_items(
        TransactItems=[
            {"ConditionCheck": {"TableName": _table(arn), "Key": _key(root, arn), **NEVER}}
        ]
    ),
    "dynamodb:DescribeTable": lambda role, _root, arn: role("dynamodb").describe_table(
        TableName=_table(arn)
    ),
    "dynamodb:Scan": lambda role, _root, arn: role("dynamodb").scan(TableName=_table(arn), Limit=1),
    "dynamodb:BatchWriteItem": lambda role, root, arn: role("dynamodb").batch_write_item(
        RequestItems={_table(arn): [{"DeleteRequest": {"Key": _key(root, arn)}}]}
    ),
    # No statement that Athena takes.
    "athena:StartQueryExecution": lambda role, _root, arn: role("athena").start_query_execution(
        QueryString="CREATE TABLE attempt (id int)", WorkGroup=arn.rpartition("/")[2]
    ),
    "lambda:GetAlias": lambda role, _root, arn: role("lambda").get_alias(
        FunctionName=arn, Name="live"
    ),
    "lambda:ListAliases": lambda role, _root, arn: role("lambda").list_aliases(FunctionName=arn),
    "lambda:ListVersionsByFunction": lambda role, _root, arn: role(
        "lambda"
    ).list_versions_by_function(FunctionName=arn),
    "lambda:UpdateAlias": lambda role, _root, arn: role("lambda").update_alias(
        FunctionName=arn, Name="live", RevisionId="none"
    ),
    "sns:Publish": lambda role, _root, arn: role("sns").publish(TopicArn=arn, Message="attempt"),
    "lambda:InvokeFunction": lambda role, _root, arn: role("lambda").invoke(
        FunctionName=arn, Payload=b'{"healthCheck": true}'
    ),
    # Input that no workflow takes: the execution fails at its first step.
    "states:StartExecution": lambda role, _root, arn: role("stepfunctions").start_execution(
        stateMachineArn=arn, input='{"attempt": true}'
    ),
    "states:DescribeExecution": lambda role, _root, arn: role("stepfunctions").describe_execution(
        executionArn=arn
    ),
    "s3:AbortMultipartUpload": lambda role, _root, arn: role("s3").abort_multipart_upload(
        **_object(arn), UploadId="attempt"
    ),
    "s3:ListMultipartUploadParts": lambda role, _root, arn: role("s3").list_parts(
        **_object(arn), UploadId="attempt"
    ),
    "s3:ListBucketMultipartUploads": lambda role, _root, arn: role("s3").list_multipart_uploads(
        **_bucket(arn)
    ),
    "s3:GetBucketLocation": lambda role, _root, arn: role("s3").get_bucket_location(**_bucket(arn)),
    "s3:ListBucket": lambda role, _root, arn: role("s3").list_objects_v2(**_bucket(arn)),
    "s3:GetObject": lambda role, _root, arn: role("s3").get_object(**_object(arn)),
    "s3:PutObject": lambda role, _root, arn: role("s3").put_object(
        **_object(arn), IfMatch="never"
    ),
    "ssm:GetParameter": lambda role, _root, arn: role("ssm").get_parameter(
        Name=arn.partition(":parameter")[2]
    ),
    # Nobody sees a message that comes after a quarter of an hour: the stack is gone by then.
    "sqs:SendMessage": lambda role, root, arn: role("sqs").send_message(
        QueueUrl=root("sqs").get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"],
        MessageBody="attempt", DelaySeconds=900,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Grant:
    """What a statement of a policy allows."""

    action: str
    resource: str


def grants(root: Client, role: str) -> list[Grant]:
    """What a role's own policies allow, by the policies' names."""
    iam = root("iam")
    found = []
    for name in sorted(iam.list_role_policies(RoleName=role)["PolicyNames"]):
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for statement in document["Statement"]:
            if statement["Effect"] == "Allow":
                found += [
                    Grant(action, resource)
                    for action in _listed(statement["Action"])
                    for resource in _listed(statement["Resource"])
                ]
    return found


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else sorted(value)


def is_tried(grant: Grant) -> bool:
    """Whether the embedded cloud tells who may use a grant. Fails for an action of which nobody
    told how to try it."""
    if grant.resource == "*" or {grant.action, grant.action.partition(":")[0]} & set(NOT_TRIED):
        return False
    assert grant.action in ATTEMPTS, (
        f"add how to try {grant.action} to ATTEMPTS in tests/lifecycle/attempts.py, or to "
        "NOT_TRIED why that proves nothing in the embedded cloud"
    )
    return True


def stands_for_another(grant: Grant) -> bool:
    """Whether a grant is there only because the embedded cloud takes one thing for another: every
    schedule for one of the group default (tests/reviewed_permissions.yaml, KeepSchedules). No stack
    on AWS has it (tests/plan/test_tasks.py)."""
    return grant.action.startswith("scheduler:") and ":schedule/default/" in grant.resource


def is_denied(action: str, role: Client, root: Client, arn: str) -> bool:
    """Whether the identity of `role` is refused `action` on `arn`, on anything there if it ends in
    a wildcard; `root` may look at anything."""
    try:
        ATTEMPTS[action](role, root, arn.replace("*", "attempt"))
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in DENIED | ALLOWED:
            raise
        return code in DENIED
    return False


def reaches(pattern: str, arns: set[str]) -> set[str]:
    """The ARNs that a policy's resource stands for."""
    return {arn for arn in arns if fnmatchcase(arn, pattern)}
