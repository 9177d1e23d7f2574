"""One day's question to a lake of 90 days with 10,000 pieces of feedback each, in three layouts.

- the original's: one JSON object per piece, and nothing that tells a query which folders to leave
  out, so it reads them all;
- what `lake_exporter` writes: gzip objects of the rows that came within a window of 20 seconds, of
  which partition projection leaves the day's;
- what the compaction makes of a day: one Parquet object, ZSTD.

The engine is DuckDB, the embedded cloud's Athena, over local files: there is no network, so the
original's 900,000 requests to S3 cost nothing here. Bytes scanned are what Athena bills (at least
10 MB for a query): of JSON the objects as they are stored, of Parquet what the process read, as
Linux counts it. The layouts with a folder for each day exist for the day that is asked for and its
neighbours: an engine that knows the folder's name does not look at the others.
"""

from __future__ import annotations

import gzip
import json
import random
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from customer_platform.lake.rows import Row, row
from ops import ROOT
from ops.setup import ENVIRONMENTS
from tests.bench import FOLDER, BenchError, Say
from tests.bench.record import Goal, Report, Sheet
from tests.unit import seeding

TITLE = "One day of the data lake"
DAYS = 90
PER_DAY = 10_000
WINDOW = 20  # seconds; datalake.export_window_seconds
ROUNDS = 1  # the original's layout takes minutes to read
FIRST = date(2026, 1, 1)
ASKED = FIRST + timedelta(days=45)
_WORK = FOLDER / "lake"
_ORIGINAL, _BATCHES, _PARQUET = "an object per piece", "batches, projected", "compacted Parquet"
_TEXTS = (
    "Wonderful, I love it: it came a day early and the colour is exactly what I hoped for.",
    "Terrible. It broke on the first evening, and nobody answers when I write to support.",
    "It is a table of wood, as described. The screws were in a bag taped to one of the legs.",
    "The colour is great, the price is awful, and I would still buy it again for my sister.",
)
_SCORES = "STRUCT(positive DOUBLE, negative DOUBLE, neutral DOUBLE, mixed DOUBLE)"
_ORIGINALS_COLUMNS = (
    "{feedbackId: 'VARCHAR', timestamp: 'BIGINT', customerId: 'VARCHAR', "
    f"feedbackText: 'VARCHAR', sentiment: 'VARCHAR', sentimentScores: '{_SCORES}'}}"
)


@dataclass(frozen=True)
class Lake:
    """The files of one layout, the SQL of the day's question, and how many objects it opens."""

    sql: str
    objects: int
    stored: int | None = None  # bytes of these objects, if they are read whole


def measure(rounds: int | None, say: Say) -> Report:
    if not Path("/proc/self/io").is_file():
        raise BenchError("bytes are counted by Linux (/proc/self/io), which this system is not")
    shutil.rmtree(_WORK, ignore_errors=True)
    try:
        lakes, wanted = _write(say)
        sheet = Sheet(
            f"Sentiments of one of {DAYS} days, {PER_DAY:,} rows each",
            {"scanned": "MB", "wall": "s", "objects": ""},
            _ORIGINAL,
        )
        count = rounds or ROUNDS
        for number in range(count):
            say(f"Queries: round {number + 1} of {count}")
            for name, lake in lakes.items():
                answer = _ask(lake.sql)
                if dict(answer["rows"]) != wanted:
                    raise BenchError(f"{name} answered {answer['rows']}, not {wanted}")
                scanned = answer["bytes"] if lake.stored is None else lake.stored
                sheet.add(name, scanned=scanned / 1e6, wall=answer["seconds"], objects=lake.objects)
    finally:
        shutil.rmtree(_WORK, ignore_errors=True)
    goals = [
        Goal(
            f"{name}, bytes scanned as a part of the original's",
            sheet.ratio(name, "scanned").median,
            at_most=most,
        )
        for name, most in ((_BATCHES, 1 / DAYS), (_PARQUET, 1 / DAYS / 10))
    ]
    return Report([sheet], goals, [f"Rows came at random times, in windows of {WINDOW} s."])


def _write(say: Say) -> tuple[dict[str, Lake], dict[str, int]]:
    """All layouts, and the answer that each must give."""
    chance = random.Random(0)
    wanted: Counter[str] = Counter()
    for number in range(DAYS):
        if number % 10 == 0:
            say(f"Writing {DAYS * PER_DAY:,} objects: day {number} of {DAYS}")
        day = FIRST + timedelta(days=number)
        items = list(_day(chance, day))
        _write_original(day, items)
        if abs(day - ASKED) <= timedelta(days=1):
            _write_batches(day, items)
            _compact(day)
        if day == ASKED:
            wanted = Counter(item["sentiment"]["S"] for item in items)
    batches = [file.stat().st_size for file in (_WORK / "batches" / _folder(ASKED)).iterdir()]
    originals = [file.stat().st_size for file in (_WORK / "original").rglob("*.json")]
    lakes = {
        _ORIGINAL: Lake(
            # As a table without partitions: the day is in each object's time alone.
            _question(
                f"read_json('{_WORK}/original/*/*/*/*.json', columns={_ORIGINALS_COLUMNS})",
                f"WHERE timestamp BETWEEN {_second(ASKED)} AND {_second(ASKED) + 86_399}",
            ),
            len(originals),
            sum(originals),
        ),
        _BATCHES: Lake(
            _question(f"read_json('{_objects(ASKED)}', columns={{sentiment: 'VARCHAR'}})"),
            len(batches),
            sum(batches),
        ),
        _PARQUET: Lake(_question(f"read_parquet('{_parquet(ASKED)}')"), 1),
    }
    return lakes, dict(wanted)


def _question(relation: str, where: str = "") -> str:
    # Folders and times are this file's own. Cost: none.
    return f"SELECT sentiment, count(*) FROM {relation} {where} GROUP BY sentiment"  # noqa: S608  # nosec B608


def _day(chance: random.Random, day: date) -> Iterator[dict[str, Any]]:
    """A day's items of the table, as the stream brings them, in the order of their times."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    for offset in sorted(chance.uniform(0, 86_399) for _ in range(PER_DAY)):
        kind = chance.randrange(4)
        yield seeding.item(
            midnight + timedelta(seconds=offset),
            sentiment=("positive", "negative", "neutral", "mixed")[kind],
            rating=chance.randint(1, 5),
            feedback_id=f"{chance.getrandbits(128):032x}",
            message=f"{_TEXTS[kind]} Order {chance.randrange(10**8)}.",
        )


def _write_original(day: date, items: list[dict[str, Any]]) -> None:
    folder = _WORK / "original" / _folder(day)
    folder.mkdir(parents=True)
    for item in items:
        (folder / f"{item['feedbackId']['S']}.json").write_text(json.dumps(_originals(item)))


def _write_batches(day: date, items: list[dict[str, Any]]) -> None:
    folder = _objects(day).parent
    folder.mkdir(parents=True)
    for batch in _windows([row(item, b"salt") for item in items], items):
        content = gzip.compress(b"".join(found.line + b"\n" for found in batch), mtime=0)
        (folder / f"{batch[0].feedback_id}.json.gz").write_bytes(content)


def _compact(day: date) -> None:
    _parquet(day).parent.mkdir(parents=True)
    # Folders are this file's own. Cost: none.
    everything = f"SELECT * FROM read_json_auto('{_objects(day)}')"  # noqa: S608  # nosec B608
    _ask(f"COPY ({everything}) TO '{_parquet(day)}' (FORMAT parquet, COMPRESSION zstd)")


def _objects(day: date) -> Path:
    return _WORK / "batches" / _folder(day) / "*.json.gz"


def _parquet(day: date) -> Path:
    return _WORK / "compacted" / _folder(day) / "part.parquet"


def _originals(item: dict[str, Any]) -> dict[str, Any]:
    """What the original writes into its bucket."""
    return {
        "feedbackId": item["feedbackId"]["S"],
        "timestamp": int(item["timestamp"]["N"]),
        "customerId": item["email"]["S"],
        "feedbackText": item["message"]["S"],
        "sentiment": item["sentiment"]["S"],
        "sentimentScores": {
            name: float(score["N"]) for name, score in item["sentimentScores"]["M"].items()
        },
    }


def _windows(rows: list[Row], items: list[dict[str, Any]]) -> Iterator[list[Row]]:
    """Rows that come within a window, which opens with the first of them."""
    batch: list[Row] = []
    opened = 0
    for found, item in zip(rows, items, strict=True):
        second = int(item["timestamp"]["N"])
        if batch and second - opened >= WINDOW:
            yield batch
            batch = []
        if not batch:
            opened = second
        batch.append(found)
    yield batch


def _folder(day: date) -> str:
    return f"year={day.year}/month={day.month:02}/day={day.day:02}"


def _second(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _ask(sql: str) -> dict[str, Any]:
    python = ENVIRONMENTS["emulator"] / "bin" / "python"
    done = subprocess.run(
        [str(python), str(ROOT / "tests" / "bench" / "lake_query.py"), sql],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise BenchError(f"DuckDB failed:\n{done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
