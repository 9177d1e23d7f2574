"""Set up environments from their lock files. `python3 ops/setup.py dev emulator node frontend …`

Runs before anything is installed: standard library only, any Python from 3.11 on.
Downloads nothing when the environment already matches its lock file.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What each environment is for stands at the top of its requirements/NAME.in.
ENVIRONMENTS = {
    "dev": ROOT / ".venv",
    "emulator": ROOT / "build" / "emulator" / "venv",
    "security": ROOT / "build" / "security" / "venv",
    "bench": ROOT / "build" / "bench" / "venv",
    "runtime": ROOT / "build" / "bench" / "runtime",
    "load": ROOT / "build" / "load" / "venv",
}
NODE = ROOT / "build" / "node"  # node_modules of requirements/node
LIGHTHOUSE = ROOT / "build" / "bench" / "lighthouse"  # and of requirements/lighthouse
NODE_FOLDERS = {"node": NODE, "lighthouse": LIGHTHOUSE}
NODE_MINIMUM = (20, 19)  # what vite asks for


class SetupError(Exception):
    """One line that says what is missing and what to do."""


def _run(command: list[str], problem: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        detail = "\n    ".join(lines[-15:])
        raise SetupError(f"{problem}\n    {detail}")


def _digest(lock: Path) -> str:
    pinned = (ROOT / ".python-version").read_bytes()
    return hashlib.sha256(pinned + lock.read_bytes()).hexdigest()


def _uv() -> Path:
    """Path of the pinned uv, installed into build/uv if it is not there yet."""
    lock = ROOT / "requirements" / "uv.txt"
    folder = ROOT / "build" / "uv"
    uv, stamp = folder / "bin" / "uv", folder / ".lock-digest"
    if uv.exists() and stamp.exists() and stamp.read_text() == _digest(lock):
        return uv
    print("  uv: installing", flush=True)
    _run(
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        "Python cannot make a virtual environment: install its venv module "
        "(Debian and Ubuntu: apt-get install python3-venv)",
    )
    _run(
        [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps",
         "--disable-pip-version-check", "--require-hashes", "--requirement", str(lock)],
        "uv could not be installed from the package index: is it reachable?",
    )  # fmt: skip
    stamp.write_text(_digest(lock))
    return uv


def environment(name: str) -> None:
    """Make the environment `name` hold exactly what its lock file says.

    Raises SetupError when Python or a package cannot be had.
    """
    if name not in ENVIRONMENTS:
        known = [*ENVIRONMENTS, *NODE_FOLDERS, "frontend"]
        raise SetupError(f"unknown environment {name}; there are: {', '.join(known)}")
    folder = ENVIRONMENTS[name]
    lock = ROOT / "requirements" / f"{name}.txt"
    stamp = folder / ".lock-digest"
    python = folder / "bin" / "python"
    if python.exists() and stamp.exists() and stamp.read_text() == _digest(lock):
        return
    uv = _uv()
    version = (ROOT / ".python-version").read_text().strip()
    print(f"  {name}: Python {version} and the packages of requirements/{name}.txt", flush=True)
    if not _has_python(python, version):
        _run(
            [str(uv), "venv", "--quiet", "--clear", "--python", version, str(folder)],
            f"Python {version} was not found and could not be downloaded: "
            f"install it (pyenv install {version}, or your system's package) and try again",
        )
    _run(
        [str(uv), "pip", "sync", "--quiet", "--require-hashes", "--python", str(python), str(lock)],
        f"the packages of requirements/{name}.txt could not be installed",
    )
    stamp.write_text(_digest(lock))


def node_packages(name: str) -> None:
    """Make the folder of `name` hold exactly what requirements/NAME/package-lock.json says.

    Raises SetupError when npm or a package cannot be had.
    """
    source, folder = ROOT / "requirements" / name, NODE_FOLDERS[name]
    lock = source / "package-lock.json"
    stamp = folder / ".lock-digest"
    npm = _npm()
    if stamp.exists() and stamp.read_text() == _digest(lock):
        return
    print(f"  {name}: the packages of requirements/{name}/package-lock.json", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    for file in (source / "package.json", lock):
        shutil.copy(file, folder)
    _npm_ci(npm, folder, f"requirements/{name}")
    stamp.write_text(_digest(lock))


def frontend() -> None:
    """Make frontend/node_modules hold exactly what frontend/package-lock.json says.

    Raises SetupError when npm or a package cannot be had.
    """
    folder = ROOT / "frontend"
    lock = folder / "package-lock.json"
    stamp = folder / "node_modules" / ".lock-digest"  # goes when npm begins anew
    npm = _npm()
    (ROOT / "build").mkdir(exist_ok=True)
    # Two checks may want it at the same moment.
    with (ROOT / "build" / "frontend.lock").open("w") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == _digest(lock):
            return
        print("  frontend: the packages of frontend/package-lock.json", flush=True)
        _npm_ci(npm, folder, "frontend")
        stamp.write_text(_digest(lock))


def _npm() -> str:
    """Path of npm. Raises SetupError if it or a node that is new enough is missing."""
    wanted = ".".join(map(str, NODE_MINIMUM))
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        raise SetupError(f"node and npm are not on the PATH: install Node.js {wanted} or newer")
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    have = re.match(r"v(\d+)\.(\d+)", done.stdout)
    if have is None:
        raise SetupError(f"`node --version` does not answer: {done.stderr.strip()}")
    if (int(have[1]), int(have[2])) < NODE_MINIMUM:
        raise SetupError(f"Node.js {done.stdout.strip()} is too old: install {wanted} or newer")
    return npm


def _npm_ci(npm: str, folder: Path, name: str) -> None:
    """Install what the lock file says and nothing else; no package runs a script of its own."""
    _run(
        [npm, "ci", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund"],
        f"the packages of {name} could not be installed",
    )


def _has_python(python: Path, version: str) -> bool:
    if not python.exists():
        return False
    probe = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([str(python), "-c", probe], capture_output=True, text=True, check=False)
    return done.returncode == 0 and done.stdout.strip() == version


def main(names: list[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036  runs before 3.13 is there
        have = f"{sys.version_info[0]}.{sys.version_info[1]}"
        print(f"setup: Python 3.11 or newer is needed, this is {have}: make PYTHON=python3.13 …")
        return 1
    os.chdir(ROOT)
    try:
        for name in names or ["dev"]:
            if name in NODE_FOLDERS:
                node_packages(name)
            elif name == "frontend":
                frontend()
            else:
                environment(name)
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
