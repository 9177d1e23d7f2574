"""The module `backup`: what it makes, what AWS Backup may do and what it refuses; and that the root
stack's plan forgets no table."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plan.conftest import FIXTURES, Planner, Refusals, differences, inventory
from tests.plan.test_root import ENVIRONMENTS, stack

TABLES = "arn:aws:dynamodb:us-west-1:123456789012:table"
KEY = "arn:aws:kms:us-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
BOTH = [f"{TABLES}/orders-test", f"{TABLES}/people-test"]


def statements(plan: Planner, module: str, document: str = "this") -> dict[str, dict[str, Any]]:
    address = f"module.{module}.data.aws_iam_policy_document.{document}"
    found = plan(FIXTURES / "backup").statements()[address]
    return {statement["sid"]: statement for statement in found}


def test_inventory(plan: Planner) -> None:
    assert differences(plan(FIXTURES / "backup"), inventory("backup")) == []


def test_aws_backup_may_use_these_tables_their_copies_and_the_vault(plan: Planner) -> None:
    allowed = statements(plan, "full")
    assert {sid: sorted(s["resources"]) for sid, s in allowed.items()} == {
        "BackUpTables": BOTH,
        "MakeDynamoDbBackups": BOTH,
        "KeepDynamoDbBackups": [f"{arn}/backup/*" for arn in BOTH],
        "RestoreBesideTables": [f"{arn}-back" for arn in BOTH],
        "SeeVault": ["arn:aws:backup:us-west-1:123456789012:backup-vault:backups-test"],
        "UseKeyThroughServices": [KEY],
        "LetServicesGoOnUsingKey": [KEY],
    }
    assert statements(plan, "plain").keys() == allowed.keys() - {
        "UseKeyThroughServices", "LetServicesGoOnUsingKey",
    }  # fmt: skip


def test_no_action_writes_into_a_table_that_is_backed_up(plan: Planner) -> None:
    actions: dict[str, set[str]] = {}
    for statement in statements(plan, "full").values():
        for resource in statement["resources"]:
            actions.setdefault(resource, set()).update(statement["actions"])
    for table in BOTH:
        assert actions[table] == {
            "dynamodb:CreateBackup", "dynamodb:DescribeTable", "dynamodb:ListTagsOfResource",
            "dynamodb:StartAwsBackupJob",
        }  # fmt: skip
        assert actions[f"{table}/backup/*"] == {
            "dynamodb:DeleteBackup", "dynamodb:DescribeBackup", "dynamodb:RestoreTableFromBackup",
        }  # fmt: skip
        assert actions[f"{table}-back"] == {
            "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:DescribeTable",
            "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan",
            "dynamodb:RestoreTableFromAwsBackup", "dynamodb:UpdateItem",
        }  # fmt: skip


def test_the_key_is_used_through_services_only(plan: Planner) -> None:
    allowed = statements(plan, "full")
    (condition,) = allowed["UseKeyThroughServices"]["condition"]
    assert condition["variable"] == "kms:ViaService"
    assert condition["values"] == [
        "backup.us-west-1.amazonaws.com", "dynamodb.us-west-1.amazonaws.com",
    ]  # fmt: skip
    (condition,) = allowed["LetServicesGoOnUsingKey"]["condition"]
    assert (condition["test"], condition["variable"]) == ("Bool", "kms:GrantIsForAWSResource")
    assert condition["values"] == ["true"]


def test_the_role_is_assumed_by_aws_backup_for_this_account(plan: Planner) -> None:
    (statement,) = statements(plan, "full", "assume").values()
    (principal,) = statement["principals"]
    assert principal["identifiers"] == ["backup.amazonaws.com"]
    (condition,) = statement["condition"]
    assert (condition["variable"], condition["values"]) == ("aws:SourceAccount", ["123456789012"])


def test_the_alarm_counts_every_backup_that_is_missing(plan: Planner) -> None:
    alarms = plan(FIXTURES / "backup").resources("aws_cloudwatch_metric_alarm")
    queries = alarms["module.full.aws_cloudwatch_metric_alarm.unsuccessful"]["metric_query"]
    metrics = [query["metric"][0] for query in queries if query["metric"]]
    assert {metric["metric_name"] for metric in metrics} == {
        "NumberOfBackupJobsAborted", "NumberOfBackupJobsExpired", "NumberOfBackupJobsFailed",
    }  # fmt: skip
    assert {metric["namespace"] for metric in metrics} == {"AWS/Backup"}
    assert all(metric["dimensions"] == {"BackupVaultName": "backups-test"} for metric in metrics)
    (told,) = [query for query in queries if query["return_data"]]
    assert told["expression"] == "SUM(METRICS())"


GOOD: dict[str, Any] = {
    "name": "backups-test",
    "role_name": "backup-role-test",
    "table_arns": [f"{TABLES}/orders-test"],
}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "name": ({"name": "a"}, "name must be 2 to 50"),
    "role_name": ({"role_name": "a b"}, "role_name must be 1 to 64"),
    "no_table": ({"table_arns": []}, "takes an empty selection for every resource"),
    "all_tables": ({"table_arns": [f"{TABLES}/*"]}, "without wildcards"),
    "part_of_a_table": ({"table_arns": [f"{TABLES}/orders-test/index/a"]}, "without wildcards"),
    "rate": ({"rule": {"schedule": "rate(7 days)"}}, "AWS Backup knows no rate"),
    "five_fields": ({"rule": {"schedule": "cron(0 5 * * SUN)"}}, "six fields"),
    "start_window": ({"rule": {"start_window_minutes": 59}}, "must be at least 60"),
    "completion_window": ({"rule": {"completion_window_minutes": 100}}, "at least 60 more"),
    "retention": ({"rule": {"retention_days": 0}}, "a whole number from 1 to 36500"),
    "part_of_a_day": ({"rule": {"retention_days": 1.5}}, "a whole number from 1 to 36500"),
    "cold_too_long": (
        {"rule": {"retention_days": 119, "cold_storage_after_days": 30}},
        "at least 90 more than cold_storage_after_days",
    ),
    "cold_at_once": (
        {"rule": {"retention_days": 119, "cold_storage_after_days": 0}},
        "at least 90 more than cold_storage_after_days",
    ),
    "restored_suffix": ({"restored_suffix": "*"}, "restored_suffix must be 1 to 32"),
    "lock": (
        {"lock": {"min_retention_days": 9, "max_retention_days": 8}},
        "max_retention_days not below it",
    ),
    "topic": ({"notification_topic_arn": "warning"}, "must be the ARN of an SNS topic"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_inputs_are_refused(case: str, refusals: Refusals) -> None:
    answers = refusals("backup", GOOD, {name: wrong for name, (wrong, _) in WRONG.items()})
    (problem,) = answers[case]
    assert WRONG[case][1] in problem


def test_a_lock_that_would_refuse_the_backups_is_refused(refusals: Refusals) -> None:
    short = {"lock": {"min_retention_days": 36, "max_retention_days": None}}
    long = {"lock": {"min_retention_days": 1, "max_retention_days": 34}}
    answers = refusals("backup", GOOD, {"short": short, "long": long}, "lock")
    told = [text for texts in answers.values() for text in texts]
    assert len(told) == 2
    assert all("within the lock's min_retention_days" in text for text in told)


# --- the root stack


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_table_of_the_stack_is_forgotten(environment: str, plan: Planner) -> None:
    """A new table belongs into local.tables of terraform/backup.tf."""
    made = stack(plan, environment)
    tables = {values["name"] for values in made.resources("aws_dynamodb_table").values()}
    selections = made.resources("aws_backup_selection")
    if environment == "preview":
        assert selections == {}
        return
    (selection,) = selections.values()
    assert {arn.rpartition("/")[2] for arn in selection["resources"]} == tables
    for arn in selection["resources"]:
        assert arn.startswith(f"{TABLES}/")


def test_production_keeps_the_vault(plan: Planner) -> None:
    (vault,) = stack(plan, "production").resources("aws_backup_vault").values()
    assert vault["force_destroy"] is False


def test_a_restored_table_takes_the_place_of_the_first(plan: Planner) -> None:
    name = "customer-feedback-pr123-restored"
    made = stack(plan, "preview", feedback={"restored_suffix": "restored"})
    tables = made.resources("aws_dynamodb_table")
    assert tables["module.feedback_table.aws_dynamodb_table.this"]["name"] == name
    functions = made.resources("aws_lambda_function")
    used = [
        values["environment"][0].get("variables", {}).get("FEEDBACK_TABLE_NAME")
        for values in functions.values()
        if values["environment"]
    ]
    assert {found for found in used if found} == {name}
