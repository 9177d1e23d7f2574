"""The module `dynamo`: what it makes, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plan.conftest import FIXTURES, Planner, Refusals, differences, inventory


def test_inventory(plan: Planner) -> None:
    assert differences(plan(FIXTURES / "dynamo"), inventory("dynamo")) == []


def test_indexes_hold_what_their_projection_says(plan: Planner) -> None:
    table = plan(FIXTURES / "dynamo").resources()["module.feedback.aws_dynamodb_table.this"]
    assert {
        index["name"]: (
            index["hash_key"],
            index["range_key"],
            index["projection_type"],
            index["non_key_attributes"],
        )
        for index in table["global_secondary_index"]
    } == {
        "everything": ("listBucket", "sortKey", "ALL", []),
        "some": ("listBucket", "timestamp", "INCLUDE", ["message", "name"]),
        "keys-only": ("rank", "", "KEYS_ONLY", []),
    }


def test_outputs_are_null_for_what_is_not_there(plan: Planner) -> None:
    assert plan(FIXTURES / "dynamo").outputs() == {
        "index_arn_names": ["everything", "keys-only", "some"],
        "plain_stream_arn": None,
    }


GOOD = {"name": "table-test", "hash_key": {"name": "id"}}
INDEX: dict[str, Any] = {"hash_key": "kind"}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "short_name": ({"name": "t"}, "name must be 3 to 255"),
    "hash_key_type": (
        {"hash_key": {"name": "id", "type": "SS"}},
        "hash_key.type must be S, N or B",
    ),
    "range_key_type": (
        {"range_key": {"name": "at", "type": "number"}},
        "range_key.type must be S, N or B",
    ),
    "index_name": ({"indexes": {"by kind": INDEX}}, "Names of indexes must be"),
    "too_many_indexes": (
        {"indexes": {f"index-{number}": INDEX for number in range(21)}},
        "at most 20 indexes",
    ),
    "index_type": (
        {"indexes": {"by-kind": INDEX | {"types": {"kind": "X"}}}},
        "Types of index keys must be S, N or B",
    ),
    "index_type_of_no_key": (
        {"indexes": {"by-kind": INDEX | {"types": {"other": "N"}}}},
        "key attributes of that index only",
    ),
    "stream": ({"stream": "IMAGES"}, "stream must be NEW_IMAGE"),
    "recovery_days": ({"point_in_time_recovery": {"days": 36}}, "whole number from 1 to 35"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_inputs_are_refused(case: str, refusals: Refusals) -> None:
    answers = refusals("dynamo", GOOD, {name: wrong for name, (wrong, _) in WRONG.items()})
    (problem,) = answers[case]
    assert WRONG[case][1] in problem
