"""The data lake of an applied stack, for tests."""

from __future__ import annotations

import gzip
from collections import Counter
from dataclasses import dataclass

from ops import query
from ops.deployed import Deployed
from tests.e2e.conftest import Deployment


@dataclass(frozen=True)
class Lake:
    """The stack's lake, asked as `make query` asks, and its bucket."""

    deployment: Deployment

    def ask(self, sql: str) -> list[dict[str, str | None]]:
        answer = query.ask(Deployed(self.deployment.outputs), sql, None)
        return [
            dict(zip([name for name, _ in answer.columns], row, strict=True)) for row in answer.rows
        ]

    def rows(self, mark: str) -> list[dict[str, str | None]]:
        """What was written with a mark in its message."""
        columns = "feedback_id, customer, rating, message, sentiment, sentiment_engine"
        return self.ask(
            # The mark is a UUID. Cost: none, the test makes it up.
            f"SELECT {columns}, CAST(created_at AS date) AS created_on, year, month, day "  # noqa: S608  # nosec B608
            f"FROM feedback WHERE message LIKE '%{mark}%'"
        )

    def sentiments(self) -> Counter[str]:
        found = self.ask("SELECT sentiment, count(*) AS items FROM feedback GROUP BY sentiment")
        return Counter({str(row["sentiment"]): int(row["items"] or 0) for row in found})

    def objects(self) -> dict[str, bytes]:
        """Key => what is written there, decompressed."""
        s3, bucket = self.deployment.client("s3"), self.deployment.outputs["s3_data_lake_bucket"]
        return {
            entry["Key"]: gzip.decompress(
                s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
            )
            for page in s3.get_paginator("list_objects_v2").paginate(
                Bucket=bucket, Prefix="feedback/"
            )
            for entry in page.get("Contents", [])
        }
