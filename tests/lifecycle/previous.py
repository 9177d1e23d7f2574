"""The tree from which this one is upgraded: the commit before it on main.

Its stack is brought up as whoever checked it out would do it: with its own `make up`, its own
tools and settings. Only the embedded cloud is this tree's, and the folder that belongs to it, so
that the next `make up` finds state and API keys where the last one left them.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Previous:
    """A commit's tree, exported, whose stacks go into the embedded cloud of a folder."""

    revision: str
    tree: Path

    def up(self, suffix: str, port: int) -> None:
        """`make up` of that commit, in the cloud that listens on `port`. Raises HistoryError."""
        inherited = ("MAKE", "MFLAGS", "PYTEST_", "SUFFIX", "PORT", "PYTHONPATH")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(inherited)}
        log = self.tree.parent / "previous.log"
        with log.open("wb") as output:
            code = subprocess.run(
                ["make", "up", f"SUFFIX={suffix}", f"PORT={port}"],
                cwd=self.tree, env=environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, check=False,
            ).returncode  # fmt: skip
        if code:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-30:])
            raise HistoryError(f"`make up` of {self.revision[:12]} failed:\n{tail}")


def export(revision: str, cloud: Path) -> Previous | None:
    """Export `revision` into the folder `cloud` of an embedded cloud that runs; None if that
    commit had no stack yet."""
    done = subprocess.run(
        ["git", "-C", str(ROOT), "archive", "--format=tar", revision],
        env=GIT_ENVIRONMENT,
        capture_output=True, check=True,
    )  # fmt: skip
    tree = cloud / "previous"
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(tree, filter="data")
    if not (tree / "ops" / "up.py").is_file() or not (tree / "terraform").is_dir():
        return None
    build = tree / "build"
    build.mkdir()
    (build / "local").symlink_to(cloud, target_is_directory=True)
    _share_environments(tree)
    # build.py builds anew whatever differs, by the hashes of its inputs.
    # Names with a dot in front are files that another build is writing.
    shutil.copytree(
        BUILD / "lambda-local", build / "lambda-local", ignore=shutil.ignore_patterns(".*")
    )
    return Previous(revision, tree)


def _share_environments(tree: Path) -> None:
    """Let it use this tree's Python environments where it asks for the very same packages;
    its set-up makes those that differ."""
    shared = [ROOT / name for name in (".python-version", "ops/setup.py", "requirements/uv.txt")]
    if any(file.read_bytes() != _of(file, tree).read_bytes() for file in shared):
        return
    for folder in (BUILD / "uv", *ENVIRONMENTS.values()):
        name = "uv" if folder == BUILD / "uv" else _name(folder)
        lock = ROOT / "requirements" / f"{name}.txt"
        other = _of(lock, tree)
        if folder.is_dir() and other.is_file() and other.read_bytes() == lock.read_bytes():
            link = _of(folder, tree)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(folder, target_is_directory=True)


def _name(folder: Path) -> str:
    return next(name for name, path in ENVIRONMENTS.items() if path == folder)


def _of(path: Path, tree: Path) -> Path:
    return tree / path.relative_to(ROOT)
