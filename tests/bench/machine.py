"""What a bench ran on: without it, an absolute figure says nothing."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ops import ROOT
from ops.setup import ENVIRONMENTS

_PACKAGES = {
    "bench": ("aws-sam-cli",),
    "runtime": ("awslambdaric", "boto3", "botocore"),
    "dev": ("uv",),
}


def describe() -> dict[str, Any]:
    """Machine, load and versions. No host or user names."""
    return {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": _cpu(),
        "cores": os.process_cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "load": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "packages": _versions(),
        "commit": _commit(),
    }


def as_line(machine: dict[str, Any]) -> str:
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    return (
        f"{machine['cores']} cores {machine['cpu']}, {machine['memory_gib']} GiB, "
        f"{machine['system']}, load {machine['load'][0]}\n"
        f"Python {machine['python']}, {packages}"
    )


def _cpu() -> str:
    with Path("/proc/cpuinfo").open() as lines:
        names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
        return next(names, platform.processor() or platform.machine())


def _versions() -> dict[str, str]:
    """As the lock files pin them, which is what the environments hold."""
    found: dict[str, str] = {}
    for environment, names in _PACKAGES.items():
        lock = (ROOT / "requirements" / f"{environment}.txt").read_text()
        for name in names:
            pinned = re.search(rf"^{re.escape(name)}==(\S+)", lock, flags=re.MULTILINE)
            if pinned and ENVIRONMENTS[environment].is_dir():
                found[name] = pinned[1]
    return found


def _commit() -> str | None:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout.strip() or None
