"""build.py, run as its user runs it: in a small project of its own, and on this one."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import build
from ops import ROOT

HANDLER = """\
from shared.used import answer


def lambda_handler(event, context):
    return {answer: "x", "y": {"a", "b", "c"}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with two handlers, of which one uses a shared module."""
    shutil.copy(ROOT / "build.py", tmp_path)
    for name, content in {
        "one/handler.py": HANDLER,
        "one/requirements.txt": "",
        "two/handler.py": "def lambda_handler(event, context):\n    return {}\n",
        "two/requirements.txt": "",
        "shared/__init__.py": "",
        "shared/used.py": "answer = 42\n",
        "shared/unused.py": "answer = 43\n",
    }.items():
        file = tmp_path / "lambda_src" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return tmp_path


def run(project: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(project / "build.py"), *arguments],
        env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def digests(project: Path) -> dict[str, str]:
    packages = sorted((project / "build" / "lambda").glob("*.zip"))
    return {file.stem: hashlib.sha256(file.read_bytes()).hexdigest() for file in packages}


def names(package: Path) -> set[str]:
    with zipfile.ZipFile(package) as archive:
        assert archive.testzip() is None
        return set(archive.namelist())


def test_a_package_holds_what_the_handler_reaches(project: Path) -> None:
    assert run(project).returncode == 0
    assert names(project / "build/lambda/one.zip") == {
        "handler.py", "__pycache__/handler.cpython-313.pyc",
        "shared/__init__.py", "shared/__pycache__/__init__.cpython-313.pyc",
        "shared/used.py", "shared/__pycache__/used.cpython-313.pyc",
    }  # fmt: skip
    assert names(project / "build/lambda/two.zip") == {
        "handler.py", "__pycache__/handler.cpython-313.pyc",
    }  # fmt: skip


def test_the_same_sources_give_the_same_bytes_elsewhere(project: Path, tmp_path: Path) -> None:
    assert run(project, PYTHONHASHSEED="1", TZ="Asia/Tokyo").returncode == 0
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(project / "lambda_src", elsewhere / "lambda_src")
    shutil.copy(project / "build.py", elsewhere)
    for file in elsewhere.rglob("*"):
        os.utime(file, (10**9, 10**9))
        file.chmod(0o700)
    assert run(elsewhere, PYTHONHASHSEED="2", TZ="UTC").returncode == 0
    assert digests(project) == digests(elsewhere)


def test_what_only_the_type_checker_imports_is_not_needed(project: Path) -> None:
    assert run(project).returncode == 0
    before = names(project / "build/lambda/two.zip")
    (project / "lambda_src/two/handler.py").write_text(
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import numpy\n    import shared.used\n"
    )
    assert run(project).returncode == 0
    assert names(project / "build/lambda/two.zip") == before


def test_only_what_changed_is_built(project: Path) -> None:
    assert run(project).stdout.count("built") == 2
    before = {file: file.stat().st_mtime_ns for file in project.glob("build/lambda/*")}
    unchanged = run(project)
    assert unchanged.stdout.count("unchanged") == 2
    assert before == {file: file.stat().st_mtime_ns for file in project.glob("build/lambda/*")}
    (project / "lambda_src/shared/unused.py").write_text("answer = 0\n")
    assert run(project).stdout.count("unchanged") == 2
    (project / "lambda_src/shared/used.py").write_text("answer = 0\n")
    changed = run(project).stdout
    assert "built" in next(line for line in changed.splitlines() if line.startswith("  one"))
    assert "unchanged" in next(line for line in changed.splitlines() if line.startswith("  two"))


def test_junk_is_not_shipped(project: Path) -> None:
    assert run(project).returncode == 0
    before = digests(project)
    for name in (".env", "handler.py~", "test_handler.py", "tests/data.json", "x.pyc"):
        file = project / "lambda_src/one" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("junk")
    assert run(project).returncode == 0
    assert digests(project) == before


@pytest.mark.parametrize("content", ["[]", '{"one": 5}', "\udcff", "{"])
def test_damaged_notes_of_an_earlier_build_do_no_harm(content: str, project: Path) -> None:
    assert run(project).returncode == 0
    before = digests(project)
    for name in ("lambda/manifest.json", "cache/imports.json"):
        (project / "build" / name).write_text(content, errors="surrogateescape")
    assert run(project).returncode == 0
    assert digests(project) == before


def test_an_impossible_folder_is_said_in_one_line(project: Path) -> None:
    (project / "file").touch()
    failed = run(project, "--output", str(project / "file"))
    assert failed.returncode == 1
    assert failed.stderr.startswith("build.py: ")
    assert failed.stderr.count("\n") == 1


def test_an_environment_that_changes_the_bytecode_is_refused(project: Path) -> None:
    failed = run(project, PYTHONNODEBUGRANGES="1")
    assert (failed.returncode, failed.stderr.count("\n")) == (1, 1)


def test_a_damaged_package_is_built_again(project: Path) -> None:
    assert run(project).returncode == 0
    before = digests(project)
    (project / "build/lambda/one.zip").write_bytes(b"damaged")
    assert run(project).returncode == 0
    assert digests(project) == before


def test_a_removed_handler_takes_its_package_along(project: Path) -> None:
    assert run(project).returncode == 0
    shutil.rmtree(project / "lambda_src/two")
    assert run(project).returncode == 0
    assert digests(project).keys() == {"one"}


# docopt 0.6.2 was published as a source distribution only.
NO_WHEEL = (
    "docopt==0.6.2 --hash=sha256:49b3a825280bd66b3aa83585ef59c4a8c82f2c8a522dbe754a8bc8d08c85c491\n"
)


@pytest.mark.parametrize(
    ("file", "content", "arguments", "says"),
    [
        ("two/handler.py", "def lambda_handler(:\n", (), "lambda_src/two/handler.py:1"),
        ("two/handler.py", "from . import x\n", (), "absolutely"),
        ("two/requirements.txt", "idna==3.10 --hash=sha256:" + "0" * 64 + "\n", (), "Hash"),
        ("two/requirements.txt", "idna==3.10\n", (), "hash"),
        ("two/requirements.txt", "=== nonsense\n", (), "cannot be installed"),
        ("two/requirements.txt", "\udcff\udcfe", (), "two/requirements.txt is not a text in UTF-8"),
        ("two/requirements.in", "httpx\nPy_Yaml>=6\n", (), "does not pin httpx, py-yaml"),
        ("two/handler.py", "import json, numpy.linalg\n", (), "two imports numpy, which"),
        ("two/handler.py", "x = 1\0\n", (), "lambda_src/two/handler.py:1"),
        ("two/requirements.txt", NO_WHEEL, (), "no wheel for aarch64-manylinux"),
        ("two/handler.py", "x = 1\n", ("three",), "unknown handler three; there are: one, two"),
    ],
)
def test_what_cannot_be_built_is_said_in_one_line_and_touches_nothing(
    project: Path, file: str, content: str, arguments: tuple[str, ...], says: str
) -> None:
    assert run(project).returncode == 0
    before = digests(project)
    (project / "lambda_src/shared/used.py").write_text("answer = 0\n")  # one is stale too
    (project / "lambda_src" / file).write_text(content, errors="surrogateescape")
    failed = run(project, *arguments)
    assert failed.returncode == 1
    assert failed.stderr.startswith("build.py: ")
    assert failed.stderr.count("\n") == 1
    assert says.lower() in failed.stderr.lower()
    assert digests(project) == before


@pytest.fixture(scope="session")
def packages() -> dict[str, Path]:
    """This project's own packages, for this machine."""
    output = ROOT / "build" / "lambda-local"
    build.build(build.handlers(), "local", output)
    return {name: output / f"{name}.zip" for name in build.handlers()}


def test_no_package_carries_what_nobody_runs(packages: dict[str, Path]) -> None:
    for handler, package in packages.items():
        for name in names(package):
            parts = Path(name).parts
            assert not {"boto3", "s3transfer", "test", "tests", "bin"} & set(parts), (handler, name)
            assert Path(name).name not in build.INSTALL_NOTES, (handler, name)


def test_every_module_has_bytecode_that_is_never_checked(packages: dict[str, Path]) -> None:
    for handler, package in packages.items():
        with zipfile.ZipFile(package) as archive:
            present = set(archive.namelist())
            for name in (n for n in present if n.endswith(".py")):
                cached = importlib.util.cache_from_source(name)
                assert cached in present, (handler, name)
                header = archive.read(cached)[:8]
                assert header[:4] == importlib.util.MAGIC_NUMBER
                assert int.from_bytes(header[4:8], "little") == 0b01, (handler, name)


def sdk_services(package: Path) -> set[str]:
    start = len(build.SDK_DATA)
    data = {name[start:] for name in names(package) if name.startswith(build.SDK_DATA)}
    return {name.partition("/")[0] for name in data if "/" in name}


def test_a_package_brings_the_models_of_the_services_that_it_calls(
    packages: dict[str, Path],
) -> None:
    found = {handler: sdk_services(package) for handler, package in packages.items()}
    assert found.pop("health") == set()
    assert found["feedback_processor"] == {"comprehend", "dynamodb"}
    assert found["stream_aggregator"] == {"dynamodb", "sqs"}
    assert found.pop("lake_exporter") == {"s3", "sqs", "ssm"}
    assert all("dynamodb" in services for services in found.values())


@pytest.mark.parametrize("service", ["dynamodb", "s3", "sqs", "ssm"])
def test_botocore_finds_the_one_text_that_it_looks_up_in_a_model(service: str) -> None:
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    model = Loader().load_service_model(service, "service-2")
    full = ServiceModel(model, service)
    slim = ServiceModel(build.undocumented(model), service)
    ours = [(p.name, p.type) for p in slim.client_context_parameters]
    assert ours == [(p.name, p.type) for p in full.client_context_parameters]
    assert bool(ours) == (service == "s3")


def test_models_are_whole_but_for_their_documentation(packages: dict[str, Path]) -> None:
    """Every operation and endpoint of the package's SDK is as in botocore's own."""
    import botocore.loaders

    task = build.SDK_DATA + "dynamodb/2012-08-10/service-2.json"
    with zipfile.ZipFile(packages["get_feedback"]) as archive:
        ours = json.loads(archive.read(task))
        endpoints = json.loads(archive.read(build.SDK_DATA + "endpoints.json"))
    loader = botocore.loaders.Loader()
    assert ours == build.undocumented(loader.load_service_model("dynamodb", "service-2"))
    assert len(ours["operations"]) > 50
    theirs = loader.load_data("endpoints")
    assert [p["partition"] for p in endpoints["partitions"]] == [
        p["partition"] for p in theirs["partitions"]
    ]
    for mine, full in zip(endpoints["partitions"], theirs["partitions"], strict=True):
        assert mine["regions"] == full["regions"]
        assert mine["services"] == {
            name: about for name, about in full["services"].items() if name == "dynamodb"
        }


@pytest.mark.parametrize(
    ("source", "services"),
    [
        ('client("sqs", attempts=1)\naws.client("s3")\nsession.client(x)\n', {"sqs", "s3"}),
        ("def client(service): ...\n", set()),
    ],
)
def test_services_are_read_from_the_sources(source: str, services: set[str]) -> None:
    assert build._services({"a.py": source.encode(), "b.txt": b"client(1"}) == services


@pytest.mark.parametrize("call", ["client(name)", "client(service='sqs')", "aws.client(7)"])
def test_a_service_that_cannot_be_read_is_an_error(call: str) -> None:
    with pytest.raises(build.BuildError, match=r"a\.py:2: name the service .* as a literal"):
        build._services({"a.py": f"x = 1\n{call}\n".encode()})


def test_a_service_that_botocore_does_not_know_is_an_error() -> None:
    entries = {build.SDK_DATA + "sqs/2012-11-05/service-2.json": b"{}"}
    assert build._slim_sdk(entries, {"sqs"}) == entries
    with pytest.raises(build.BuildError, match="botocore has no service sqz"):
        build._slim_sdk(entries, {"sqs", "sqz"})


def test_of_a_service_only_the_newest_version_is_packed() -> None:
    data = build.SDK_DATA
    old, new = f"{data}x/2011-12-05/service-2.json", f"{data}x/2012-08-10/service-2.json"
    entries = {old: b"{}", new: b"{}", f"{data}x/2012-08-10/examples-1.json": b"{}", "x.py": b""}
    assert set(build._slim_sdk(entries, {"x"})) == {new, "x.py"}


def test_every_package_starts_by_itself_from_bytecode_alone(
    packages: dict[str, Path], tmp_path: Path
) -> None:
    """Nothing but the package and Python is in reach, no SDK of a runtime either, and every
    source is replaced by one that raises: what runs is the bytecode."""
    environment = json.loads((ROOT / "tests" / "function_environment.json").read_text())
    for handler, package in packages.items():
        task = tmp_path / handler
        with zipfile.ZipFile(package) as archive:
            archive.extractall(task)
        for source in task.rglob("*.py"):
            source.write_text("raise RuntimeError('compiled at start')\n")
        program = (
            f"import sys; sys.path.insert(0, {str(task)!r}); import handler;"
            "print(handler.lambda_handler.__name__, "
            "sorted(m for m in sys.modules if m.startswith(('pydantic.', 'aws_xray', 'requests'))))"
        )
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", program],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (handler, done.stderr)
        assert done.stdout.startswith("lambda_handler"), handler
        assert "aws_xray" not in done.stdout
        assert "requests" not in done.stdout
