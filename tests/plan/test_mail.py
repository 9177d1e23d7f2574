"""The module `mail`: what it makes, who may publish to its topic, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plan.conftest import FIXTURES, Planner, Refusals, differences, inventory

KEY = "arn:aws:kms:us-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
TOPIC = "arn:aws:sns:us-west-1:123456789012:notes-test-events"
SET = "arn:aws:ses:us-west-1:123456789012:configuration-set/notes-test"


def statements(plan: Planner, module: str) -> dict[str, dict[str, Any]]:
    address = f"module.{module}.data.aws_iam_policy_document.events"
    return {found["sid"]: found for found in plan(FIXTURES / "mail").statements()[address]}


def test_inventory(plan: Planner) -> None:
    assert differences(plan(FIXTURES / "mail"), inventory("mail")) == []


def test_ses_publishes_for_this_configuration_set_and_nobody_else(plan: Planner) -> None:
    found = statements(plan, "plain")
    assert found.keys() == {"PublishEvents", "RefuseUnencryptedTransport"}
    allowed = found["PublishEvents"]
    assert (allowed["effect"], allowed["actions"], allowed["resources"]) == (
        "Allow", ["sns:Publish"], [TOPIC],
    )  # fmt: skip
    (principal,) = allowed["principals"]
    assert (principal["type"], principal["identifiers"]) == ("Service", ["ses.amazonaws.com"])
    assert {
        (condition["test"], condition["variable"], *condition["values"])
        for condition in allowed["condition"]
    } == {
        ("StringEquals", "aws:SourceAccount", "123456789012"),
        ("ArnEquals", "aws:SourceArn", SET),
    }


def test_plain_http_is_refused_unless_there_is_nothing_else(plan: Planner) -> None:
    refused = statements(plan, "plain")["RefuseUnencryptedTransport"]
    assert (refused["effect"], refused["resources"]) == ("Deny", [TOPIC])
    assert statements(plan, "chosen").keys() == {"PublishEvents"}


def test_outputs_are_known_before_anything_is_made(plan: Planner) -> None:
    assert plan(FIXTURES / "mail").outputs() == {
        "topics": ["arn:aws:sns:us-west-1:123456789012:letter-events-test", TOPIC],
        "sets": ["notes-test", SET],
    }


GOOD = {"name": "notes-test", "kms_key_arn": KEY}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "name": ({"name": "a.b"}, "name must be 1 to 64"),
    "topic": ({"topic_name": "a b"}, "topic_name must be 1 to 256"),
    "opens": ({"event_types": ["BOUNCE", "OPEN"]}, "event_types must be of"),
    "no_events": ({"event_types": []}, "and at least one"),
    "reasons": ({"suppressed_reasons": ["ANGER"]}, "suppressed_reasons must be BOUNCE"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_inputs_are_refused(case: str, refusals: Refusals) -> None:
    answers = refusals("mail", GOOD, {name: wrong for name, (wrong, _) in WRONG.items()})
    (problem,) = answers[case]
    assert WRONG[case][1] in problem
