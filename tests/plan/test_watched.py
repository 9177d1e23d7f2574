"""That nothing of the root stack goes unwatched, and that its dashboards show what there is.

What an alarm or a widget reads must be an AWS metric of a resource in the plan with its exact
dimensions, a metric of a deployed filter, or one that the code emits.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.plan.conftest import ROOT, Plan, Planner
from tests.plan.test_root import ENVIRONMENTS, SUFFIX, stack

type Metric = tuple[str, str, frozenset[tuple[str, str]]]
"""Namespace, name, dimensions."""

CRITICAL = [f"arn:aws:sns:us-west-1:123456789012:critical-{SUFFIX}"]
WARNING = [f"arn:aws:sns:us-west-1:123456789012:warning-{SUFFIX}"]
SITE = [f"arn:aws:sns:us-east-1:123456789012:critical-site-{SUFFIX}"]  # where CloudFront counts
FORGOTTEN = "add it to local.tables or local.workflows in terraform/inventory.tf"


@pytest.fixture(params=ENVIRONMENTS)
def made(request: pytest.FixtureRequest, plan: Planner) -> Plan:
    return stack(plan, request.param)


def metric(namespace: str, name: str, dimensions: dict[str, str] | None = None) -> Metric:
    return namespace, name, frozenset((dimensions or {}).items())


def read(alarm: dict[str, Any]) -> Iterator[Metric]:
    """The metrics that an alarm is about."""
    if alarm["metric_name"]:
        yield metric(alarm["namespace"], alarm["metric_name"], alarm["dimensions"])
    for query in alarm.get("metric_query") or []:
        for found in query["metric"]:
            # One that names API Gateway's own log group has the API's id in it, known after apply.
            yield metric(found["namespace"], found["metric_name"], found.get("dimensions"))


def alarms_on(made: Plan, wanted: Metric) -> list[str]:
    """Names of the alarms that read a metric."""
    return [
        alarm["alarm_name"]
        for alarm in made.resources("aws_cloudwatch_metric_alarm").values()
        if wanted in read(alarm)
    ]


def names(made: Plan, kind: str, attribute: str = "name") -> list[str]:
    found = [str(values[attribute]) for values in made.resources(kind).values()]
    assert found, kind
    return found


def handler(function: str) -> str:
    return function.removesuffix(f"-{SUFFIX}")


# --- nothing goes unwatched ---------------------------------------------------------


def test_every_function_has_its_error_alarm_fed_by_its_log(made: Plan) -> None:
    filters = made.resources("aws_cloudwatch_log_metric_filter").values()
    for function in names(made, "aws_lambda_function", "function_name"):
        name = f"{handler(function)}-errors"
        counted = metric(f"CustomerPlatform/{SUFFIX}", name)
        assert alarms_on(made, counted) == [f"{name}-{SUFFIX}"]
        (alarm,) = [
            found
            for found in made.resources("aws_cloudwatch_metric_alarm").values()
            if found["alarm_name"] == f"{name}-{SUFFIX}"
        ]
        # The contract with the rollback: lambda_src/rollback_orchestrator is told by this alarm.
        assert alarm["alarm_actions"] == CRITICAL
        assert (alarm["threshold"], alarm["period"], alarm["evaluation_periods"]) == (5, 300, 1)
        assert (alarm["statistic"], alarm["treat_missing_data"]) == ("Sum", "notBreaching")
        sources = {
            found["log_group_name"]
            for found in filters
            for told in found["metric_transformation"]
            if metric(told["namespace"], told["name"]) == counted
        }
        assert sources == {f"/aws/lambda/{function}"}


@pytest.mark.parametrize("name", ["Throttles", "Invocations"])
def test_every_function_has_its_throttle_and_cold_start_alarms(made: Plan, name: str) -> None:
    kind = {"Throttles": "throttles", "Invocations": "cold-starts"}[name]
    for function in names(made, "aws_lambda_function", "function_name"):
        watched = alarms_on(made, metric("AWS/Lambda", name, {"FunctionName": function}))
        assert watched == [f"{handler(function)}-{kind}-{SUFFIX}"]


def answers_the_api(made: Plan) -> set[str]:
    return {
        str(granted["function_name"])
        for granted in made.resources("aws_lambda_permission").values()
        if granted["principal"] == "apigateway.amazonaws.com"
    }


def test_every_function_that_answers_has_its_latency_alarm(made: Plan) -> None:
    answering = answers_the_api(made)
    for function in names(made, "aws_lambda_function", "function_name"):
        watched = alarms_on(made, metric("AWS/Lambda", "Duration", {"FunctionName": function}))
        wanted = [f"{handler(function)}-latency-{SUFFIX}"] if function in answering else []
        assert watched == wanted


def test_every_consumer_of_a_stream_has_its_age_alarm(made: Plan) -> None:
    mappings = made.resources("aws_lambda_event_source_mapping")
    consumers = {address.split('"')[1].replace("_", "-") for address in mappings}
    assert consumers
    for function in names(made, "aws_lambda_function", "function_name"):
        watched = alarms_on(made, metric("AWS/Lambda", "IteratorAge", {"FunctionName": function}))
        wanted = [f"{handler(function)}-stream-age-{SUFFIX}"]
        assert watched == (wanted if handler(function) in consumers else [])


def test_every_table_and_index_has_its_throttle_alarm(made: Plan) -> None:
    for table in made.resources("aws_dynamodb_table").values():
        name = table["name"]
        sets = [{"TableName": name}] + [
            {"TableName": name, "GlobalSecondaryIndexName": index["name"]}
            for index in table["global_secondary_index"] or []
        ]
        for dimensions in sets:
            for event in ("ReadThrottleEvents", "WriteThrottleEvents"):
                watched = alarms_on(made, metric("AWS/DynamoDB", event, dimensions))
                alarm = f"{handler(name)}-table-throttles-{SUFFIX}"
                assert alarm in watched, f"{name} has no alarm: {FORGOTTEN}"


def test_every_queue_has_its_alarm(made: Plan) -> None:
    """All queues here are dead-letter queues."""
    for queue in names(made, "aws_sqs_queue"):
        depth = metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": queue})
        watched = alarms_on(made, depth) or [f"{queue} has no alarm: {FORGOTTEN}"]
        if queue.startswith("rollback-orchestrator"):  # this one cannot wait for the day
            watched.remove(f"rollback-lost-{SUFFIX}")
        (alarm,) = watched
        assert alarm.endswith(f"-dead-letters-{SUFFIX}"), alarm


def test_every_workflow_tells_somebody(made: Plan) -> None:
    for machine in names(made, "aws_sfn_state_machine"):
        (alarm,) = [
            found
            for found in made.resources("aws_cloudwatch_metric_alarm").values()
            if found["alarm_name"] == f"{machine}-unsuccessful"
        ]
        assert alarm["alarm_actions"] == CRITICAL


def test_the_api_has_its_alarms_and_one_page(made: Plan) -> None:
    (api,) = names(made, "aws_api_gateway_rest_api")
    for name, kind in {"5XXError": "server-errors", "Latency": "request-latency"}.items():
        watched = alarms_on(made, metric("AWS/ApiGateway", name, {"ApiName": api, "Stage": "prod"}))
        assert watched == [f"api-{kind}-{SUFFIX}"]
    (page,) = made.resources("aws_cloudwatch_composite_alarm").values()
    gathered = set(page["alarm_rule"].replace('ALARM("', "").replace('")', "").split(" OR "))
    answering = answers_the_api(made)
    assert gathered == {f"api-server-errors-{SUFFIX}"} | {
        f"{handler(function)}-throttles-{SUFFIX}" for function in answering
    }
    assert page["alarm_actions"] == CRITICAL


def test_every_alarm_tells_a_topic_or_is_gathered(made: Plan) -> None:
    (page,) = made.resources("aws_cloudwatch_composite_alarm").values()
    for alarm in made.resources("aws_cloudwatch_metric_alarm").values():
        gathered = f'"{alarm["alarm_name"]}"' in page["alarm_rule"]
        told = alarm["alarm_actions"] or []
        assert (told in (CRITICAL, WARNING, SITE)) is not gathered, alarm["alarm_name"]


def test_the_two_first_alarms_are_there(made: Plan) -> None:
    alarms = {
        alarm["alarm_name"]: alarm
        for alarm in made.resources("aws_cloudwatch_metric_alarm").values()
    }
    assert f"feedback-processor-errors-{SUFFIX}" in alarms
    throttles = alarms[f"feedback-table-throttles-{SUFFIX}"]
    table = {"TableName": f"customer-feedback-{SUFFIX}"}
    assert set(read(throttles)) == {
        metric("AWS/DynamoDB", event, table)
        for event in ("ReadThrottleEvents", "WriteThrottleEvents")
    }
    (told,) = [query for query in throttles["metric_query"] if query["return_data"]]
    assert told["expression"] == "FILL(reads, 0) + FILL(writes, 0)"


def test_every_log_group_ends(made: Plan) -> None:
    expected = {"local": 1, "preview": 3, "production": 30}
    groups = made.resources("aws_cloudwatch_log_group")
    environment = next(iter(groups.values()))["tags_all"]["Environment"]
    assert {found["retention_in_days"] for found in groups.values()} == {expected[environment]}


# --- what is shown and watched exists -----------------------------------------------


def emitted() -> set[tuple[str, frozenset[str]]]:
    """Metrics that the code emits, by name and names of dimensions: the literals given to count
    and measure."""
    found: set[tuple[str, frozenset[str]]] = set()
    for file in (ROOT / "lambda_src").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"count", "measure"}
                and isinstance(node.args[0], ast.Constant)
            ):
                found.add((str(node.args[0].value), frozenset(k.arg or "" for k in node.keywords)))
    return found


VALUES = {
    "Action": {"created", "updated", "deleted"},
    "Channel": {"email", "sms"},
    "Sentiment": {"POSITIVE", "NEUTRAL", "NEGATIVE", "MIXED"},
    "Event": {"Bounce", "Complaint", "Delivery", "Reject", "Send"},
    "Outcome": {"rolled-back", "rollback-refused", "rollback-failed"},
}


def of_aws(made: Plan) -> Iterator[Metric]:
    """What AWS counts for the resources in the plan."""
    (api,) = names(made, "aws_api_gateway_rest_api")
    for stage in made.resources("aws_api_gateway_stage").values():
        for name in ("Count", "4XXError", "5XXError", "Latency"):
            own = {"ApiName": api, "Stage": stage["stage_name"]}
            yield metric("AWS/ApiGateway", name, own)
    for queue in names(made, "aws_sqs_queue"):
        yield metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": queue})
    for machine in names(made, "aws_sfn_state_machine"):
        arn = f"arn:aws:states:us-west-1:123456789012:stateMachine:{machine}"
        for name in ("ExecutionsAborted", "ExecutionsFailed", "ExecutionsTimedOut"):
            yield metric("AWS/States", name, {"StateMachineArn": arn})
    for vault in made.resources("aws_backup_vault").values():
        for name in ("Aborted", "Expired", "Failed"):
            own = {"BackupVaultName": vault["name"]}
            yield metric("AWS/Backup", f"NumberOfBackupJobs{name}", own)
    for stream in made.resources("aws_kinesis_firehose_delivery_stream").values():
        own = {"DeliveryStreamName": stream["name"]}
        yield metric("AWS/Firehose", "DeliveryToS3.DataFreshness", own)
    for forwarded in made.resources("aws_cloudwatch_log_subscription_filter").values():
        own = {
            "LogGroupName": forwarded.get("log_group_name", ""),
            "DestinationType": "Firehose",
            "FilterName": forwarded["name"],
        }
        yield metric("AWS/Logs", "DeliveryErrors", own if own["LogGroupName"] else None)
    for table in made.resources("aws_dynamodb_table").values():
        indexes = [index["name"] for index in table["global_secondary_index"] or []]
        for by in [{}, *({"GlobalSecondaryIndexName": index} for index in indexes)]:
            for name in ("ReadThrottleEvents", "WriteThrottleEvents"):
                yield metric("AWS/DynamoDB", name, by | {"TableName": table["name"]})


def of_the_site(made: Plan) -> Iterator[Metric]:
    """What CloudFront and its web ACL count; the distribution's ID is known after the apply."""
    for name in ("5xxErrorRate", "Requests"):
        yield metric("AWS/CloudFront", name)
    for function in names(made, "aws_cloudfront_function"):
        own = {"FunctionName": function, "Region": "Global"}
        yield metric("AWS/CloudFront", "FunctionExecutionErrors", own)
    for acl in made.resources("aws_wafv2_web_acl").values():
        yield metric("AWS/WAFV2", "BlockedRequests", {"WebACL": acl["name"], "Rule": "ALL"})


def of_mail(made: Plan) -> Iterator[Metric]:
    """Of the account, whoever of it sends: they have no dimensions."""
    if made.resources("aws_sesv2_configuration_set"):
        for name in ("Reputation.BounceRate", "Reputation.ComplaintRate"):
            yield metric("AWS/SES", name)


def of_functions(made: Plan) -> Iterator[Metric]:
    mappings = made.resources("aws_lambda_event_source_mapping")
    consumers = {address.split('"')[1].replace("_", "-") for address in mappings}
    for function in names(made, "aws_lambda_function", "function_name"):
        own = {"FunctionName": function}
        for name in ("Invocations", "Errors", "Duration", "Throttles"):
            yield metric("AWS/Lambda", name, own)
        if handler(function) in consumers:
            yield metric("AWS/Lambda", "IteratorAge", own)


def of_logs(made: Plan) -> Iterator[Metric]:
    """What filters read from the logs, and what the code writes there."""
    for filtered in made.resources("aws_cloudwatch_log_metric_filter").values():
        for told in filtered["metric_transformation"]:
            yield metric(told["namespace"], told["name"])
    namespace, suffix = environment(made)
    for name, dimensions in emitted():
        assert len(dimensions) <= 1, name
        for by in [{d: value} for d in dimensions for value in VALUES[d]] or [{}]:
            yield metric(namespace, name, by)
            yield metric(namespace, name, by | {"Suffix": suffix})


def existing(made: Plan) -> set[Metric]:
    """Every metric of which values will come."""
    return {*of_aws(made), *of_the_site(made), *of_mail(made), *of_functions(made), *of_logs(made)}


def environment(made: Plan) -> tuple[str, str]:
    """Namespace and suffix that functions emit their metrics with, by those whose variables are
    all known before apply."""
    blocks = [found["environment"][0] for found in made.resources("aws_lambda_function").values()]
    variables = [block["variables"] for block in blocks if "variables" in block]
    ((namespace, suffix),) = {
        (str(found["POWERTOOLS_METRICS_NAMESPACE"]), str(found["ENVIRONMENT_SUFFIX"]))
        for found in variables
    }
    return namespace, suffix


def widgets(made: Plan) -> list[dict[str, Any]]:
    return [
        widget
        for dashboard in made.resources("aws_cloudwatch_dashboard").values()
        for widget in json.loads(dashboard["dashboard_body"])["widgets"]
    ]


def shown(widget: dict[str, Any]) -> Iterator[Metric]:
    for namespace, name, *rest in widget["properties"].get("metrics", []):
        words = [word for word in rest if isinstance(word, str)]
        yield metric(namespace, name, dict(zip(words[::2], words[1::2], strict=True)))


def test_the_code_emits_by_sentiment_what_is_shown_by_sentiment() -> None:
    assert ("FeedbackProcessed", frozenset({"Sentiment"})) in emitted()
    assert ("FeedbackRating", frozenset()) in emitted()


def test_every_metric_that_a_dashboard_shows_exists(made: Plan) -> None:
    there = existing(made)
    seen = [found for widget in widgets(made) for found in shown(widget)]
    assert len(seen) > 50
    assert not [found for found in seen if found not in there]


def test_every_metric_that_an_alarm_reads_exists(made: Plan) -> None:
    there = existing(made)
    for alarm in made.resources("aws_cloudwatch_metric_alarm").values():
        assert set(read(alarm)) <= there, alarm["alarm_name"]


def test_business_metrics_are_those_of_the_stack_alone(made: Plan) -> None:
    seen = [found for widget in widgets(made) for found in shown(widget)]
    own = [dict(dims) for namespace, _, dims in seen if namespace == "FeedbackProcessing"]
    assert own
    assert {dimensions.get("Suffix") for dimensions in own} == {SUFFIX}
    names_shown = {name for namespace, name, _ in seen if namespace == "FeedbackProcessing"}
    assert names_shown >= {"FeedbackProcessed", "FeedbackRating"}


def test_every_log_that_a_dashboard_asks_and_every_alarm_that_it_shows_exists(made: Plan) -> None:
    made_groups = made.resources("aws_cloudwatch_log_group").values()
    groups = {group.get("name") for group in made_groups}  # one has the API's ID in it
    asked = {
        group
        for widget in widgets(made)
        for group in widget["properties"].get("query", "").split("'")[1::2]
    }
    functions = names(made, "aws_lambda_function", "function_name")
    assert asked == {f"/aws/lambda/{function}" for function in functions}
    assert asked <= groups
    alarms = {
        *names(made, "aws_cloudwatch_metric_alarm", "alarm_name"),
        *names(made, "aws_cloudwatch_composite_alarm", "alarm_name"),
    }
    listed = {
        arn.rpartition(":")[2]
        for widget in widgets(made)
        for arn in widget["properties"].get("alarms", [])
    }
    # Those of other modules tell their topics, and are not about requests.
    others = {name for name in alarms if not name.endswith(f"-{SUFFIX}")}
    assert listed == alarms - others
    kinds = r"unsuccessful|stale|forwarding-\d|server-errors|function-errors|blocked"
    assert all(re.search(rf"-{SUFFIX}-({kinds})$", name) for name in others)


# --- what the code says -------------------------------------------------------------


def test_exceptions_whose_cause_is_logged_before_are_those_of_the_code(made: Plan) -> None:
    raised = {
        node.name
        for file in (ROOT / "lambda_src" / "customer_platform").glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ClassDef)
    }
    patterns = {
        found["pattern"]
        for found in made.resources("aws_cloudwatch_log_metric_filter").values()
        if "errors-raised" in found["name"]
    }
    (pattern,) = patterns
    quiet = {word[1:] for word in pattern.split() if word.startswith("-")}
    assert quiet == {"BatchFailedError", "JobFailedError"}
    assert quiet <= raised


def test_the_console_is_the_partitions(made: Plan) -> None:
    dashboards = made.outputs()["dashboards"]
    assert dashboards["business"] == {
        "name": f"business-{SUFFIX}",
        "url": "https://us-west-1.console.aws.amazon.com/cloudwatch/home?region=us-west-1"
        f"#dashboards/dashboard/business-{SUFFIX}",
    }
