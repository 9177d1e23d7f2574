"""Items that ops/restore.py copies back from a backup: the stream brings them again, in an order of
their own, and after the ledger may have forgotten them. Nothing is counted or lost for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from customer_platform import clock
from customer_platform.stream_records import RESTORED
from tests.unit import seeding
from tests.unit.platform import ANALYTICS, FORM, Platform

NOW = clock.now()
OLD = NOW - timedelta(days=20)
SECONDS = timedelta(seconds=1)


def restored(item: dict[str, Any]) -> dict[str, Any]:
    """As the program writes it back."""
    return item | {RESTORED: item.get("revision", {"N": "0"})}


def forget(platform: Platform) -> None:
    """The ledger's items expire, and with them here the totals: what is counted shows."""
    seeding.clear(ANALYTICS)


def counted(platform: Platform) -> int:
    total: int = platform.analytics().body["totalFeedback"]
    return total


def test_what_the_ledger_forgot_is_not_counted_again(platform: Platform) -> None:
    old = seeding.item(OLD)
    platform.aggregate(seeding.stream(old))
    forget(platform)
    platform.aggregate(seeding.stream(restored(old)))
    assert counted(platform) == 0
    platform.aggregate(seeding.stream(old))
    assert counted(platform) == 1, "without the mark it would be counted twice"


def test_what_the_ledger_knows_is_its_business(platform: Platform) -> None:
    """A young item may have been in a batch that waits: then it is not counted yet."""
    young, lost = seeding.many(2, NOW - timedelta(days=13), SECONDS)
    platform.aggregate(seeding.stream(young))
    for _ in range(2):
        platform.aggregate(seeding.stream(restored(young), restored(lost)))
    assert counted(platform) == 2


def test_a_revision_that_is_copied_back_moves_nothing(platform: Platform) -> None:
    revised = seeding.revised(seeding.pending(OLD, sentiment="neutral"), "negative")
    platform.aggregate(seeding.stream(restored(revised), name="MODIFY"))
    assert platform.analytics().body["sentiment"]["negative"] == 0
    platform.aggregate(seeding.stream(seeding.item(OLD, sentiment="neutral")))
    platform.aggregate(seeding.stream(revised, name="MODIFY"))
    assert platform.analytics().body["sentiment"]["negative"] == 1


def test_a_restored_item_that_is_revised_later_counts(platform: Platform) -> None:
    """It keeps its mark, which names another revision."""
    pending = seeding.pending(OLD, sentiment="neutral")
    platform.aggregate(seeding.stream(pending))
    later = seeding.revised(restored(pending), "negative")
    platform.aggregate(seeding.stream(later, name="MODIFY"))
    assert platform.analytics().body["sentiment"] | {"mixed": 0, "positive": 0} == {
        "positive": 0, "neutral": 0, "negative": 1, "mixed": 0,
    }  # fmt: skip
    platform.export(seeding.stream(later, name="MODIFY"))
    ((key, _),) = platform.lake().items()
    assert "again-" not in key


def test_a_restored_item_takes_no_row_of_others_away(platform: Platform) -> None:
    """It was the first of its batch: the object under its name holds the others' rows."""
    items = seeding.many(20, NOW - timedelta(hours=1), SECONDS)
    platform.export(seeding.stream(*items))
    before = platform.lake()
    fresh = seeding.item(NOW)
    platform.export(seeding.stream(restored(items[0]), fresh, restored(items[7])))
    after = platform.lake()
    assert {key: after[key] for key in before} == before
    added = {key.rpartition("/")[2]: rows for key, rows in after.items() if key not in before}
    assert [row["feedback_id"] for row in added.pop(f"{fresh['feedbackId']['S']}.json.gz")] == [
        fresh["feedbackId"]["S"]
    ]
    ((name, again),) = added.items()
    assert name.startswith("again-")
    assert {row["feedback_id"] for row in again} == {
        items[number]["feedbackId"]["S"] for number in (0, 7)
    }


@pytest.mark.parametrize("consumer", ["aggregate", "export"])
def test_a_mark_that_is_none_is_poison(platform: Platform, consumer: str) -> None:
    item = seeding.item(NOW) | {RESTORED: {"S": "yes"}}
    getattr(platform, consumer)(seeding.stream(item))
    assert counted(platform) == 0
    assert platform.lake() == {}
    (message,) = platform.dead_letters()
    reason = json.loads(message["Body"])["reason"]
    assert reason == f"{RESTORED} is missing or has another type than N"


def test_who_restores_can_find_out_what_was_erased(
    platform: Platform, output: Callable[[], list[dict[str, Any]]]
) -> None:
    feedback_id = platform.post(FORM).body["feedbackId"]
    output()
    platform.delete(feedback_id)
    (erasing,) = [line for line in output() if line["message"] == "Erasing feedback"]
    assert erasing["feedbackId"] == feedback_id
