"""Plays the part of Athena that the embedded cloud lacks: UNLOAD, and registered partitions.

Runs inside the embedded cloud, as a function that a test's copy of the workflow calls instead of
athena:startQueryExecution, and in the tests themselves. Its answer is the one of that call: the ID
of a query of the embedded cloud's Athena, which has ended as the played one would have.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import boto3

UNLOAD = re.compile(
    r"UNLOAD \((?P<select>.+)\)\s+TO '(?P<target>s3://[^']+)'\s+WITH \((?P<how>.+)\)$", re.DOTALL
)
COMPACTED = re.compile(r"\bfeedback_compacted\b")


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Arguments of StartQueryExecution, and its answer."""
    athena = boto3.client("athena")
    unload = UNLOAD.match(event["QueryString"])
    if unload:
        sql = _unload(unload["select"], unload["target"], unload["how"])
    else:
        glue = boto3.client("glue")
        database = event["QueryExecutionContext"]["Database"]
        sql = as_registered(glue, database, event["QueryString"])
    answer = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext=event["QueryExecutionContext"],
        WorkGroup=event["WorkGroup"],
    )
    return {"QueryExecutionId": answer["QueryExecutionId"]}


def as_registered(glue: Any, database: str, sql: str) -> str:
    """The query over the registered partitions' folders and no others.

    The embedded cloud reads whatever lies below a table's location; the table of runs, which has
    the run in its path, can be asked for some of it.
    """
    table = {"DatabaseName": database, "TableName": "feedback_compacted"}
    partitions = glue.get_partitions(**table)["Partitions"]
    columns = glue.get_table(DatabaseName=database, Name="feedback_compacted")["Table"]
    names = [column["Name"] for column in columns["StorageDescriptor"]["Columns"]]
    selected = ", ".join([*names, "year", "month", "day"])
    places = [_place(partition) for partition in partitions]
    where = " OR ".join(places) or "FALSE"
    # Names are Glue's and the workflow's. Cost: none, nobody else's text is in it.
    relation = f"(SELECT {selected} FROM feedback_runs WHERE {where})"  # noqa: S608  # nosec B608
    return COMPACTED.sub(relation, sql)


def _place(partition: Mapping[str, Any]) -> str:
    year, month, day = map(int, partition["Values"])
    folder = f"/year={year}/month={month:02}/day={day:02}/run="
    before, _, run = partition["StorageDescriptor"]["Location"].partition(folder)
    assert before.endswith("/compacted/feedback"), "a location that is not its day's"
    return (
        f"(year = {year} AND month = {month} AND day = {day} AND run = '{run.removesuffix('/')}')"
    )


def _unload(select: str, target: str, how: str) -> str:
    """Do what UNLOAD does, with DuckDB; SQL that succeeds, or fails with the reason."""
    assert how == "format = 'PARQUET', compression = 'ZSTD'", how
    place = urlparse(target)
    bucket, prefix = place.netloc, place.path.lstrip("/")
    assert prefix.endswith("/")
    s3 = boto3.client("s3")
    if s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["KeyCount"]:
        return f"SELECT error('HIVE_PATH_ALREADY_EXISTS: {target}')"
    with tempfile.TemporaryDirectory() as folder:
        rows = _fetch(s3, bucket, "feedback/", Path(folder))
        file = Path(folder) / "rows.parquet"
        if _write(select, rows, file):
            s3.upload_file(str(file), bucket, f"{prefix}{file.name}")
    return "SELECT 1"


def _fetch(s3: Any, bucket: str, prefix: str, folder: Path) -> list[str]:
    files = []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for entry in page.get("Contents", []):
            file = folder / entry["Key"]
            file.parent.mkdir(parents=True, exist_ok=True)
            s3.download_file(bucket, entry["Key"], str(file))
            files.append(str(file))
    return files


def _write(select: str, rows: Sequence[str], file: Path) -> int:
    """Rows written; no file for none, as UNLOAD."""
    import duckdb  # type: ignore[import-not-found]  # only the embedded cloud has it

    with duckdb.connect(":memory:") as connection:
        raw = connection.read_json(
            list(rows),
            union_by_name=True,
            hive_partitioning=True,
            hive_types={"year": "INTEGER", "month": "INTEGER", "day": "INTEGER"},
        )
        raw.create_view("feedback_raw")
        count = len(connection.sql(select))
        if count:
            connection.execute(f"COPY ({select}) TO '{file}' (FORMAT parquet, COMPRESSION zstd)")
    return int(count)
