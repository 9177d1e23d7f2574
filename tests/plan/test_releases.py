"""Releases and rollbacks, as the root stack plans them: who may move which alias, and how."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ops import state_machines
from tests.plan.conftest import ROOT, Plan, PlanError, Planner

STACK = ROOT / "terraform"
ACCOUNT = "123456789012"
FUNCTION = f"arn:aws:lambda:us-west-1:{ACCOUNT}:function:"
STEPS = f"{FUNCTION}release-steps-pr123:live"


def stack(plan: Planner, environment: str = "production", **variables: Any) -> Plan:
    return plan(
        STACK,
        {"environment_suffix": "pr123"} | variables,
        STACK / "envs" / f"{environment}.tfvars",
    )


def definition(made: Plan) -> dict[str, Any]:
    machine = made.resources("aws_sfn_state_machine")["module.release.aws_sfn_state_machine.this"]
    parsed: dict[str, Any] = json.loads(machine["definition"])
    return parsed


def environment(made: Plan, handler: str) -> dict[str, str]:
    address = f'module.function["{handler}"].aws_lambda_function.this'
    variables: dict[str, str] = made.resources()[address]["environment"][0]["variables"]
    return variables


def allowed(made: Plan, handler: str) -> dict[str, dict[str, Any]]:
    """Statements of a function's own policy, by Sid."""
    document = f'module.function["{handler}"].data.aws_iam_policy_document.permissions'
    return {s["sid"]: s for s in made.statements()[document] if s["sid"]}


def names(made: Plan) -> dict[str, str]:
    """Handler => the name of its function."""
    return {
        address.split('"')[1]: function["function_name"]
        for address, function in made.resources("aws_lambda_function").items()
    }


@pytest.mark.parametrize("environment", ["local", "preview", "production"])
def test_the_workflow_is_one_that_step_functions_takes(plan: Planner, environment: str) -> None:
    machine = definition(stack(plan, environment))
    assert state_machines.problems(json.dumps(machine)) == ()


def test_every_function_of_the_stack_is_released_and_watched(plan: Planner) -> None:
    made = stack(plan)
    payload = definition(made)["States"]["Begin"]["Arguments"]["Payload"]
    assert sorted(payload["functions"]) == sorted(names(made).values())
    alarms = {a["alarm_name"] for a in made.resources("aws_cloudwatch_metric_alarm").values()}
    errors = {f"{name.removesuffix('-pr123')}-errors-pr123" for name in payload["functions"]}
    assert errors <= set(payload["alarms"]) <= alarms


def test_what_a_release_takes_is_configured(plan: Planner) -> None:
    machine = definition(stack(plan, releases={"weights": [5, 25], "bake_seconds": 7,
                                               "deletion_protection": True}))  # fmt: skip
    start = machine["States"]["Start"]["Assign"]
    assert start["weights"].endswith(": [5,25] %}")
    assert start["bake_seconds"].endswith(": 7 %}")
    assert machine["TimeoutSeconds"] > 2 * 7
    assert "$min([7," in machine["States"]["Bake"]["Seconds"]


def test_every_call_is_of_the_steps_alias_and_tried_again(plan: Planner) -> None:
    made = stack(plan)
    tasks = [state for state in _states(definition(made)) if state["Type"] == "Task"]
    assert len(tasks) == 7
    for task in tasks:
        assert task["Arguments"]["FunctionName"] == STEPS
        assert task["Retry"]
        assert task["TimeoutSeconds"] > 300  # the function's own
    document = "module.release.data.aws_iam_policy_document.permissions"
    [statement] = made.statements()[document]
    assert (statement["actions"], statement["resources"]) == (["lambda:InvokeFunction"], [STEPS])


def test_whatever_fails_goes_the_way_back(plan: Planner) -> None:
    """From the first share of traffic on, no way ends the release without Finish or Back."""
    states = definition(stack(plan))["States"]
    for name in ("Probe", "Shift", "Watch", "Finish"):
        (way,) = states[name]["Catch"]
        assert (way["ErrorEquals"], way["Next"]) == (["States.ALL"], "Back"), name
        assert way["Assign"]["failed"] is True  # by itself, not by what the error says
    for name in ("ProbeWent", "ShiftWent", "FinishWent"):
        assert states[name]["Choices"] == [{"Condition": "{% $failed %}", "Next": "Back"}], name
    assert states["DidItWork"]["Choices"] == [{"Condition": "{% $failed %}", "Next": "TakenBack"}]
    assert states["Alarmed"]["Assign"]["failed"] is True
    assert states["Alarmed"]["Next"] == "Back"
    inner = states["Back"]["ItemProcessor"]["States"]
    assert inner["BackOne"]["Catch"][0]["ErrorEquals"] == ["States.ALL"]


def test_each_alarm_rolls_its_own_function_back(plan: Planner) -> None:
    made = stack(plan)
    targets = json.loads(environment(made, "rollback_orchestrator")["ROLLBACK_TARGETS"])
    product = {
        name for handler, name in names(made).items()
        if handler not in ("release_steps", "rollback_orchestrator")
    }  # fmt: skip
    assert set(targets.values()) == product
    for alarm, function in targets.items():
        assert alarm == f"{function.removesuffix('-pr123')}-errors-pr123"
    alarms = {a["alarm_name"] for a in made.resources("aws_cloudwatch_metric_alarm").values()}
    assert set(targets) <= alarms
    variables = environment(made, "rollback_orchestrator")
    size = sum(len(name) + len(value) for name, value in variables.items())
    assert size < 3500, "Lambda takes 4 KB of environment: keep the targets elsewhere"


def test_aliases_are_moved_by_those_two_and_each_stack_its_own(plan: Planner) -> None:
    made = stack(plan)
    every = {f"{FUNCTION}{name}" for name in names(made).values()}
    healing = {f"{FUNCTION}{name}-pr123" for name in ("release-steps", "rollback-orchestrator")}
    orchestrator = allowed(made, "rollback_orchestrator")
    steps = allowed(made, "release_steps")
    assert set(orchestrator["MoveAliases"]["resources"]) == every - healing
    assert set(steps["MoveAliases"]["resources"]) == every
    assert orchestrator["MoveAliases"]["actions"] == ["lambda:GetAlias", "lambda:UpdateAlias"]
    assert steps["MoveAliases"]["actions"] == [
        "lambda:GetAlias", "lambda:ListVersionsByFunction", "lambda:UpdateAlias",
    ]  # fmt: skip
    for statement, arns in ((orchestrator, every - healing), (steps, every)):
        assert statement["ProbeVersions"]["actions"] == ["lambda:InvokeFunction"]
        assert set(statement["ProbeVersions"]["resources"]) == {f"{arn}:*" for arn in arns}
    movers = {
        address
        for address, statements in made.statements().items()
        for statement in statements
        if statement["effect"] != "Deny" and "lambda:UpdateAlias" in (statement["actions"] or [])
    }
    assert movers == {
        f'module.function["{handler}"].data.aws_iam_policy_document.permissions'
        for handler in ("release_steps", "rollback_orchestrator")
    }


def test_nothing_is_allowed_on_everything_but_in_the_embedded_cloud(plan: Planner) -> None:
    for environment in ("preview", "production"):
        for handler in ("release_steps", "rollback_orchestrator"):
            for statement in allowed(stack(plan, environment), handler).values():
                assert "*" not in statement["resources"]
                assert "lambda:ListAliases" not in statement["actions"]
    local = stack(plan, "local", emulator_endpoint="http://127.0.0.1:4566")
    assert allowed(local, "release_steps")["WatchAlarmsHere"]["resources"] == ["*"]
    made = stack(plan)
    watched = definition(made)["States"]["Begin"]["Arguments"]["Payload"]["alarms"]
    alarm = f"arn:aws:cloudwatch:us-west-1:{ACCOUNT}:alarm:"
    allowed_arns = allowed(made, "release_steps")["WatchAlarms"]["resources"]
    assert sorted(allowed_arns) == sorted(f"{alarm}{name}" for name in watched)


ROLE_CHARACTERS = 10_240  # of a role's inline policies together; white space does not count
OTHERS = 700  # the role's policy for its logs and traces, and ARNs known after apply only


@pytest.mark.parametrize("handler", ["release_steps", "rollback_orchestrator"])
def test_its_role_has_room_for_every_function(plan: Planner, handler: str) -> None:
    """It names each. Longest suffix, long region: what fits there fits everywhere."""
    made = stack(plan, environment_suffix="a" * 16, aws_region="ap-southeast-3")
    written = [
        {name.title(): value for name, value in statement.items() if value}
        for statement in allowed(made, handler).values()
    ]
    assert len(json.dumps(written, separators=(",", ":"))) < ROLE_CHARACTERS - OTHERS


def test_nobody_changes_or_deletes_what_the_ledger_says(plan: Planner) -> None:
    made = stack(plan)
    address = "module.deployments_table.data.aws_iam_policy_document.append_only[0]"
    [statement] = made.statements()[address]
    assert statement["effect"] == "Deny"
    assert statement["principals"] == [{"type": "*", "identifiers": ["*"]}]
    assert {"dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"} < set(
        statement["actions"]
    )
    policies = made.resources("aws_dynamodb_resource_policy")
    assert list(policies) == [
        "module.deployments_table.aws_dynamodb_resource_policy.append_only[0]"
    ]
    for handler in ("release_steps", "rollback_orchestrator"):
        ledger = allowed(made, handler)["ReadAndAppendLedger"]
        assert ledger["actions"] == ["dynamodb:PutItem", "dynamodb:Query"]
    table = made.resources()["module.deployments_table.aws_dynamodb_table.this"]
    assert (table["hash_key"], table["range_key"]) == ("chain", "sequence")
    assert table["deletion_protection_enabled"] is True
    assert not table.get("ttl")


@pytest.mark.parametrize(
    "wrong",
    [
        {"weights": [100], "bake_seconds": 0, "loop_window_minutes": 0},
        {"weights": [0], "bake_seconds": 1.5, "loop_window_minutes": 1.5},
        {"weights": [1] * 11, "bake_seconds": 86401, "loop_window_minutes": 1441},
    ],
)
def test_what_makes_no_sense_is_refused(plan: Planner, wrong: dict[str, Any]) -> None:
    with pytest.raises(PlanError) as refused:
        stack(plan, releases={"deletion_protection": False} | wrong)
    for name in ("weights", "bake_seconds", "loop_window_minutes", "deletion_protection"):
        assert f"releases.{name} must be" in str(refused.value)


def _states(machine: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for state in machine["States"].values():
        found.append(state)
        if "ItemProcessor" in state:
            found += _states(state["ItemProcessor"])
    return found
