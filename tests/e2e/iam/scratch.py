"""Something of every kind that root may destroy, and a function that carries any role.

Both are outside the stack, and gone afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from ops import emulator
from tests.e2e.conftest import Deployment
from tests.e2e.iam import probe_handler
from tests.e2e.iam.probes import MARK
from tests.e2e.iam.stack_resources import Resource, table_resources
from tests.e2e.packages import package_of

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"},
        }
    ],
}
OBJECT = "object"


@contextmanager
def carrier(
    deployment: Deployment, role_arn: str
) -> Iterator[Callable[[list[Any], list[str]], list[str]]]:
    """A Lambda function under a role, and a way to have it make calls (probe_handler.perform)."""
    functions, logs = deployment.client("lambda"), deployment.client("logs")
    with ExitStack() as afterwards:
        name = f"{MARK}-carrier"
        afterwards.callback(_ignoring_absence, logs.delete_log_group, logGroupName=_log(name))
        afterwards.callback(_ignoring_absence, functions.delete_function, FunctionName=name)
        _make_function(functions, name, role_arn)

        def perform(calls: list[Any], expected: list[str]) -> list[str]:
            event = json.dumps({"calls": calls, "expected": expected})
            answer = functions.invoke(FunctionName=name, Payload=event)
            payload = json.loads(answer["Payload"].read())
            assert "FunctionError" not in answer, payload
            return list(payload)

        yield perform


@contextmanager
def scratch(deployment: Deployment) -> Iterator[list[Resource]]:
    """One resource of every kind, and nothing left of them. The order is that of destruction."""
    with ExitStack() as afterwards:
        made: dict[str, Resource] = {}
        for make in (
            _bucket,
            _table,
            _queue,
            _topic,
            _log_group,
            _role,
            _api,
            _parameter,
            _analytics,
            _schedule,
        ):
            for resource in make(deployment.client, afterwards):
                made[resource.kind] = resource
        for resource in _function(deployment.client, afterwards, made):
            made[resource.kind] = resource
        order = ["event source", "function", "stream", "index", "table"]
        yield sorted(
            made.values(), key=lambda r: order.index(r.kind) if r.kind in order else len(order)
        )


type Client = Callable[[str], Any]


def _bucket(client: Client, afterwards: ExitStack) -> Iterator[Resource]:
    s3 = client("s3")
    afterwards.callback(_ignoring_absence, s3.delete_bucket, Bucket=MARK)
    afterwards.callback(_ignoring_absence, s3.delete_object, Bucket=MARK, Key=OBJECT)
    region = {"LocationConstraint": emulator.REGION}
    s3.create_bucket(Bucket=MARK, CreateBucketConfiguration=region)
    s3.put_object(Bucket=MARK, Key=OBJECT, Body=b"")
    yield Resource("bucket", f"arn:aws:s3:::{MARK}", facts={"key": OBJECT})


def _table(client: Client, afterwards: ExitStack) -> Iterator[Resource]:
    dynamodb = client("dynamodb")

    def forget_backups() -> None:
        for backup in dynamodb.list_backups(TableName=MARK)["BackupSummaries"]:
            dynamodb.delete_backup(BackupArn=backup["BackupArn"])

    afterwards.callback(forget_backups)
    afterwards.callback(_ignoring_absence, dynamodb.delete_table, TableName=MARK)
    index = {
        "IndexName": "index",
        "KeySchema": [{"AttributeName": "other", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    table = dynamodb.create_table(
        TableName=MARK,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("id", "other")
        ],
        GlobalSecondaryIndexes=[index],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )["TableDescription"]
    yield from table_resources(table, None)


def _queue(client: Client, afterwards: ExitStack) -> Iterator[Resource]:
    sqs = client("sqs")
    url = sqs.create_queue(QueueName=MARK)["QueueUrl"]
    afterwards.callback(_ignoring_absence, sqs.delete_queue, QueueUrl=url)
    yield Resource("queue", _arn("sqs", MARK), facts={"url": url})


def _topic(client: Client, afterwards: ExitStack) -> Iterator[Resource]:
    sns = client("sns")
    arn = sns.create_topic(Name=MARK)["TopicArn"]
    afterwards.callback(_ignoring_absence, sns.delete_topic, TopicArn=arn)
    yield Resource("topic", arn)


def _log_group(client: Client, afterwards: ExitStack) -> Iterator[Resource]:
    logs = client("logs")
    afterwards.callback(_ignoring_absence, logs.delete_log_group, logGroupName=MARK)
    logs.create_log_group(logGroupName=MARK)
    yield Resource("log group", _arn("logs", f"log-group:{MARK}"), facts={"name": MARK})


def _role(client: Client, afterwards: ExitStack) -> Iterator[Resource]:
    iam = client("iam")
    afterwards.callback(_ignoring_absence, iam.delete_role, RoleName=MARK)
    afterwards.callback(_ignoring_absence, iam.delete_role_policy, RoleName=MARK, PolicyName=MARK)
    role = iam.create_role(RoleName=MARK, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    # What root tries in the account makes these.
    afterwards.callback(_ignoring_absence, iam.delete_user, UserName=MARK)
    afterwards.callback(_ignoring_absence, _forget_access_keys, iam)
    yield Resource("role", role["Arn"])


def _api(client: Client, afterwards: ExitStack) -> Iterator[Resource]:
    gateway = client("apigateway")
    api = gateway.create_rest_api(name=MARK)["id"]
    afterwards.callback(_ignoring_absence, gateway.delete_rest_api, restApiId=api)
    yield Resource(
        "api", f"arn:aws:apigateway:{emulator.REGION}::/restapis/{api}", facts={"id": api}
    )


def _parameter(client: Client, afterwards: ExitStack) -> Iterator[Resource]:
    ssm, name = client("ssm"), f"/{MARK}"
    afterwards.callback(_ignoring_absence, ssm.delete_parameter, Name=name)
    ssm.put_parameter(Name=name, Value=MARK, Type="SecureString")
    yield Resource("parameter", _arn("ssm", f"parameter{name}"), facts={"name": name})


def _analytics(client: Client, afterwards: ExitStack) -> Iterator[Resource]:
    """A Glue database with a crawler, and a workgroup."""
    glue, athena = client("glue"), client("athena")
    afterwards.callback(_ignoring_absence, glue.delete_database, Name=MARK)
    glue.create_database(DatabaseInput={"Name": MARK})
    yield Resource("catalogue", _arn("glue", f"database/{MARK}"))
    afterwards.callback(_ignoring_absence, glue.delete_crawler, Name=MARK)
    target = {"S3Targets": [{"Path": f"s3://{MARK}/"}]}
    role = f"arn:aws:iam::{emulator.ACCOUNT}:role/{MARK}"
    glue.create_crawler(Name=MARK, Role=role, DatabaseName=MARK, Targets=target)
    yield Resource("crawler", _arn("glue", f"crawler/{MARK}"))
    afterwards.callback(
        _ignoring_absence, athena.delete_work_group, WorkGroup=MARK, RecursiveDeleteOption=True
    )
    location = {"ResultConfiguration": {"OutputLocation": f"s3://{MARK}/results/"}}
    athena.create_work_group(Name=MARK, Configuration=location)
    yield Resource("workgroup", _arn("athena", f"workgroup/{MARK}"))


def _schedule(client: Client, afterwards: ExitStack) -> Iterator[Resource]:
    scheduler = client("scheduler")
    afterwards.callback(_ignoring_absence, scheduler.delete_schedule, Name=MARK)
    role = f"arn:aws:iam::{emulator.ACCOUNT}:role/{MARK}"
    made = scheduler.create_schedule(
        Name=MARK,
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": _arn("sqs", MARK), "RoleArn": role},
        State="DISABLED",
    )
    yield Resource("schedule", made["ScheduleArn"], facts={"name": MARK})


def _function(
    client: Client, afterwards: ExitStack, made: dict[str, Resource]
) -> Iterator[Resource]:
    """A function with an alias, and a mapping that feeds it from the table's stream."""
    functions = client("lambda")
    afterwards.callback(_ignoring_absence, client("logs").delete_log_group, logGroupName=_log(MARK))
    afterwards.callback(_ignoring_absence, functions.delete_function, FunctionName=MARK)
    arn = _make_function(functions, MARK, made["role"].arn)
    version = functions.publish_version(FunctionName=MARK)["Version"]
    functions.create_alias(FunctionName=MARK, Name="live", FunctionVersion=version)
    yield Resource("function", arn)
    mapping = functions.create_event_source_mapping(
        FunctionName=MARK, EventSourceArn=made["stream"].arn, StartingPosition="LATEST",
        Enabled=False,
    )  # fmt: skip
    uuid = mapping["UUID"]
    afterwards.callback(_ignoring_absence, functions.delete_event_source_mapping, UUID=uuid)
    yield Resource("event source", mapping["EventSourceMappingArn"], facts={"uuid": uuid})


def _make_function(functions: Any, name: str, role_arn: str) -> str:
    """The ARN of a new function that runs probe_handler."""
    source = Path(probe_handler.__file__)
    package = package_of(source.name, source.read_text())
    made = functions.create_function(
        FunctionName=name, Role=role_arn, Runtime="python3.13", Timeout=300,
        Handler=f"{source.stem}.lambda_handler", Code={"ZipFile": package},
    )  # fmt: skip
    functions.get_waiter("function_active_v2").wait(FunctionName=name)
    return str(made["FunctionArn"])


def _forget_access_keys(iam: Any) -> None:
    for key in iam.list_access_keys(UserName=MARK)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=MARK, AccessKeyId=key["AccessKeyId"])


def _arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{emulator.REGION}:{emulator.ACCOUNT}:{resource}"


def _log(function: str) -> str:
    return f"/aws/lambda/{function}"


ABSENT = {
    "404",
    "EntityNotFoundException",
    "ParameterNotFound",
    "AWS.SimpleQueueService.NonExistentQueue",
    "NoSuchBucket",
    "NoSuchEntity",
    "NotFoundException",
    "QueueDoesNotExist",
    "ResourceNotFoundException",
}


def _ignoring_absence(delete: Callable[..., Any], *arguments: Any, **named: Any) -> None:
    """Delete what may be gone already: the probes destroy what they can."""
    try:
        delete(*arguments, **named)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ABSENT:
            raise
