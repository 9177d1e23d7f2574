"""The sending of messages, as planned: who may send, what the workflow does, what alarms."""

from __future__ import annotations

import json
from typing import Any

import pytest

from customer_platform.messages.sending import CLAIM_SECONDS, OUTCOME_SECONDS
from tests.plan.conftest import Plan, PlanError, Planner
from tests.plan.test_root import SUFFIX, stack

ACCOUNT = "123456789012"
IDENTITY = f"arn:aws:ses:us-west-1:{ACCOUNT}:identity/example.com"
CONFIGURATION_SET = f"arn:aws:ses:us-west-1:{ACCOUNT}:configuration-set/messages-{SUFFIX}"
MACHINE = f"arn:aws:states:us-west-1:{ACCOUNT}:stateMachine:customer-message-{SUFFIX}"
FUNCTION = f"arn:aws:lambda:us-west-1:{ACCOUNT}:function"


def statements(made: Plan) -> list[tuple[str, dict[str, Any]]]:
    """Address of the policy document, and statement."""
    return [
        (address, statement) for address, found in made.statements().items() for statement in found
    ]


def test_mail_is_sent_by_one_function_from_one_address(plan: Planner) -> None:
    made = stack(plan, "production")
    sending = [
        (address, statement)
        for address, statement in statements(made)
        if address.startswith("module.function[")
        and any(action.startswith("ses:") for action in statement["actions"])
    ]
    ((address, statement),) = sending
    assert '"send_email"' in address
    assert statement["actions"] == ["ses:SendEmail"]
    assert sorted(statement["resources"]) == [CONFIGURATION_SET, IDENTITY]
    (condition,) = statement["condition"]
    assert (condition["test"], condition["variable"], condition["values"]) == (
        "StringEquals", "ses:FromAddress", ["no-reply@example.com"],
    )  # fmt: skip


def test_executions_are_started_by_those_who_hand_in(plan: Planner) -> None:
    made = stack(plan, "production")
    starting = {
        address.split('"')[1]: statement["resources"]
        for address, statement in statements(made)
        if address.startswith("module.function[")
        and "states:StartExecution" in statement["actions"]
    }
    handing_in = ("submit_message", "submit_contact", "send_task_reminder")
    assert starting == {handler: [MACHINE] for handler in handing_in}


def definition(made: Plan) -> dict[str, Any]:
    machine = made.resources("aws_sfn_state_machine")[
        "module.customer_message.aws_sfn_state_machine.this"
    ]
    found: dict[str, Any] = json.loads(machine["definition"])
    return found


def test_the_workflow_retries_and_catches_as_the_document_says(plan: Planner) -> None:
    states = definition(stack(plan, "production"))["States"]
    send = states["SendEmail"]
    assert send["Arguments"]["FunctionName"] == f"{FUNCTION}:send-email-{SUFFIX}:live"
    _, retry = send["Retry"]
    assert {"Lambda.ServiceException", "Lambda.Unknown"} <= set(retry["ErrorEquals"])
    assert (retry["IntervalSeconds"], retry["MaxAttempts"], retry["BackoffRate"]) == (2, 3, 2)
    assert retry["JitterStrategy"] == "FULL"
    (catch,) = send["Catch"]
    assert (catch["ErrorEquals"], catch["Next"]) == (["States.ALL"], "Settle")
    assert "Failed to send email after retries" in states["NotifyFailure"]["Cause"]
    assert "EmailFailed" in states["NotifyFailure"]["Error"]


def test_a_burst_waits_for_functions_to_be_free(plan: Planner) -> None:
    """A new account runs ten at a time: who is refused for that is not failed after seconds."""
    send = definition(stack(plan, "production"))["States"]["SendEmail"]
    busy, _ = send["Retry"]
    assert busy == {
        "ErrorEquals": ["Lambda.TooManyRequestsException"],
        "IntervalSeconds": 2,
        "MaxAttempts": 12,
        "BackoffRate": 2,
        "MaxDelaySeconds": 300,
        "JitterStrategy": "FULL",
    }


def test_every_task_and_the_workflow_itself_have_an_end(plan: Planner) -> None:
    workflow = definition(stack(plan, "production"))
    tasks = [state for state in workflow["States"].values() if state["Type"] == "Task"]
    assert len(tasks) >= 3
    assert all(0 < task["TimeoutSeconds"] <= 120 for task in tasks)
    # All that may be waited for in one execution.
    assert workflow["TimeoutSeconds"] > 2 * 12 * (300 + 4 * 120) + 5 * (60 + 4 * 120)
    # A step may take as long as its function, and that as long as its calls: two reads, the claim,
    # the service, the outcome, and before it for text messages two writes of the limit.
    call, service = 6, 16
    for name, environment, calls in (("send_email", "production", 2), ("send_sms", "local", 4)):
        at_most = calls * call + CLAIM_SECONDS + call + service + OUTCOME_SECONDS + call
        made = stack(plan, environment).resources("aws_lambda_function")
        function = made[f'module.function["{name}"].aws_lambda_function.this']
        assert at_most < function["timeout"] < tasks[0]["TimeoutSeconds"]


def test_failures_that_nobody_could_write_down_reach_the_queue(plan: Planner) -> None:
    made = stack(plan, "production")
    states = definition(made)["States"]
    (catch,) = states["Settle"]["Catch"]
    assert catch["Next"] == "SendDeadLetter"
    queue = f"https://sqs.us-west-1.amazonaws.com/{ACCOUNT}/messages-dlq-{SUFFIX}"
    assert states["SendDeadLetter"]["Arguments"]["QueueUrl"] == queue
    allowed = [
        statement["resources"]
        for address, statement in statements(made)
        if address.startswith("module.customer_message.data.aws_iam_policy_document.permissions")
        and statement["sid"] == "SendDeadLetters"
    ]
    assert allowed == [[f"arn:aws:sqs:us-west-1:{ACCOUNT}:messages-dlq-{SUFFIX}"]]


@pytest.mark.parametrize(
    "variables",
    [
        {"messages": {"retention_days": 90, "deletion_protection": True}},
        {"messages": {"deletion_protection": False}},
        {"messages": {"deletion_protection": True, "throttled": {"attempts": 0}}},
        {"mail": {"sender_address": "Ada <a@example.com>", "team_inbox": "team@example.com"}},
        {"mail": {"sender_address": "a@example.com", "team_inbox": "a@b.com,c@d.com"}},
        {
            "mail": {
                "sender_address": "a@example.com",
                "sender_identity": "example.org",
                "team_inbox": "team@example.com",
            }
        },
    ],
    ids=["short retention", "no protection", "no attempts", "a name", "two inboxes", "not its own"],
)
def test_what_would_go_wrong_is_refused(variables: dict[str, Any], plan: Planner) -> None:
    with pytest.raises(PlanError, match=next(iter(variables))):
        stack(plan, "production", **variables)
