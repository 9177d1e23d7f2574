"""Every policy of this project, run by the real checkov on a plan it must pass and ones it must
fail: a policy that checkov does not load, or that sees nothing, cannot hide."""

from __future__ import annotations

import re

import pytest

from ops.security import POLICIES, checkov
from ops.security.plans import Plan
from tests.security.conftest import Case, Verdicts, cases


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.file)
def test_policy(case: Case, verdicts: Verdicts) -> None:
    key = (case.file, case.policy)
    if case.says is None:
        assert key not in verdicts.failed, verdicts.failed[key]
        assert key in verdicts.passed
    else:
        assert key in verdicts.failed
        assert case.says in verdicts.failed[key]


def test_every_policy_has_fixtures_of_both_kinds() -> None:
    written = {
        identifier
        for file in POLICIES.glob("*.py")
        for identifier in re.findall(r'"(PLATFORM_[A-Z_]+)"', file.read_text())
    } - {"PLATFORM_ACCOUNT", "PLATFORM_SUFFIX", "PLATFORM_REVIEWED"}
    assert written == {case.policy for case in cases() if case.says is None}
    assert written == {case.policy for case in cases() if case.says is not None}


def test_a_policy_that_breaks_is_a_finding(verdicts: Verdicts) -> None:
    """checkov itself takes an error in a check for "nothing found"."""
    broken = [said for said in verdicts.failed.values() if "the policy itself failed" in said]
    assert broken == []


def test_every_policy_met_something_in_the_plans(made: list[Plan]) -> None:
    """Some are about what later systems bring; the list gets shorter with them."""
    (_, own) = checkov.scan_plans(made)
    without = {case.policy for case in cases()} - own.rules.keys()
    assert without <= {"PLATFORM_EXACT_TARGET", "PLATFORM_MANAGED_POLICY"}
    assert own.failures == []
