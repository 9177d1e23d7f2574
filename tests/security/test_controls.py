"""The page of controls cannot lie: what it names exists, and what exists is named."""

from __future__ import annotations

import ast

import pytest

from ops import ROOT
from ops.security.review import Control, controls, missing_things, own_policies
from tests.security.conftest import cases

CONTROLS = controls()


def _tests_of(file: str) -> set[str]:
    """Names of the test functions of a file."""
    tree = ast.parse((ROOT / file).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.id)
def test_everything_that_a_control_names_exists(control: Control) -> None:
    named = set(control.rules)  # rules: `make security` compares them with what scanners ran
    assert missing_things([control], named) == []
    assert control.tests, "nothing proves it"
    for node in control.tests:
        file, _, name = node.partition("::")
        assert (ROOT / file).is_file(), node
        assert name.startswith("test_"), node
        assert name in _tests_of(file), node


def test_controls_are_told_apart() -> None:
    assert len({control.id for control in CONTROLS}) == len(CONTROLS)
    assert len({control.title for control in CONTROLS}) == len(CONTROLS)


def test_every_policy_belongs_to_a_control() -> None:
    named = {rule for control in CONTROLS for rule in control.rules}
    assert own_policies().keys() <= named
    assert own_policies().keys() == {case.policy for case in cases()}


def test_a_rule_that_looked_at_nothing_is_reported() -> None:
    wrong = Control("X", "g", "t", "d", ["modules/none.tf"], [], ["CKV_AWS_0", "PLATFORM_TAGS"])
    assert missing_things([wrong], {"CKV_AWS_1"}) == [
        "X: there is no modules/none.tf",
        "X: there is no CKV_AWS_0",
    ]


def test_every_test_of_static_security_is_named_by_a_control() -> None:
    """So that the reviewer sees what there is."""
    named = {node.partition("::")[0] for control in CONTROLS for node in control.tests}
    files = {str(f.relative_to(ROOT)) for f in (ROOT / "tests" / "security").glob("test_*.py")}
    assert files <= named
