"""Size of every package, and what its imports cost by top-level package."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Mapping

from tests.bench import BenchError, Say
from tests.bench.functions import EMPTY, Case, Function, functions
from tests.bench.record import Report, Sheet
from tests.bench.runtime import PYTHON, prepare, services, variables

TITLE = "Packages and imports"
ROUNDS = 7
_MARKER = "imports of the function"
# What the runtime itself has imported when it comes to the function is not the function's.
_PROGRAM = """
import sys
import awslambdaric.bootstrap
print({marker!r}, file=sys.stderr, flush=True)
import {module}
"""
_FIRST_PARTY = {"customer_platform", "handler", "lambda_function"}
_OWN = "own code and clients"  # module-level code of the function, which makes its clients
_STANDARD = "standard library"
_SHOWN = 7
_IMPORTS = "Imports: self time by top-level package (-X importtime, medians)"


def measure(rounds: int | None, say: Say) -> Report:
    found = [function for function in functions(say) if function.name != EMPTY]
    sizes = Sheet("Package", {"zip": "KiB", "unpacked": "KiB", "files": "count"})
    for function in found:
        entries = function.entries()
        sizes.add(
            function.name,
            zip=function.zipped_bytes / 1024,
            unpacked=sum(entry.file_size for entry in entries) / 1024,
            files=len(entries),
        )
    prepare()
    return Report([sizes, _imports(found, rounds or ROUNDS, say)])


def _imports(found: list[Function], rounds: int, say: Say) -> Sheet:
    measured: dict[str, list[Counter[str]]] = {function.name: [] for function in found}
    with services() as aws:
        for number in range(rounds):
            say(f"Imports: round {number + 1} of {rounds}")
            for function in found:
                measured[function.name].append(_import_times(function, aws.endpoint))
    total: Counter[str] = Counter()
    for runs in measured.values():
        for run in runs:
            total.update(run)
    shown = [name for name, _ in total.most_common(_SHOWN)]
    columns = {"all": "ms", **{_column(name): "ms" for name in shown}, "others": "ms"}
    sheet = Sheet(_IMPORTS, columns, show_spread=False)
    for name, runs in measured.items():
        for run in runs:
            parts = {_column(part): run[part] for part in shown}
            everything = run.total()
            others = everything - sum(parts.values())
            sheet.add(name, **{"all": everything, **parts, "others": others})
    return sheet


def _column(package: str) -> str:
    return package.replace(" ", "_")


def _import_times(function: Function, endpoint: str) -> Counter[str]:
    """Milliseconds by group."""
    program = _PROGRAM.format(marker=_MARKER, module=function.handler.rpartition(".")[0])
    done = subprocess.run(
        [str(PYTHON), "-X", "importtime", "-c", program],
        cwd=function.folder, env=variables(Case(function.name, function), endpoint),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise BenchError(f"{function.name} cannot be imported: {done.stderr[-500:]}")
    modules = import_times(done.stderr.partition(_MARKER)[2])
    groups: Counter[str] = Counter()
    for module, milliseconds in modules.items():
        groups[group(module)] += milliseconds  # type: ignore[assignment]  # a sum, of floats
    return groups


def import_times(text: str) -> Mapping[str, float]:
    """Self time in milliseconds of each module that `python -X importtime` tells of."""
    found: dict[str, float] = {}
    for line in text.splitlines():
        kind, _, rest = line.partition(":")
        parts = rest.split("|")
        if kind == "import time" and len(parts) == 3 and parts[0].strip().isdigit():
            module = parts[2].strip()
            found[module] = found.get(module, 0) + int(parts[0]) / 1000
    return found


def group(module: str) -> str:
    top = module.partition(".")[0]
    if top in _FIRST_PARTY:
        return _OWN
    return _STANDARD if top in sys.stdlib_module_names else top
