"""The root stack, planned for every environment file, and what it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.plan.conftest import ROOT, Plan, PlanError, Planner, differences, inventory

STACK = ROOT / "terraform"
SUFFIX = "pr123"
ENVIRONMENTS = ["local", "preview", "production"]
WANTED = inventory("root")


def stack(plan: Planner, environment: str, /, **variables: Any) -> Plan:
    return plan(
        STACK, {"environment_suffix": SUFFIX} | variables, STACK / "envs" / f"{environment}.tfvars"
    )


def test_every_environment_file_is_tested() -> None:
    assert sorted(path.stem for path in (STACK / "envs").glob("*.tfvars")) == ENVIRONMENTS


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_inventory(environment: str, plan: Planner) -> None:
    made = stack(plan, environment)
    own = WANTED["environments"][environment]
    assert differences(made, {"counts": WANTED["counts"] | own["counts"]}) == []
    for values in (WANTED["values"], own["values"]):
        assert differences(made, {"counts": made.counts(), "values": values}) == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_name_ends_in_the_suffix_and_every_tag_is_there(
    environment: str, plan: Planner
) -> None:
    named = {
        "aws_api_gateway_rest_api": "name",
        "aws_api_gateway_usage_plan": "name",
        "aws_api_gateway_api_key": "name",
        "aws_dynamodb_table": "name",
        "aws_iam_role": "name",
        "aws_lambda_function": "function_name",
        "aws_sqs_queue": "name",
    }
    made = stack(plan, environment)
    for kind, attribute in named.items():
        found = made.resources(kind)
        assert found, kind
        for address, values in found.items():
            # What a stack has several of goes on behind the suffix: NAME-SUFFIX-dlq.
            assert re.search(rf"-{SUFFIX}(-|$)", values[attribute]), address
    for address, values in made.resources().items():
        if "tags_all" in values:
            assert values["tags_all"] == {
                "Project": "feedback-system",
                "Environment": environment,
                "Suffix": SUFFIX,
                "ManagedBy": "terraform",
            }, address


def test_every_function_is_called_through_its_alias_and_may_write_only_its_own_log(
    plan: Planner,
) -> None:
    made = stack(plan, "production")
    for address, values in made.resources("aws_lambda_permission").items():
        assert values["qualifier"] == "live", address
        callers = {"apigateway.amazonaws.com"}
        if '["rollback_orchestrator"]' in address or '["record_email_events"]' in address:
            callers = {"sns.amazonaws.com"}  # the topics of critical alarms, and of SES's events
        assert values["principal"] in callers, address
    roles = [
        address
        for address in made.resources("aws_iam_role")
        if re.fullmatch(r"module\.function\[.+\]\.aws_iam_role\.this", address)
    ]
    names = {made.resources()[address]["name"] for address in roles}
    assert len(names) == len(made.resources("aws_lambda_function"))


def test_no_permission_has_a_wildcard_that_is_not_reviewed(plan: Planner) -> None:
    """Actions without a resource to name, by statement; anything new must be argued here."""
    reviewed = {
        "AnalyseSentiment": {"comprehend:DetectSentiment"},
        "AnalyseSentiments": {"comprehend:BatchDetectSentiment"},
        "WriteTraces": {"xray:PutTraceSegments", "xray:PutTelemetryRecords"},
        "DeliverLogs": {
            "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies", "logs:GetLogDelivery", "logs:ListLogDeliveries",
            "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
        },
        "ListStreams": {"dynamodb:ListStreams"},
    }  # fmt: skip
    seen = set()
    for address, statements in stack(plan, "production").statements().items():
        if address == "module.monitoring.data.aws_iam_policy_document.key[0]":
            continue  # a key's own policy: tests/plan/test_monitoring.py
        for statement in statements:
            if statement["effect"] == "Deny":
                continue
            actions = set(statement.get("actions") or [])
            assert not [action for action in actions if "*" in action], address
            # A restore of AWS Backup writes and reads a whole table, which is nobody's yet.
            assert "dynamodb:Scan" not in actions or statement["sid"] == "RestoreBesideTables"
            if "*" in (statement.get("resources") or []):
                # Step Functions also asks X-Ray which executions to trace.
                actions -= {"xray:GetSamplingRules", "xray:GetSamplingTargets"}
                assert actions == reviewed[statement["sid"]], address
                seen.add(statement["sid"])
    assert "WriteTraces" in seen


def test_comprehend_is_allowed_in_its_region_only_and_only_where_it_is_used(plan: Planner) -> None:
    def statements(environment: str) -> dict[tuple[str, str], dict[str, Any]]:
        """(function, action) => its statement."""
        return {
            (address.split('"')[1], action): statement
            for address, found in stack(plan, environment).statements().items()
            for statement in found
            for action in statement.get("actions") or []
            if action.startswith("comprehend:")
        }

    assert statements("local") == {}
    found = statements("production")
    assert found.keys() == {
        ("feedback_processor", "comprehend:DetectSentiment"),
        ("reanalyze_feedback", "comprehend:BatchDetectSentiment"),
    }
    for statement in found.values():
        (condition,) = statement["condition"]
        assert (condition["test"], condition["variable"]) == ("StringEquals", "aws:RequestedRegion")
        assert condition["values"] == ["us-west-2"]


def test_reanalysis_may_write_what_it_revises_and_nothing_personal(plan: Planner) -> None:
    made = stack(plan, "production")
    document = 'module.function["reanalyze_feedback"].data.aws_iam_policy_document.permissions'
    statements = {statement["sid"]: statement for statement in made.statements()[document]}
    assert statements["FindPending"]["actions"] == ["dynamodb:Query"]
    revise = statements["ReviseSentiment"]
    assert revise["actions"] == ["dynamodb:UpdateItem"]
    conditions = {c["variable"]: (c["test"], set(c["values"])) for c in revise["condition"]}
    test, attributes = conditions["dynamodb:Attributes"]
    assert test == "ForAllValues:StringEquals"
    assert not attributes & {"name", "email", "customerId", "message", "rating", "createdAt"}
    assert conditions["dynamodb:ReturnValues"] == ("StringEqualsIfExists", {"NONE"})
    assert {"feedbackId", "timestamp"} < attributes


def test_reanalysis_can_be_stopped(plan: Planner) -> None:
    made = stack(plan, "preview", sentiment={"reanalysis": {"enabled": False}})
    (schedule,) = [
        values
        for address, values in made.resources("aws_scheduler_schedule").items()
        if '["reanalyze_feedback"]' in address
    ]
    assert schedule["state"] == "DISABLED"


def test_consumers_of_feedback_get_new_items_and_revisions(plan: Planner) -> None:
    mappings = stack(plan, "production").resources("aws_lambda_event_source_mapping")
    for handler in ("lake_exporter", "stream_aggregator"):
        mapping = mappings[
            f'module.function["{handler}"].aws_lambda_event_source_mapping.stream["feedback"]'
        ]
        (criteria,) = mapping["filter_criteria"]
        patterns = [json.loads(found["pattern"]) for found in criteria["filter"]]
        assert sorted(patterns, key=len) == [
            {"eventName": ["INSERT"]},
            {
                "eventName": ["MODIFY"],
                "dynamodb": {"NewImage": {"revision": {"N": [{"exists": True}]}}},
            },
        ]


def test_list_feedback_may_not_read_the_table_and_the_indexes_hold_no_address(
    plan: Planner,
) -> None:
    made = stack(plan, "production")
    table = made.resources("aws_dynamodb_table")["module.feedback_table.aws_dynamodb_table.this"]
    indexes = {index["name"]: index for index in table["global_secondary_index"]}
    public = {"name", "rating", "message", "sentiment", "createdAt"}
    pending = {"message", "sentiment", "rating", "createdAt", "analysisFailures"}
    assert {name: set(index["non_key_attributes"]) for name, index in indexes.items()} == {
        "recent": public,
        "recent-by-kind": public,
        "pending-analysis": pending,
    }
    assert {index["projection_type"] for index in indexes.values()} == {"INCLUDE"}


def test_the_gateways_own_errors_are_documented(plan: Planner) -> None:
    document = yaml.safe_load((STACK / "openapi.yaml").read_text())
    known = set(document["components"]["schemas"]["Error"]["properties"]["error"]["enum"])
    responses = stack(plan, "local").resources("aws_api_gateway_gateway_response").values()
    for response in responses:
        template = response["response_templates"]["application/json"]
        body = json.loads(template.replace("$context.error.messageString", '"message"'))
        assert body.keys() == {"error", "message", "details", "requestId"}
        assert body["error"] in known
        assert (
            response["response_parameters"]["gatewayresponse.header.Access-Control-Allow-Origin"]
            == "'*'"
        )


API = {"cors_allow_origin": "https://site.example.com"}
SUFFIX_RULE = "environment_suffix must be 1 to 16"
# Terraform reports the problems of all variables at once, so each plan tries several.
REFUSED: list[tuple[str, dict[str, Any], set[str]]] = [
    (
        "local",
        {
            "environment_suffix": "",
            "aws_region": "moon",
            "project_name": "My Project",
            "lambda_timeout": 1,
            "lambda_memory_size": 64,
            "log_retention_days": 2,
            "athena_query_result_retention_days": 0,
            "emulator_endpoint": "http://10.0.0.1:4566",
            "kms_key_arn": "alias/x",
            "feedback": {"retention_days": 0, "restored_suffix": "*"},
            "sentiment": {"engine": "oracle", "reanalysis": {"schedule": "hourly", "days": 0}},
            "datalake": {"compaction": {"days": 32}},
            "api_key_values": {"operator": "short"},
        },
        {
            SUFFIX_RULE,
            "aws_region must be the name of a region",
            "project_name must be 2 to 31",
            "lambda_timeout must be 15 to 30",
            "lambda_memory_size must be 128 to 10240",
            "log_retention_days must be one of the periods",
            "athena_query_result_retention_days must be at least 1",
            "listens on loopback only",
            "kms_key_arn must be the ARN of a KMS key",
            "feedback.retention_days must be 1 to 365",
            "feedback.restored_suffix must be 1 to 32",
            "sentiment.engine must be comprehend or lexicon",
            "sentiment.reanalysis.schedule must be rate(…) or cron(…)",
            "sentiment.reanalysis.days must be a whole number from 1 to 30",
            "datalake.compaction.days must be a whole number from 1 to 31",
            "Every value in api_key_values must have at least 20",
        },
    ),
    (
        "local",
        {
            "environment_suffix": "PR1",
            "feedback": {"list_shards": 0},
            "sentiment": {"language_code": "tlh", "reanalysis": {"items": 10001}},
            "datalake": {"compaction": {"schedule": "nightly"}},
            "api": {
                "cors_allow_origin": "example.com/",
                "throttle": {"rate_limit": 20000, "burst_limit": 1},
            },
        },
        {
            SUFFIX_RULE,
            "must be whole numbers from 1 to 16",
            "sentiment.language_code must be one of",
            "items one from 1 to 10000",
            "datalake.compaction.schedule must be cron(…) or rate(…)",
            "api.cors_allow_origin must be one origin",
            "api.throttle.rate_limit must be at most 10000",
        },
    ),
    (
        "local",
        {
            "environment_suffix": "pr--1",
            "feedback": {"aggregate_shards": 1.5},
            "api": API | {"api_keys": {"a": {"plan": "gold"}}},
        },
        {
            SUFFIX_RULE,
            "must be whole numbers from 1 to 16",
            "Every plan in api.api_keys must be one of api.usage_plans",
        },
    ),
    (
        "local",
        {"environment_suffix": "a" * 17, "environment": "staging"},
        {SUFFIX_RULE, "environment must be local, preview or production"},
    ),
    (
        "production",
        {
            "environment_suffix": "-pr",
            "api": {"cors_allow_origin": "*"},
            "feedback": {},
            "backup": {"enabled": False},
            "log_archive": {},
        },
        {
            SUFFIX_RULE,
            "must be the site's own https origin in production",
            "feedback.deletion_protection must be true in production",
            "backup.enabled must be true in production",
            "backup.deletion_protection must be true in production",
            "log_archive.deletion_protection must be true in production",
        },
    ),
]


@pytest.mark.parametrize(("environment", "variables", "says"), REFUSED)
def test_wrong_inputs_are_refused(
    environment: str, variables: dict[str, Any], says: set[str], plan: Planner
) -> None:
    with pytest.raises(PlanError) as refused:
        stack(plan, environment, **variables)
    problems = [problem.text for problem in refused.value.problems]
    assert {text for text in says if any(text in problem for problem in problems)} == says
    assert len(problems) == len(says), problems


def test_a_suffix_has_no_default(plan: Planner) -> None:
    with pytest.raises(PlanError, match="environment_suffix"):
        plan(STACK, {}, STACK / "envs" / "local.tfvars")


def test_the_lock_file_serves_every_platform() -> None:
    lock = Path(STACK / ".terraform.lock.hcl").read_text()
    assert lock.count('"h1:') >= 10
    assert lock.count('"zh:') >= 10
