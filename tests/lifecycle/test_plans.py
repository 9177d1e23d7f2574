"""What counts as drift and as a loss, on plans written by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lifecycle import plans
from tests.lifecycle.plans import Change, Exemption

TABLE = "module.feedback_table.aws_dynamodb_table.this"


def entry(
    actions: list[str],
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A change of the feedback table, as in a plan's JSON."""
    change = {"actions": actions, "before": before, "after": after, **more}
    return {"address": TABLE, "type": "aws_dynamodb_table", "change": change}


def test_a_plan_without_changes() -> None:
    quiet = {
        "resource_changes": [entry(["no-op"], {"a": 1}, {"a": 1}), entry(["read"])],
        "output_changes": {"url": {"actions": ["no-op"]}},
    }
    assert plans.drift(quiet) == []


def test_what_would_change_and_what_was_changed() -> None:
    plan = {
        "resource_drift": [entry(["update"], {"ttl": 1, "n": 1}, {"ttl": 2, "n": 1})],
        "resource_changes": [
            entry(["update"], {"ttl": 2}, {"ttl": 1}, after_unknown={"arn": True, "id": False})
        ],
        "output_changes": {"url": {"actions": ["update"]}},
    }
    assert [str(change) for change in plans.drift(plan)] == [
        f"{TABLE}: changed outside of Terraform (ttl)",
        f"{TABLE}: update (arn, ttl)",
        "output.url: update (value)",
    ]


def test_what_was_deleted_outside_is_drift() -> None:
    plan = {"resource_drift": [entry(["delete"], {"name": "t", "ttl": None}, None)]}
    assert [str(change) for change in plans.drift(plan)] == [
        f"{TABLE}: changed outside of Terraform (name)"
    ]


def test_what_was_left_out_and_comes_back_empty_is_no_drift() -> None:
    before: dict[str, Any] = {"a": None, "b": None, "c": None, "d": []}
    after: dict[str, Any] = {"a": [], "b": {}, "c": "", "d": None}
    assert plans.drift({"resource_drift": [entry(["update"], before, after)]}) == []
    after["a"] = ["now there"]
    assert len(plans.drift({"resource_drift": [entry(["update"], before, after)]})) == 1


def test_zero_and_false_are_not_empty() -> None:
    drifted = entry(["update"], {"limit": None, "on": None}, {"limit": 0, "on": False})
    (change,) = plans.drift({"resource_drift": [drifted]})
    assert change.attributes == {"limit", "on"}


@pytest.mark.parametrize("actions", [["delete"], ["delete", "create"], ["create", "delete"]])
def test_deleting_and_replacing_are_losses(actions: list[str]) -> None:
    plan = {"resource_changes": [entry(actions, {"a": 1}, {"a": 2})]}
    assert [change.address for change in plans.losses(plan)] == [TABLE]


@pytest.mark.parametrize("actions", [["no-op"], ["create"], ["update"], ["forget"]])
def test_nothing_else_is_a_loss(actions: list[str]) -> None:
    assert plans.losses({"resource_changes": [entry(actions, {"a": 1}, {"a": 2})]}) == []


def test_what_holds_nothing_may_be_replaced() -> None:
    replaced = entry(["delete", "create"]) | {"type": "aws_api_gateway_deployment"}
    assert plans.losses({"resource_changes": [replaced]}) == []


def method(address: str, actions: list[str], verb: str, was: str | None = None) -> dict[str, Any]:
    """A change of a method of the API; `was` is its verb before."""
    values = {"rest_api_id": "a", "resource_id": "r", "http_method": verb, "id": address}
    change = {
        "actions": actions,
        "before": values | {"http_method": was or verb} if "delete" in actions else None,
        "after": values if "create" in actions else None,
    }
    return {"address": address, "type": "aws_api_gateway_method", "change": change}


def test_what_is_deleted_here_and_made_there_is_found() -> None:
    changes = [
        method("m.list", ["delete"], "GET"),
        method("m.old", ["delete"], "PUT"),
        method('m["GET /"]', ["create"], "GET"),
        method('m["POST /"]', ["create"], "POST"),
    ]
    assert plans.twins({"resource_changes": changes}) == [
        'm.list would be deleted and made again as m["GET /"]: write a `moved` block'
    ]
    assert plans.losses({"resource_changes": changes}) == []


def test_what_is_made_before_its_old_self_is_deleted_is_found() -> None:
    changes = [
        method("m.first", ["delete", "create"], "GET"),
        method("m.renamed", ["create", "delete"], "POST", was="PUT"),
        method("m.same", ["create", "delete"], "DELETE"),
    ]
    (sentence,) = plans.twins({"resource_changes": changes})
    assert sentence.startswith("m.same would be made before it is deleted:")


def test_an_exemption_covers_its_address_and_attributes_only() -> None:
    def change(address: str, *attributes: str) -> Change:
        return Change(address, "aws_iam_role", ("update",), frozenset(attributes))

    exempt = Exemption('module.f["*"].aws_iam_role.this', frozenset({"inline_policy"}), "why")
    other = Exemption("*.aws_iam_role.gone", frozenset({"inline_policy"}), "why")
    covered = change('module.f["a"].aws_iam_role.this', "inline_policy")
    assert plans.unexplained([covered], [exempt, other]) == []
    assert plans.needless([exempt, other]) == [
        "nothing changes inline_policy of *.aws_iam_role.gone any more: remove it from "
        "tests/lifecycle/exemptions.yaml"
    ]
    others = [
        change('module.f["a"].aws_iam_role.this', "inline_policy", "name"),
        change('module.f["a"].aws_iam_role.this_too', "inline_policy"),
        change('xmodule.f["a"].aws_iam_role.this', "inline_policy"),
    ]
    assert plans.unexplained(others, [exempt]) == [str(change) for change in others]


def test_every_exemption_gives_a_reason() -> None:
    for kind in ("drift", "upgrade"):
        assert all(len(exemption.reason) > 20 for exemption in plans.exemptions(kind))
