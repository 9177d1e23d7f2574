"""`make restore-items` against moto: what it compares, what it writes and what it leaves alone. On
the applied stack, with its stream: tests/e2e/test_recovery.py."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from customer_platform import clock, stream_records
from ops import OperatorError, restore
from ops.deployed import Deployed
from tests.unit import seeding
from tests.unit.platform import ROOT

TABLE = "customer-feedback-test"
COPY = "customer-feedback-test-restored"
GROUP = "/aws/lambda/delete-feedback-test"
NOW = clock.now()
SINCE = NOW - timedelta(hours=2)


class Stack(Deployed):
    def client(self, service: str) -> Any:
        return boto3.client(service, region_name="us-west-1")  # type: ignore[call-overload]


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        made = Stack(
            {
                "dynamodb_table_name": TABLE,
                "functions": {"delete_feedback": {"log_group": GROUP}},
            }
        )
        for name in (TABLE, COPY):
            made.client("dynamodb").create_table(
                TableName=name,
                BillingMode="PAY_PER_REQUEST",
                KeySchema=[
                    {"AttributeName": "feedbackId", "KeyType": "HASH"},
                    {"AttributeName": "timestamp", "KeyType": "RANGE"},
                ],
                AttributeDefinitions=[
                    {"AttributeName": "feedbackId", "AttributeType": "S"},
                    {"AttributeName": "timestamp", "AttributeType": "N"},
                ],
            )
        yield made


def fill(stack: Stack, table: str, *items: dict[str, Any]) -> None:
    for item in items:
        stack.client("dynamodb").put_item(TableName=table, Item=item)


def stored(stack: Stack, table: str = TABLE) -> dict[str, dict[str, Any]]:
    """feedbackId => item."""
    pages = stack.client("dynamodb").get_paginator("scan").paginate(TableName=table)
    return {item["feedbackId"]["S"]: item for page in pages for item in page["Items"]}


def damaged(item: dict[str, Any]) -> dict[str, Any]:
    return item | {"message": {"S": "???"}, "sentiment": {"S": "negative"}}


def name(item: dict[str, Any]) -> str:
    return str(item["feedbackId"]["S"])


def marked(item: dict[str, Any]) -> dict[str, Any]:
    return item | {"restoredRevision": item.get("revision", {"N": "0"})}


def test_it_agrees_with_the_functions_on_words() -> None:
    assert restore.MARK == stream_records.RESTORED
    source = (ROOT / "lambda_src" / "delete_feedback" / "handler.py").read_text()
    assert f'"{restore.ERASING}"' in source
    terraform = (ROOT / "terraform" / "feedback.tf").read_text()
    (revised,) = re.findall(r"revised_attributes = \[(.*?)\]", terraform, re.DOTALL)
    assert set(re.findall(r'"(\w+)"', revised)) - set(seeding.item(NOW)) == set(restore.GAINED)


def test_looking_writes_nothing(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = seeding.many(2, NOW, timedelta(seconds=1))
    fill(stack, COPY, good, bad)
    fill(stack, TABLE, good, damaged(bad), seeding.item(NOW))
    before = stored(stack)
    assert restore.restore(stack, COPY, TABLE, [], set())
    assert stored(stack) == before
    said = capsys.readouterr().out
    assert "same: 1  changed: 1  missing: 0  revised: 0  erased: 0" in said
    assert f"only in {TABLE}: 1" in said


def test_damaged_items_become_what_they_were(stack: Stack) -> None:
    items = seeding.many(20, NOW, timedelta(seconds=1))
    fill(stack, COPY, *items)
    fill(stack, TABLE, *items[:10], *map(damaged, items[10:]))
    newer = seeding.item(NOW)
    fill(stack, TABLE, newer)
    assert restore.restore(stack, COPY, TABLE, ["changed"], set())
    assert stored(stack) == (
        {name(item): item for item in [*items[:10], newer]}
        | {name(item): marked(item) for item in items[10:]}
    )
    # The mark is no difference, and the second time there is nothing to do.
    found = restore.compare(
        restore.prints(stack.client("dynamodb"), COPY),
        restore.prints(stack.client("dynamodb"), TABLE), set(), NOW,
    )  # fmt: skip
    assert (found.same, found.newer) == (20, 1)
    assert not any(found.kinds.values())


def test_what_was_revised_since_is_no_damage(stack: Stack) -> None:
    pending = seeding.pending(NOW)
    revised = seeding.revised(pending, "positive")
    fill(stack, COPY, pending)
    fill(stack, TABLE, revised)
    assert restore.restore(stack, COPY, TABLE, ["changed"], set())
    assert stored(stack) == {name(revised): revised}
    assert restore.restore(stack, COPY, TABLE, ["revised"], set())
    assert stored(stack) == {name(pending): marked(pending)}


def test_the_revision_of_the_copy_is_the_mark(stack: Stack) -> None:
    """It tells the stream's consumers which change they know."""
    revised = seeding.revised(seeding.pending(NOW), "positive")
    fill(stack, COPY, revised)
    fill(stack, TABLE, damaged(revised))
    assert restore.restore(stack, COPY, TABLE, ["changed"], set())
    assert stored(stack)[name(revised)]["restoredRevision"] == {"N": "1"}


def test_what_is_missing_comes_back_but_not_what_was_erased_or_expired(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    lost, erased = seeding.many(2, NOW, timedelta(seconds=1))
    expired = seeding.item(NOW - timedelta(days=31))
    fill(stack, COPY, lost, erased, expired)
    assert restore.restore(stack, COPY, TABLE, ["missing"], {name(erased)})
    assert stored(stack) == {name(lost): marked(lost)}
    assert "left out: 1 expired, 1 erased" in capsys.readouterr().out


def test_what_was_erased_leaves_a_restored_table(stack: Stack) -> None:
    """The other way round: the damaged table's newer items go into the restored one."""
    kept, erased = seeding.many(2, NOW, timedelta(seconds=1))
    newer = seeding.item(NOW)
    fill(stack, COPY, kept, erased)
    fill(stack, TABLE, damaged(kept), newer)
    assert restore.restore(stack, TABLE, COPY, ["missing", "erased"], {name(erased)})
    assert stored(stack, COPY) == {name(kept): kept, name(newer): marked(newer)}


@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize(
    "meanwhile", [{"message": {"S": "other"}}, {"analysisProblem": {"S": "TEXT"}}, None]
)
def test_what_others_change_meanwhile_stays(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, early: bool, meanwhile: dict[str, Any] | None
) -> None:
    """Between the comparison and the write, or between its own last look and the write."""
    item = seeding.item(NOW)
    fill(stack, COPY, item)
    fill(stack, TABLE, damaged(item))
    ((key, expected),) = restore.prints(stack.client("dynamodb"), TABLE).items()

    def change() -> None:
        if meanwhile is None:
            stack.client("dynamodb").delete_item(TableName=TABLE, Key=restore._item_key(key))
        else:
            fill(stack, TABLE, damaged(item) | meanwhile)

    real = restore.Tables._get

    def look(self: restore.Tables, table: str, wanted: restore.Key) -> Any:
        found = real(self, table, wanted)
        if table == COPY:  # the last before the write
            change()
        return found

    if early:
        change()
    else:
        monkeypatch.setattr(restore.Tables, "_get", look)
    assert not restore.Tables(stack.client("dynamodb"), COPY, TABLE).write("changed", key, expected)
    theirs = {} if meanwhile is None else {name(item): damaged(item) | meanwhile}
    assert stored(stack) == theirs


def test_what_appears_meanwhile_stays(stack: Stack) -> None:
    item = seeding.item(NOW)
    fill(stack, COPY, item)
    fill(stack, TABLE, damaged(item))
    tables = restore.Tables(stack.client("dynamodb"), COPY, TABLE)
    assert not tables.write("missing", (name(item), int(item["timestamp"]["N"])), None)
    assert stored(stack) == {name(item): damaged(item)}


def test_a_checksum_is_the_contents_whatever_their_order(stack: Stack) -> None:
    items = seeding.many(30, NOW, timedelta(seconds=1))
    fill(stack, TABLE, *items)
    fill(stack, COPY, *reversed(items))
    sums = [
        restore.checksum(restore.prints(stack.client("dynamodb"), table).values())
        for table in (TABLE, COPY)
    ]
    assert sums[0] == sums[1]
    fill(stack, COPY, damaged(items[3]))
    again = restore.prints(stack.client("dynamodb"), COPY)
    assert restore.checksum(again.values()) != sums[0]


# --- who was erased


def logged(stack: Stack, *lines: str, retention: int | None = None) -> None:
    logs = stack.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_group(logGroupName=f"{GROUP}-2")
    if retention:
        logs.put_retention_policy(logGroupName=GROUP, retentionInDays=retention)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="a")
    now = int(time.time() * 1000)
    logs.put_log_events(
        logGroupName=GROUP,
        logStreamName="a",
        logEvents=[{"timestamp": now, "message": line} for line in lines],
    )


def test_erased_ids_come_from_the_log_of_who_erases(stack: Stack) -> None:
    logged(
        stack,
        "START RequestId: 1",
        json.dumps({"message": "Erasing feedback", "feedbackId": "id-1"}),
        json.dumps({"message": "Request", "status": 204}),
        json.dumps({"message": "Erasing feedback", "feedbackId": "id-2"}),
    )
    found = restore.erased_since(stack.client("logs"), GROUP, datetime.now(UTC))
    assert found == {"id-1", "id-2"}


def test_a_log_that_does_not_go_back_so_far_is_no_answer(stack: Stack) -> None:
    logged(stack, "START", retention=3)
    with pytest.raises(OperatorError, match="keeps 3 days: look in the archive"):
        restore.erased_since(stack.client("logs"), GROUP, NOW - timedelta(days=4))


# --- the command


@pytest.fixture
def command(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Stack:
    monkeypatch.setattr(restore, "deployed", lambda _: stack)
    return stack


@pytest.mark.parametrize("kind", ["missing", "erased", "changed,missing"])
def test_nothing_comes_back_without_saying_since_when(
    command: Stack, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(command, COPY, seeding.item(NOW))
    assert restore.main(["--from", COPY, "--write", kind]) == 1
    assert "what was erased since must not come back" in capsys.readouterr().err
    assert stored(command) == {}


def test_the_log_is_asked_and_a_file_may_take_its_place(command: Stack, tmp_path: Path) -> None:
    lost, erased, archived = seeding.many(3, NOW, timedelta(seconds=1))
    fill(command, COPY, lost, erased, archived)
    logged(command, json.dumps({"message": "Erasing feedback", "feedbackId": name(erased)}))
    (tmp_path / "erased").write_text(f"{name(archived)}\n{name(erased)}\n")
    arguments = ["--from", COPY, "--write", "missing"]
    assert restore.main([*arguments, "--erased", str(tmp_path / "erased")]) == 0
    assert stored(command).keys() == {name(lost)}
    assert restore.main([*arguments, "--since", SINCE.isoformat()]) == 0
    assert stored(command).keys() == {name(lost), name(archived)}


def test_what_it_could_not_write_is_an_error(
    command: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    item = seeding.item(NOW)
    fill(command, COPY, item)
    fill(command, TABLE, damaged(item))
    monkeypatch.setattr(restore.Tables, "write", lambda *_: False)
    assert restore.main(["--from", COPY, "--write", "changed"]) == 1
    assert "changed: 0 of 1 written\nSome were changed" in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong", [["--write", "everything"], ["--since", "yesterday"], ["--since", "2026-01-31T09:30"]]
)
def test_wrong_arguments_are_refused(command: Stack, wrong: list[str]) -> None:
    with pytest.raises(SystemExit):
        restore.main(["--from", COPY, *wrong])


def test_a_table_is_not_compared_with_itself(
    command: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert restore.main(["--from", TABLE]) == 1
    assert "the same table" in capsys.readouterr().err
