"""Writing the stream into the data lake: every item once, nobody's name."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from customer_platform.lake.redaction import redacted
from customer_platform.streams import BatchFailedError
from tests.unit import poison, seeding
from tests.unit.platform import FORM, TEXT, Context, Platform
from tests.unit.test_stream_aggregator import POISON

NOW = datetime(2026, 3, 15, 0, 0, 30, tzinfo=UTC)
SECONDS = timedelta(seconds=1)


def ids(platform: Platform) -> list[str]:
    """Of all rows, with what is there twice."""
    return sorted(row["feedback_id"] for rows in platform.lake().values() for row in rows)


def of(items: list[dict[str, Any]]) -> list[str]:
    return sorted(item["feedbackId"]["S"] for item in items)


def test_what_is_submitted_becomes_a_row(platform: Platform) -> None:
    platform.post(FORM | {"message": "Wonderful, says Ada!"})
    platform.post(TEXT)
    items = {item["feedbackId"]["S"]: item for item in platform.items()}
    assert platform.export(seeding.stream(*items.values())) == {"batchItemFailures": []}
    [(key, rows)] = platform.lake().items()
    day = next(iter(items.values()))["createdAt"]["S"][:10]
    year, month, date = day.split("-")
    first = next(iter(items))
    assert key == f"feedback/year={year}/month={month}/day={date}/{first}.json.gz"
    assert {row["feedback_id"] for row in rows} == items.keys()
    form, text = sorted(rows, key=lambda row: row["rating"] is None)
    assert form["rating"] == 5
    assert form["message"] == "Wonderful, says [name]!"
    assert text["message"] == TEXT["feedback"]
    stored = items[form["feedback_id"]]
    assert form["created_at"] == stored["createdAt"]["S"].replace("T", " ")[:-1]
    assert form["sentiment"] == stored["sentiment"]["S"] == "positive"
    assert form["sentiment_engine"] == "lexicon"
    assert form["language"] == "en"
    scores = [form[f"score_{name}"] for name in ("positive", "neutral", "negative", "mixed")]
    assert sum(scores) == pytest.approx(1, abs=0.001)
    assert all(isinstance(score, float) for score in scores)


def test_a_batch_over_midnight_is_an_object_per_day(platform: Platform) -> None:
    items = seeding.many(120, NOW, SECONDS)
    platform.export(seeding.stream(*items))
    lake = platform.lake()
    assert len(lake) == 2
    for key, rows in lake.items():
        assert {row["created_at"][:10] for row in rows} == {
            key.removeprefix("feedback/year=").replace("/month=", "-").replace("/day=", "-")[:10]
        }
    assert ids(platform) == of(items)


def test_a_batch_that_comes_again_adds_no_row(platform: Platform) -> None:
    """Also when it ends elsewhere: the stream goes on from the same record, and by then there
    may be more."""
    items = seeding.many(200, NOW, SECONDS)
    records = seeding.stream(*items)
    platform.export(records[:60])
    before = platform.lake()
    platform.export(records[:60])
    assert platform.lake() == before
    platform.export(records[:150] + records[:3])
    platform.export(records[150:])
    assert ids(platform) == of(items)


def test_what_somebody_sends_again_takes_nothing_away(platform: Platform) -> None:
    """Some of a batch, in whatever order, as the runbook does: such records have no eventID."""
    items = seeding.many(60, NOW - timedelta(hours=1), SECONDS)
    platform.export(seeding.stream(*items))
    before = platform.lake()
    again = seeding.stream(items[0], *items[40:50])
    for record in again:
        del record["eventID"]
    platform.export(again)
    platform.export(again)
    after = platform.lake()
    assert {key: after[key] for key in before} == before
    (added,) = after.keys() - before.keys()
    written = [row for rows in before.values() for row in rows]
    assert [row in written for row in after[added]] == [True] * 11


def test_a_batch_that_failed_half_way_is_finished_by_its_retry(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = seeding.many(120, NOW, SECONDS)  # two days
    client = platform.modules["lake_exporter"].LAKE._s3
    real, calls = client.put_object, []

    def cut_off(**parameters: Any) -> Any:
        calls.append(parameters["Key"])
        if len(calls) == 2:
            raise EndpointConnectionError(endpoint_url="s3")
        return real(**parameters)

    monkeypatch.setattr(client, "put_object", cut_off)
    with pytest.raises(BatchFailedError):
        platform.export(seeding.stream(*items))
    assert 0 < len(ids(platform)) < 120
    platform.export(seeding.stream(*items))
    assert ids(platform) == of(items)


def test_a_customer_is_a_salted_hash(platform: Platform) -> None:
    people: list[dict[str, Any]] = [
        {"email": "ada@example.com"},
        {"email": "ADA@example.com"},
        {"email": "grace@example.com"},
        {"email": None, "name": None, "customerId": "c-1"},
        {"email": None, "name": None, "customerId": "c-1"},
        {"email": None, "name": None, "customerId": "ada@example.com"},
        {"email": None, "name": None, "customerId": "anonymous"},
        {"email": None, "name": None},
    ]
    items = [seeding.item(NOW, **person) for person in people]
    platform.export(seeding.stream(*items))
    [rows] = platform.lake().values()
    found = {row["feedback_id"]: row["customer"] for row in rows}
    ada, shouting, grace, one, again, other, anonymous, nobody = (found[i] for i in (
        item["feedbackId"]["S"] for item in items
    ))  # fmt: skip
    assert ada == shouting
    assert one == again
    assert len({ada, grace, one, other}) == 4
    assert anonymous is None
    assert nobody is None
    assert all(len(known) == 32 for known in (ada, grace, one, other))
    salt = platform.modules["lake_exporter"].SALT
    salt._value = b"another"
    platform.export(seeding.stream(items[0]))
    salt._value = None
    hashes = {r["customer"] for rows in platform.lake().values() for r in rows}
    assert len(hashes - {ada, grace, one, other, None}) == 1


def test_a_revision_is_another_row_of_the_same_day(platform: Platform) -> None:
    item = seeding.pending(NOW - timedelta(days=3), sentiment="neutral")
    after = seeding.revised(item, "negative")
    platform.export(seeding.stream(item))
    platform.export(seeding.stream(after, name="MODIFY"))
    lake = platform.lake()
    identity = item["feedbackId"]["S"]
    folder = "feedback/year=2026/month=03/day=12"
    first, revised = lake[f"{folder}/{identity}.json.gz"], lake[f"{folder}/{identity}-1.json.gz"]
    assert lake.keys() == {f"{folder}/{identity}.json.gz", f"{folder}/{identity}-1.json.gz"}
    for [row], revision, sentiment, engine in (
        (first, 0, "neutral", "lexicon"),
        (revised, 1, "negative", "comprehend"),
    ):
        assert (row["feedback_id"], row["revision"]) == (identity, revision)
        assert (row["sentiment"], row["sentiment_engine"]) == (sentiment, engine)
    same = ("created_at", "customer", "rating", "message")
    assert [first[0][name] for name in same] == [revised[0][name] for name in same]


def test_an_item_and_its_revision_in_one_batch_are_two_rows(platform: Platform) -> None:
    item = seeding.pending(NOW)
    after = seeding.revised(item, "mixed")
    platform.export(seeding.stream(item) + seeding.stream(after, name="MODIFY"))
    [rows] = platform.lake().values()
    assert [row["revision"] for row in rows] == [0, 1]


def test_revisions_in_any_cut_leave_each_row_there(platform: Platform) -> None:
    """Items and their revisions in one stream, as it is read: on from where it stopped."""
    items = [seeding.pending(NOW - number * SECONDS) for number in range(60)]
    after = [seeding.revised(item, "mixed") for item in items]
    records = seeding.stream(*items) + seeding.stream(*after, name="MODIFY")
    chance = random.Random(5)
    position = 0
    while position < len(records):
        for _ in range(2):  # the first delivery fails after it has written
            size = chance.randrange(1, 50)
            platform.export(records[position : position + size])
        position += size
    found = {
        (r["feedback_id"], r["revision"]): r for rows in platform.lake().values() for r in rows
    }
    assert found.keys() == {(identity, n) for identity in of(items) for n in (0, 1)}
    assert {(n, row["sentiment"]) for (_, n), row in found.items()} == {
        (0, "neutral"),
        (1, "mixed"),
    }
    assert len({key.rpartition("/")[0] for key in platform.lake()}) == 2  # two days


def test_only_new_feedback_is_exported(platform: Platform) -> None:
    records = seeding.stream(*seeding.many(2, NOW, SECONDS))
    records[0]["eventName"] = "REMOVE"
    records[1]["eventName"] = "MODIFY"
    assert platform.export(records) == {"batchItemFailures": []}
    assert platform.export([]) == {"batchItemFailures": []}
    assert platform.lake() == {}


LAKE_POISON: dict[str, Callable[[dict[str, Any]], Any]] = POISON | {
    "no engine": lambda record: record["dynamodb"]["NewImage"].pop("engine"),
    "engine": lambda record: record["dynamodb"]["NewImage"].update(engine={"S": "crystal ball"}),
    "no message": lambda record: record["dynamodb"]["NewImage"].pop("message"),
    "no scores": lambda record: record["dynamodb"]["NewImage"].pop("sentimentScores"),
    "a score of another type": lambda record: record["dynamodb"]["NewImage"].update(
        sentimentScores={"M": {name: {"S": "1"} for name in ("positive",)}}
    ),
    "a score that is no number": lambda record: record["dynamodb"]["NewImage"]["sentimentScores"][
        "M"
    ].update(mixed={"N": "much"}),
    "a score that is no share": lambda record: record["dynamodb"]["NewImage"]["sentimentScores"][
        "M"
    ].update(mixed={"N": "1.5"}),
    "email of another type": lambda r: r["dynamodb"]["NewImage"].update(email={"N": "1"}),
}


@pytest.mark.parametrize("spoil", LAKE_POISON.values(), ids=LAKE_POISON)
def test_poison_is_put_aside_and_the_rest_exported(
    platform: Platform,
    output: Callable[[], list[dict[str, Any]]],
    spoil: poison.Spoil,
) -> None:
    items, records = poison.batch(NOW, spoil)
    assert platform.export(records) == {"batchItemFailures": []}
    assert ids(platform) == of([items[0], items[2]])
    [message] = platform.dead_letters()
    poison.assert_told(message, output())


def test_the_lake_holds_no_name_and_no_address(platform: Platform) -> None:
    chance = random.Random(3)
    items = [
        seeding.item(
            NOW,
            name="Grace Hopper",
            email="grace.hopper@example.com",
            message=chance.choice(
                [
                    "Regards, grace",
                    "HOPPER here: write to grace.hopper@example.com.",
                    "<Grace.Hopper@Example.com>",
                    "Ask me (grace.hopper+x@mail.example.org), or my boss: boss@example.net!",
                ]
            ),
        )
        for _ in range(20)
    ]
    platform.export(seeding.stream(*items))
    text = json.dumps(platform.lake()).lower()
    assert "grace" not in text
    assert "hopper" not in text
    assert "@" not in text


@pytest.mark.parametrize(
    ("message", "name", "email", "left"),
    [
        ("Al is great, also always", "Al", None, "[name] is great, also always"),
        ("Jean-Luc says hi", "Jean-Luc Picard", None, "[name]-[name] says hi"),
        ("good @ home, 3 @ 5 dollars, @handle", "N", None, "good @ home, 3 @ 5 dollars, @handle"),
        ("a@b", None, None, "[email]"),
        ("mailto:x.y@z.org?subject=hi", None, None, "mailto:[email]"),
        ("nothing here", "Ada", "ada@example.com", "nothing here"),
        ('"john doe"@example.com wrote', None, None, "[email] wrote"),
        ("mine: john @example.com, john@ example.com", None, None, "mine: [email], [email]"),
        ("john @ example.com.", None, None, "[email]."),
        ("john\uff20example.com", None, None, "[email]"),
        ("o'brien@example.com!", None, None, "[email]"),
        ("see you @ noon. Then", None, None, "see you @ noon. Then"),
        (
            "\u5c71\u7530\u592a\u90ce\u3067\u3059",
            "\u5c71\u7530\u592a\u90ce",
            None,
            "[name]\u3067\u3059",
        ),
        (
            "\uae40\ucca0\uc218\uc785\ub2c8\ub2e4",
            "\uae40\ucca0\uc218",
            None,
            "[name]\uc785\ub2c8\ub2e4",
        ),
        ("Jose\u0301 here", "Jos\u00e9", None, "[name] here"),
        ("Jos\u00e9 here", "Jose\u0301", None, "[name] here"),
        ("HERR STRASSE", "Hans Stra\u00dfe", None, "HERR [name]"),
        ("by john_smith", "John Smith", None, "by [name]_[name]"),
        ("c++ (c++)", "C++ Fan", "c+@x.y", "c++ (c++)"),
    ],
)
def test_redaction(message: str, name: str | None, email: str | None, left: str) -> None:
    assert redacted(message, name, email) == left


@given(st.text(max_size=300), st.text(min_size=2, max_size=20), st.emails())
def test_redaction_takes_any_text(message: str, name: str, email: str) -> None:
    found = redacted(f"{message} {email}", name, email)
    assert email not in found


def test_long_messages_without_blanks_are_quick_to_redact() -> None:
    """An expression for an address would look at each of them 12 million times."""
    assert redacted("a" * 5000, "Ada", "ada@example.com") == "a" * 5000
    assert redacted("a@" * 2500, "Ada", "ada@example.com") == "[email]"


def test_it_answers_health_events_without_the_salt(platform: Platform) -> None:
    exporter = platform.modules["lake_exporter"]
    exporter.SALT._value = None
    assert exporter.lambda_handler({"healthCheck": True}, Context()) == {
        "status": "ok",
        "version": "7",
    }
    assert exporter.SALT._value is None
