"""The module `datalake`: what it makes, what its crawler may do, and what it refuses."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from customer_platform.lake.rows import row
from tests.plan.conftest import FIXTURES, ROOT, Planner, Refusals, differences, inventory
from tests.plan.test_root import stack
from tests.unit import seeding


def test_inventory(plan: Planner) -> None:
    assert differences(plan(FIXTURES / "datalake"), inventory("datalake")) == []


def test_partitions_are_whole_numbers(plan: Planner) -> None:
    for table in plan(FIXTURES / "datalake").resources("aws_glue_catalog_table").values():
        keys = [(key["name"], key["type"]) for key in table["partition_keys"]]
        assert keys == [("year", "int"), ("month", "int"), ("day", "int")]


def test_the_encryption_is_the_keys_or_s3s_own(plan: Planner) -> None:
    found = plan(FIXTURES / "datalake").resources(
        "aws_s3_bucket_server_side_encryption_configuration"
    )
    for address, values in found.items():
        (rule,) = values["rule"]
        (default,) = rule["apply_server_side_encryption_by_default"]
        full = address.startswith("module.full.")
        assert default["sse_algorithm"] == ("aws:kms" if full else "AES256")
        assert bool(default["kms_master_key_id"]) == rule["bucket_key_enabled"] == full


def test_buckets_refuse_plain_http_where_there_is_anything_else(plan: Planner) -> None:
    made = plan(FIXTURES / "datalake")
    policies = set(made.resources("aws_s3_bucket_policy"))
    assert policies == {
        f'module.full.aws_s3_bucket_policy.this["{bucket}"]' for bucket in ("lake", "results")
    }
    for bucket in ("orders-lake-test-123456789012", "orders-results-test-123456789012"):
        arn = f"arn:aws:s3:::{bucket}"
        (statement,) = [
            statement
            for statements in made.statements().values()
            for statement in statements
            if statement["effect"] == "Deny" and arn in statement["resources"]
        ]
        assert statement["resources"] == [arn, f"{arn}/*"]
        assert statement["condition"] == [
            {"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]}
        ]


GLUE = "arn:aws:glue:us-west-1:123456789012"
LOGS = "arn:aws:logs:us-west-1:123456789012:log-group:/aws-glue/crawlers"
LAKE = "arn:aws:s3:::orders-lake-test-123456789012"
CRAWLED = [
    f"{GLUE}:catalog",
    f"{GLUE}:database/orders_test",
    f"{GLUE}:table/orders_test/crawled_*",
]
# Everything that the crawler's role may do, for the embedded cloud's crawler takes no role.
CRAWLER = {
    "s3:GetBucketLocation": [LAKE],
    "s3:ListBucket": [LAKE],
    "s3:GetObject": [f"{LAKE}/orders/*", f"{LAKE}/refunds/*"],
    **dict.fromkeys(
        (
            "glue:BatchCreatePartition", "glue:BatchGetPartition", "glue:BatchUpdatePartition",
            "glue:CreateTable", "glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions",
            "glue:GetTable", "glue:GetTables", "glue:UpdatePartition", "glue:UpdateTable",
        ),
        CRAWLED,
    ),
    "logs:CreateLogGroup": [LOGS, f"{LOGS}:log-stream:"],
    "logs:CreateLogStream": [f"{LOGS}:log-stream:orders-crawler-test"],
    "logs:PutLogEvents": [f"{LOGS}:log-stream:orders-crawler-test"],
    "kms:Decrypt": ["arn:aws:kms:us-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"],
}  # fmt: skip


def test_the_crawler_may_do_these_things_and_no_others(plan: Planner) -> None:
    statements = plan(FIXTURES / "datalake").statements()
    role = statements["module.full.data.aws_iam_policy_document.crawler"]
    found: dict[str, list[str]] = {}
    for statement in role:
        for action in statement["actions"]:
            assert action not in found
            found[action] = statement["resources"]
    assert {action: sorted(arns) for action, arns in found.items()} == {
        action: sorted(arns) for action, arns in CRAWLER.items()
    }
    without_key = statements["module.short.data.aws_iam_policy_document.crawler"]
    assert not [s for s in without_key for action in s["actions"] if action.startswith("kms:")]


def test_the_columns_are_what_the_exporter_writes(plan: Planner) -> None:
    tables = stack(plan, "local").resources("aws_glue_catalog_table")
    (storage,) = tables['module.datalake.aws_glue_catalog_table.this["feedback_raw"]'][
        "storage_descriptor"
    ]
    columns = {column["name"]: column["type"] for column in storage["columns"]}
    written = json.loads(row(seeding.item(datetime(2026, 3, 15, tzinfo=UTC)), b"salt").line)
    assert list(columns) == list(written)
    kinds = {"string": str, "timestamp": str, "int": int, "double": float}
    for name, value in written.items():
        assert value is None or isinstance(value, kinds[columns[name]]), name


def test_every_query_answers_a_question_and_names_its_days(plan: Planner) -> None:
    queries = stack(plan, "production").resources("aws_athena_named_query")
    assert len(queries) == len(list((ROOT / "terraform" / "queries").glob("*.sql")))
    for values in queries.values():
        assert values["description"].endswith("?")
        assert "year * 10000 + month * 100 + day >=" in values["query"]
        # Athena's dialect; the embedded cloud's runs them in tests/e2e/test_lake.py.
        tree: Any = sqlglot.parse_one(values["query"], dialect="athena")
        assert {table.name for table in tree.find_all(exp.Table)} == {"feedback"}


NAMES = {
    "bucket": "events-lake-test",
    "results_bucket": "events-results-test",
    "database": "events_test",
    "workgroup": "events-test",
    "crawler": "events-crawler-test",
    "crawler_role": "events-crawler-role-test",
}
TABLE: dict[str, Any] = {
    "description": "One event.",
    "prefix": "events/",
    "columns": [{"name": "id", "type": "string", "comment": "Which one."}],
}
GOOD: dict[str, Any] = {"names": NAMES, "tables": {"events": TABLE}, "query_suffix": "test"}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "upper_case_bucket": ({"names": NAMES | {"bucket": "Events"}}, "must be 3 to 63 lower-case"),
    "hyphen_last": (
        {"names": NAMES | {"results_bucket": "events-"}},
        "with no hyphen first or last",
    ),
    "database": ({"names": NAMES | {"database": "events-test"}}, "SQL would have to quote"),
    "workgroup": ({"names": NAMES | {"workgroup": "of all"}}, "names.workgroup must be"),
    "prefix": ({"tables": {"events": TABLE | {"prefix": "/events"}}}, "must be a folder such as"),
    "table": ({"tables": {"Events": TABLE}}, "Names of tables and columns must be"),
    "retention": ({"query_result_retention_days": 0}, "must be at least 1"),
    "cutoff": ({"bytes_scanned_cutoff_per_query": 1000}, "must be at least 10000000"),
    "versions": ({"noncurrent_version_days": 0}, "noncurrent_version_days must be at least 1"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_inputs_are_refused(case: str, refusals: Refusals) -> None:
    answers = refusals("datalake", GOOD, {name: wrong for name, (wrong, _) in WRONG.items()})
    (problem,) = answers[case]
    assert WRONG[case][1] in problem
