"""build.py against `sam build`, on the same handlers for the same target: Lambda on arm64.

Clean: no output, no build cache; what was downloaded before is kept by both (uv's and pip's
caches). Unchanged: the same command again. Wall time, because both start processes and wait for
disks; `sam build` does not even zip.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import build
from ops import ROOT
from ops.setup import ENVIRONMENTS
from tests.bench import FOLDER, BenchError, Say
from tests.bench.record import Goal, Report, Sheet

TITLE = "build.py against sam build"
CLEAN_ROUNDS = 3
UNCHANGED_ROUNDS = 7
_FASTER = 50
_WORK = FOLDER / "packaging"
_OURS, _SAM = "build.py", "sam build --cached"
_SAM_PARALLEL = "sam build --cached --parallel"


def measure(rounds: int | None, say: Say) -> Report:
    shutil.rmtree(_WORK, ignore_errors=True)
    ours, sam = _our_project(), _sam_project()
    clean = Sheet("Clean build", {"wall": "s", "cpu": "s"}, _SAM)
    unchanged = Sheet("Unchanged build", {"wall": "s", "cpu": "s"}, _SAM)
    count = rounds or CLEAN_ROUNDS
    for number in range(-1, count):  # the first one fills the caches of downloads
        say(f"Clean builds: round {number + 1} of {count}" if number >= 0 else "Filling caches")
        samples = {
            _SAM: _sam(sam, clean=True),
            _SAM_PARALLEL: _sam(sam, "--parallel", clean=True),
            _OURS: _build_py(ours, clean=True),
        }
        if number >= 0:
            for subject, (wall, cpu) in samples.items():
                clean.add(subject, wall=wall, cpu=cpu)
    count = rounds or UNCHANGED_ROUNDS
    for number in range(count):
        say(f"Unchanged builds: round {number + 1} of {count}")
        for subject, (wall, cpu) in {
            _SAM: _sam(sam),
            _SAM_PARALLEL: _sam(sam, "--parallel"),
            _OURS: _build_py(ours),
        }.items():
            unchanged.add(subject, wall=wall, cpu=cpu)
    faster = 1 / unchanged.ratio(_OURS, "wall").median
    goals = [Goal("unchanged build, times faster than sam's", faster, at_least=_FASTER)]
    notes = [f"{len(build.handlers())} handlers for {build.TARGETS['lambda']}."]
    return Report([clean, unchanged], goals, notes)


def _our_project() -> Path:
    """A copy, so that nobody's packages and caches are thrown away."""
    project = _WORK / "ours"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "lambda_src", project / "lambda_src", ignore=ignored)
    shutil.copy(ROOT / "build.py", project)
    return project


def _sam_project() -> Path:
    """The same handlers as a SAM user has them: a folder for each, with what it needs."""
    project = _WORK / "sam"
    reader = build.FirstParty()
    for handler in build.handlers():
        folder = project / handler
        for name, content in reader.package(handler).items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        pinned = (ROOT / "lambda_src" / handler / "requirements.txt").read_text()
        (folder / "requirements.txt").write_text(without_hashes(pinned))
    (project / "template.json").write_text(json.dumps(template(build.handlers()), indent=2))
    return project


def without_hashes(lock: str) -> str:
    """The pinned versions alone. SAM lets pip follow dependencies itself, and with hashes pip
    refuses those that the lock file leaves to Lambda's runtime (jmespath)."""
    lines = (line.removesuffix("\\").rstrip() for line in lock.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line[0].isspace())


def template(handlers: list[str]) -> dict[str, object]:
    """A SAM template with one function per handler."""
    runtime = f"python{build.RUNTIME[0]}.{build.RUNTIME[1]}"
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "".join(part.title() for part in handler.split("_")): {
                "Type": "AWS::Serverless::Function",
                "Properties": {
                    "CodeUri": f"{handler}/",
                    "Handler": "handler.lambda_handler",
                    "Runtime": runtime,
                    "Architectures": ["arm64"],
                },
            }
            for handler in handlers
        },
    }


def _build_py(project: Path, *, clean: bool = False) -> tuple[float, float]:
    if clean:
        shutil.rmtree(project / "build", ignore_errors=True)
    return _timed([sys.executable, "build.py"], project, dict(os.environ))


def _sam(project: Path, *options: str, clean: bool = False) -> tuple[float, float]:
    if clean:
        shutil.rmtree(project / ".aws-sam", ignore_errors=True)
    binaries = ENVIRONMENTS["bench"] / "bin"
    command = [str(binaries / "sam"), "build", "--cached", "--template", "template.json", *options]
    environment = {
        **os.environ,
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_TELEMETRY_DISABLED": "1",
        "AWS_DEFAULT_REGION": "us-west-1",
        "__SAM_CLI_APP_DIR": str(_WORK / "sam-settings"),  # nothing in the home folder
    }
    return _timed(command, project, environment)


def _timed(command: list[str], folder: Path, environment: dict[str, str]) -> tuple[float, float]:
    """Wall and CPU seconds of a command with its children. Raises BenchError if it fails."""
    before, started = _children_cpu(), time.monotonic()
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    wall = time.monotonic() - started
    if done.returncode:
        raise BenchError(f"{' '.join(command[:2])} failed:\n{(done.stdout + done.stderr)[-2000:]}")
    return wall, _children_cpu() - before


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
