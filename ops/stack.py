"""A stack in an embedded cloud: bring it up, read its outputs, take it down.

`make up` and the end-to-end tests use the same code, in folders of their own.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import secrets
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

import build
from ops import BUILD, ROOT, OperatorError, emulator
from ops.deployed import Deployed
from ops.release import follow, start
from ops.site.building import build as build_site
from ops.site.deployment import publish_to, told
from ops.terraform import Terraform, binary

STATE_BUCKET = "terraform-state"
# Types without an update in the embedded cloud (MiniStack 1.5.33 answers 404). Where an update of
# one of them fails, Terraform forgets the resource and makes it over the old one.
NOT_UPDATED = {"aws_api_gateway_method_response"}
PARALLELISM = 40  # the provider waits 25 s for each queue and more for others, mostly asleep


def say(line: str) -> None:
    """Print a line of progress at once."""
    print(line, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Announce a step, and how long it took."""
    started = time.monotonic()
    say(f"==> {title}")
    yield
    say(f"    {time.monotonic() - started:.1f} s")


class BusyError(OperatorError):
    """Another program works on the same stack."""


@dataclass(frozen=True)
class Stack:
    """One suffix in the embedded cloud that belongs to `folder`.

    `tree` is what is built and applied: this checkout, or an exported commit with the Python
    environment that its build.py needs. Of that one, only build.py and terraform/ are used.
    """

    suffix: str
    folder: Path
    tree: Path = ROOT

    def __post_init__(self) -> None:
        """Raises OperatorError for what terraform/variables.tf would refuse later: the suffix
        names a folder before Terraform sees it."""
        if not re.fullmatch(r"[a-z0-9](-?[a-z0-9]){0,15}", self.suffix) or len(self.suffix) > 16:
            raise OperatorError(
                f"SUFFIX={self.suffix} must be 1 to 16 lower-case letters, digits and single "
                "hyphens, with no hyphen first or last"
            )

    @property
    def _data(self) -> Path:
        return self.folder / "stacks" / self.suffix

    @property
    def _state_key(self) -> str:
        return f"{self.suffix}/terraform.tfstate"

    def outputs(self) -> dict[str, Any]:
        """Outputs of this stack, {name: value}. Raises OperatorError if it is not up."""
        try:
            outputs: dict[str, Any] = json.loads(
                emulator.outputs_file(self.folder, self.suffix).read_text()
            )
        except FileNotFoundError:
            raise OperatorError(
                f"there is no stack {self.suffix!r}: `make up SUFFIX={self.suffix}` makes it"
            ) from None
        return outputs

    def _terraform(self, cloud: emulator.Emulator) -> Terraform:
        return Terraform(self.tree / "terraform", self._data / "terraform", cloud.environment)

    def _variables(self, cloud: emulator.Emulator) -> list[str]:
        values = {
            "environment_suffix": self.suffix,
            "emulator_endpoint": cloud.endpoint,
            "lambda_package_dir": "../build/lambda-local",
        }
        # From a file: another commit may not declare all of them, and is told so in a warning.
        settings = self._data / "settings.tfvars.json"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(json.dumps(values))
        files = (self.tree / "terraform" / "envs" / "local.tfvars", settings, self._key_file())
        return [f"-var-file={file}" for file in files]

    def _key_file(self) -> Path:
        """API keys of this stack: made once, readable by the owner only, never in the tree."""
        file = self._data / "keys.tfvars.json"
        if not file.exists():
            values = {name: secrets.token_urlsafe(24) for name in ("operator", "visitor")}
            _write_private(file, json.dumps({"api_key_values": values}))
        return file

    def up(self, port: int) -> dict[str, Any]:
        """Build, start, apply, release; returns the outputs. Raises OperatorError."""
        binary()  # refuses a missing or old Terraform before the long steps
        with step("Lambda packages"):
            build_packages(self.tree)
        with step("Embedded cloud"):
            cloud = emulator.start(self.folder, port)
            say(f"    {cloud.endpoint}  (log: {_shown(self.folder / 'emulator.log')})")
        outputs = self.apply(cloud)
        # build/local/outputs.json is that of the stack brought up last; each keeps its own too.
        for file in (emulator.outputs_file(self.folder, self.suffix), self.folder / "outputs.json"):
            _write_private(file, json.dumps(outputs, indent=2) + "\n")
        self._verify_sender(cloud, outputs)
        with step("Release"):
            self._release(outputs)
        self._publish(outputs)
        with step("Waiting for the API"):
            _wait_for(f"{outputs['api_base_url']}/health")
        return outputs

    def apply(self, cloud: emulator.Emulator, **variables: str) -> dict[str, Any]:
        """terraform init and apply, with more variables if given; returns the outputs.

        Releases nothing. Raises OperatorError with Terraform's diagnostics.
        """
        terraform = self._terraform(cloud)
        with step("terraform init"):
            self._init(terraform, cloud)
        arguments = [*self._variables(cloud), *(f"-var={k}={v}" for k, v in variables.items())]
        with step("terraform apply"), self._alone(cloud) as held:
            updated: list[str] = []
            try:
                self._apply(terraform, arguments, held, updated)
            except OperatorError:
                if not updated:
                    raise
                say(f"    once more, and {len(updated)} resources are made over, not updated")
                # Not by -replace: under create_before_destroy the new one would be deleted.
                terraform.run("state", "rm", *updated)
                self._apply(terraform, arguments, held, [])
            raw = json.loads(terraform.run("output", "-json"))
        return {name: entry["value"] for name, entry in raw.items()}

    def _apply(
        self, terraform: Terraform, arguments: list[str], held: tuple[int], updated: list[str]
    ) -> None:
        """Apply, and collect in `updated` what the embedded cloud cannot update in place."""
        summary = "no changes"
        progress = Progress()
        for message in terraform.stream(
            "apply", "-auto-approve", f"-parallelism={PARALLELISM}", *arguments, keep=held
        ):
            progress(message)
            if message.get("type") == "change_summary":
                summary = str(message["@message"])
            elif message.get("type") == "planned_change":
                change: Any = message["change"]
                resource = change["resource"]
                if change["action"] == "update" and resource["resource_type"] in NOT_UPDATED:
                    updated.append(resource["addr"])
        say(f"    {summary}")

    def plan(self, cloud: emulator.Emulator, **variables: str) -> dict[str, Any]:
        """What an apply of this tree would do now, as `terraform show -json` tells it.

        Changes nothing. Raises OperatorError with Terraform's diagnostics.
        """
        terraform = self._terraform(cloud)
        self._init(terraform, cloud)
        file = self._data / "plan"
        with self._alone(cloud):
            terraform.run(
                "plan", f"-out={file}", "-no-color",
                *self._variables(cloud), *(f"-var={k}={v}" for k, v in variables.items()),
            )  # fmt: skip
            try:
                plan: dict[str, Any] = json.loads(terraform.run("show", "-json", str(file)))
            finally:
                file.unlink()  # it holds API keys
        return plan

    def state(self, cloud: emulator.Emulator) -> dict[str, Any]:
        """Terraform's state as it is stored. Raises OperatorError if there is none."""
        s3 = emulator.client("s3", cloud.endpoint)
        try:
            stored = s3.get_object(Bucket=STATE_BUCKET, Key=self._state_key)
        except ClientError:
            raise OperatorError(f"the stack {self.suffix!r} has no state") from None
        state: dict[str, Any] = json.loads(stored["Body"].read())
        return state

    @staticmethod
    def _verify_sender(cloud: emulator.Emulator, outputs: dict[str, Any]) -> None:
        """Make the identity that mail comes from, which terraform/bootstrap makes on AWS, where an
        account has one of it. The embedded cloud takes it for verified at once."""
        mail = outputs.get("mail")
        if mail is None:
            return  # a commit from before there was any
        ses = emulator.client("sesv2", cloud.endpoint)
        with suppress(ses.exceptions.AlreadyExistsException):
            ses.create_email_identity(
                EmailIdentity=mail["sender_identity"] or mail["sender_address"]
            )

    def _release(self, outputs: dict[str, Any]) -> None:
        """Make live what is new, by the workflow that AWS gets. What was taken back stays back:
        the ledger knows it. What a mended version is for may be in ALARM still, for minutes.

        Raises OperatorError.
        """
        if "release_workflow_arn" not in outputs:
            return  # a commit from before there was one
        stack = Deployed(outputs)
        execution = start(stack, "make up", despite_alarms=True)
        follow(stack, execution, lambda line: say(f"    {line}"))

    def _publish(self, outputs: dict[str, Any]) -> None:
        """Build this checkout's site and publish it. Another commit's stays as it was: its own
        tools would be needed for it. Raises OperatorError."""
        if self.tree != ROOT:
            return
        with step("Site"):
            done = publish_to(Deployed(outputs), build_site())
            say(f"    {told(done)}")

    def down(self) -> None:
        """Destroy the stack; stop the embedded cloud when no other stack is left in it.

        Raises OperatorError if Terraform fails, but then the cloud is stopped all the same if
        it holds no other stack: what Terraform could not destroy goes with it.
        """
        cloud = emulator.running(self.folder)
        if cloud is None:
            say("The embedded cloud is not running.")
            self._stop()
            return
        others = [suffix for suffix in self._suffixes(cloud) if suffix != self.suffix]
        try:
            with step(f"terraform destroy ({self.suffix})"):
                self.destroy(cloud)
        except OperatorError as error:
            if not others and not isinstance(error, BusyError):
                self._stop()
            raise
        if others:
            self._forget()
            say(f"The embedded cloud runs on: it holds {', '.join(others)}.")
        else:
            with step("Stopping the embedded cloud"):
                self._stop()

    def destroy(self, cloud: emulator.Emulator) -> None:
        """Destroy the stack and leave the cloud as it is. Raises OperatorError."""
        terraform = self._terraform(cloud)
        self._init(terraform, cloud)
        with self._alone(cloud) as held:
            for message in terraform.stream(
                "destroy", "-auto-approve", f"-parallelism={PARALLELISM}",
                *self._variables(cloud), keep=held,
            ):  # fmt: skip
                if message.get("type") == "change_summary":
                    say(f"    {message['@message']}")

    def _stop(self) -> None:
        """Stop the embedded cloud, and remove what was kept about all that was in it."""
        emulator.stop(self.folder)
        shutil.rmtree(self.folder / "stacks", ignore_errors=True)
        (self.folder / "outputs.json").unlink(missing_ok=True)

    def _forget(self) -> None:
        """Remove what was kept about this stack; another one is then the latest."""
        shutil.rmtree(self._data, ignore_errors=True)
        others = self.folder.glob("stacks/*/outputs.json")
        latest = max(others, key=lambda file: file.stat().st_mtime, default=None)
        if latest:
            _write_private(self.folder / "outputs.json", latest.read_text())

    def _suffixes(self, cloud: emulator.Emulator) -> list[str]:
        """Suffixes whose Terraform state still holds resources."""
        s3 = emulator.client("s3", cloud.endpoint)
        found = []
        try:
            entries = s3.list_objects_v2(Bucket=STATE_BUCKET).get("Contents", [])
        except ClientError:  # nothing was ever applied
            return []
        for entry in entries:
            if entry["Key"].endswith("/terraform.tfstate"):
                state = json.loads(
                    s3.get_object(Bucket=STATE_BUCKET, Key=entry["Key"])["Body"].read()
                )
                if state.get("resources"):
                    found.append(entry["Key"].split("/")[0])
        return found

    @contextmanager
    def _alone(self, cloud: emulator.Emulator) -> Iterator[tuple[int]]:
        """Hold this stack against other programs of this machine; yields what Terraform must
        inherit to hold it too, should this program die first.

        Whoever has the stack to itself may remove the state's lock: its owner was killed.
        Raises OperatorError if somebody else is at work.
        """
        self._data.mkdir(parents=True, exist_ok=True)
        with (self._data / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise BusyError(
                    f"another program is at work on the stack {self.suffix!r}: wait for it"
                ) from None
            s3 = emulator.client("s3", cloud.endpoint)
            with suppress(ClientError):
                s3.delete_object(Bucket=STATE_BUCKET, Key=f"{self._state_key}.tflock")
            yield (lock.fileno(),)

    def _init(self, terraform: Terraform, cloud: emulator.Emulator) -> None:
        """Initialise with the state in the embedded cloud's own S3: it lives as long as what it
        describes, and the backend is the one that AWS gets."""
        make_state_bucket(cloud)
        backend = {
            "bucket": STATE_BUCKET,
            "key": self._state_key,
            "region": emulator.REGION,
            "use_path_style": "true",
            "skip_credentials_validation": "true",
            "skip_metadata_api_check": "true",
        }
        done = self._data / "initialised.json"
        wanted = json.dumps([backend, cloud.endpoint, _sources(self.tree)])
        if done.exists() and done.read_text() == wanted:
            return
        done.unlink(missing_ok=True)
        terraform.init(backend)
        done.parent.mkdir(parents=True, exist_ok=True)
        done.write_text(wanted)


class Progress:
    """Shows Terraform's messages: what is planned, and a count while it works."""

    def __init__(self, show: Callable[[str], None] = say) -> None:
        self._say = show
        self._total = 0
        self._done = 0
        self._shown = 0.0

    def __call__(self, message: dict[str, Any]) -> None:
        kind = message.get("type")
        if kind == "planned_change" and message["change"]["action"] not in {"read", "noop"}:
            # A replacement is two steps: delete and create.
            self._total += 2 if message["change"]["action"] == "replace" else 1
        elif kind == "apply_complete" and message["hook"]["action"] != "read":
            self._done += 1
            address = message["hook"]["resource"]["addr"]
            if time.monotonic() - self._shown > 1 or self._done == self._total:
                self._shown = time.monotonic()
                self._say(f"    {self._done}/{self._total} {address}")
        elif kind == "apply_progress" and time.monotonic() - self._shown > 10:
            self._shown = time.monotonic()
            self._say(f"    {self._done}/{self._total} waiting: {message['@message']}")
        elif kind == "diagnostic" and message.get("@level") == "warn":
            self._say(f"    warning: {message['@message']}")


def _write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read: it holds API keys."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(text)


def make_state_bucket(cloud: emulator.Emulator) -> None:
    """Make the bucket that holds the state of all stacks, if it is not there yet."""
    s3 = emulator.client("s3", cloud.endpoint)
    there = (s3.exceptions.BucketAlreadyOwnedByYou, s3.exceptions.BucketAlreadyExists)
    with suppress(*there):
        s3.create_bucket(
            Bucket=STATE_BUCKET,
            CreateBucketConfiguration={"LocationConstraint": emulator.REGION},
        )


def _sources(tree: Path) -> str:
    """Digest of what `terraform init` reads: calls of modules, and providers' locked versions."""
    digest = hashlib.sha256((tree / "terraform" / ".terraform.lock.hcl").read_bytes())
    for file in sorted([*tree.glob("terraform/*.tf"), *tree.glob("modules/*/*.tf")]):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def build_packages(tree: Path = ROOT) -> None:
    """Build what is not up to date, for this machine's interpreter. Raises OperatorError."""
    if tree != ROOT:
        python = tree / ".venv" / "bin" / "python"
        done = subprocess.run(
            [str(python), "build.py", "--target", "local"],
            cwd=tree, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise OperatorError(f"{tree}: {done.stderr.strip()}")
        return
    try:
        build.build(build.handlers(), "local", BUILD / "lambda-local")
    except build.BuildError as error:
        raise OperatorError(f"build.py: {error}") from error


def _wait_for(url: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    problem = ""
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                if response.status == 200:
                    return
        except (urllib.error.URLError, OSError) as error:
            problem = str(error)
        time.sleep(0.3)
    raise OperatorError(f"{url} did not answer within {seconds:.0f} s ({problem})")


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
