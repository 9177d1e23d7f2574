"""The tree from which this one is upgraded: the commit before it on main.

Its packages are built by its own build.py and applied by its own terraform/, in this tree's
embedded cloud, with the state and the API keys that the upgrade then finds. Its operator programs
are not used: how they and the cloud know each other may change from commit to commit, the
variables of its Terraform and the options of its build.py are what everybody may rely on.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from ops import BUILD, ROOT
from ops.setup import ENVIRONMENTS

# What a fetched repository may call it; the one that is nearer to this tree counts.
MAIN = ("origin/main", "main")


class HistoryError(Exception):
    """Why the commit before this tree cannot be had, and what to do."""


def commit(tree: Path, chosen: str | None = None) -> str | None:
    """The commit from which the work tree `tree` is an upgrade; None if it is the first one.

    - `chosen`: that one, whatever it is.
    - on main with changes not yet committed: HEAD; without: the first parent of HEAD.
    - on a branch, or a detached HEAD beside main: the newest commit of main in its history.

    Raises HistoryError.
    """
    git = Git(tree)
    if git("rev-parse", "--show-toplevel") != str(tree.resolve()):
        raise HistoryError(f"{tree} is no git work tree{git.complaint}: clone the repository")
    if chosen:
        found = git("rev-parse", "--verify", f"{chosen}^{{commit}}")
        if not found:
            raise HistoryError(f"UPGRADE_FROM={chosen} is no commit here{git.complaint}")
        return found
    head = git("rev-parse", "--verify", "HEAD")
    if not head:
        return None
    mains = [name for name in MAIN if git("rev-parse", "--verify", f"{name}^{{commit}}")]
    on_main = any(git("merge-base", "--is-ancestor", head, name) is not None for name in mains)
    if mains and not on_main:
        return _newest_common(git, head, mains)
    if git("status", "--porcelain"):
        return head
    parent = git("rev-parse", "--verify", "HEAD^1")
    if not parent and git.is_shallow:
        raise HistoryError(SHALLOW)
    return parent


# A hook of git has variables that would point every git at the repository of the hook.
GIT_ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}

SHALLOW = (
    "the commit before this one is not in this shallow clone: `git fetch --deepen=1` "
    "(of a branch: `git fetch --unshallow origin main`), in GitHub Actions `fetch-depth: 0`"
)


def _newest_common(git: Git, head: str, mains: list[str]) -> str:
    bases = {base for name in mains if (base := git("merge-base", head, name))}
    if bases:
        return min(bases, key=lambda base: int(git("rev-list", "--count", f"{base}..{head}") or 0))
    if git.is_shallow:
        raise HistoryError(SHALLOW)
    raise HistoryError(
        f"HEAD has no commit in common with {' or '.join(mains)}: choose one, `UPGRADE_FROM=…`"
    )


class Git:
    """Asks git about a work tree."""

    def __init__(self, tree: Path) -> None:
        self._tree = tree
        self.complaint = ""

    def __call__(self, *arguments: str) -> str | None:
        """What git answers, None if it says no; why is in `complaint`."""
        try:
            done = subprocess.run(
                ["git", "-C", str(self._tree), *arguments],
                env=GIT_ENVIRONMENT,
                capture_output=True, text=True, check=False,
            )  # fmt: skip
        except FileNotFoundError:
            raise HistoryError("git is not installed") from None
        said = done.stderr.strip().removeprefix("fatal: ")
        self.complaint = f" ({said})" if said else ""
        return done.stdout.strip() if done.returncode == 0 else None

    @property
    def is_shallow(self) -> bool:
        return self("rev-parse", "--is-shallow-repository") == "true"


def export(revision: str, folder: Path) -> Path | None:
    """Export `revision` as `folder`, ready to be a Stack's tree; None if it had no stack yet.

    Raises HistoryError when its Python packages cannot be had.
    """
    done = subprocess.run(
        ["git", "-C", str(ROOT), "archive", "--format=tar", revision],
        env=GIT_ENVIRONMENT, capture_output=True, check=True,
    )  # fmt: skip
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    if not (folder / "build.py").is_file() or not (folder / "terraform").is_dir():
        return None
    # build.py builds anew whatever differs, by the hashes of its inputs. Names with a dot in
    # front are files that another build is writing.
    shutil.copytree(
        BUILD / "lambda-local", folder / "build" / "lambda-local",
        ignore=shutil.ignore_patterns(".*"),
    )  # fmt: skip
    _make_environment(folder)
    return folder


def _make_environment(folder: Path) -> None:
    """The environment of its build.py: this tree's where it asks for the very same packages."""
    asked = (".python-version", "requirements/dev.txt")
    if all((folder / name).read_bytes() == (ROOT / name).read_bytes() for name in asked):
        (folder / ".venv").symlink_to(ENVIRONMENTS["dev"], target_is_directory=True)
        return
    done = subprocess.run(
        [sys.executable, "ops/setup.py", "dev"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise HistoryError(f"{folder}: {done.stderr.strip()}")
