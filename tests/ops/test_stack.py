"""What a stack does about the tree that it is of."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ops import OperatorError
from ops.stack import _sources, build_packages


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """An exported commit whose build.py says what it was asked for, and refuses."""
    for folder in ("terraform", "modules/table", ".venv/bin"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "terraform" / ".terraform.lock.hcl").write_text("lock")
    (tmp_path / "terraform" / "main.tf").write_text('module "table" {}')
    (tmp_path / "modules" / "table" / "main.tf").write_text("")
    (tmp_path / "build.py").write_text("import sys; sys.exit(f'asked for {sys.argv[1:]}')")
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    return tmp_path


@pytest.mark.parametrize(
    "brought", ["terraform/lake.tf", "modules/lake/main.tf", "terraform/.terraform.lock.hcl"]
)
def test_terraform_is_initialised_again_when_a_pull_brings_a_module(
    tree: Path, brought: str
) -> None:
    before = _sources(tree)
    assert _sources(tree) == before
    file = tree / brought
    file.parent.mkdir(exist_ok=True)
    file.write_text('module "other" {}')
    assert _sources(tree) != before


def test_another_tree_is_built_by_its_own_build(tree: Path) -> None:
    with pytest.raises(OperatorError, match=r"asked for \['--target', 'local'\]"):
        build_packages(tree)
