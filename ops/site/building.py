"""The site's build: vite, only when something that it reads has changed."""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
from pathlib import Path

from ops import BUILD, ROOT, OperatorError, setup

FRONTEND = ROOT / "frontend"
# Neither sources nor settings of the build.
APART = {"node_modules", "dist", "coverage"}


def build(frontend: Path = FRONTEND) -> Path:
    """The folder of the built site, up to date. Raises OperatorError with what vite says."""
    output = frontend / "dist"
    stamp = BUILD / "site" / "digest"
    stamp.parent.mkdir(parents=True, exist_ok=True)
    try:
        setup.frontend()
    except setup.SetupError as error:
        raise OperatorError(str(error)) from error
    # Two stacks may be published at the same moment.
    with (stamp.parent / "lock").open("w") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)
        wanted = digest(frontend)
        if stamp.exists() and stamp.read_text() == wanted and (output / "index.html").is_file():
            return output
        stamp.unlink(missing_ok=True)
        done = subprocess.run(
            ["npm", "run", "--silent", "build"],
            cwd=frontend, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode or not (output / "index.html").is_file():
            said = "\n    ".join((done.stdout + done.stderr).strip().splitlines()[-20:])
            raise OperatorError(f"the site was not built:\n    {said}")
        stamp.write_text(wanted)
    return output


def digest(frontend: Path) -> str:
    """Of every file that the build may read, names included."""
    found = hashlib.sha256()
    for file in sorted(frontend.rglob("*")):
        place = file.relative_to(frontend)
        if place.parts[0] not in APART and not place.parts[0].startswith(".") and file.is_file():
            found.update(f"{place.as_posix()}\0{file.stat().st_size}\0".encode())
            found.update(file.read_bytes())
    return found.hexdigest()
