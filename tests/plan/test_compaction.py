"""The workflow feedback-compaction, as the root stack plans it: its definition, its queries, its
role. What it does is tried in tests/e2e/test_compaction.py."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from ops import state_machines
from tests.plan.conftest import ROOT, Plan, Planner

STACK = ROOT / "terraform"
BUCKET = "feedback-data-lake-pr123-123456789012"
DATABASE = "feedback_database_pr123"


def stack(plan: Planner, environment: str = "production", **variables: Any) -> Plan:
    return plan(
        STACK,
        {"environment_suffix": "pr123"} | variables,
        STACK / "envs" / f"{environment}.tfvars",
    )


def definition(made: Plan) -> dict[str, Any]:
    machines = made.resources("aws_sfn_state_machine")
    text = machines["module.feedback_compaction.aws_sfn_state_machine.this"]["definition"]
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def states(machine: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in machine["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from states(state["ItemProcessor"])


def queries(made: Plan) -> dict[str, str]:
    texts: dict[str, str] = definition(made)["States"]["Begin"]["Assign"]["sql"]
    return texts


def filled(sql: str) -> str:
    """With what the workflow puts in; nothing is left to be."""
    values = {
        "from_year": "2026", "to_year": "2026", "from_number": "20261114", "to_number": "20261120",
        "year": "2026", "month": "11", "day": "20", "run": "nightly-1",
        "folder": "year=2026/month=11/day=20/run=nightly-1/",
        "cut_off_number": "20261121", "cut_off_year": "2026",
    }  # fmt: skip
    done = re.sub(r"\{(\w+)\}", lambda match: values[match[1]], sql)
    assert "{" not in done
    return done


# --- the definition -----------------------------------------------------------------


def test_step_functions_takes_the_definition(plan: Planner) -> None:
    machine = definition(stack(plan))
    assert state_machines.problems(json.dumps(machine)) == ()
    assert machine["QueryLanguage"] == "JSONata"


def test_every_call_has_a_time_limit_is_retried_and_fails_with_a_reason(plan: Planner) -> None:
    machine = definition(stack(plan))
    tasks = {name: state for name, state in states(machine) if state["Type"] == "Task"}
    assert len(tasks) >= 18
    for name, state in tasks.items():
        assert state["TimeoutSeconds"] <= 60, name
        throttled = state["Retry"][0]
        assert {
            "Athena.TooManyRequestsException",
            "Glue.ThrottlingException",
            "States.Timeout",
        } <= {*throttled["ErrorEquals"]}
        for retry in state["Retry"]:
            assert retry["JitterStrategy"] == "FULL", name
            assert retry["BackoffRate"] == 2
            assert retry["MaxDelaySeconds"] == 60
        if name in {"ListFiles", "DeleteFile"}:  # the map around them says why
            continue
        last = state["Catch"][-1]
        assert last["ErrorEquals"] == ["States.ALL"], name
        (reason,) = last["Assign"].values()
        assert "$states.errorOutput.Cause" in reason, name
        assert last["Next"] in {"Failed", "DayFailed"}


def test_what_is_written_is_verified_before_anything_points_to_it(plan: Planner) -> None:
    """In the order of the steps: nothing leads past the comparison to the registration."""
    machine = definition(stack(plan))
    day = machine["States"]["CompactDays"]["ItemProcessor"]["States"]
    leading = {
        goal: {
            name
            for name, state in day.items()
            for way in [state, *state.get("Choices", []), *state.get("Catch", [])]
            if goal in {way.get("Next"), way.get("Default")}
        }
        for goal in ("Register", "Replace", "IsVerified", "ReadVerify", "StartVerify")
    }
    assert leading == {
        "Register": {"IsVerified"},
        "Replace": {"Register"},
        "IsVerified": {"ReadVerify"},
        "ReadVerify": {"IsVerifyDone"},
        "StartVerify": {"IsWriteDone"},
    }
    assert day["IsVerified"]["Default"] == "Differs"
    moved = [name for name, s in machine["States"].items() if s.get("Next") == "MoveCutOff"]
    assert moved == ["CompactDays"]


def test_a_start_that_is_asked_twice_starts_once(plan: Planner) -> None:
    machine = definition(stack(plan))
    tokens = [
        state["Arguments"]["ClientRequestToken"]
        for _, state in states(machine)
        if str(state.get("Resource", "")).endswith(":startQueryExecution")
    ]
    assert len(set(tokens)) == 3
    for token in tokens:
        assert "$execution" in token
        assert "ttempt" in token


def test_the_view_is_only_written_from_the_version_that_was_read(plan: Planner) -> None:
    machine = definition(stack(plan))
    writes = [
        state
        for _, state in states(machine)
        if str(state.get("Resource", "")).endswith(":updateTable")
    ]
    assert len(writes) == 2
    for write in writes:
        assert write["Arguments"]["VersionId"] == "{% $version %}"
        # Not tried again: whether this execution or another one was first must be looked up.
        assert not any(
            "Glue.ConcurrentModificationException" in retry["ErrorEquals"]
            for retry in write["Retry"]
        )


# --- the queries --------------------------------------------------------------------

QUERIES = ("compare", "verify", "view")


def tables(tree: Any) -> set[str]:
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    return {table.name for table in tree.find_all(exp.Table)} - own


@pytest.mark.parametrize("name", QUERIES)
def test_athena_reads_the_queries(name: str, plan: Planner) -> None:
    tree: Any = sqlglot.parse_one(filled(queries(stack(plan))[name]), dialect="athena")
    assert (
        tables(tree)
        == {
            "compare": {"feedback_raw", "feedback_compacted"},
            "verify": {"feedback_raw", "feedback_runs"},
            "view": {"feedback_raw", "feedback_compacted"},
        }[name]
    )


def test_athena_reads_what_is_unloaded(plan: Planner) -> None:
    """The parser does not know UNLOAD; what stands around the query is Athena's documented form."""
    text = filled(queries(stack(plan))["write"])
    match = re.fullmatch(
        r"UNLOAD \((?P<select>.+)\)\s+TO '(?P<target>[^']+)'\s+"
        r"WITH \(format = 'PARQUET', compression = 'ZSTD'\)",
        text,
        flags=re.DOTALL,
    )
    assert match
    place = "compacted/feedback/year=2026/month=11/day=20/run=nightly-1/"
    assert match["target"] == f"s3://{BUCKET}/{place}"
    tree: Any = sqlglot.parse_one(match["select"], dialect="athena")
    assert isinstance(tree, exp.Select)
    assert tree.named_selects == columns(stack(plan))
    assert tables(tree) == {"feedback_raw"}


def columns(made: Plan) -> list[str]:
    table = made.resources()['module.datalake.aws_glue_catalog_table.this["feedback_raw"]']
    return [column["name"] for column in table["storage_descriptor"][0]["columns"]]


def test_verification_reads_every_column(plan: Planner) -> None:
    tree: Any = sqlglot.parse_one(filled(queries(stack(plan))["verify"]), dialect="athena")
    for side in (tree.this, tree.expression):
        read = {found.name for item in side.expressions for found in item.find_all(exp.Column)}
        assert read == {*columns(stack(plan))}


# --- the tables and the view --------------------------------------------------------


def test_raw_compacted_and_runs_have_the_same_columns(plan: Planner) -> None:
    made = stack(plan)
    kinds = {
        address: [
            (column["name"], column["type"])
            for column in values["storage_descriptor"][0]["columns"]
        ]
        for address, values in made.resources("aws_glue_catalog_table").items()
    }
    raw = kinds['module.datalake.aws_glue_catalog_table.this["feedback_raw"]']
    assert kinds['module.datalake.aws_glue_catalog_table.compacted["feedback_compacted"]'] == raw
    assert kinds['module.datalake.aws_glue_catalog_table.runs["feedback_compacted"]'] == raw
    assert kinds['module.datalake.aws_glue_catalog_table.view["feedback"]'] == [
        *raw, ("year", "int"), ("month", "int"), ("day", "int"),
    ]  # fmt: skip
    storage = definition(made)["States"]["Begin"]["Assign"]["storage"]
    assert [(column["Name"], column["Type"]) for column in storage["Columns"]] == raw


def test_days_are_registered_and_runs_are_computed(plan: Planner) -> None:
    made = stack(plan).resources("aws_glue_catalog_table")
    compacted = made['module.datalake.aws_glue_catalog_table.compacted["feedback_compacted"]']
    runs = made['module.datalake.aws_glue_catalog_table.runs["feedback_compacted"]']
    assert not [name for name in compacted["parameters"] if name.startswith("projection.")]
    assert runs["parameters"]["projection.run.type"] == "injected"
    assert runs["parameters"]["storage.location.template"] == (
        f"s3://{BUCKET}/compacted/feedback/"
        "year=${year}/month=${month}/day=${day}/run=${run}/"
    )
    keys = [key["name"] for key in runs["partition_keys"]]
    assert keys == ["year", "month", "day", "run"]


def test_a_new_stack_reads_everything_raw(plan: Planner) -> None:
    made = stack(plan)
    view = made.resources()['module.datalake.aws_glue_catalog_table.view["feedback"]']
    assert view["table_type"] == "VIRTUAL_VIEW"
    assert view["parameters"]["cut_off"] == "2024-01-01"
    text = view["view_original_text"]
    presto = json.loads(
        base64.b64decode(text.removeprefix("/* Presto View: ").removesuffix(" */"), validate=True)
    )
    assert (presto["catalog"], presto["schema"]) == ("awsdatacatalog", DATABASE)
    assert [column["name"] for column in presto["columns"]][-3:] == ["year", "month", "day"]
    types = {column["name"]: column["type"] for column in presto["columns"]}
    assert types["created_at"] == "timestamp(3)"
    assert types["message"] == "varchar"
    assert types["rating"] == "integer"
    assert types["score_mixed"] == "double"
    template = queries(made)["view"].replace("{cut_off_number}", "20240101")
    assert presto["originalSql"] == template.replace("{cut_off_year}", "2024")
    tree: Any = sqlglot.parse_one(presto["originalSql"], dialect="trino")
    assert tree.named_selects == [column["name"] for column in presto["columns"]]


def nightly(made: Plan) -> dict[str, Any]:
    """The schedule of the compaction."""
    (schedule,) = [
        values
        for address, values in made.resources("aws_scheduler_schedule").items()
        if address.startswith("module.feedback_compaction.")
    ]
    return schedule


def test_the_embedded_cloud_asks_the_raw_rows_by_the_views_name(plan: Planner) -> None:
    made = stack(plan, "local", emulator_endpoint="http://127.0.0.1:4566")
    tables = made.resources("aws_glue_catalog_table")
    plain = tables['module.datalake.aws_glue_catalog_table.this["feedback"]']
    raw = tables['module.datalake.aws_glue_catalog_table.this["feedback_raw"]']
    assert plain | {"name": "feedback_raw"} == raw
    assert 'module.datalake.aws_glue_catalog_table.view["feedback_view"]' in tables
    schedule = nightly(made)
    assert schedule["state"] == "DISABLED"


def test_the_crawler_stays_away_from_compacted_files(plan: Planner) -> None:
    made = stack(plan, "local", emulator_endpoint="http://127.0.0.1:4566")
    (crawler,) = made.resources("aws_glue_crawler").values()
    assert len(crawler["s3_target"]) == 1
    statements = made.statements()["module.datalake.data.aws_iam_policy_document.crawler"]
    for statement in statements:
        assert not [r for r in statement.get("resources") or [] if "compacted" in r]


# --- the schedule and the role ------------------------------------------------------


def test_it_runs_nightly_and_looks_back_as_far_as_it_is_told(plan: Planner) -> None:
    schedule = nightly(stack(plan))
    assert schedule["state"] == "ENABLED"
    assert schedule["schedule_expression"] == "cron(15 1 * * ? *)"
    assert schedule["schedule_expression_timezone"] == "UTC"
    lake = {
        "deletion_protection": True,
        "compaction": {"enabled": False, "days": 12, "most_days_per_run": 5},
    }
    other = stack(plan, datalake=lake)
    schedule = nightly(other)
    assert schedule["state"] == "DISABLED"
    chosen = definition(other)["States"]["ChooseDays"]["Assign"]["from"]
    assert "- 12 * 86400000" in chosen
    # Never less than re-analysis, which revises items of the last seven days.
    usual = definition(stack(plan))["States"]["ChooseDays"]["Assign"]["from"]
    assert "- 8 * 86400000" in usual
    assert queries(other)["compare"].endswith("LIMIT 6")


def test_the_role_writes_parquet_registers_days_and_moves_this_view_only(plan: Planner) -> None:
    statements = stack(plan).statements()
    allowed = {
        statement["sid"]: statement
        for statement in statements[
            "module.feedback_compaction.data.aws_iam_policy_document.permissions"
        ]
    }
    glue = f"arn:aws:glue:us-west-1:123456789012:table/{DATABASE}"

    def named(sid: str) -> set[str]:
        return {r for r in allowed[sid]["resources"] if ":table/" in r}

    assert named("MoveCutOff") == {f"{glue}/feedback"}
    assert named("RegisterDays") == {f"{glue}/feedback_compacted"}
    writers = {
        sid: [
            action
            for action in statement["actions"]
            if re.search("Put|Delete|Create|Update|Start", action)
        ]
        for sid, statement in allowed.items()
    }
    assert {sid: actions for sid, actions in writers.items() if actions} == {
        "AskAthena": ["athena:StartQueryExecution"],
        "KeepResults": ["s3:PutObject"],
        "MoveCutOff": ["glue:UpdateTable"],
        "RegisterDays": ["glue:BatchUpdatePartition", "glue:CreatePartition"],
        "WriteParquet": ["s3:DeleteObject", "s3:PutObject"],
    }
