"""What holds for every module: valid, formatted, and described where people look."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from ops.terraform import binary
from tests.plan.conftest import FIXTURES, ROOT, Workspace

MODULES = sorted(path.parent for path in ROOT.glob("modules/*/versions.tf"))
DESCRIBED = [*MODULES, ROOT / "terraform" / "bootstrap"]


def named(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("module", MODULES, ids=named)
def test_module_is_valid_where_it_is_used(module: Path, aws: None) -> None:
    assert Workspace.of(FIXTURES / module.name).validate() == []


def test_bootstrap_is_valid(aws: None) -> None:
    assert Workspace.of(ROOT / "terraform" / "bootstrap").validate() == []


@pytest.mark.parametrize("folder", ["modules", "terraform", "tests/plan/fixtures"])
def test_everything_is_formatted(folder: str, aws: None) -> None:
    done = subprocess.run(
        [binary(), "fmt", "-check", "-recursive", "-list=true"],
        cwd=ROOT / folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.split() == []
    assert done.returncode == 0, done.stderr


def blocks(file: Path, kind: str) -> dict[str, str]:
    """Name => body of the blocks of one kind."""
    return {
        match[1]: match[2]
        for match in re.finditer(
            rf'^{kind} "(\w+)" {{\n(.*?)^}}', file.read_text(), re.MULTILINE | re.DOTALL
        )
    }


@pytest.mark.parametrize("module", DESCRIBED, ids=named)
def test_every_input_and_output_has_a_description_and_a_row_in_the_readme(module: Path) -> None:
    inputs = blocks(module / "variables.tf", "variable")
    outputs = blocks(module / "outputs.tf", "output")
    assert inputs
    assert outputs
    for name, body in (inputs | outputs).items():
        assert re.search(r"^  description\s*= (\"\w|<<-EOT)", body, re.MULTILINE), name
    rows = re.findall(r"^\| `(\w+)` \|", (module / "README.md").read_text(), re.MULTILINE)
    assert rows == [*inputs, *outputs]


@pytest.mark.parametrize("module", DESCRIBED, ids=named)
def test_nothing_is_named_after_one_account_region_or_partition(module: Path) -> None:
    for file in module.glob("*.tf"):
        text = re.sub(
            r"^\s*(#|description|error_message|default).*$",
            "",
            file.read_text(),
            flags=re.MULTILINE,
        )
        assert not re.findall(r"\barn:aws\b|\b\d{12}\b|\b[a-z]{2}-[a-z]+-\d\b", text), file
