"""Two stacks in one account, from the upgrade of the first to the end of the last (conftest.py).

The tests stand in the order of the stages.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection
from typing import Any

import pytest

from ops import ROOT
from ops.stack import STATE_BUCKET
from tests.e2e.conftest import eventually
from tests.lifecycle import attempts, inventory, plans, states, submissions
from tests.lifecycle.conftest import (
    BROKEN,
    ONE,
    TWO,
    Account,
    Applied,
    Deployed,
    Settled,
    belonging,
    contents,
    everything,
)
from tests.lifecycle.inventory import LISTINGS, Inventory
from tests.lifecycle.plans import Exemption


def nothing(found: Collection[str], why: str = "") -> None:
    """Fails with all that was found, a line each."""
    assert not found, "\n".join([*([why] if why else []), *sorted(found)])


# --- the upgrade --------------------------------------------------------------------


def test_every_post_of_the_api_is_tried() -> None:
    tried = {submission.operation for submission in submissions.SUBMISSIONS}
    posts = {name for name, (verb, _) in submissions.operations(ROOT).items() if verb == "POST"}
    missing = sorted(posts - tried - submissions.NOT_READ.keys())
    assert not missing, (
        f"nothing is written by {', '.join(missing)}: add it to SUBMISSIONS in "
        "tests/lifecycle/submissions.py, or nobody sees when an upgrade loses it"
    )


def test_the_upgrade_deletes_and_replaces_nothing_that_holds_something(
    upgrade_plan: dict[str, Any],
) -> None:
    exempt = plans.exemptions("upgrade")
    lost = plans.unexplained(plans.losses(upgrade_plan), exempt)
    nothing(
        lost,
        "on AWS, data or a URL that somebody uses would be gone. Keep the name and the keys, or "
        "tell Terraform what became of it by a `moved` block. If nothing is lost: a type that "
        "never holds anything goes into REPLACEABLE (tests/lifecycle/plans.py), one address into "
        "tests/lifecycle/exemptions.yaml.",
    )
    nothing(plans.needless(exempt))


def test_the_upgrade_makes_nothing_beside_its_old_self(
    upgrade_plan: dict[str, Any],
) -> None:
    nothing(plans.twins(upgrade_plan))


def test_the_upgrade_keeps_urls_and_keys(deployed: Deployed, upgraded: Applied) -> None:
    kept = ("api_base_url", "api_gateway_id", "api_key_values")
    assert {name: upgraded.outputs[name] for name in kept} == {
        name: deployed.one.outputs[name] for name in kept
    }


def test_what_was_written_before_the_upgrade_is_there(
    account: Account, deployed: Deployed, upgraded: Applied
) -> None:
    nothing(sorted(deployed.items - contents(account, upgraded)), "these were there")
    for written in deployed.written:
        now = upgraded.get(written.path)
        assert now | written.answer == now  # there may be more fields by now
    assert upgraded.total() == deployed.total


def test_a_request_from_before_the_upgrade_is_known_when_it_is_repeated(
    deployed: Deployed, upgraded: Applied
) -> None:
    again = {written.path for written in upgraded.write(ROOT)}
    assert {written.path for written in deployed.written} <= again
    assert upgraded.total() == deployed.total


# --- side by side -------------------------------------------------------------------


def test_every_resource_is_of_a_type_that_the_inventory_lists(settled: Settled) -> None:
    types = states.counts(*(applied.state for applied in settled.stacks))
    nothing(inventory.unlisted(types, LISTINGS))


def test_the_inventory_shows_every_resource(before: Inventory, settled: Settled) -> None:
    types = states.counts(*(applied.state for applied in settled.stacks))
    new = inventory.more(settled.inventory, before)
    nothing(inventory.unseen(types, new, LISTINGS))


@pytest.mark.parametrize("suffix", [ONE, TWO])
def test_a_second_plan_changes_nothing(
    suffix: str, account: Account, settled: Settled, exempt: list[Exemption]
) -> None:
    plan = settled.plans[suffix]
    (applied,) = (stack for stack in settled.stacks if stack.suffix == suffix)
    released = moved_aliases(account, applied)
    nothing(plans.unexplained(plans.drift(plan), [*exempt, *released]))
    assert plan["applyable"] is bool(plans.changes(plan))
    assert {tuple(o["actions"]) for o in plan["output_changes"].values()} == {("no-op",)}
    nothing(plans.needless(released))


def test_every_exemption_from_drift_is_needed(settled: Settled, exempt: list[Exemption]) -> None:
    found = [change for plan in settled.plans.values() for change in plans.drift(plan)]
    plans.unexplained(found, exempt)
    nothing(plans.needless(exempt))


def moved_aliases(account: Account, applied: Applied) -> list[Exemption]:
    """What a release moved since the apply; Terraform sees it and leaves it."""
    functions = account.client("lambda")
    return [
        Exemption(alias.address, frozenset({"function_version"}), "a release moved it")
        for alias in states.resources(applied.state)
        if alias.type == "aws_lambda_alias"
        and functions.get_alias(
            FunctionName=alias.attributes["function_name"], Name=alias.attributes["name"]
        )["FunctionVersion"]
        != alias.attributes["function_version"]
    ]


def test_neither_stack_answers_with_the_others_data(settled: Settled) -> None:
    reads = [
        path
        for method, path in submissions.operations(ROOT).values()
        if method == "GET" and "{" not in path
    ]
    one, two = settled.stacks
    for applied, other in ((one, two), (two, one)):
        answers = [json.dumps(applied.get(path)) for path in reads]
        assert any(applied.mark in answer for answer in answers)
        assert not any(other.mark in answer for answer in answers)


def test_neither_stack_stores_the_others_data(account: Account, settled: Settled) -> None:
    one, two = settled.stacks
    for applied, other in ((one, two), (two, one)):
        stored = [f"{line} {text}" for line, text in everything(account, applied)]
        assert any(applied.mark in text for text in stored)
        assert not any(other.mark in text for text in stored)


def test_neither_stack_takes_the_others_key(settled: Settled) -> None:
    secured = submissions.secured(ROOT)
    assert secured
    one, two = settled.stacks
    for applied, other in ((one, two), (two, one)):
        with applied.api() as api:
            for method, path in secured:
                url = submissions.filled(path, str(uuid.uuid4()))
                assert api.request(method, url, headers=other.key).status_code == 403
                # 400: what is asked for without its body.
                assert api.request(method, url, headers=applied.key).status_code in (400, 404)


def test_every_name_has_the_suffix(settled: Settled) -> None:
    for applied in settled.stacks:
        nothing(
            states.without_suffix(applied.state, applied.suffix),
            "another stack's may have the same name: end it with the suffix (a type that has no "
            "name goes into NAMELESS in tests/lifecycle/states.py)",
        )


def test_no_state_knows_the_other_stack(account: Account, settled: Settled) -> None:
    listed = account.client("s3").list_objects_v2(Bucket=STATE_BUCKET)["Contents"]
    assert {entry["Key"] for entry in listed} == {
        f"{suffix}/terraform.tfstate" for suffix in (ONE, TWO, BROKEN)
    }
    one, two = settled.stacks
    for applied, other in ((one, two), (two, one)):
        words = {other.suffix, *states.all_identities(other.state)}
        known = "\n".join(states.strings(applied.state))
        nothing([word for word in words if states.mentions(known, word)])


def test_no_policy_reaches_the_other_stack(account: Account, settled: Settled) -> None:
    one, two = settled.stacks
    for applied, other in ((one, two), (two, one)):
        arns = {name for name in states.all_identities(other.state) if name.startswith("arn:")}
        for role in roles(applied):
            for grant in attempts.grants(account.client, role):
                if grant.resource != "*" and not attempts.stands_for_another(grant):
                    nothing(attempts.reaches(grant.resource, arns), f"{role} has {grant}")


def test_no_role_may_touch_the_other_stack(account: Account, settled: Settled) -> None:
    """Each role tries what it may do with its own on the other's counterpart."""
    one, two = settled.stacks
    tried = 0
    for applied, other in ((one, two), (two, one)):
        for role, counterpart in zip(roles(applied), roles(other), strict=True):
            own = attempts.grants(account.client, role)
            foreign = attempts.grants(account.client, counterpart)
            assert [grant.action for grant in own] == [grant.action for grant in foreign]
            identity = account.assume(role)
            for mine, theirs in zip(own, foreign, strict=True):
                if not attempts.is_tried(mine):
                    continue
                tried += 1
                assert not attempts.is_denied(
                    mine.action, identity, account.client, mine.resource
                ), f"{role}: {mine}"
                assert attempts.is_denied(
                    theirs.action, identity, account.client, theirs.resource
                ), f"{role}: {theirs}"
    assert tried


def roles(applied: Applied) -> list[str]:
    """Names of a stack's roles, by address."""
    return [
        role.attributes["name"]
        for role in sorted(states.resources(applied.state), key=lambda role: role.address)
        if role.type == "aws_iam_role"
    ]


def test_what_a_failed_apply_made_is_destroyed_and_what_was_in_its_way_is_not(
    deployed: Deployed,
) -> None:
    broken = deployed.broken
    assert "analytics" in broken.problem
    assert broken.made > 50
    assert broken.left == [f"dynamodb.list_tables: {broken.table}"]


# --- the end ------------------------------------------------------------------------


def test_destroying_one_leaves_nothing_of_it(settled: Settled, one_destroyed: Inventory) -> None:
    one, _ = settled.stacks
    nothing(belonging(one_destroyed, ONE, one.state))


def test_destroying_one_takes_nothing_of_the_other(
    account: Account, settled: Settled, one_destroyed: Inventory
) -> None:
    _, two = settled.stacks
    gone = {
        operation: names - one_destroyed[operation]
        for operation, names in settled.inventory.items()
    }
    nothing(belonging(gone, TWO, two.state))
    plan = account.stack(TWO).plan(account.cloud)
    assert plans.drift(plan) == plans.drift(settled.plans[TWO])
    assert two.mark in json.dumps(two.get("/feedback"))
    before = two.total()
    written = two.write(ROOT, mark=uuid.uuid4().hex)
    feedback = sum(found.path.startswith("/feedback/") for found in written)
    assert feedback
    eventually(two.total, lambda total: total == before + feedback)


def test_destroying_all_leaves_the_account_as_it_was(
    account: Account, before: Inventory, all_destroyed: Inventory
) -> None:
    nothing(inventory.more(all_destroyed, before))
    nothing(inventory.more(before, all_destroyed))


def test_of_the_states_only_empty_ones_are_left(account: Account, all_destroyed: Inventory) -> None:
    listed = account.client("s3").list_objects_v2(Bucket=STATE_BUCKET)["Contents"]
    assert {entry["Key"] for entry in listed} == {
        f"{suffix}/terraform.tfstate" for suffix in (ONE, TWO, BROKEN)
    }
    for suffix in (ONE, TWO, BROKEN):
        state = account.stack(suffix).state(account.cloud)
        assert state["resources"] == []
        assert state["outputs"] == {}
