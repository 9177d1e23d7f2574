"""What is checked in one place is checked in every place: make, commit hooks, CI, `make test`."""

from __future__ import annotations

import re
import subprocess

import yaml

from ops import ROOT, check

TARGETS = {
    target: needs.split()
    for target, needs in re.findall(
        r"^([a-z0-9-]+):([a-z0-9 -]*)##", (ROOT / "Makefile").read_text(), flags=re.MULTILINE
    )
}
STYLE = {target for target in TARGETS if target.startswith("lint-")}


def hooks() -> dict[str, list[str]]:
    """make target => stages of the hook that runs it."""
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    (local,) = config["repos"]
    return {
        hook["entry"].removeprefix("make -s "): hook.get("stages", config["default_stages"])
        for hook in local["hooks"]
    }


def test_make_lint_is_every_linter() -> None:
    assert set(TARGETS["lint"]) == STYLE
    assert len(STYLE) >= 5


def test_hooks_run_what_make_runs() -> None:
    assert hooks().keys() <= TARGETS.keys()
    on_commit = {target for target, stages in hooks().items() if stages == ["pre-commit"]}
    assert on_commit == STYLE | {"types"}
    checks = {name for lane in check.LANES for name in lane}
    assert {t for t, stages in hooks().items() if stages == ["pre-push"]} <= checks


def test_make_test_is_every_check() -> None:
    checks = [name for lane in check.LANES for name in lane]
    assert len(checks) == len(set(checks))
    assert set(checks) <= TARGETS.keys()
    assert {"lint", "types", "unit", "plan-test", "security", "e2e", "lifecycle"} <= set(checks)


def test_ci_runs_make_test_and_nothing_else() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert script.rstrip().endswith("exec make test")
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text())["jobs"]
    (job,) = jobs.values()
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]


def test_every_target_tells_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert set(re.findall(r"^([a-z0-9-]+):", makefile, flags=re.MULTILINE)) == TARGETS.keys()
    command = ["make", "--no-print-directory", "help"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.split()[1] for line in shown.splitlines()} == TARGETS.keys()
