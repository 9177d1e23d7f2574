"""Terraform as the operator programs run it: found, checked, configured, with progress."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ops import BUILD, ROOT, OperatorError

MINIMUM = (1, 11)
PROVIDER = "registry.terraform.io/hashicorp/aws"

# Where people keep provider mirrors; the first four are Terraform's own implied ones.
MIRRORS = (
    Path.home() / ".terraform.d" / "plugins",
    Path.home() / ".local" / "share" / "terraform" / "plugins",
    Path("/usr/local/share/terraform/plugins"),
    Path("/usr/share/terraform/plugins"),
    *sorted(p for p in Path("/opt").glob("*") if p.is_dir()),
)


def binary() -> str:
    """Path of a Terraform that is new enough. Raises OperatorError."""
    wanted = ".".join(map(str, MINIMUM))
    path = shutil.which("terraform")
    if not path:
        raise OperatorError(f"Terraform is not on the PATH: install version {wanted} or newer")
    done = subprocess.run([path, "version", "-json"], capture_output=True, text=True, check=False)
    match = re.search(r'"terraform_version":\s*"(\d+)\.(\d+)', done.stdout)
    if not match:
        raise OperatorError(f"`terraform version` does not answer: {done.stderr.strip()}")
    have = (int(match[1]), int(match[2]))
    if have < MINIMUM:
        raise OperatorError(
            f"Terraform {have[0]}.{have[1]} is too old: {wanted} or newer is needed"
        )
    return path


def locked_provider_version() -> str:
    """The aws provider's version that terraform/.terraform.lock.hcl was tested with."""
    lock = (ROOT / "terraform" / ".terraform.lock.hcl").read_text()
    match = re.search(re.escape(PROVIDER) + r'"\s*{\s*version\s*=\s*"([^"]+)"', lock)
    if not match:
        raise OperatorError("terraform/.terraform.lock.hcl names no aws provider")
    return match[1]


def mirror() -> Path | None:
    """A local folder of providers that holds the locked one: TF_PROVIDER_MIRROR, or a usual place.

    Raises OperatorError if TF_PROVIDER_MIRROR is set and does not hold it.
    """
    version = locked_provider_version()
    named = os.environ.get("TF_PROVIDER_MIRROR")
    if named:
        if not _holds(Path(named), version):
            raise OperatorError(f"TF_PROVIDER_MIRROR={named} has no {PROVIDER} {version}")
        return Path(named).resolve()
    return next((path for path in MIRRORS if _holds(path, version)), None)


def _holds(folder: Path, version: str) -> bool:
    provider = folder / PROVIDER
    packed = provider.glob(f"terraform-provider-aws_{version}_*.zip")
    return (provider / version).is_dir() or any(packed)


def _own_config() -> Path | None:
    """The user's CLI configuration, if it says where providers come from."""
    named = os.environ.get("TF_CLI_CONFIG_FILE")
    file = Path(named) if named else Path.home() / ".terraformrc"
    return file if file.is_file() and "provider_installation" in file.read_text() else None


def cli_config() -> Path:
    """The Terraform CLI configuration to use, written into build/ if the user has none.

    With a mirror, the aws provider comes from there and from nowhere else; without one,
    from the public registry. A `provider_installation` of the user's own comes before the
    usual places, TF_PROVIDER_MIRROR before both.
    """
    own = _own_config()
    if own and not os.environ.get("TF_PROVIDER_MIRROR"):
        return own
    folder = mirror()
    lines = ["# Written by ops/terraform.py.", "disable_checkpoint = true"]
    if folder:
        lines += [
            "provider_installation {",
            f"  filesystem_mirror {{ path = {json.dumps(str(folder))} }}",
            "}",
        ]
    else:
        cache = BUILD / "terraform-plugins"
        cache.mkdir(parents=True, exist_ok=True)
        lines.append(f"plugin_cache_dir = {json.dumps(str(cache))}")
    BUILD.mkdir(exist_ok=True)
    file = BUILD / "terraform.rc"
    content = "\n".join(lines) + "\n"
    if not file.exists() or file.read_text() != content:
        file.write_text(content)
    return file


class Terraform:
    """Runs Terraform in `directory` with its own data folder, so that two stacks of one
    checkout (a running one and a test's) do not share a backend."""

    def __init__(self, directory: Path, data: Path, environment: Mapping[str, str]) -> None:
        self._binary = binary()
        self._directory = directory
        self._environment = {
            **os.environ,
            **environment,
            "TF_CLI_CONFIG_FILE": str(cli_config()),
            "TF_DATA_DIR": str(data),
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            # Most of its work is reading the provider's schema: a fifth less of it with fewer
            # garbage collections, for 150 MB more.
            "GOGC": os.environ.get("GOGC", "400"),
        }

    def run(self, *arguments: str) -> str:
        """Run to the end and return standard output. Raises OperatorError with Terraform's text."""
        done = subprocess.run(
            [self._binary, f"-chdir={self._directory}", *arguments],
            env=self._environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise OperatorError(_explain(arguments[0], done.stderr or done.stdout))
        return done.stdout

    def init(self, backend: Mapping[str, str]) -> None:
        """terraform init, with the backend's settings."""
        settings = [f"-backend-config={name}={value}" for name, value in backend.items()]
        try:
            self.run("init", "-reconfigure", "-lockfile=readonly", "-no-color", *settings)
        except OperatorError as error:
            if "Failed to query available provider packages" in str(error) or (
                "could not query provider registry" in str(error).lower()
            ):
                raise OperatorError(
                    f"no {PROVIDER} {locked_provider_version()} found: the public registry cannot "
                    "be reached; set TF_PROVIDER_MIRROR to a folder that holds the provider"
                ) from error
            raise

    def stream(self, *arguments: str, keep: tuple[int, ...] = ()) -> Iterator[dict[str, object]]:
        """Run with -json and yield Terraform's machine-readable messages as they come.
        `keep` are file descriptors for it to hold open.

        Raises OperatorError with all diagnostics if it fails.
        """
        with subprocess.Popen(
            [self._binary, f"-chdir={self._directory}", *arguments, "-json"],
            env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            pass_fds=keep,
        ) as process:  # fmt: skip
            problems: list[str] = []
            for line in process.stdout or ():
                try:
                    message = json.loads(line)
                except json.JSONDecodeError:
                    problems.append(line.strip())
                    continue
                diagnostic = message.get("diagnostic") or {}
                if diagnostic.get("severity") == "error":
                    problems.append(_diagnostic(diagnostic))
                yield message
            if process.wait():
                raise OperatorError(f"terraform {arguments[0]} failed:\n" + "\n".join(problems))


def _diagnostic(diagnostic: Mapping[str, object]) -> str:
    where = str(diagnostic.get("address") or "")
    text = " ".join(str(diagnostic.get(k) or "") for k in ("summary", "detail")).strip()
    return f"  {where + ': ' if where else ''}{text}"


def _explain(command: str, text: str) -> str:
    lines = [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()]
    kept = [line for line in lines if line.strip(" ╷│╵")]
    return f"terraform {command} failed:\n" + "\n".join(kept[-30:])


def main(arguments: Sequence[str]) -> int:
    """`python -m ops.terraform ARGS…`: Terraform with the CLI configuration of `cli_config`."""
    try:
        environment = {**os.environ, "TF_CLI_CONFIG_FILE": str(cli_config())}
        return subprocess.run([binary(), *arguments], env=environment, check=False).returncode
    except OperatorError as error:
        print(f"terraform: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
