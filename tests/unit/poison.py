"""A batch with one record that no consumer can read, and what may be told of it."""

import copy
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tests.unit import seeding

type Spoil = Callable[[dict[str, Any]], Any]


def batch(newest: datetime, spoil: Spoil) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Three items, and the stream's records of them, of which the second is spoiled."""
    items = seeding.many(3, newest, timedelta(seconds=1))
    for item in items:
        item["message"] = {"S": "a personal matter"}
    records = copy.deepcopy(seeding.stream(*items))
    spoil(records[1])
    return items, records


def assert_told(message: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    """Neither the dead letter nor a log line holds anything personal; one metric counts one."""
    for text in (str(message), str(lines)):
        assert not any(word in text for word in ("Ada", "ada@example.com", "personal"))
    metrics = [line for line in lines if "PoisonRecords" in line]
    assert [metric["PoisonRecords"] for metric in metrics] == [[1.0]]
