"""`make query`: what it makes of Athena's answers. Against the applied stack: tests/e2e."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from ops import OperatorError, query
from ops.deployed import Deployed


class Athena:
    """Answers as Athena does: states in turn, then pages of results."""

    def __init__(self, states: list[str], pages: list[list[list[str | None]]], kind: str) -> None:
        self.states, self.pages, self.kind = states, pages, kind
        self.started: list[dict[str, Any]] = []
        self.stopped: list[str] = []

    def start_query_execution(self, **request: Any) -> dict[str, str]:
        self.started.append(request)
        return {"QueryExecutionId": "q-1"}

    def get_query_execution(self, QueryExecutionId: str) -> dict[str, Any]:  # noqa: N803
        state = self.states.pop(0)
        if state == "INTERRUPTED":
            raise KeyboardInterrupt
        status = {"State": state}
        if state == "FAILED":
            status["StateChangeReason"] = "SYNTAX_ERROR: line 1:8: Column 'x' cannot be resolved"
        statistics = {"DataScannedInBytes": 12_345_678, "TotalExecutionTimeInMillis": 1_500}
        return {
            "QueryExecution": {
                "QueryExecutionId": QueryExecutionId,
                "Status": status,
                "Statistics": statistics,
                "StatementType": self.kind,
            }
        }

    def stop_query_execution(self, QueryExecutionId: str) -> None:  # noqa: N803
        self.stopped.append(QueryExecutionId)

    def get_paginator(self, operation: str) -> Athena:
        assert operation == "get_query_results"
        return self

    def paginate(self, QueryExecutionId: str) -> list[dict[str, Any]]:  # noqa: N803
        assert QueryExecutionId == "q-1"
        columns = [{"Name": "sentiment", "Type": "varchar"}, {"Name": "items", "Type": "bigint"}]
        return [
            {
                "ResultSet": {
                    "ResultSetMetadata": {"ColumnInfo": columns},
                    "Rows": [
                        {"Data": [{} if c is None else {"VarCharValue": c} for c in row]}
                        for row in rows
                    ],
                }
            }
            for rows in self.pages
        ]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "POLL_SECONDS", 0)


PAGES: list[list[list[str | None]]] = [
    [["sentiment", "items"], ["positive", "3"]],
    [["[bold]", None], ["sentiment", "items"]],
]


def test_pages_are_one_table_without_the_line_of_names() -> None:
    athena = Athena(["QUEUED", "RUNNING", "SUCCEEDED"], PAGES, "DML")
    answer = query.run(athena, "group", "database", "SELECT 1")
    assert athena.started == [
        {
            "QueryString": "SELECT 1",
            "WorkGroup": "group",
            "QueryExecutionContext": {"Database": "database"},
        }
    ]
    # Only the first page has it; what looks like it later is data.
    assert answer.rows == [["positive", "3"], ["[bold]", None], ["sentiment", "items"]]
    assert (answer.scanned_bytes, answer.seconds) == (12_345_678, 1.5)


def test_answers_to_other_statements_have_no_line_of_names() -> None:
    rows: list[list[list[str | None]]] = [[["sentiment", "items"]]]
    answer = query.run(Athena(["SUCCEEDED"], rows, "UTILITY"), "group", "database", "SHOW TABLES")
    assert answer.rows == [["sentiment", "items"]]


def test_a_failure_is_told_in_athenas_words() -> None:
    with pytest.raises(query.QueryError, match=r"^SYNTAX_ERROR: line 1:8: Column 'x' cannot"):
        query.run(Athena(["RUNNING", "FAILED"], [], "DML"), "group", "database", "SELECT x")
    with pytest.raises(query.QueryError, match="the query was cancelled"):
        query.run(Athena(["CANCELLED"], [], "DML"), "group", "database", "SELECT 1")


def test_who_interrupts_pays_no_further() -> None:
    athena = Athena(["RUNNING", "INTERRUPTED"], [], "DML")
    with pytest.raises(KeyboardInterrupt):
        query.run(athena, "group", "database", "SELECT 1")
    assert athena.stopped == ["q-1"]


def test_what_is_shown() -> None:
    out = io.StringIO()
    answer = query.run(Athena(["SUCCEEDED"], PAGES, "DML"), "group", "database", "SELECT 1")
    query.show(answer, Console(file=out, width=60, markup=False))
    text = out.getvalue()
    assert "│ [bold]    │       │" in text  # text of rows is text; null is nothing
    assert "│ positive  │     3 │" in text  # numbers stand to the right
    assert "3 rows, 12,345,678 bytes scanned, 1.5 s" in text


@pytest.mark.parametrize(("sql", "name"), [(None, None), ("SELECT 1", "worst_days")])
def test_one_question_at_a_time(sql: str | None, name: str | None) -> None:
    stack = Deployed({"athena_named_queries": {"worst_days": "id", "by_hour": "id"}})
    with pytest.raises(OperatorError, match=r'SQL="SELECT …" or NAME=, one of: by_hour, worst'):
        query.ask(stack, sql, name)
