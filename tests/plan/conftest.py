"""Plans made by the real Terraform and provider, read from their JSON. Nothing is applied.

    def test_stack(plan: Planner) -> None:
        made = plan(ROOT / "terraform", {"environment_suffix": "test"}, var_file=SOME_TFVARS)
        assert made.counts()["aws_dynamodb_table"] == 3

A folder is planned in a copy under build/plan, so that nothing is written beside the sources.
What a plan asks AWS, "who am I" and for a random password, is answered by moto; what it has
checked, definitions of state machines, by ops/state_machines.py.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import uuid
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest
import yaml
from moto.server import ThreadedMotoServer
from python_terraform import IsFlagged, IsNotFlagged, Terraform

import build
from ops import state_machines
from ops.terraform import binary, cli_config

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = Path(__file__).parent / "fixtures"
WORKSPACES = ROOT / "build" / "plan"
LOCK_FILE = ROOT / "terraform" / ".terraform.lock.hcl"


# --- what a plan says ---------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """A plan from nothing, as `terraform show -json` gives it."""

    raw: Mapping[str, Any]

    def resources(self, kind: str | None = None) -> dict[str, dict[str, Any]]:
        """Address => planned values, of all resources or those of one type. Values that are
        known only after apply are missing."""
        return {
            resource["address"]: resource.get("values", {})
            for resource in _resources(self.raw["planned_values"]["root_module"])
            if resource["mode"] == "managed" and kind in {None, resource["type"]}
        }

    def counts(self) -> dict[str, int]:
        """Resource type => how many."""
        kinds = Counter(
            resource["type"]
            for resource in _resources(self.raw["planned_values"]["root_module"])
            if resource["mode"] == "managed"
        )
        return dict(sorted(kinds.items()))

    def statements(self) -> dict[str, list[dict[str, Any]]]:
        """Address of each IAM policy document => its statements. What is known only after
        apply (most ARNs) is missing."""
        prior = self.raw.get("prior_state", {}).get("values", {}).get("root_module", {})
        read = {document["address"]: document.get("values", {}) for document in _resources(prior)}
        # A document that names what does not exist yet is read during apply.
        read |= {
            change["address"]: change["change"]["after"]
            for change in self.raw.get("resource_changes", [])
            if change["mode"] == "data"
        }
        return {
            address: values.get("statement") or []
            for address, values in read.items()
            if ".aws_iam_policy_document." in f".{address}"
        }

    def outputs(self) -> dict[str, Any]:
        """Outputs that are known before apply."""
        outputs = self.raw["planned_values"].get("outputs", {})
        return {name: output["value"] for name, output in outputs.items() if "value" in output}


def _resources(module: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from _resources(child)


@dataclass(frozen=True)
class Problem:
    """An error of Terraform: what it says, and the block that it is about."""

    text: str
    where: str


class PlanError(Exception):
    """Terraform refused; `problems` are its errors."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(f"{problem.where}: {problem.text}" for problem in problems))
        self.problems = problems


class Planner(Protocol):
    """Plans a folder. Raises PlanError."""

    def __call__(
        self,
        directory: Path,
        variables: Mapping[str, Any] | None = None,
        var_file: Path | None = None,
    ) -> Plan: ...


# --- running Terraform --------------------------------------------------------------


@dataclass(frozen=True)
class Workspace:
    """A copy of a folder of this repository at the same place in a tree of its own, with the
    modules beside it, initialised."""

    directory: Path

    @classmethod
    def of(cls, directory: Path, files: Mapping[str, str] | None = None) -> Workspace:
        """Copy and initialise `directory`, with `files` besides, unless that was done before."""
        place = directory.resolve().relative_to(ROOT)
        tree = WORKSPACES / "-".join(place.parts)
        tree.mkdir(parents=True, exist_ok=True)
        workspace = cls(tree / place)
        # Two workers may want the same folder.
        with _locked(tree / "lock"):
            workspace._copy(directory, files or {})
            workspace._link_modules(tree)
            workspace._stub_packages(tree)
            workspace._initialise(tree / "initialised")
        return workspace

    def _copy(self, directory: Path, files: Mapping[str, str]) -> None:
        wanted = dict(files)
        if directory.is_dir():
            wanted |= {
                str(path.relative_to(directory)): path.read_text()
                for path in _sources(directory)
                if path.suffix in {".tf", ".yaml", ".tfvars", ".sql", ".tftpl"}
            }
        wanted[".terraform.lock.hcl"] = LOCK_FILE.read_text()
        # Whatever backend the folder has: a plan from nothing needs no state.
        wanted["backend_override.tf"] = 'terraform {\n  backend "local" {}\n}\n'
        self.directory.mkdir(parents=True, exist_ok=True)
        for path in _sources(self.directory):
            name = str(path.relative_to(self.directory))
            if path.is_file() and name not in wanted and path.suffix != ".plan":
                path.unlink()
        for name, text in wanted.items():
            _write(self.directory / name, text)

    def _link_modules(self, tree: Path) -> None:
        link = tree / "modules"
        if not link.is_symlink():
            link.symlink_to(ROOT / "modules", target_is_directory=True)

    def _stub_packages(self, tree: Path) -> None:
        """Packages to plan with, so that plans need no build."""
        for folder in ("lambda", "lambda-local"):
            for handler in build.handlers():
                _write_stub(tree / "build" / folder / f"{handler}.zip")
        _write_stub(self.directory / "package.zip")

    def _initialise(self, stamp: Path) -> None:
        """terraform init, the slow part: only when providers or module calls may have changed."""
        sources = [
            *sorted(self.directory.glob("*.tf*")),
            *sorted(ROOT.glob("modules/*/versions.tf")),
        ]
        state = hashlib.sha256(LOCK_FILE.read_bytes())
        for source in sources:
            state.update(source.read_bytes())
        if stamp.exists() and stamp.read_text() == state.hexdigest():
            return
        code, _, err = self._run("init", input=False, no_color=IsFlagged, lockfile="readonly")
        assert code == 0, err
        stamp.write_text(state.hexdigest())

    def _run(self, command: str, *arguments: str, **options: Any) -> tuple[int, str, str]:
        terraform = Terraform(working_dir=str(self.directory), terraform_bin_path=binary())
        with warnings.catch_warnings():
            # python-terraform logs by a deprecated method whenever a command does not return 0.
            warnings.simplefilter("ignore", DeprecationWarning)
            code, out, err = terraform.cmd(command, *arguments, **options)
        return int(code), str(out), str(err)

    def plan(self, variables: Mapping[str, Any], var_file: Path | None) -> Plan:
        """Plan from nothing. Raises PlanError."""
        file = self.directory / f"{uuid.uuid4().hex}.plan"
        try:
            # Without -detailed-exitcode: 0 means a plan, whether there are changes or not.
            code, out, err = self._run(
                "plan",
                out=file.name,
                var_file=str(var_file) if var_file else None,
                var=dict(variables),  # later, so that they win
                detailed_exitcode=IsNotFlagged,
                input=False,
                lock=False,
                json=IsFlagged,
            )
            if code:
                raise PlanError(_problems(out) or [Problem(out + err, "terraform plan")])
            code, out, err = self._run("show", file.name, json=IsFlagged)
            assert code == 0, err
            return Plan(json.loads(out))
        finally:
            file.unlink(missing_ok=True)

    def validate(self) -> list[str]:
        """Errors and warnings of `terraform validate`."""
        _, out, _ = self._run("validate", json=IsFlagged)
        return [
            f"{diagnostic['summary']}: {diagnostic.get('detail', '')}"
            for diagnostic in json.loads(out)["diagnostics"]
        ]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _sources(directory: Path) -> list[Path]:
    """What lies in a folder and in those that it reads texts from."""
    return [*directory.iterdir(), *directory.glob("queries/*"), *directory.glob("workflows/*/*")]


def _write_stub(path: Path) -> None:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as package:
            package.writestr("handler.py", "")


def _problems(output: str) -> list[Problem]:
    """The errors among Terraform's JSON lines."""
    problems = []
    for line in output.splitlines():
        diagnostic = json.loads(line).get("diagnostic", {}) if line.startswith("{") else {}
        if diagnostic.get("severity") == "error":
            context = (diagnostic.get("snippet") or {}).get("context") or ""
            where = diagnostic.get("address") or context
            text = f"{diagnostic['summary']}: {diagnostic.get('detail', '')}"
            problems.append(Problem(" ".join(text.split()), where))
    return problems


# --- fixtures -----------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def aws() -> Iterator[None]:
    """An AWS that knows who is asking, makes passwords and does nothing else, whatever the shell
    points at."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch, state_machines.answering() as step_functions:
        for name in [name for name in os.environ if name.startswith(("AWS_", "TF_VAR_"))]:
            patch.delenv(name)
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        for service in ("STS", "SECRETS_MANAGER"):
            patch.setenv(f"AWS_ENDPOINT_URL_{service}", f"http://{host}:{port}")
        patch.setenv("AWS_ENDPOINT_URL_SFN", step_functions)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        chosen = os.environ.get("TF_CLI_CONFIG_FILE")
        if not (chosen and Path(chosen).is_file()):
            patch.setenv("TF_CLI_CONFIG_FILE", str(cli_config()))
        patch.delenv("TF_DATA_DIR", raising=False)
        # Most of a plan is reading the provider's schema; fewer collections save a quarter of it.
        patch.setenv("GOGC", "400")
        yield
    server.stop()


@pytest.fixture(scope="session")
def plan(aws: None) -> Planner:
    """The Planner. The same question asked twice is planned once, whether it is refused or not."""
    answers: dict[str, Plan | PlanError] = {}

    def planner(
        directory: Path,
        variables: Mapping[str, Any] | None = None,
        var_file: Path | None = None,
    ) -> Plan:
        question = json.dumps(
            [str(directory), dict(variables or {}), str(var_file)], sort_keys=True
        )
        if question not in answers:
            try:
                answers[question] = Workspace.of(directory).plan(variables or {}, var_file)
            except PlanError as refused:
                answers[question] = refused
        answer = answers[question]
        if isinstance(answer, PlanError):
            raise answer
        return answer

    return planner


UNPLACED = ""


class Refusals(Protocol):
    """What a module says to wrong inputs: case => its errors. Those of preconditions, which do
    not tell the module call that they are about, are under UNPLACED."""

    def __call__(
        self,
        module: str,
        good: Mapping[str, Any],
        cases: Mapping[str, Mapping[str, Any]],
        group: str = "inputs",
    ) -> dict[str, list[str]]: ...


@pytest.fixture(scope="session")
def refusals(aws: None) -> Refusals:
    """All cases of a group are planned together, each as a module call of its own: the good
    inputs, and over them the wrong ones. They come by a variable, because Terraform looks at
    constants first, and at nothing else if one of them is wrong; in the same way it looks at
    preconditions last, so those need a group of their own.
    """
    answers: dict[tuple[str, str], dict[str, list[str]]] = {}

    def ask(
        module: str,
        good: Mapping[str, Any],
        cases: Mapping[str, Mapping[str, Any]],
        group: str = "inputs",
    ) -> dict[str, list[str]]:
        if (module, group) not in answers:
            inputs = {case: {**good, **wrong} for case, wrong in cases.items()}
            aliases = _aliases(module)
            configuration = {
                "provider": {
                    "aws": [{"region": "us-west-1"}]
                    + [
                        {"alias": alias.removeprefix("aws."), "region": "us-east-1"}
                        for alias in aliases
                    ]
                },
                "variable": {"inputs": {"type": "any"}},
                "module": {
                    case: {"source": f"../../../../modules/{module}"}
                    | ({"providers": {"aws": "aws"} | aliases} if aliases else {})
                    | {name: f"${{var.inputs.{case}.{name}}}" for name in given}
                    for case, given in inputs.items()
                },
            }
            files = {"main.tf.json": json.dumps(configuration, indent=1)}
            workspace = Workspace.of(FIXTURES / f"refused-{module}-{group}", files)
            with pytest.raises(PlanError) as refused:
                workspace.plan({"inputs": inputs}, None)
            found: dict[str, list[str]] = {case: [] for case in [*cases, UNPLACED]}
            for problem in refused.value.problems:
                case = problem.where.partition("module.")[2].partition(".")[0]
                found[case if case in cases else UNPLACED].append(problem.text)
            answers[module, group] = found
        return answers[module, group]

    return ask


def _aliases(module: str) -> dict[str, str]:
    """Provider configurations that a module wants besides aws, as its call gives them."""
    versions = (ROOT / "modules" / module / "versions.tf").read_text()
    return {f"aws.{name}": f"aws.{name}" for name in re.findall(r"\[?aws\.(\w+)", versions)}


# --- comparing with an inventory ----------------------------------------------------


def inventory(name: str) -> Any:
    """An inventory that lies beside the tests: `counts` by resource type and, by address, the
    `values` that matter."""
    return yaml.safe_load((Path(__file__).parent / f"{name}.yaml").read_text())


def differences(made: Plan, wanted: Mapping[str, Any]) -> list[str]:
    """Where a plan departs from an inventory: all counts, and the values that it names."""
    have, want = made.counts(), wanted["counts"]
    found = [
        f"{kind}: {have.get(kind, 0)}, not {want.get(kind, 0)}"
        for kind in sorted({*have, *want})
        if have.get(kind, 0) != want.get(kind, 0)
    ]
    resources = made.resources()
    for address, values in wanted.get("values", {}).items():
        if address not in resources:
            found.append(f"{address}: not in the plan")
        else:
            found += _departures(address, resources[address], values)
    return found


def _departures(path: str, have: Any, want: Any) -> list[str]:
    """Maps may hold more than is wanted; everything else must be equal. A block that stands
    once, which Terraform gives as a list, may be written without the list."""
    if isinstance(want, dict) and isinstance(have, list) and len(have) == 1:
        have = have[0]
    if isinstance(want, dict) and isinstance(have, dict):
        return [
            departure
            for key, value in want.items()
            for departure in _departures(f"{path}.{key}", have.get(key), value)
        ]
    return [] if have == want else [f"{path}: {have!r}, not {want!r}"]
