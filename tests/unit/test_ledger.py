"""The deployments ledger: written once, in order, and tampering shows."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from customer_platform.deployments.ledger import (
    FIRST_HASH,
    Draft,
    Kind,
    Ledger,
    LedgerConflictError,
    problems,
)
from tests.unit.aliases import refused
from tests.unit.platform import DEPLOYMENTS, Platform

DRAFT = Draft(Kind.RELEASED, "release-1", "somebody", "because", "1", "2", 100)


@pytest.fixture
def ledger(platform: Platform) -> Ledger:
    return Ledger(platform.dynamodb, DEPLOYMENTS)


def test_entries_follow_one_another(ledger: Ledger) -> None:
    first = ledger.append("f", None, DRAFT)
    second = ledger.append("f", first, replace(DRAFT, why="again"))
    assert (first.sequence, first.previous_hash) == (1, FIRST_HASH)
    assert (second.sequence, second.previous_hash) == (2, first.hash)
    assert list(ledger.forwards("f")) == [first, second]
    assert list(ledger.backwards("f")) == [second, first]
    assert ledger.last("f") == second
    assert ledger.last("g") is None
    assert problems([first, second]) == []


def test_of_two_that_write_at_once_one_loses(ledger: Ledger) -> None:
    first = ledger.append("f", None, DRAFT)
    ledger.append("f", first, replace(DRAFT, who="one"))
    with pytest.raises(LedgerConflictError):
        ledger.append("f", first, replace(DRAFT, who="two"))
    assert [entry.who for entry in ledger.forwards("f")] == ["somebody", "one"]


def test_an_entry_whose_answer_was_lost_is_there_once(
    ledger: Ledger, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = platform.dynamodb.put_item

    def lost(**request: Any) -> Any:
        put(**request)
        return put(**request)  # as the SDK does when no answer came

    monkeypatch.setattr(platform.dynamodb, "put_item", lost)
    entry = ledger.append("f", None, DRAFT)
    assert list(ledger.forwards("f")) == [entry]


def test_other_refusals_are_raised(
    ledger: Ledger, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(**_request: Any) -> Any:
        raise refused("AccessDeniedException", "PutItem")

    monkeypatch.setattr(platform.dynamodb, "put_item", denied)
    with pytest.raises(ClientError, match="AccessDenied"):
        ledger.append("f", None, DRAFT)


def test_a_long_chain_is_read_page_by_page(ledger: Ledger) -> None:
    last = None
    for number in range(120):
        last = ledger.append("f", last, replace(DRAFT, why=str(number)))
    assert [entry.why for entry in ledger.forwards("f")] == [str(n) for n in range(120)]
    assert [entry.why for entry in ledger.backwards("f")] == [str(n) for n in range(119, -1, -1)]
    assert problems(ledger.forwards("f")) == []


def test_long_texts_are_cut(ledger: Ledger) -> None:
    entry = ledger.append("f", None, replace(DRAFT, why="x" * 10_000))
    assert len(entry.why) == 500
    assert problems([entry]) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("who", {"S": "another"}),
        ("why", {"S": "another"}),
        ("at", {"S": "2026-01-01T00:00:00.000Z"}),
        ("kind", {"S": "rolled-back"}),
        ("event", {"S": "another"}),
        ("from_version", {"S": "7"}),
        ("to_version", {"S": "7"}),
        ("weight", {"N": "7"}),
        ("previous_hash", {"S": "0" * 64}),
        ("hash", {"S": "0" * 64}),
    ],
)
def test_tampering_shows(
    ledger: Ledger, platform: Platform, name: str, value: dict[str, Any]
) -> None:
    last = None
    for _ in range(3):
        last = ledger.append("f", last, DRAFT)
    key = {"chain": {"S": "f"}, "sequence": {"N": "2"}}
    platform.dynamodb.update_item(
        TableName=DEPLOYMENTS,
        Key=key,
        UpdateExpression="SET #name = :value",
        ExpressionAttributeNames={"#name": name},
        ExpressionAttributeValues={":value": value},
    )
    assert problems(ledger.forwards("f"))
    platform.dynamodb.delete_item(TableName=DEPLOYMENTS, Key=key)
    assert problems(ledger.forwards("f")) == ["f 3: entries 2 to 2 are missing"]


def test_an_entry_written_anew_with_a_hash_that_fits_shows_in_the_next(
    ledger: Ledger, platform: Platform
) -> None:
    first = ledger.append("f", None, DRAFT)
    second = ledger.append("f", first, DRAFT)
    forged = replace(first, who="another")
    forged = replace(forged, hash=forged.digest())
    assert problems([forged, second]) == [
        "f 2: the entry before it is not the one that it was written after"
    ]


@pytest.mark.usefixtures("one_call_at_a_time")
def test_many_writers_leave_a_whole_chain(ledger: Ledger) -> None:
    def write(name: str) -> None:
        while True:
            try:
                ledger.append("f", ledger.last("f"), replace(DRAFT, who=name))
            except LedgerConflictError:
                continue
            return

    threads = [threading.Thread(target=write, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = list(ledger.forwards("f"))
    assert sorted(entry.who for entry in entries) == sorted(map(str, range(8)))
    assert problems(entries) == []
