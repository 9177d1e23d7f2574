"""The data lake on the applied stack: what is accepted can be asked for in SQL, once, and nobody
can be found in it."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from ops import ROOT, emulator, query
from tests.e2e.conftest import Deployment, eventually
from tests.e2e.lake import Lake
from tests.e2e.test_feedback import analytics
from tests.unit import seeding

THREADS = 8
SENTIMENTS = ("positive", "neutral", "negative", "mixed")
TEXTS = (
    "Wonderful, I love it!",
    "Terrible, it broke and nobody helps.",
    "It is a table of wood.",
    "The colour is great, the price is awful.",
)


@pytest.fixture(scope="module")
def lake(deployment: Deployment) -> Lake:
    return Lake(deployment)


def form(mark: str, number: int) -> dict[str, Any]:
    """Signed as people sign, with the name and the address that a lake must not hold."""
    message = f"{TEXTS[number % 4]} {mark} Yours, Quirinus, quirinus-{mark}@example.com"
    return {
        "name": "Quirinus Quelch",
        "email": f"Quirinus-{mark}@example.com",
        "rating": number % 5 + 1,
        "message": message,
    }


@dataclass(frozen=True)
class Posted:
    """Answers by feedbackId, and what was counted and in the lake before."""

    mark: str
    answers: dict[str, dict[str, Any]]
    counted: dict[str, Any]
    exported: Counter[str]


@pytest.fixture(scope="module")
def posted(api: httpx.Client, lake: Lake) -> Posted:
    """200 pieces of feedback, and their arrival wherever the stream brings them."""
    mark = uuid.uuid4().hex
    before, exported = _settled(api, lake)

    def post(number: int) -> dict[str, Any]:
        answer = api.post("/feedback", json=form(mark, number))
        assert answer.status_code == 201, answer.text
        item: dict[str, Any] = answer.json()
        return item

    with ThreadPoolExecutor(THREADS) as pool:
        answers = {item["feedbackId"]: item for item in pool.map(post, range(200))}
    assert len(answers) == 200
    total = before["totalFeedback"] + 200
    eventually(lambda: analytics(api)["totalFeedback"], lambda found: found == total)
    eventually(lambda: len(lake.rows(mark)), lambda found: found >= 200, seconds=60)
    return Posted(mark, answers, before, exported)


def _settled(api: httpx.Client, lake: Lake) -> tuple[dict[str, Any], Counter[str]]:
    """Once nothing is on its way any more from tests before."""

    def reading() -> tuple[dict[str, Any], Counter[str]]:
        return analytics(api), lake.sentiments()

    last = reading()

    def stands_still(now: tuple[dict[str, Any], Counter[str]]) -> bool:
        nonlocal last
        still, last = now == last, now
        return still

    return eventually(reading, stands_still)


def test_what_is_accepted_is_in_the_lake_once(posted: Posted, lake: Lake) -> None:
    rows = lake.rows(posted.mark)
    assert len(rows) == 200
    assert {row["feedback_id"] for row in rows} == posted.answers.keys()
    for row in rows:
        answer = posted.answers[str(row["feedback_id"])]
        assert row["sentiment"] == answer["sentiment"]
        assert row["rating"] == str(answer["rating"])
        assert row["sentiment_engine"] == "lexicon"
        assert row["created_on"] == answer["createdAt"][:10]
        year, month, day = map(int, answer["createdAt"][:10].split("-"))
        assert [row["year"], row["month"], row["day"]] == [str(year), str(month), str(day)]


def test_grouped_counts_are_those_of_the_analytics(
    posted: Posted, lake: Lake, api: httpx.Client
) -> None:
    counted = Counter(analytics(api)["sentiment"])
    counted.subtract(posted.counted["sentiment"])
    exported = lake.sentiments()
    exported.subtract(posted.exported)
    assert {name: exported[name] for name in SENTIMENTS} == dict(counted)
    assert counted == Counter(item["sentiment"] for item in posted.answers.values())
    assert all(counted[name] for name in SENTIMENTS)


def test_one_customer_is_one_hash(posted: Posted, lake: Lake) -> None:
    (customer,) = {row["customer"] for row in lake.rows(posted.mark)}
    assert customer
    assert len(customer) == 32


def test_the_lake_holds_no_name_and_no_address(posted: Posted, lake: Lake) -> None:
    objects = lake.objects()
    assert sum(posted.mark.encode() in content for content in objects.values())
    for key, content in objects.items():
        text = content.decode().lower()
        for secret in ("quirinus", "quelch", f"{posted.mark}@", "@example.com"):
            assert secret not in text, f"{key} holds {secret}"
    assert "Yours, [name], [email]" in str(lake.rows(posted.mark)[0]["message"])


def test_a_batch_that_comes_again_adds_no_row(posted: Posted, lake: Lake) -> None:
    """Each object is written again from its records, by the deployed function; also together with
    what came after them, as when the stream goes back and by then there is more."""
    deployment = lake.deployment
    function = deployment.outputs["functions"]["lake_exporter"]["name"]
    before = lake.objects()
    batches = [content for content in before.values() if posted.mark.encode() in content]
    for batch in batches:
        ids = [json.loads(line)["feedback_id"] for line in batch.splitlines()]
        event = {"Records": seeding.stream(*(_stored(deployment, known) for known in ids))}
        answer = deployment.client("lambda").invoke(
            FunctionName=function, Qualifier="live", Payload=json.dumps(event)
        )
        assert "FunctionError" not in answer
        assert json.loads(answer["Payload"].read()) == {"batchItemFailures": []}
    assert lake.objects() == before
    assert len(lake.rows(posted.mark)) == 200


def _stored(deployment: Deployment, feedback_id: str) -> dict[str, Any]:
    (item,) = deployment.client("dynamodb").query(
        TableName=deployment.outputs["dynamodb_table_name"],
        KeyConditionExpression="feedbackId = :id",
        ExpressionAttributeValues={":id": {"S": feedback_id}},
        ConsistentRead=True,
    )["Items"]
    return dict(item)


def test_a_bad_record_is_put_aside_and_the_next_one_exported(lake: Lake, api: httpx.Client) -> None:
    deployment, bad, mark = lake.deployment, f"bad-{uuid.uuid4()}", uuid.uuid4().hex
    deployment.client("dynamodb").put_item(
        TableName=deployment.outputs["dynamodb_table_name"],
        Item={
            "feedbackId": {"S": bad},
            "timestamp": {"N": "1"},
            "email": {"S": "secret@example.com"},
            "message": {"S": "Nobody can read the rest of this"},
        },
    )
    api.post("/feedback", json=form(mark, 1)).raise_for_status()
    eventually(lambda: len(lake.rows(mark)), lambda found: found == 1, seconds=60)
    sqs = deployment.client("sqs")
    queue = deployment.outputs["functions"]["lake_exporter"]["dead_letter_queue"]

    def letters() -> list[str]:
        answer = sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=1, WaitTimeSeconds=1
        )
        return [m["Body"] for m in answer.get("Messages", []) if bad in m["Body"]]

    letter = eventually(letters, bool)[0]
    assert json.loads(letter)["reason"] == "feedbackId is not a UUID"
    assert "secret" not in letter
    assert "Nobody can read" not in letter


# --- named queries, over data that is known ----------------------------------------------


@dataclass(frozen=True)
class Known:
    """A database of its own, with a table `feedback` like the stack's, and the rows in it."""

    deployment: Deployment
    database: str
    rows: list[dict[str, Any]]

    def ask(self, name: str) -> list[dict[str, Any]]:
        outputs = self.deployment.outputs
        athena = self.deployment.client("athena")
        sql = query.named(athena, outputs["athena_named_queries"], name)
        answer = query.run(athena, outputs["athena_workgroup_name"], self.database, sql)
        names = [column for column, _ in answer.columns]
        return [dict(zip(names, map(_value, row), strict=True)) for row in answer.rows]

    def within(self, days: int) -> list[dict[str, Any]]:
        """The rows of today and the days before."""
        first = (datetime.now(UTC).date() - timedelta(days=days)).isoformat()
        return [row for row in self.rows if row["created_at"][:10] >= first]


def _value(text: str | None) -> Any:
    try:
        return json.loads(text or "null")
    except ValueError:
        return text


def _known_row(number: int, day: datetime) -> dict[str, Any]:
    sentiment = SENTIMENTS[(number * number + day.day) % 4]
    moment = day + timedelta(hours=number * 7 % 24, seconds=number)
    return {
        "feedback_id": str(uuid.UUID(int=number, version=4)),
        "created_at": moment.strftime("%Y-%m-%d %H:%M:%S.000"),
        "customer": None,
        "rating": None if number % 6 == 5 else number % 5 + 1,
        "message": f"Message {number}",
        "sentiment": sentiment,
        "sentiment_engine": "lexicon" if number % 5 == 0 else "comprehend",
        "language": "en",
        "score_positive": 0.25,
        "score_neutral": 0.25,
        "score_negative": round(number % 97 / 100, 4),
        "score_mixed": 0.25,
        "revision": 0,
    }


@pytest.fixture(scope="module")
def known(deployment: Deployment) -> Iterator[Known]:
    """400 rows on 130 days, up to today: more than any query looks back."""
    s3, glue = deployment.client("s3"), deployment.client("glue")
    bucket, database = deployment.outputs["s3_data_lake_bucket"], f"known_{uuid.uuid4().hex}"
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    rows: list[dict[str, Any]] = []
    keys = []
    for back in range(130):
        day = today - timedelta(days=back)
        fresh = [_known_row(len(rows) + n, day) for n in range(back % 5 + 1)]
        key = f"{database}/year={day.year}/month={day.month:02}/day={day.day:02}/part.json.gz"
        lines = "".join(json.dumps(row) + "\n" for row in fresh)
        s3.put_object(Bucket=bucket, Key=key, Body=gzip.compress(lines.encode()))
        rows += fresh
        keys.append(key)
    table = glue.get_table(DatabaseName=deployment.outputs["glue_database_name"], Name="feedback")
    storage = table["Table"]["StorageDescriptor"] | {"Location": f"s3://{bucket}/{database}/"}
    glue.create_database(DatabaseInput={"Name": database})
    glue.create_table(
        DatabaseName=database,
        TableInput={
            "Name": "feedback",
            "StorageDescriptor": storage,
            "PartitionKeys": table["Table"]["PartitionKeys"],
            "Parameters": table["Table"]["Parameters"],
        },
    )
    yield Known(deployment, database, rows)
    glue.delete_table(DatabaseName=database, Name="feedback")
    glue.delete_database(Name=database)
    for key in keys:
        for version in s3.list_object_versions(Bucket=bucket, Prefix=key)["Versions"]:
            s3.delete_object(Bucket=bucket, Key=key, VersionId=version["VersionId"])


def day_of(row: dict[str, Any]) -> str:
    return str(row["created_at"][:10])


def share(part: int, whole: int) -> float:
    """A percentage as SQL rounds it: halves away from zero."""
    return int(1000 * part / whole + 0.5) / 10


def by_day(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    days: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=day_of):
        days.setdefault(day_of(row), []).append(row)
    return days


def having(rows: list[dict[str, Any]], **values: str) -> int:
    return sum(all(row[name] == value for name, value in values.items()) for row in rows)


def test_sentiment_per_day(known: Known) -> None:
    assert known.ask("sentiment_per_day") == [
        {"created_on": day}
        | {name: having(rows, sentiment=name) for name in SENTIMENTS}
        | {"total": len(rows)}
        for day, rows in by_day(known.within(30)).items()
    ]


def test_rating_distribution(known: Known) -> None:
    ratings = Counter(row["rating"] for row in known.within(30) if row["rating"])
    assert len(ratings) == 5
    assert known.ask("rating_distribution") == [
        {"rating": rating, "items": n, "percentage": share(n, ratings.total())}
        for rating, n in sorted(ratings.items())
    ]


def test_worst_days(known: Known) -> None:
    found = known.ask("worst_days")
    wanted: list[dict[str, Any]] = []
    for day, rows in by_day(known.within(90)).items():
        ratings = [row["rating"] for row in rows if row["rating"]]
        wanted.append(
            {
                "created_on": day,
                "negative_percentage": share(having(rows, sentiment="negative"), len(rows)),
                "average_rating": pytest.approx(sum(ratings) / len(ratings), abs=0.0051)
                if ratings
                else None,
                "items": len(rows),
            }
        )
    wanted.sort(key=lambda row: (-row["negative_percentage"], -row["items"], row["created_on"]))
    assert found == wanted[:10]


def test_lexicon_share(known: Known) -> None:
    assert known.ask("lexicon_share") == [
        {
            "created_on": day,
            "lexicon": having(rows, sentiment_engine="lexicon"),
            "items": len(rows),
            "percentage": share(having(rows, sentiment_engine="lexicon"), len(rows)),
        }
        for day, rows in by_day(known.within(30)).items()
    ]


def test_volume_per_hour(known: Known) -> None:
    rows = known.within(30)
    hours = Counter(int(row["created_at"][11:13]) for row in rows)
    assert known.ask("volume_per_hour") == [
        {"hour": hour, "items": n, "percentage": share(n, len(rows))}
        for hour, n in sorted(hours.items())
    ]


def test_top_negative_messages(known: Known) -> None:
    rows = [row for row in known.within(7) if row["sentiment"] == "negative"]
    rows.sort(key=lambda row: (row["score_negative"], row["created_at"]), reverse=True)
    assert rows
    names = ("feedback_id", "rating", "score_negative", "message")
    found = known.ask("top_negative_messages")
    assert [{name: row[name] for name in names} for row in found] == [
        {name: row[name] for name in names} for row in rows[:20]
    ]


def test_every_named_query_is_tested(deployment: Deployment) -> None:
    tested = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert deployment.outputs["athena_named_queries"].keys() <= tested
    assert len(deployment.outputs["athena_named_queries"]) == 6


# --- make query ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def outputs_file(deployment: Deployment) -> Path:
    return emulator.outputs_file(deployment.stack.folder, deployment.stack.suffix)


def make_query(outputs: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", "query", f"OUTPUTS={outputs}"]
        + [f"{name}={value}" for name, value in variables.items()],
        cwd=ROOT, capture_output=True, text=True, check=False, env=dict(os.environ),
    )  # fmt: skip


def test_make_query_prints_a_table(posted: Posted, outputs_file: Path) -> None:
    what = "count(*) AS \"how many\", 'it''s' AS it"
    # The mark is a UUID. Cost: none, the test makes it up.
    sql = f"SELECT {what} FROM feedback WHERE message LIKE '%{posted.mark}%'"  # noqa: S608  # nosec B608
    done = make_query(outputs_file, SQL=sql)
    assert done.returncode == 0, done.stderr
    assert [cell.strip() for cell in done.stdout.splitlines()[1].strip("┃").split("┃")] == [
        "how many",
        "it",
    ]
    assert [cell.strip() for cell in done.stdout.splitlines()[3].strip("│").split("│")] == [
        "200",
        "it's",
    ]
    assert "1 rows, " in done.stdout
    assert "bytes scanned" in done.stdout


def test_make_query_asks_what_was_typed(
    outputs_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """make has a meaning of its own for $, and takes variables of the shell's for its own."""
    monkeypatch.setenv("NAME", "somebodys-computer")
    done = make_query(outputs_file, SQL="SELECT '$.a', '^good$', '$(shell date)' AS third")
    assert done.returncode == 0, done.stderr
    for typed in ("$.a", "^good$", "$(shell date)"):
        assert typed in done.stdout
    quoted = make_query(outputs_file, NAME="x'; touch y; '")
    assert "there is no query \"x'; touch y; '\"" in quoted.stderr


def test_make_query_knows_queries_by_name(posted: Posted, outputs_file: Path) -> None:
    done = make_query(outputs_file, NAME="sentiment_per_day")
    assert done.returncode == 0, done.stderr
    assert next(iter(posted.answers.values()))["createdAt"][:10] in done.stdout


def test_make_query_shows_athenas_error_as_it_is(outputs_file: Path) -> None:
    done = make_query(outputs_file, SQL="SELECT nothing FROM feedback")
    assert done.returncode == 2  # make's own for a recipe that fails with 1
    assert 'Referenced column "nothing" not found' in done.stderr
    assert "Error 1" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("variables", [{}, {"NAME": "no_such_query"}, {"SQL": "", "NAME": ""}])
def test_make_query_says_what_it_wants(variables: dict[str, str], outputs_file: Path) -> None:
    done = make_query(outputs_file, **variables)
    assert done.returncode == 2
    assert "sentiment_per_day" in done.stderr
