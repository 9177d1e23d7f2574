#!/usr/bin/env python3
"""Build one deployment package (zip) per Lambda handler.

    build.py                        every handler, for Lambda (arm64, python3.13)
    build.py --target local         every handler, for this machine's interpreter
    build.py health get_analytics   these two

A package holds the handler's own files, the first-party modules that it reaches
through imports, and its own third-party dependencies from its `requirements.txt`
(wheels only, every hash checked), each with bytecode beside the source. Of botocore's
data it holds the models of the services that it calls, without their documentation:
docs/decisions/006-packages-bring-their-own-sdk.md says why. Packages lie in
`build/lambda/` and `build/lambda-local/`.

The same sources give the same bytes on any machine: entries are sorted, times and
modes fixed, bytecode is `unchecked-hash` (a timestamp `.pyc` in a zip with fixed times
is silently stale, so every cold start would compile again), and the compressor is a
pinned wheel, because zlib builds (zlib, zlib-ng, Apple's) differ in their output.

Nothing is built whose inputs did not change: a handler's inputs are hashed together and
compared with `manifest.json` beside the packages. A failed build leaves every earlier
package as it was.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import hashlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
SOURCES = ROOT / "lambda_src"
BUILD = ROOT / "build"
RUNTIME = (3, 13)  # the runtime of modules/function: bytecode of another minor is ignored by it

# uv's names of platforms. Lambda's python3.13 runs on Amazon Linux 2023 (glibc 2.34), so
# manylinux_2_28 wheels load there. None: the platform of this machine.
TARGETS: dict[str, str | None] = {"lambda": "aarch64-manylinux_2_28", "local": None}

# Installer's notes: not needed at run time, and different from machine to machine.
INSTALL_NOTES = {
    "RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_build.json", "uv_cache.json",
}  # fmt: skip
LEFT_OUT = {"test", "tests", "__pycache__", "bin"}
# botocore's data: the models of 400 services. A package gets those of the services that it calls.
SDK_DATA = "botocore/data/"
# Stale bytecode, type stubs, and what Powertools brings for a page of API documentation.
NEVER_RUN = {".pyc", ".pyi", ".js", ".css", ".map"}
ZIP_TIME = (0 << 11, (0 << 9) | (1 << 5) | 1)  # 1980-01-01 00:00, the earliest a zip can say


class BuildError(Exception):
    """What went wrong, in one line for the terminal."""


def handlers() -> list[str]:
    """Names of all handlers: the folders of `lambda_src` with a `handler.py`."""
    return sorted(path.parent.name for path in SOURCES.glob("*/handler.py"))


# --- inputs -------------------------------------------------------------------------


@functools.cache
def _module_file(name: str) -> Path | None:
    """The first-party file of a dotted module name, or None if it is not ours."""
    path = SOURCES.joinpath(*name.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return file
    return None


def _imported_names(source: bytes, file: Path) -> set[str]:
    import ast

    try:
        tree = ast.parse(source, str(file))
    except (SyntaxError, ValueError) as error:  # ValueError: not UTF-8, or a NUL
        where = file.relative_to(ROOT)
        line, problem = getattr(error, "lineno", None), getattr(error, "msg", error)
        raise BuildError(f"{where}:{line or 1}: {problem}") from error
    names: set[str] = set()
    unseen: list[ast.AST] = [tree]
    while unseen:
        node = unseen.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            unseen += node.orelse  # what only the type checker imports is not shipped
            continue
        unseen += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                where = file.relative_to(ROOT)
                raise BuildError(f"{where}:{node.lineno}: import first-party modules absolutely")
            if node.module:
                names.add(node.module)
                names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


class FirstParty:
    """Reads first-party files once and follows their imports.

    Parsing is most of what a build with nothing to do would do, so the imports of each file
    are remembered under the digest of its content.
    """

    def __init__(self) -> None:
        self._memory = BUILD / "cache" / "imports.json"
        self._names: dict[str, list[str]] = _read_json(self._memory)
        self._remembered = len(self._names)
        self._contents: dict[Path, bytes] = {}
        self._imports: dict[Path, list[Path]] = {}

    def remember(self) -> None:
        """Keep what was parsed for the next build."""
        if len(self._names) > self._remembered:
            used = {_digest(content): None for content in self._contents.values()}
            kept = {digest: names for digest, names in self._names.items() if digest in used}
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            _replace(self._memory, json.dumps(kept).encode())

    def content(self, file: Path) -> bytes:
        if file not in self._contents:
            self._contents[file] = file.read_bytes()
        return self._contents[file]

    def _imported(self, content: bytes, file: Path) -> list[str]:
        digest = _digest(content)
        if digest not in self._names:
            self._names[digest] = sorted(_imported_names(content, file))
        return self._names[digest]

    def _direct(self, file: Path) -> list[Path]:
        if file not in self._imports:
            found: set[Path] = set()
            for name in self._imported(self.content(file), file):
                parts = name.split(".")
                for end in range(1, len(parts) + 1):  # a.b.c runs a/__init__ and a/b/__init__ too
                    module = _module_file(".".join(parts[:end]))
                    if module:
                        found.add(module)
            self._imports[file] = sorted(found)
        return self._imports[file]

    def unsatisfied(self, first_party: dict[str, bytes], dependencies: Path) -> set[str]:
        """Top-level modules that the files import and that nothing provides."""
        there = {path.name.partition(".")[0] for path in dependencies.iterdir()}
        there |= {path.name.removesuffix(".py") for path in SOURCES.iterdir()}
        there |= {Path(name).stem for name in first_party} | sys.stdlib_module_names
        imported = {
            module.partition(".")[0]
            for name, content in first_party.items()
            if name.endswith(".py")
            for module in self._imported(content, SOURCES / name)
        }
        return imported - there

    def package(self, handler: str) -> dict[str, bytes]:
        """Archive name → content of a handler's own and reachable first-party files."""
        folder = SOURCES / handler
        own = [p for p in sorted(folder.rglob("*")) if p.is_file() and not _is_left_out(p, folder)]
        files = {str(p.relative_to(folder)): p for p in own}
        queue = [p for p in own if p.suffix == ".py"]
        seen = set(queue)
        while queue:
            for module in self._direct(queue.pop()):
                if module not in seen:
                    seen.add(module)
                    queue.append(module)
                    files[str(module.relative_to(SOURCES))] = module
        return {name: self.content(path) for name, path in files.items()}


def _is_left_out(path: Path, folder: Path) -> bool:
    relative = path.relative_to(folder)
    return (
        bool(LEFT_OUT.intersection(relative.parts[:-1]))
        or relative.name in {"requirements.in", "requirements.txt", "README.md"}
        or relative.name.startswith((".", "test_"))  # .env and the like; test modules
        or relative.name.endswith("~")
        or relative.suffix in NEVER_RUN
    )


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def _requirements(handler: str) -> bytes:
    """A handler's lock file; raises BuildError unless it pins all that is asked for."""
    asked, lock = (SOURCES / handler / f"requirements.{kind}" for kind in ("in", "txt"))
    if not lock.is_file():
        raise BuildError(f"{lock.relative_to(ROOT)} is missing; `make lock` writes it")
    pinned = _package_names(lock)
    missing = _package_names(asked) - pinned if asked.is_file() else set()
    if missing:
        raise BuildError(
            f"{lock.relative_to(ROOT)} does not pin {', '.join(sorted(missing))}; "
            "`make lock` writes it anew"
        )
    return lock.read_bytes()


def _package_names(file: Path) -> set[str]:
    """Normalised names of the packages that a requirements file begins lines with."""
    import re

    try:
        lines = file.read_text("utf-8").splitlines()
    except UnicodeDecodeError:
        raise BuildError(f"{file.relative_to(ROOT)} is not a text in UTF-8") from None
    names = (re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", line) for line in lines)
    return {re.sub(r"[._-]+", "-", name[0]).lower() for name in names if name}


def _inputs(handler: str, target: str, first_party: FirstParty, builder: bytes) -> str:
    package = first_party.package(handler)
    named = [part for name in sorted(package) for part in (name.encode(), package[name])]
    return _digest(builder, _platform(target).encode(), _requirements(handler), *named)


def _platform(target: str) -> str:
    named = TARGETS[target]
    if named:
        return named
    machine = os.uname()
    return f"{machine.sysname}-{machine.machine}".lower()


# --- dependencies -------------------------------------------------------------------


def _dependencies(handler: str, target: str) -> Path:
    """Install a handler's requirements and return the folder; made once per lock file."""
    requirements = _requirements(handler)
    key = _digest(requirements, _platform(target).encode(), repr(RUNTIME).encode())[:32]
    folder = BUILD / "cache" / "dependencies" / key
    if folder.is_dir():
        return folder
    import shutil
    import subprocess
    import tempfile

    uv = _uv()
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f"{handler}-", dir=folder.parent))
    version = ".".join(map(str, RUNTIME))
    command = [
        uv, "pip", "install", "--quiet", "--no-config", "--no-progress", "--target", str(scratch),
        "--python", sys.executable, "--python-version", version,
        "--no-deps", "--require-hashes", "--only-binary", ":all:", "--link-mode", "copy",
        "--requirement", str(SOURCES / handler / "requirements.txt"),
    ]  # fmt: skip
    if TARGETS[target]:
        command += ["--python-platform", str(TARGETS[target])]
    try:
        if any(line and not line.startswith(b"#") for line in requirements.splitlines()):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise BuildError(f"{handler}: {_reason(done.stderr, target)}")
        try:
            scratch.chmod(0o755)
            scratch.rename(folder)
        except OSError:  # another build was first with the same lock file
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder


def _uv() -> str:
    import shutil

    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if not uv:
        raise BuildError("uv is not installed here; run `make setup` and use .venv/bin/python")
    return uv


def _reason(stderr: str, target: str) -> str:
    """uv's explanation in one line, with what to do about it."""
    text = " ".join(line.strip(" │├─▶╰\u00d7") for line in stderr.splitlines() if line.strip())
    text = " ".join(text.removeprefix("error: ").split())
    if "no wheels" in text or "building from source is disabled" in text or "no usable" in text:
        return f"a dependency has no wheel for {_platform(target)} ({text})"
    return f"requirements.txt cannot be installed ({text})"


# --- packages -----------------------------------------------------------------------


def _bytecode(name: str, source: bytes) -> bytes:
    """An `unchecked-hash` .pyc: the runtime trusts it without looking at the source.

    Raises SyntaxError or ValueError for sources that do not compile.
    """
    import marshal
    from importlib.util import MAGIC_NUMBER, source_hash

    # The file name is where Lambda unpacks it, so that tracebacks read the same anywhere.
    code = compile(source, f"/var/task/{name}", "exec", dont_inherit=True, optimize=0)
    flags = (0b01).to_bytes(4, "little")  # hash-based, and the hash not checked: PEP 552
    return MAGIC_NUMBER + flags + source_hash(source) + marshal.dumps(code)


def _entries(handler: str, dependencies: Path, first_party: dict[str, bytes]) -> dict[str, bytes]:
    entries: dict[str, bytes] = {}
    for path in sorted(dependencies.rglob("*")):
        relative = path.relative_to(dependencies)
        if not path.is_file() or _is_left_out(path, dependencies):
            continue
        if relative.parts[0].endswith(".dist-info") and relative.name in INSTALL_NOTES:
            continue
        entries[relative.as_posix()] = path.read_bytes()
    if (dependencies / SDK_DATA).is_dir():
        entries = _slim_sdk(entries, _services(first_party))
    for name, content in first_party.items():
        if name in entries:
            raise BuildError(f"{handler}: {name} is also a file of a dependency")
        entries[name] = content
    for name in [n for n in entries if n.endswith(".py")]:
        stem = Path(name)
        cached = stem.parent / "__pycache__" / f"{stem.stem}.cpython-{RUNTIME[0]}{RUNTIME[1]}.pyc"
        try:
            entries[cached.as_posix()] = _bytecode(name, entries[name])
        except (SyntaxError, ValueError) as error:
            if name in first_party:
                raise BuildError(f"{handler}: {name}: {error}") from error
            # Some packages ship templates for other versions; Python never imports those.
    return entries


def _services(first_party: dict[str, bytes]) -> set[str]:
    """The AWS services that the files make clients of: `client("NAME", …)`."""
    import ast

    found: set[str] = set()
    for name, source in first_party.items():
        for node in ast.walk(ast.parse(source)) if name.endswith(".py") else ():
            if not isinstance(node, ast.Call) or ast.unparse(node.func) not in {
                "client",
                "aws.client",
            }:
                continue
            service = node.args[0] if node.args else None
            if not isinstance(service, ast.Constant) or not isinstance(service.value, str):
                raise BuildError(
                    f"{name}:{node.lineno}: name the service of client(…) as a literal: "
                    "the package brings its model along"
                )
            found.add(service.value)
    return found


def _slim_sdk(entries: dict[str, bytes], services: set[str]) -> dict[str, bytes]:
    """The entries with botocore's data cut to `services`. What is left out is read by botocore at
    every start (endpoints), listed (services) or parsed (documentation), and never used."""
    import gzip

    kept: dict[str, bytes] = {}
    versions: dict[str, str] = {}  # botocore takes a service's newest
    for name in entries:
        service, _, version = name.removeprefix(SDK_DATA).partition("/")
        if name.startswith(SDK_DATA) and version:
            versions[service] = max(versions.get(service, ""), version.partition("/")[0])
    unknown = sorted(services - versions.keys())
    if unknown:
        raise BuildError(f"botocore has no service {', '.join(unknown)}, or is not required")
    for name, content in entries.items():
        if not name.startswith(SDK_DATA):
            kept[name] = content
            continue
        service, _, rest = name.removeprefix(SDK_DATA).partition("/")
        if rest and (service not in services or not rest.startswith(versions[service])):
            continue
        if rest.rpartition("/")[2].startswith("examples-"):
            continue
        plain = name.removesuffix(".gz")  # a compressed zip holds it; loading it takes less
        if not plain.endswith(".json"):
            kept[name] = content
            continue
        model = json.loads(gzip.decompress(content) if name.endswith(".gz") else content)
        if service == "endpoints.json":
            for partition in model["partitions"]:
                known = partition["services"].items()
                partition["services"] = {name: about for name, about in known if name in services}
        slim = json.dumps(undocumented(model), separators=(",", ":"), ensure_ascii=False)
        kept[plain] = slim.encode()
    return kept


def undocumented(model: Any) -> Any:
    """A model of botocore's without its texts: most of its size."""
    slim = _undocumented(model)
    # The one text that botocore looks up (ServiceModel.client_context_parameters), with S3.
    for about in slim.get("clientContextParams", {}).values():
        about["documentation"] = ""
    return slim


def _undocumented(model: Any) -> Any:
    if isinstance(model, dict):
        return {
            name: _undocumented(value)
            for name, value in model.items()
            if name != "documentation" or not isinstance(value, str)
        }
    return [_undocumented(value) for value in model] if isinstance(model, list) else model


def _zip(entries: dict[str, bytes]) -> bytes:
    """A zip archive of the entries. Written here because `zipfile` only compresses with the
    interpreter's own zlib, whose output differs from build to build."""
    import struct
    import zlib

    import deflate

    body, directory = bytearray(), bytearray()
    for name in sorted(entries):
        content = entries[name]
        packed, method = bytes(deflate.deflate_compress(content, 9)), 8
        if len(packed) >= len(content):
            packed, method = content, 0
        encoded = name.encode()
        common = struct.pack(
            "<HHHHHIIIHH", 20, 0x800, method, *ZIP_TIME, zlib.crc32(content),
            len(packed), len(content), len(encoded), 0,
        )  # fmt: skip
        mode = 0o100755 if ".so" in Path(name).suffixes else 0o100644
        directory += b"PK\x01\x02" + struct.pack("<H", 3 << 8 | 20) + common
        directory += struct.pack("<HHHII", 0, 0, 0, mode << 16, len(body)) + encoded
        body += b"PK\x03\x04" + common + encoded + packed
    end = struct.pack(
        "<HHHHIIH", 0, 0, len(entries), len(entries), len(directory), len(body), 0
    )  # fmt: skip
    return bytes(body + directory + b"PK\x05\x06" + end)


def _package(handler: str, target: str) -> tuple[str, bytes]:
    """Build one package in memory. Runs in a worker process."""
    reader = FirstParty()
    first_party = reader.package(handler)
    dependencies = _dependencies(handler, target)
    unsatisfied = reader.unsatisfied(first_party, dependencies)
    if unsatisfied:
        raise BuildError(
            f"{handler} imports {', '.join(sorted(unsatisfied))}, which nothing provides: name the "
            f"package in lambda_src/{handler}/requirements.in and run `make lock`"
        )
    return handler, _zip(_entries(handler, dependencies, first_party))


def build(wanted: list[str], target: str, output: Path) -> dict[str, dict[str, object]]:
    """Build the packages of `wanted` that are not up to date; returns the manifest.

    Raises BuildError, before any package is written, if one of them cannot be built.
    """
    if sys.version_info[:2] != RUNTIME:
        have = f"{sys.version_info[0]}.{sys.version_info[1]}"
        want = f"{RUNTIME[0]}.{RUNTIME[1]}"
        raise BuildError(f"bytecode must be of Python {want}, this is {have}; use .venv/bin/python")
    if os.environ.get("PYTHONNODEBUGRANGES"):
        raise BuildError("PYTHONNODEBUGRANGES changes the bytecode: unset it")
    known = handlers()
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise BuildError(f"unknown handler {', '.join(unknown)}; there are: {', '.join(known)}")
    output.mkdir(parents=True, exist_ok=True)
    manifest_file = output / "manifest.json"
    manifest: dict[str, dict[str, object]] = _read_json(manifest_file)
    builder = Path(__file__).read_bytes()
    first_party = FirstParty()
    inputs = {name: _inputs(name, target, first_party, builder) for name in wanted}
    first_party.remember()
    stale = [n for n in wanted if not _is_current(output / f"{n}.zip", inputs[n], manifest.get(n))]
    if stale:
        archives = _build_all(stale, target)
        for name in stale:  # all of them are built: nothing below can fail on sources
            _replace(output / f"{name}.zip", archives[name])
            manifest[name] = {
                "inputs": inputs[name],
                "sha256": hashlib.sha256(archives[name]).hexdigest(),
                "bytes": len(archives[name]),
            }
    kept = {name: manifest[name] for name in sorted(manifest) if name in known}
    for name in set(manifest) - set(kept):
        (output / f"{name}.zip").unlink(missing_ok=True)
    if stale or kept != manifest:
        _replace(manifest_file, (json.dumps(kept, indent=2) + "\n").encode())
    for name in wanted:
        _print(f"  {name:<24}{_size(kept[name]['bytes']):>10}  "
               f"{'built' if name in stale else 'unchanged'}")  # fmt: skip
    return kept


def _build_all(stale: list[str], target: str) -> dict[str, bytes]:
    from concurrent.futures import ProcessPoolExecutor, as_completed

    archives: dict[str, bytes] = {}
    workers = min(len(stale), os.process_cpu_count() or 1)
    with ProcessPoolExecutor(max_workers=workers) as pool:
        jobs = [pool.submit(_package, name, target) for name in stale]
        try:
            for done, job in enumerate(as_completed(jobs), 1):
                name, archive = job.result()
                archives[name] = archive
                _print(f"  [{done}/{len(stale)}] {name}")
        except BuildError:
            pool.shutdown(cancel_futures=True)
            raise
    return archives


def _read_json(file: Path) -> dict[str, Any]:
    """What an earlier build wrote; nothing if it is missing or damaged."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        content = json.loads(file.read_text("utf-8"))
        return content if isinstance(content, dict) else {}
    return {}


def _is_current(archive: Path, inputs: str, entry: object) -> bool:
    if not isinstance(entry, dict) or entry.get("inputs") != inputs or not archive.is_file():
        return False
    return hashlib.sha256(archive.read_bytes()).hexdigest() == entry.get("sha256")


def _replace(file: Path, content: bytes) -> None:
    scratch = file.with_name(f".{file.name}.{os.getpid()}")
    scratch.write_bytes(content)
    scratch.replace(file)


def _size(count: object) -> str:
    return f"{int(str(count)) / 1024:,.0f} KiB"


def _print(line: str) -> None:
    print(line, flush=True)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description="Build the Lambda deployment packages.",
        epilog="Handlers: " + ", ".join(handlers()),
    )
    parser.add_argument("handlers", nargs="*", help="only these handlers")
    parser.add_argument("--target", choices=sorted(TARGETS), default="lambda")
    parser.add_argument("--output", type=Path, help="folder of the packages")
    options = parser.parse_args(arguments)
    folder = "lambda" if options.target == "lambda" else f"lambda-{options.target}"
    output = (options.output or BUILD / folder).resolve()
    started = time.monotonic()
    _print(f"Packages for {_platform(options.target)}, python{RUNTIME[0]}.{RUNTIME[1]}")
    try:
        build(options.handlers or handlers(), options.target, output)
    except (BuildError, OSError) as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("build.py: interrupted; earlier packages are as they were", file=sys.stderr)
        return 130
    _print(f"  {output}  in {time.monotonic() - started:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
