"""Plans of every stack for every environment, and what they will be once applied.

A plan leaves out what AWS answers later: ARNs, and with them nearly every policy, integration
and state machine. Terraform itself fills them in: `terraform test` plans again with each
resource's ARN given beforehand (arns.yaml), so locals, modules and policy documents are worked
out by the same code as in an apply. Nothing is applied. AWS is asked "who am I", which moto
answers, and whether state machines are right, which ops/state_machines.py does.

build/security/plans/NAME.json is a plan as `terraform show -json` gives it, filled in this way.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import sys
import zipfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import build
from ops import ROOT, OperatorError, state_machines
from ops.security import FOLDER
from ops.security.addresses import planned
from ops.security.answers import ACCOUNT, ARNS, REGION, Answers, UnresolvedPlanError, filled
from ops.terraform import Terraform

PLANS = FOLDER / "plans"
WORK = FOLDER / "work"

SUFFIX = "static-review"
READ = {".tf", ".yaml", ".tfvars", ".hcl", ".py", ".sql", ".tftpl"}  # what a plan rests on
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0a0a0a0a-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Variant:
    """One way to plan a stack: its folder, a tfvars file and variables besides."""

    name: str
    stack: Path
    var_file: Path | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)

    @property
    def account_wide(self) -> bool:
        """Whether it holds what an account has once, without a suffix."""
        return self.stack.name == "bootstrap"


def variants() -> list[Variant]:
    """Every environment file of the root stack, and bootstrap; both also with the optional KMS
    key, which brings policies of its own."""
    stack = ROOT / "terraform"
    files = sorted((stack / "envs").glob("*.tfvars"))
    own: dict[str, Any] = {"environment_suffix": SUFFIX}
    return [
        *(Variant(file.stem, stack, file, own) for file in files),
        Variant(
            "production-with-key",
            stack,
            stack / "envs" / "production.tfvars",
            own | {"kms_key_arn": KEY},
        ),
        Variant("bootstrap", stack / "bootstrap"),
        Variant("bootstrap-with-key", stack / "bootstrap", None, {"create_kms_key": True}),
    ]


@dataclass(frozen=True)
class Resource:
    """A planned resource: address, type, values, and the block it comes from."""

    address: str
    kind: str
    name: str
    values: Mapping[str, Any]
    module: tuple[str, ...]  # names of the module calls that lead to it
    source: Path  # folder of its block

    @property
    def block(self) -> str:
        """Its block in `source`, as TYPE.NAME."""
        return f"{self.kind}.{self.name}"


@dataclass(frozen=True)
class Plan:
    """A filled-in plan."""

    variant: Variant
    raw: Mapping[str, Any]

    @property
    def file(self) -> Path:
        return PLANS / f"{self.variant.name}.json"

    def resources(self) -> list[Resource]:
        """Managed resources, in the order of the plan."""
        folders = self._folders()
        found = []
        for module, resource in planned(self.raw["planned_values"]["root_module"], ()):
            if resource["mode"] == "managed":
                found.append(
                    Resource(
                        resource["address"],
                        resource["type"],
                        resource["name"],
                        resource["values"],
                        module,
                        folders[module],
                    )
                )
        return found

    def _folders(self) -> dict[tuple[str, ...], Path]:
        """Names of module calls => folder of the module's sources."""
        folders: dict[tuple[str, ...], Path] = {}

        def walk(module: Mapping[str, Any], path: tuple[str, ...], folder: Path) -> None:
            folders[path] = folder
            for name, call in module.get("module_calls", {}).items():
                source = (folder / call["source"]).resolve()
                if not source.is_relative_to(ROOT):
                    raise UnresolvedPlanError(f"module {name} in {folder}: {source} is not here")
                walk(call["module"], (*path, name), source)

        walk(self.raw["configuration"]["root_module"], (), self.variant.stack)
        return folders

    @property
    def symbols(self) -> dict[str, str]:
        """ARN or name that was filled in => address and attribute."""
        return dict(self.raw["x_symbols"])


# --- running Terraform --------------------------------------------------------------


def load(wanted: list[Variant] | None = None) -> list[Plan]:
    """All plans, made anew only if a source changed since. Raises OperatorError."""
    chosen = wanted or variants()
    digest = _digest(chosen)
    stamp = PLANS / "digest"
    files = [PLANS / f"{variant.name}.json" for variant in chosen]
    if not (stamp.exists() and stamp.read_text() == digest and all(f.exists() for f in files)):
        PLANS.mkdir(parents=True, exist_ok=True)
        stamp.unlink(missing_ok=True)
        for old in PLANS.glob("*.json"):
            old.unlink()
        with _aws():
            for plan in _make(chosen):
                plan.file.write_text(json.dumps(plan.raw))
        stamp.write_text(digest)
    return [Plan(v, json.loads(f.read_text())) for v, f in zip(chosen, files, strict=True)]


def _digest(chosen: list[Variant]) -> str:
    state = hashlib.sha256(repr(chosen).encode())
    sources = [
        *(p for folder in ("terraform", "modules") for p in (ROOT / folder).rglob("*")),
        *(Path(__file__).with_name(f"{name}.py") for name in ("plans", "answers", "addresses")),
        ROOT / "ops" / "state_machines.py",
        ARNS,
    ]
    for source in sorted(sources):
        if source.is_file() and source.suffix in READ:
            state.update(str(source.relative_to(ROOT)).encode() + b"\0" + source.read_bytes())
    return state.hexdigest()


@contextmanager
def _aws() -> Iterator[None]:
    """An AWS that knows who is asking, checks state machines and does nothing else, whatever the
    shell points at."""
    from moto.server import ThreadedMotoServer

    before = dict(os.environ)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line per question
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        with state_machines.answering() as step_functions:
            for name in [name for name in os.environ if name.startswith(("AWS_", "TF_VAR_"))]:
                del os.environ[name]
            os.environ.update(
                AWS_ACCESS_KEY_ID="testing",
                # moto takes any key. Cost: one that is read from somewhere tells a reader less.
                AWS_SECRET_ACCESS_KEY="testing",  # noqa: S106  # nosec B106
                AWS_ENDPOINT_URL_STS=f"http://{host}:{port}",
                AWS_ENDPOINT_URL_SECRETS_MANAGER=f"http://{host}:{port}",
                AWS_ENDPOINT_URL_SFN=step_functions,
                AWS_EC2_METADATA_DISABLED="true",
                NO_PROXY="127.0.0.1",
                no_proxy="127.0.0.1",
                GOGC="400",  # most of a plan is reading the provider's schema
            )
            yield
    finally:
        server.stop()
        os.environ.clear()
        os.environ.update(before)


def _make(chosen: list[Variant]) -> Iterator[Plan]:
    """Plans of all stacks, two at a time: each is one process that keeps a core busy."""
    stacks = {variant.stack for variant in chosen}
    with ThreadPoolExecutor(2) as pool:
        workspaces = dict(zip(stacks, pool.map(_workspace, stacks), strict=True))
        plain = list(pool.map(lambda v: _plan(workspaces[v.stack], v), chosen))
        by_stack = {
            stack: [(v, p) for v, p in zip(chosen, plain, strict=True) if v.stack == stack]
            for stack in stacks
        }
        resolved = pool.map(lambda s: _resolve(workspaces[s], by_stack[s]), stacks)
        for plans in resolved:
            yield from plans


@dataclass(frozen=True)
class Workspace:
    """An initialised copy of a stack."""

    directory: Path
    terraform: Terraform


def _workspace(stack: Path) -> Workspace:
    """A copy of the stack in a tree of its own, initialised: tests can only stand inside it."""
    place = stack.relative_to(ROOT)
    tree = WORK / "-".join(place.parts)
    shutil.rmtree(tree, ignore_errors=True)
    directory = tree / place
    directory.mkdir(parents=True)
    (tree / "modules").symlink_to(ROOT / "modules", target_is_directory=True)
    for source in stack.iterdir():
        if source.suffix in {".tf", ".yaml", ".json"} or source.name == ".terraform.lock.hcl":
            shutil.copy(source, directory)
    for folder in ("queries", "workflows"):  # texts that it reads
        if (stack / folder).is_dir():
            shutil.copytree(stack / folder, directory / folder)
    # Whatever backend the folder has: a plan from nothing needs no state.
    (directory / "backend_override.tf").write_text('terraform {\n  backend "local" {}\n}\n')
    for handler in build.handlers():  # packages to plan with, so that plans need no build
        package = tree / "build" / "lambda" / f"{handler}.zip"
        package.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("handler.py", "")
    terraform = Terraform(directory, directory / ".terraform", {})
    terraform.init({})
    return Workspace(directory, terraform)


def _plan(workspace: Workspace, variant: Variant) -> dict[str, Any]:
    variables = [
        f"-var={name}={json.dumps(value) if not isinstance(value, str) else value}"
        for name, value in variant.variables.items()
    ]
    files = [f"-var-file={variant.var_file}"] if variant.var_file else []
    out = f"{variant.name}.plan"
    workspace.terraform.run(
        "plan", "-no-color", "-input=false", "-lock=false", f"-out={out}", *files, *variables
    )
    plan: dict[str, Any] = json.loads(workspace.terraform.run("show", "-json", out))
    return plan


def _resolve(workspace: Workspace, plans: list[tuple[Variant, dict[str, Any]]]) -> list[Plan]:
    """Let Terraform work all variants of a stack out, with what AWS would answer given beforehand.

    An apply rather than a plan, because a plan puts off policy documents whose dependencies do
    not exist yet. Every resource is overridden: the provider is asked for none.
    """
    answers = {variant.name: Answers.of(variant.name, plan) for variant, plan in plans}
    runs = {
        variant.name: {
            "state_key": variant.name,
            "variables": {
                name: value["value"]
                for name, value in plan.get("variables", {}).items()
                if value.get("value") is not None
            },
            "override_resource": [
                {"target": address, "values": values}
                for address, values in answers[variant.name].by_address.items()
            ],
        }
        for variant, plan in plans
    }
    tests = workspace.directory / "tests"
    tests.mkdir(exist_ok=True)
    (tests / "resolved.tftest.json").write_text(json.dumps({"run": runs}))
    states: dict[str, dict[str, Any]] = {}
    for message in workspace.terraform.stream("test", "-verbose"):
        if message.get("type") == "test_state":
            state: Any = message["test_state"]
            states[str(message["@testrun"])] = {
                resource["address"]: resource["values"]
                for _, resource in planned(state["root_module"], ())
            }
    return [
        Plan(variant, filled(variant.name, plan, states[variant.name], answers[variant.name]))
        for variant, plan in plans
    ]


if __name__ == "__main__":
    try:
        for made in load():
            print(made.file.relative_to(ROOT), len(made.resources()), "resources")
    except OperatorError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
