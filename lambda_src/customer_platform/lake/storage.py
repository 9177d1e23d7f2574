"""The lake's bucket."""

import gzip
import hashlib
from typing import TYPE_CHECKING

from customer_platform.lake.rows import Row

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class LakeBucket:
    def __init__(self, s3: "S3Client", bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def write(self, day: str, rows: list[Row], *, from_stream: bool) -> None:
        """Newline-delimited JSON, gzip, under the name of the first row.

        A stream goes on where it stopped, so a batch that comes again begins with the same
        record, even when it ends with another: it writes the same object again, with the same
        rows or more, and a query finds each row once. A revision makes a name of its own: it comes
        in a later batch than the row that it revises, and must not take that one's place. Nor must
        rows that somebody sends again (some of a batch, or in another order): their object is named
        after all of them, and whoever asks sees each row once (docs/data-lake.md).
        """
        year, month, date = day.split("-")
        first = rows[0]
        name = f"{first.feedback_id}-{first.revision}" if first.revision else first.feedback_id
        if not from_stream:
            name = f"again-{_digest(rows)}"
        self._s3.put_object(
            Bucket=self._bucket,
            Key=f"feedback/year={year}/month={month}/day={date}/{name}.json.gz",
            Body=gzip.compress(b"".join(found.line + b"\n" for found in rows), mtime=0),
            ContentType="application/x-ndjson",
        )


def _digest(rows: list[Row]) -> str:
    return hashlib.sha256(b"\n".join(sorted(row.line for row in rows))).hexdigest()[:32]
