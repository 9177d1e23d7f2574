"""The outputs and alarms that the stack promised from its first design on: each is there, under
its name, and is what it says."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Deployment

type Outputs = dict[str, Any]
type Check = Callable[[Deployment, Outputs], object]


def _api_answers(_deployment: Deployment, outputs: Outputs) -> object:
    with httpx.Client(timeout=30, trust_env=False) as client:
        answer = client.post(outputs["api_endpoint"], json={"feedback": "Good"})
    return answer.json()["message"] == "Feedback processed successfully"


def _configuration(deployment: Deployment, name: str) -> dict[str, Any]:
    found: dict[str, Any] = deployment.client("lambda").get_function_configuration(
        FunctionName=name
    )
    return found


def _table(deployment: Deployment, outputs: Outputs) -> dict[str, Any]:
    found: dict[str, Any] = deployment.client("dynamodb").describe_table(
        TableName=outputs["dynamodb_table_name"]
    )["Table"]
    return found


# Output => whether the stack's account says so too; and the name that it must have.
OUTPUTS: dict[str, tuple[Check, str]] = {
    "api_endpoint": (_api_answers, "*/feedback"),
    "api_gateway_id": (
        lambda d, o: (
            d.client("apigateway").get_rest_api(restApiId=o["api_gateway_id"])["name"]
            == f"feedback-submission-api-{d.stack.suffix}"
        ),
        "*",
    ),
    "lambda_function_name": (
        lambda d, o: _configuration(d, o["lambda_function_name"])["Handler"],
        "feedback-processor-{suffix}",
    ),
    "lambda_function_arn": (
        lambda d, o: (
            _configuration(d, o["lambda_function_name"])["FunctionArn"] == o["lambda_function_arn"]
        ),
        "arn:*:function:feedback-processor-{suffix}",
    ),
    "dynamodb_table_name": (
        lambda d, o: (
            {"feedbackId", "timestamp"}
            == {key["AttributeName"] for key in _table(d, o)["KeySchema"]}
        ),
        "customer-feedback-{suffix}",
    ),
    "dynamodb_table_arn": (
        lambda d, o: _table(d, o)["TableArn"] == o["dynamodb_table_arn"],
        "arn:*:table/customer-feedback-{suffix}",
    ),
    "s3_data_lake_bucket": (
        lambda d, o: (
            d.client("s3").get_bucket_versioning(Bucket=o["s3_data_lake_bucket"])["Status"]
            == "Enabled"
        ),
        "feedback-data-lake-{suffix}-{account}",
    ),
    "s3_data_lake_arn": (
        lambda _d, o: o["s3_data_lake_arn"].endswith(f":::{o['s3_data_lake_bucket']}"),
        "arn:*:s3:::feedback-data-lake-{suffix}-{account}",
    ),
    "s3_athena_results_bucket": (
        lambda d, o: (
            d.client("s3").get_bucket_lifecycle_configuration(Bucket=o["s3_athena_results_bucket"])[
                "Rules"
            ][0]["Expiration"]["Days"]
            == 30
        ),
        "feedback-athena-results-{suffix}-{account}",
    ),
    "glue_database_name": (
        lambda d, o: d.client("glue").get_table(
            DatabaseName=o["glue_database_name"], Name="feedback"
        )["Table"]["StorageDescriptor"]["Columns"],
        "feedback_database_{suffix}",
    ),
    "glue_crawler_name": (
        lambda d, o: (
            d.client("glue").get_crawler(Name=o["glue_crawler_name"])["Crawler"]["Schedule"][
                "ScheduleExpression"
            ]
            == "cron(0 0 * * ? *)"
        ),
        "feedback-crawler-{suffix}",
    ),
    "athena_workgroup_name": (
        lambda d, o: d.client("athena").get_work_group(WorkGroup=o["athena_workgroup_name"])[
            "WorkGroup"
        ]["Configuration"]["EnforceWorkGroupConfiguration"],
        "feedback-analytics-{suffix}",
    ),
    "cloudwatch_log_group": (
        lambda d, o: d.client("logs").filter_log_events(logGroupName=o["cloudwatch_log_group"])[
            "events"
        ],
        "/aws/lambda/feedback-processor-{suffix}",
    ),
}


def test_there_are_thirteen() -> None:
    assert len(OUTPUTS) == 13


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_is_live_and_has_its_name(name: str, deployment: Deployment) -> None:
    is_live, pattern = OUTPUTS[name]
    assert is_live(deployment, deployment.outputs)
    account = deployment.client("sts").get_caller_identity()["Account"]
    wanted = pattern.format(suffix=deployment.stack.suffix, account=account)
    assert fnmatchcase(deployment.outputs[name], wanted)


def test_the_two_alarms_watch_function_and_table(deployment: Deployment) -> None:
    suffix = deployment.stack.suffix
    names = [f"feedback-processor-errors-{suffix}", f"feedback-table-throttles-{suffix}"]
    alarms = deployment.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
    errors, throttles = sorted(alarms, key=lambda alarm: str(alarm["AlarmName"]))
    assert [errors["AlarmName"], throttles["AlarmName"]] == names
    # What its log says, not AWS/Lambda Errors: a failure that was answered with 500 is none there.
    metric = (f"CustomerPlatform/{suffix}", "feedback-processor-errors")
    assert (errors["Namespace"], errors["MetricName"]) == metric
    filters = deployment.client("logs").describe_metric_filters(
        metricNamespace=metric[0], metricName=metric[1]
    )["metricFilters"]
    assert {found["logGroupName"] for found in filters} == {
        deployment.outputs["cloudwatch_log_group"]
    }
    assert errors["AlarmActions"] == [deployment.outputs["critical_topic_arn"]]
    assert (errors["Threshold"], errors["Period"], errors["Statistic"]) == (5, 300, "Sum")
    assert throttles["Threshold"] == 10
