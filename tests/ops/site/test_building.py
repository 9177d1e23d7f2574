"""When the site is built, and what is said when it cannot be. The build itself: tests/browser."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ops import OperatorError, setup
from ops.site import building


@pytest.fixture
def frontend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "frontend"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "main.tsx").write_text("one")
    (folder / "index.html").write_text("<html>")
    monkeypatch.setattr(building, "BUILD", tmp_path / "build")
    monkeypatch.setattr(setup, "frontend", lambda: None)
    return folder


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Folders that were built: vite's place is taken by one that copies index.html."""
    built: list[Path] = []

    def run(command: list[str], cwd: Path, **_options: Any) -> subprocess.CompletedProcess[str]:
        assert command == ["npm", "run", "--silent", "build"]
        built.append(cwd)
        (cwd / "dist").mkdir(exist_ok=True)
        (cwd / "dist" / "index.html").write_text((cwd / "index.html").read_text())
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    return built


CHANGES: dict[str, Callable[[Path], object]] = {
    "content": lambda folder: (folder / "src" / "main.tsx").write_text("two"),
    "name": lambda folder: (folder / "src" / "main.tsx").rename(folder / "src" / "app.tsx"),
    "new": lambda folder: (folder / "vite.config.ts").write_text(""),
    "gone": lambda folder: (folder / "src" / "main.tsx").unlink(),
    "output": lambda folder: (folder / "dist" / "index.html").unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_it_is_built_when_something_changed(
    change: str, frontend: Path, builds: list[Path]
) -> None:
    assert building.build(frontend) == frontend / "dist"
    building.build(frontend)
    assert len(builds) == 1
    CHANGES[change](frontend)
    building.build(frontend)
    assert len(builds) == 2


def test_what_is_installed_or_built_is_no_source(frontend: Path, builds: list[Path]) -> None:
    building.build(frontend)
    for folder in ("node_modules", "coverage", ".cache"):
        (frontend / folder).mkdir()
        (frontend / folder / "x.js").write_text("x")
    building.build(frontend)
    assert len(builds) == 1


def test_a_failed_build_is_told_and_tried_again(
    frontend: Path, builds: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    building.build(frontend)
    (frontend / "src" / "main.tsx").write_text("broken")
    good = subprocess.run
    failed = subprocess.CompletedProcess(["npm"], 1, "", "src/main.tsx: unexpected token")
    monkeypatch.setattr(subprocess, "run", lambda *_a, **_o: failed)
    with pytest.raises(OperatorError, match="unexpected token"):
        building.build(frontend)
    monkeypatch.setattr(subprocess, "run", good)
    # What vite left of the output is nobody's build, not that of the sources before either.
    (frontend / "src" / "main.tsx").write_text("one")
    building.build(frontend)
    assert len(builds) == 2


@pytest.mark.parametrize(
    ("found", "version", "says"),
    [
        (None, "", r"not on the PATH: install Node\.js 20\.19 or newer"),
        ("/usr/bin/tool", "v18.20.4", r"v18\.20\.4 is too old: install 20\.19 or newer"),
        ("/usr/bin/tool", "v20.18.1", "is too old"),
        ("/usr/bin/tool", "", "does not answer"),
    ],
)
def test_a_missing_or_old_node_is_named(
    found: str | None, version: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: found)
    answer = subprocess.CompletedProcess(["node"], 0, f"{version}\n", "")
    monkeypatch.setattr(subprocess, "run", lambda *_a, **_o: answer)
    with pytest.raises(setup.SetupError, match=says):
        setup.frontend()
