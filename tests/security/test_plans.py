"""Plans are filled in by Terraform itself, completely, or not used."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ops import ROOT
from ops.security.answers import Answers, UnresolvedPlanError, filled
from ops.security.plans import SUFFIX, Plan, variants


def test_every_environment_file_and_bootstrap_are_planned(made: list[Plan]) -> None:
    names = {plan.variant.name for plan in made}
    files = {file.stem for file in (ROOT / "terraform" / "envs").glob("*.tfvars")}
    assert names == files | {"production-with-key", "bootstrap", "bootstrap-with-key"}
    assert names == {variant.name for variant in variants()}


def test_what_a_plan_leaves_open_is_filled_in(made: list[Plan]) -> None:
    plan = next(plan for plan in made if plan.variant.name == "production")
    resources = {resource.address: resource for resource in plan.resources()}
    table = resources["module.feedback_table.aws_dynamodb_table.this"].values["arn"]
    assert table.endswith(f":table/customer-feedback-{SUFFIX}")
    role = resources['module.function["get_feedback"].aws_iam_role_policy.permissions[0]']
    (statement,) = json.loads(role.values["policy"])["Statement"]
    assert statement["Resource"] == table
    integration = resources['module.api.aws_api_gateway_integration.operation["GET /health"]']
    assert f":function:health-{SUFFIX}:live/invocations" in integration.values["uri"]
    assert "null" not in json.dumps([r.values.get("policy", "") for r in resources.values()])


def test_a_resource_knows_its_block(made: list[Plan]) -> None:
    for plan in made:
        for resource in plan.resources():
            found = [
                file
                for file in resource.source.glob("*.tf")
                if f'resource "{resource.kind}" "{resource.name}"' in file.read_text()
            ]
            assert len(found) == 1, resource.address


def change(address: str, unknown: dict[str, Any], **after: Any) -> dict[str, Any]:
    kind, block = address.split(".")
    return {
        "address": address,
        "mode": "managed",
        "type": kind,
        "name": block,
        "change": {"after": after, "after_unknown": unknown},
    }


def plan_of(*changes: dict[str, Any], **expressions: Any) -> dict[str, Any]:
    return {
        "resource_changes": list(changes),
        "planned_values": {"root_module": {"resources": []}},
        "configuration": {
            "root_module": {
                "resources": [
                    {
                        "mode": "managed",
                        "type": c["type"],
                        "name": c["name"],
                        "expressions": expressions.get(c["name"], {}),
                    }
                    for c in changes
                ]
            }
        },
    }


def test_a_type_whose_arn_is_not_known_is_an_error() -> None:
    plan = plan_of(change("aws_new_thing.a", {"arn": True}, name="a"))
    with pytest.raises(UnresolvedPlanError, match=r"aws_new_thing: add the type to .*arns\.yaml"):
        Answers.of("local", plan)


def test_an_arn_has_the_region_of_the_provider_that_makes_it() -> None:
    plan = plan_of(*(change(f"aws_sns_topic.{name}", {"arn": True}, name=name) for name in "abc"))
    plan["variables"] = {"home": {"value": "eu-west-1"}}
    plan["configuration"]["provider_config"] = {
        "aws": {"expressions": {"region": {"references": ["var.home"]}}},
        "aws.us_east_1": {"expressions": {"region": {"constant_value": "us-east-1"}}},
    }
    keys = {"a": "aws", "b": "aws.us_east_1", "c": "unknown"}
    for resource in plan["configuration"]["root_module"]["resources"]:
        resource["provider_config_key"] = keys[resource["name"]]
    answers = Answers.of("local", plan).by_address
    assert {address: values["arn"] for address, values in answers.items()} == {
        "aws_sns_topic.a": "arn:aws:sns:eu-west-1:123456789012:a",
        "aws_sns_topic.b": "arn:aws:sns:us-east-1:123456789012:b",
        "aws_sns_topic.c": "arn:aws:sns:us-west-1:123456789012:c",
    }


def test_what_rests_on_an_invented_word_is_an_error() -> None:
    """Terraform makes a word up for what arns.yaml does not give; nothing may be built on it."""
    plan = plan_of(
        change("aws_sns_topic.a", {"arn": True, "id": True, "beginning_archive_time": True}),
        change("aws_iam_role_policy.b", {"policy": True}),
        b={"policy": {"references": ["aws_sns_topic.a.beginning_archive_time"]}},
    )
    answers = Answers.of("local", plan)
    applied = {
        "aws_sns_topic.a": {"beginning_archive_time": "q7w2k9zz"},
        "aws_iam_role_policy.b": {"policy": '{"Statement": [{"Resource": "q7w2k9zz"}]}'},
    }
    with pytest.raises(
        UnresolvedPlanError, match=r"aws_iam_role_policy\.b\.policy rests on aws_sns"
    ):
        filled("local", plan, applied, answers)


def test_what_aws_alone_decides_stays_out() -> None:
    plan = plan_of(change("aws_sns_topic.a", {"arn": True, "owner": True}, name="a"))
    answers = Answers.of("local", plan)
    applied = {"aws_sns_topic.a": {"name": "a", "owner": "q7w2k9zz"}}
    made = filled("local", plan, applied, answers)
    (resource,) = made["resource_changes"]
    assert resource["change"]["after"] == {
        "name": "a",
        "arn": "arn:aws:sns:us-west-1:123456789012:a",
    }


def test_what_the_sources_set_to_null_stays_out() -> None:
    """Terraform invents a word there too, which is no policy."""
    plan = plan_of(
        change("aws_sqs_queue.a", {"arn": True, "url": True, "policy": True}, name="a"),
        a={"policy": {"references": ["var.require_tls"]}},
    )
    answers = Answers.of("local", plan)
    applied = {"aws_sqs_queue.a": {"name": "a", "policy": "q7w2k9zz"}}
    (resource,) = filled("local", plan, applied, answers)["resource_changes"]
    assert "policy" not in resource["change"]["after"]
