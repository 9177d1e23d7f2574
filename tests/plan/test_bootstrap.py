"""terraform/bootstrap: what an account gets once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.plan.conftest import ROOT, PlanError, Planner, differences, inventory

BOOTSTRAP = ROOT / "terraform" / "bootstrap"
WITH_KEY = {"create_kms_key": True}
WITH_DOMAIN = {"sender_identity": "mail.example.com", "sms_monthly_spend_limit": 3}
WITH_ADDRESS = {"sender_identity": "team@example.com", "mail_from_subdomain": None}


def test_inventory(plan: Planner) -> None:
    assert differences(plan(BOOTSTRAP, WITH_KEY), inventory("bootstrap")) == []


def test_without_a_key_s3_encrypts_with_its_own(plan: Planner) -> None:
    made = plan(BOOTSTRAP)
    wanted = inventory("bootstrap")["counts"]
    assert made.counts() == {
        kind: count for kind, count in wanted.items() if not kind.startswith("aws_kms_")
    }
    encryption = made.resources()["aws_s3_bucket_server_side_encryption_configuration.state"]
    (default,) = encryption["rule"][0]["apply_server_side_encryption_by_default"]
    assert default["sse_algorithm"] == "AES256"


def test_state_bucket_refuses_plain_http(plan: Planner) -> None:
    (statement,) = plan(BOOTSTRAP).statements()["data.aws_iam_policy_document.state"]
    assert statement["effect"] == "Deny"
    assert statement["actions"] == ["s3:*"]
    (condition,) = statement["condition"]
    assert (condition["variable"], condition["values"]) == ("aws:SecureTransport", ["false"])


def test_api_gateway_writes_its_own_log_groups_only(plan: Planner) -> None:
    policy = plan(BOOTSTRAP).resources()["aws_iam_role_policy.api_gateway_logs"]["policy"]
    for statement in json.loads(policy)["Statement"]:
        if statement["Sid"] == "ListLogGroups":
            assert statement["Action"] == "logs:DescribeLogGroups"
        else:
            groups = [arn.split(":log-group:")[1] for arn in statement["Resource"]]
            assert {group.split(":")[0] for group in groups} == {
                "/aws/apigateway/*",
                "API-Gateway-Execution-Logs_*",
            }


def test_key_serves_this_accounts_log_groups_and_notifications_only(plan: Planner) -> None:
    key = plan(BOOTSTRAP, WITH_KEY).resources()["aws_kms_key.data[0]"]
    statements = {found["Sid"]: found for found in json.loads(key["policy"])["Statement"]}
    publishers = {
        "EncryptForAlarms": "cloudwatch.amazonaws.com",
        "EncryptForBudgets": "budgets.amazonaws.com",
        "EncryptForCostAnomalies": "costalerts.amazonaws.com",
        "EncryptForMail": "ses.amazonaws.com",
    }
    assert statements.keys() == {"LeaveToIam", "EncryptLogs", *publishers}
    for sid, service in publishers.items():
        assert statements[sid]["Principal"] == {"Service": service}
        assert sorted(statements[sid]["Action"]) == ["kms:Decrypt", "kms:GenerateDataKey"]
        condition = statements[sid]["Condition"]
        assert condition["StringEquals"] == {"aws:SourceAccount": "123456789012"}
        for arn in condition.get("ArnLike", {}).values():
            assert ":123456789012:" in arn
    assert statements["EncryptLogs"]["Condition"] == {
        "ArnLike": {
            "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-west-1:123456789012:log-group:*"
        }
    }


def test_a_sending_domain_is_signed_and_takes_its_bounces(plan: Planner) -> None:
    made = plan(BOOTSTRAP, WITH_DOMAIN)
    identity = made.resources()["aws_sesv2_email_identity.sender[0]"]
    assert identity["email_identity"] == "mail.example.com"
    (signing,) = identity["dkim_signing_attributes"]
    assert signing["next_signing_key_length"] == "RSA_2048_BIT"
    assert identity["configuration_set_name"] is None  # the stacks name theirs, each its own
    bounces = made.resources()["aws_sesv2_email_identity_mail_from_attributes.sender[0]"]
    assert bounces["mail_from_domain"] == "bounce.mail.example.com"
    assert bounces["behavior_on_mx_failure"] == "USE_DEFAULT_VALUE"


def test_an_address_is_verified_and_nothing_more(plan: Planner) -> None:
    made = plan(BOOTSTRAP, WITH_ADDRESS)
    counts = made.counts()
    assert counts["aws_sesv2_email_identity"] == 1
    assert "aws_sesv2_email_identity_mail_from_attributes" not in counts
    assert "aws_sns_sms_preferences" not in counts
    assert made.outputs()["sender_dns_records"] == []


def test_text_messages_are_limited_and_not_logged(plan: Planner) -> None:
    preferences = plan(BOOTSTRAP, WITH_DOMAIN).resources()["aws_sns_sms_preferences.this[0]"]
    assert preferences["default_sms_type"] == "Transactional"
    assert int(preferences["monthly_spend_limit"]) == 3
    assert not preferences.get("delivery_status_iam_role_arn")


# All in one plan: Terraform names every wrong variable at once.
WRONG: dict[str, tuple[Any, str]] = {
    "aws_region": ("mars", "must be the name of a region"),
    "project_name": ("Feedback", "project_name must be 2 to 31 lower-case"),
    "state_bucket_name": ("States", "state_bucket_name must be 3 to 63"),
    "old_state_days": (0, "old_state_days must be a whole number"),
    "sender_identity": ("not a sender", "must be a domain, such as mail.example.com"),
    "mail_from_subdomain": ("a.b", "must be a label"),
    "sms_monthly_spend_limit": (0.5, "must be a whole number of USD"),
    "api_gateway_log_groups": (["*"], "api_gateway_log_groups must name groups"),
}


@pytest.mark.parametrize("variable", WRONG)
def test_wrong_inputs_are_refused(variable: str, plan: Planner) -> None:
    with pytest.raises(PlanError) as refused:
        plan(BOOTSTRAP, {name: wrong for name, (wrong, _) in WRONG.items()})
    problems = [problem.text for problem in refused.value.problems]
    assert len(problems) == len(WRONG)
    assert len([problem for problem in problems if WRONG[variable][1] in problem]) == 1
