"""The module `mail`: what it makes, who may publish to its topic, and what it refuses. And what of
the root stack surrounds sending."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.plan.conftest import FIXTURES, Plan, PlanError, Planner, Refusals, differences, inventory
from tests.plan.test_root import ENVIRONMENTS, SUFFIX, stack

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


# --- the root stack -----------------------------------------------------------------


def environment(made: Plan, handler: str) -> dict[str, str]:
    function = made.resources()[f'module.function["{handler}"].aws_lambda_function.this']
    variables: dict[str, str] = function["environment"][0]["variables"]
    return variables


def states(made: Plan) -> set[str]:
    machine = made.resources()["module.customer_message.aws_sfn_state_machine.this"]
    found: dict[str, Any] = json.loads(machine["definition"])["States"]
    return set(found)


def allowed(made: Plan, handler: str) -> dict[str, dict[str, Any]]:
    address = f'module.function["{handler}"].data.aws_iam_policy_document.permissions'
    return {found["sid"]: found for found in made.statements()[address]}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_ses_tells_the_topic_that_the_function_hears(name: str, plan: Planner) -> None:
    made = stack(plan, name)
    topic = f"arn:aws:sns:us-west-1:123456789012:email-events-{SUFFIX}"
    subscription = made.resources()[
        'module.function["record_email_events"].aws_sns_topic_subscription.this["Events"]'
    ]
    assert subscription["topic_arn"] == topic
    permission = made.resources()[
        'module.function["record_email_events"].aws_lambda_permission.topic["Events"]'
    ]
    assert permission["source_arn"] == topic
    settings = made.resources()["module.mail.aws_sesv2_configuration_set.this"]
    assert settings["configuration_set_name"] == f"messages-{SUFFIX}"
    # SES encrypts with the topics' key.
    key = made.statements()["module.monitoring.data.aws_iam_policy_document.key[0]"]
    (uses,) = [statement for statement in key if statement["sid"] == "EncryptForMail"]
    assert uses["principals"][0]["identifiers"] == ["ses.amazonaws.com"]
    assert [f"arn:aws:ses:us-west-1:123456789012:configuration-set/messages-{SUFFIX}"] in [
        condition["values"] for condition in uses["condition"]
    ]


@pytest.mark.parametrize("name", ["preview", "production"])
def test_text_messages_are_off_unless_they_are_asked_for(name: str, plan: Planner) -> None:
    made = stack(plan, name)
    assert not [address for address in made.resources() if "send_sms" in address]
    assert environment(made, "submit_message")["SMS"] == "off"
    assert "SendSms" not in states(made)
    granted = [s for found in made.statements().values() for s in found]
    assert not [s for s in granted if s["sid"] == "SendTexts"]


@pytest.mark.parametrize("price", [0.001, 0.007, 0.1, 0.29, 1.001])
def test_text_messages_where_they_are_asked_for(price: float, plan: Planner) -> None:
    made = stack(
        plan, "production",
        sms={"enabled": True, "highest_price_usd": price, "monthly_limit_usd": 25},
    )  # fmt: skip
    assert environment(made, "submit_message")["SMS"] == "on"
    settings = environment(made, "send_sms")
    assert settings["SMS_HIGHEST_PRICE"] == str(round(price * 1000))
    assert settings["SMS_MONTHLY_LIMIT"] == "25000"
    assert "SendSms" in states(made)
    found = allowed(made, "send_sms")
    assert (found["SendTexts"]["actions"], found["SendTexts"]["resources"]) == (
        ["sns:Publish"], ["*"],
    )  # fmt: skip
    # A phone number has no ARN; every topic has.
    assert (found["SendTextsExcept"]["effect"], found["SendTextsExcept"]["resources"]) == (
        "Deny", ["arn:aws:sns:*:*:*"],
    )  # fmt: skip


def test_the_report_is_nightly_and_reads_no_address(plan: Planner) -> None:
    made = stack(plan, "production")
    schedule = made.resources()[
        'module.function["report_failed_messages"].aws_scheduler_schedule.this["nightly"]'
    ]
    assert (schedule["schedule_expression"], schedule["state"]) == ("cron(30 4 * * ? *)", "ENABLED")
    table = made.resources()["module.messages_table.aws_dynamodb_table.this"]
    (index,) = table["global_secondary_index"]
    assert set(index["non_key_attributes"]) == {
        "status", "reason", "channel", "createdAt", "updatedAt",
    }  # fmt: skip
    topic = f"arn:aws:sns:us-west-1:123456789012:warning-{SUFFIX}"
    assert allowed(made, "report_failed_messages")["TellPeople"]["resources"] == [topic]


MAIL = {"sender_address": "no-reply@example.com", "team_inbox": "team@example.com"}


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        (
            {
                "sms": {"enabled": True, "highest_price_usd": 0.0001},
                "recipients": {"messages_per_hour": 0, "deletion_protection": True},
                "mail": MAIL | {"report_schedule": "nightly"},
            },
            {
                "must be thousandths of a dollar",
                "recipients.messages_per_hour and acknowledgements_per_day",
                "mail.report_schedule must be rate(…) or cron(…)",
            },
        ),
        (
            {
                "sms": {"highest_price_usd": 2, "monthly_limit_usd": 1},
                "recipients": {"acknowledgements_per_day": 1.5},
            },
            {
                "not above monthly_limit_usd",
                "recipients.messages_per_hour and acknowledgements_per_day",
                "recipients.deletion_protection must be true in production",
            },
        ),
    ],
)
def test_the_stack_refuses(variables: dict[str, Any], says: set[str], plan: Planner) -> None:
    with pytest.raises(PlanError) as refused:
        stack(plan, "production", **variables)
    problems = [problem.text for problem in refused.value.problems]
    assert {text for text in says if any(text in problem for problem in problems)} == says
    assert len(problems) == len(says), problems
