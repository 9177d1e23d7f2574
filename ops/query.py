"""`make query`: ask a stack's data lake, with SQL or by the name of a query that is kept in it.

Runs in the stack's own workgroup, with its limits, and prints the answer as a table.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table

from ops import OperatorError
from ops.deployed import Deployed, add_arguments, deployed

POLL_SECONDS = 0.5
NUMBERS = {"bigint", "decimal", "double", "float", "integer", "real", "smallint", "tinyint"}


class QueryError(OperatorError):
    """What Athena says is wrong, in Athena's words."""


@dataclass(frozen=True)
class Answer:
    """Columns with their types, rows of text (None for null), and what they cost."""

    columns: list[tuple[str, str]]
    rows: list[list[str | None]]
    scanned_bytes: int
    seconds: float


def run(athena: Any, workgroup: str, database: str, sql: str) -> Answer:
    """Ask and wait. Raises QueryError; asks Athena to stop when interrupted."""
    query = athena.start_query_execution(
        QueryString=sql, WorkGroup=workgroup, QueryExecutionContext={"Database": database}
    )["QueryExecutionId"]
    try:
        execution = _finished(athena, query)
    except KeyboardInterrupt:
        athena.stop_query_execution(QueryExecutionId=query)
        raise
    status, statistics = execution["Status"], execution.get("Statistics", {})
    if status["State"] != "SUCCEEDED":
        ended = "was cancelled" if status["State"] == "CANCELLED" else "failed"
        raise QueryError(status.get("StateChangeReason") or f"the query {ended}")
    columns, rows = _results(athena, query, execution)
    return Answer(
        columns,
        rows,
        statistics.get("DataScannedInBytes", 0),
        statistics.get("TotalExecutionTimeInMillis", 0) / 1000,
    )


def _finished(athena: Any, query: str) -> dict[str, Any]:
    while True:
        execution: dict[str, Any] = athena.get_query_execution(QueryExecutionId=query)[
            "QueryExecution"
        ]
        if execution["Status"]["State"] not in {"QUEUED", "RUNNING"}:
            return execution
        time.sleep(POLL_SECONDS)


def _results(
    athena: Any, query: str, execution: dict[str, Any]
) -> tuple[list[tuple[str, str]], list[list[str | None]]]:
    columns: list[tuple[str, str]] = []
    rows: list[list[str | None]] = []
    for page in _pages(athena, query):
        columns = [
            (column["Name"], column["Type"])
            for column in page["ResultSetMetadata"].get("ColumnInfo", [])
        ]
        rows += [[cell.get("VarCharValue") for cell in row.get("Data", [])] for row in page["Rows"]]
    # The first row of a SELECT's answer repeats the names; that of SHOW or DESCRIBE does not.
    if execution.get("StatementType", "DML") == "DML" and rows[:1] == [[n for n, _ in columns]]:
        rows = rows[1:]
    return columns, rows


def _pages(athena: Any, query: str) -> Iterator[dict[str, Any]]:
    for page in athena.get_paginator("get_query_results").paginate(QueryExecutionId=query):
        yield page["ResultSet"]


def named(athena: Any, queries: dict[str, str], name: str) -> str:
    """The SQL of a query that the stack keeps. Raises OperatorError that lists the names."""
    if name not in queries:
        raise OperatorError(f"there is no query {name!r}; there are: {', '.join(sorted(queries))}")
    return str(athena.get_named_query(NamedQueryId=queries[name])["NamedQuery"]["QueryString"])


def show(answer: Answer, console: Console) -> None:
    table = Table()
    for name, kind in answer.columns:
        right = kind.split("(")[0] in NUMBERS
        table.add_column(
            name, justify="right" if right else "left", no_wrap=not console.is_terminal
        )
    for row in answer.rows:
        table.add_row(*("" if cell is None else cell for cell in row))
    console.print(table)
    console.print(
        f"{len(answer.rows)} rows, {answer.scanned_bytes:,} bytes scanned, {answer.seconds:.1f} s"
    )


def ask(stack: Deployed, sql: str | None, name: str | None) -> Answer:
    """Raises OperatorError."""
    if (sql is None) == (name is None):
        known = ", ".join(sorted(stack.outputs["athena_named_queries"]))
        raise OperatorError(f'say SQL="SELECT …" or NAME=, one of: {known}')
    athena = stack.client("athena")
    text = sql if name is None else named(athena, stack.outputs["athena_named_queries"], name)
    return run(
        athena,
        stack.outputs["athena_workgroup_name"],
        stack.outputs["glue_database_name"],
        text or "",
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    parser.add_argument("--sql")
    parser.add_argument("--name")
    options = parser.parse_args(arguments)
    try:
        answer = ask(deployed(options), options.sql, options.name)
    except KeyboardInterrupt:
        return 130
    except QueryError as error:
        print(f"Athena: {error}", file=sys.stderr)
        return 1
    except ClientError as error:
        print(f"Athena: {error.response['Error']['Message']}", file=sys.stderr)
        return 1
    except (OperatorError, BotoCoreError, OSError, KeyError) as error:
        print(f"make query: {error}", file=sys.stderr)
        return 1
    # A pipe has no width: rows are not to be folded there, messages have 5,000 characters.
    width = None if sys.stdout.isatty() else 20_000
    show(answer, Console(width=width, markup=False, highlight=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
