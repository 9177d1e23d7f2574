"""The inventory and the reading of states, on answers written by hand."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.lifecycle import inventory, states
from tests.lifecycle.inventory import LISTINGS, Listing, WrongListingError


class Service:
    """A client that answers from a table; what is not in it is unknown to the service."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers
        self.asked: list[Any] = []

    def can_paginate(self, _: str) -> bool:
        return False

    def __getattr__(self, operation: str) -> Any:
        def call(**arguments: Any) -> Any:
            self.asked.append((operation, arguments))
            if operation not in self._answers:
                raise ClientError({"Error": {"Code": "InvalidAction"}}, operation)
            answer = self._answers[operation]
            return answer[arguments["Of"]] if "Of" in arguments else answer

        return call


TABLES = Listing("db.list_tables", "Names", types=("aws_table",), within=("aws_item",))
ITEMS = Listing("db.list_items", "Items[].Id", each=("db.list_tables", "Of"))
UNKNOWN = Listing("db.list_lost", "Names", types=("aws_lost",), unknown="InvalidAction")


def test_names_within_names() -> None:
    service = Service(
        list_tables={"Names": ["a", "state"]},
        list_items={"a": {"Items": [{"Id": "1"}, {"Other": 1}, {"Id": 2}]}, "state": {}},
    )
    taken = inventory.take([TABLES, ITEMS], lambda _: service, aside={"state"})
    assert taken == {
        "db.list_tables": frozenset({"a"}),
        "db.list_items": frozenset({"a 1", "a 2"}),
    }
    assert ("list_items", {"Of": "state"}) not in service.asked


def test_an_operation_that_is_not_answered_is_no_empty_list() -> None:
    with pytest.raises(WrongListingError, match=r"db\.list_tables failed: .*InvalidAction"):
        inventory.take([TABLES], lambda _: Service())


def test_an_operation_that_the_cloud_does_not_know_is_named_and_asked_again() -> None:
    assert inventory.take([UNKNOWN], lambda _: Service()) == {"db.list_lost": frozenset()}
    with pytest.raises(WrongListingError, match=r"answers db\.list_lost now: remove its"):
        inventory.take([UNKNOWN], lambda _: Service(list_lost={"Names": []}))


def test_more() -> None:
    before = {"a": frozenset({"1"}), "b": frozenset({"1"})}
    after = {"a": frozenset({"1", "2"}), "b": frozenset[str](), "c": frozenset({"3"})}
    assert inventory.more(after, before) == ["a: 2", "c: 3"]
    assert inventory.more(before, after) == ["b: 1"]


def test_a_type_that_nothing_lists_says_where_to_add_it() -> None:
    listings = [TABLES, UNKNOWN]
    assert inventory.unlisted(["aws_table", "aws_item", "aws_lost"], listings) == []
    (sentence,) = inventory.unlisted(["aws_queue", "aws_table", "aws_queue"], listings)
    assert sentence.startswith("aws_queue is in no listing: add the operation that lists it to")


def test_a_listing_that_misses_resources_is_found() -> None:
    new = ["db.list_tables: a", "db.list_items: a 1"]
    assert inventory.unseen({"aws_table": 1, "aws_lost": 5}, new, [TABLES, ITEMS, UNKNOWN]) == []
    (sentence,) = inventory.unseen({"aws_table": 2}, new, [TABLES])
    assert sentence.startswith("db.list_tables shows 1 of 2 resources of aws_table:")


def test_the_listings_are_operations_of_boto3_and_cover_each_type_once() -> None:
    types = [kind for listing in LISTINGS for kind in (*listing.types, *listing.within)]
    assert sorted(types) == sorted(set(types))
    earlier: set[str] = set()
    for listing in LISTINGS:
        service, method = listing.operation.split(".")
        client = boto3.client(
            service,  # type: ignore[call-overload]
            region_name="us-west-1", aws_access_key_id="x", aws_secret_access_key="x",
        )  # fmt: skip
        assert hasattr(client, method), listing.operation
        assert listing.each is None or listing.each[0] in earlier, listing.operation
        earlier.add(listing.operation)


# --- states -------------------------------------------------------------------------


def state(*found: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """A state with a resource of each type and attributes."""
    return {
        "resources": [
            {"mode": "managed", "module": "module.m", "type": kind, "name": "this",
             "instances": [{"index_key": "k", "attributes": attributes}]}
            for kind, attributes in found
        ]
        + [{"mode": "data", "type": "aws_region", "name": "this", "instances": []}]
    }  # fmt: skip


def test_a_suffix_is_a_word() -> None:
    assert states.mentions("customer-feedback-pr1", "pr1")
    assert states.mentions("arn:aws:dynamodb:x:table/t-pr1/index/i", "pr1")
    assert states.mentions("feedback_database_pr1", "pr1")
    assert not states.mentions("customer-feedback-pr12", "pr1")
    assert not states.mentions("customer-feedback-xpr1", "pr1")


def test_names_without_the_suffix() -> None:
    role = "arn:aws:iam::0:role/lambda-f-role-pr1"
    good = [
        ("aws_lambda_function", {"function_name": "f-pr1", "id": "f-pr1", "role": role}),
        ("aws_lambda_permission", {"id": "allow", "function_name": "f-pr1"}),
        ("aws_api_gateway_resource", {"id": "abcdefghij", "rest_api_id": "0123456789"}),
        ("aws_api_gateway_rest_api", {"id": "0123456789", "name": "api-pr1"}),
        ("aws_cloudwatch_log_group", {"id": "Logs_0123456789/prod"}),
    ]
    assert states.without_suffix(state(*good), "pr1") == []
    bad = [
        ("aws_lambda_function", {"function_name": "f", "id": "f", "role": role}),
        ("aws_dynamodb_table", {"id": "t-pr12", "name": "t-pr12"}),
        ("aws_scheduler_schedule", {"id": "default/nightly", "name": "nightly", "tags": "pr1"}),
    ]
    assert states.without_suffix(state(*good, *bad), "pr1") == [
        'module.m.aws_lambda_function.this["k"]',
        'module.m.aws_dynamodb_table.this["k"]',
        'module.m.aws_scheduler_schedule.this["k"]',
    ]


def test_identities_are_what_no_other_resource_is_called() -> None:
    found = state(
        ("aws_api_gateway_rest_api", {"id": "0a1b2c3d4e", "arn": "arn:aws:apigateway:x"}),
        ("aws_lambda_permission", {"id": "AllowExecutionFromApi"}),
        ("aws_api_gateway_stage", {"id": "prod"}),
        ("aws_sqs_queue", {"id": "https://sqs.us-west-1.amazonaws.com/0/q-pr1", "url": None}),
    )
    assert states.all_identities(found) == {
        "0a1b2c3d4e",
        "arn:aws:apigateway:x",
        "https://sqs.us-west-1.amazonaws.com/0/q-pr1",
    }
    assert states.counts(found, found)["aws_sqs_queue"] == 2


def test_what_serves_only_to_ask_for_more_is_not_counted() -> None:
    keys = Listing("db.list_tables", "Names", counted=False)
    service = Service(list_tables={"Names": ["a"]}, list_items={"a": {"Items": [{"Id": "1"}]}})
    taken = inventory.take([keys, ITEMS], lambda _: service)
    assert taken == {"db.list_items": frozenset({"a 1"})}
