"""What `make up` says when something is missing: one line, and what to do."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ops import ROOT, OperatorError, emulator, setup, terraform
from ops.up import _port


def fake_terraform(folder: Path, script: str) -> None:
    file = folder / "terraform"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


def run_up(path: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ops.up", *arguments],
        cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_terraform_is_missing(tmp_path: Path) -> None:
    done = run_up(str(tmp_path))
    assert done.returncode == 1
    assert done.stderr == ("make up: Terraform is not on the PATH: install version 1.11 or newer\n")


def test_terraform_is_too_old(tmp_path: Path) -> None:
    fake_terraform(tmp_path, """echo '{"terraform_version": "1.10.5"}'""")
    done = run_up(str(tmp_path))
    assert done.returncode == 1
    assert done.stderr == "make up: Terraform 1.10 is too old: 1.11 or newer is needed\n"


@pytest.mark.parametrize("version", ["1.11.0", "1.12.2", "2.0.0"])
def test_terraform_is_new_enough(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_terraform(tmp_path, f"""echo '{{"terraform_version": "{version}"}}'""")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert terraform.binary() == str(tmp_path / "terraform")


def test_the_named_mirror_has_no_provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_PROVIDER_MIRROR", str(tmp_path))
    with pytest.raises(OperatorError, match=r"TF_PROVIDER_MIRROR=.* has no .*/aws 5\."):
        terraform.mirror()


def test_a_named_mirror_comes_before_the_usual_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("usual", "named"):
        version = terraform.locked_provider_version()
        (tmp_path / name / terraform.PROVIDER / version / "linux_amd64").mkdir(parents=True)
    monkeypatch.setattr(terraform, "MIRRORS", (tmp_path / "none", tmp_path / "usual"))
    monkeypatch.delenv("TF_PROVIDER_MIRROR", raising=False)
    assert terraform.mirror() == tmp_path / "usual"
    monkeypatch.setenv("TF_PROVIDER_MIRROR", str(tmp_path / "named"))
    assert terraform.mirror() == tmp_path / "named"


def test_another_version_in_a_mirror_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / terraform.PROVIDER / "4.0.0" / "linux_amd64").mkdir(parents=True)
    monkeypatch.setattr(terraform, "MIRRORS", (tmp_path,))
    monkeypatch.delenv("TF_PROVIDER_MIRROR", raising=False)
    assert terraform.mirror() is None


def test_a_configuration_of_the_users_own_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "terraform.rc"
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(own))
    monkeypatch.delenv("TF_PROVIDER_MIRROR", raising=False)
    assert terraform.cli_config() == ROOT / "build" / "terraform.rc"  # it does not exist
    own.write_text("disable_checkpoint = true\n")
    assert terraform.cli_config() == ROOT / "build" / "terraform.rc"  # it says nothing of it
    own.write_text("provider_installation {\n  direct {}\n}\n")
    assert terraform.cli_config() == own


def test_no_provider_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The words are Terraform 1.11's own, for a registry that cannot be reached."""
    fake_terraform(
        tmp_path,
        """[ "$1" = version ] && echo '{"terraform_version": "1.11.4"}' && exit
echo 'Error: Failed to query available provider packages' >&2
echo 'could not connect to registry.terraform.io' >&2
exit 1""",
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    runner = terraform.Terraform(tmp_path, tmp_path / "data", {})
    with pytest.raises(OperatorError) as raised:
        runner.init({})
    assert "\n" not in str(raised.value)
    assert "registry cannot be reached; set TF_PROVIDER_MIRROR" in str(raised.value)


def test_the_port_is_taken(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(OperatorError, match=rf"port {port} is taken .* `make up PORT="):
            emulator.start(tmp_path, port)
    assert not (tmp_path / "emulator.json").exists()


@pytest.mark.parametrize("wanted", ["x", "0", "80", "70000", "-1"])
def test_a_port_that_is_none_is_refused(wanted: str) -> None:
    with pytest.raises(OperatorError, match="is not a port"):
        _port(wanted)


def test_a_stale_process_file_counts_as_not_running(tmp_path: Path) -> None:
    record = f'{{"pid": {os.getpid()}, "port": 1}}'
    (tmp_path / "emulator.json").write_text(record)  # a process, but no embedded cloud
    assert emulator.running(tmp_path) is None
    assert emulator.stop(tmp_path) is False


def test_setup_names_its_environments() -> None:
    with pytest.raises(setup.SetupError, match="unknown environment other; there are: dev"):
        setup.environment("other")


def test_setup_says_what_is_missing_when_no_environment_can_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_terraform(tmp_path, "echo 'No module named ensurepip' >&2; exit 1")
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "ENVIRONMENTS", {"dev": tmp_path / ".venv"})
    monkeypatch.setattr(sys, "executable", str(tmp_path / "terraform"))
    (tmp_path / ".python-version").write_text("3.13\n")
    (tmp_path / "requirements").mkdir()
    for name in ("uv", "dev"):
        (tmp_path / "requirements" / f"{name}.txt").touch()
    with pytest.raises(setup.SetupError, match="apt-get install python3-venv") as raised:
        setup.environment("dev")
    assert "No module named ensurepip" in str(raised.value)
