"""Which commit a tree is an upgrade from."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.lifecycle.previous import GIT_ENVIRONMENT, HistoryError, commit


class Repository:
    """A repository with commits called a, b, c … by their message."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
        plain = ("-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main")
        done = subprocess.run(
            ["git", *identity, *plain, "-C", str(self.folder), *arguments],
            env=GIT_ENVIRONMENT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.strip()

    def commit(self, message: str) -> None:
        (self.folder / message).touch()
        self.git("add", message)
        self.git("commit", "-q", "-m", message)

    def previous(self, chosen: str | None = None) -> str | None:
        """Message of the previous commit."""
        found = commit(self.folder, chosen)
        return found and self.git("log", "-1", "--format=%s", found)


@pytest.fixture
def main(tmp_path: Path) -> Repository:
    """main with the commits a, b, c; c is checked out."""
    repository = Repository(tmp_path / "work")
    repository.folder.mkdir()
    repository.git("init", "-q")
    for message in "abc":
        repository.commit(message)
    return repository


def clone(of: Repository, name: str, *options: str) -> Repository:
    folder = of.folder.parent / name
    of.git("clone", "-q", *options, f"file://{of.folder}", str(folder))
    return Repository(folder)


def test_clean_on_main_it_is_the_parent(main: Repository) -> None:
    assert main.previous() == "b"


def test_the_parent_of_a_merge_is_what_main_was_before(main: Repository) -> None:
    main.git("switch", "-q", "-c", "feature", "HEAD^")
    main.commit("f")
    main.git("switch", "-q", "main")
    main.git("merge", "-q", "--no-ff", "-m", "merge", "feature")
    assert main.previous() == "c"


@pytest.mark.parametrize("name", ["a", "new"])
def test_with_changes_on_main_it_is_head(main: Repository, name: str) -> None:
    (main.folder / name).write_text("changed")
    assert main.previous() == "c"


def test_on_a_branch_it_is_where_the_branch_left_main(main: Repository) -> None:
    main.git("switch", "-q", "-c", "feature")
    main.commit("f")
    main.commit("g")
    main.git("switch", "-q", "main")
    main.commit("d")
    main.git("switch", "-q", "feature")
    assert main.previous() == "c"
    main.git("merge", "-q", "-m", "main into feature", "main")
    assert main.previous() == "d"


def test_a_branch_without_commits_of_its_own_is_main(main: Repository) -> None:
    main.git("switch", "-q", "-c", "feature")
    assert main.previous() == "b"


def test_of_a_stale_main_and_a_fetched_one_the_nearer_counts(main: Repository) -> None:
    other = clone(main, "clone")
    main.commit("d")
    other.git("fetch", "-q")
    other.git("switch", "-q", "-c", "feature", "origin/main")
    other.commit("f")
    assert other.previous() == "d"


def test_a_pull_request_as_ci_checks_it_out(main: Repository) -> None:
    """Detached, on a merge of the request into main, which is there as origin/main only."""
    main.git("switch", "-q", "-c", "feature", "HEAD^")
    main.commit("f")
    main.git("switch", "-q", "--detach", "main")
    main.git("merge", "-q", "--no-ff", "-m", "merge", "feature")
    main.git("update-ref", "refs/remotes/origin/main", "main")
    main.git("branch", "-q", "-D", "main", "feature")
    assert main.previous() == "c"


def test_without_a_main_it_is_the_parent(main: Repository) -> None:
    main.git("branch", "-q", "-m", "main", "trunk")
    assert main.previous() == "b"


def test_the_first_commit_is_an_upgrade_from_nothing(main: Repository) -> None:
    main.git("reset", "-q", "--hard", "HEAD~2")
    assert main.previous() is None


def test_no_commit_yet(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.git("init", "-q")
    assert repository.previous() is None


def test_a_shallow_clone_says_what_to_fetch(main: Repository) -> None:
    shallow = clone(main, "shallow", "--depth=1")
    with pytest.raises(HistoryError, match=r"git fetch --deepen=1.*fetch-depth: 0"):
        shallow.previous()
    shallow.git("fetch", "-q", "--deepen=1")
    assert shallow.previous() == "b"


def test_a_shallow_branch_says_what_to_fetch(main: Repository) -> None:
    main.git("switch", "-q", "-c", "feature")
    main.commit("f")
    shallow = clone(main, "shallow", "--depth=1", "--no-single-branch")
    with pytest.raises(HistoryError, match=r"git fetch --unshallow origin main"):
        shallow.previous()
    shallow.git("fetch", "-q", "--unshallow", "origin", "main")
    assert shallow.previous() == "c"


def test_no_common_history(main: Repository) -> None:
    main.git("switch", "-q", "--orphan", "other")
    main.commit("o")
    with pytest.raises(HistoryError, match="no commit in common with main: choose one"):
        main.previous()


def test_one_that_is_chosen_counts(main: Repository) -> None:
    assert main.previous("HEAD~2") == "a"
    with pytest.raises(HistoryError, match="UPGRADE_FROM=nowhere is no commit here"):
        main.previous("nowhere")


def test_a_folder_within_another_repository_is_none(main: Repository) -> None:
    """Or a source archive that was unpacked somewhere would be upgraded from what is around it."""
    inner = main.folder / "archive"
    inner.mkdir()
    with pytest.raises(HistoryError, match="archive is no git work tree"):
        commit(inner)


def test_no_repository_at_all(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match=r"no git work tree \(not a git repository"):
        commit(tmp_path)
