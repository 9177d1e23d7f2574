"""The life of two stacks in one account: upgraded, used side by side, destroyed one by one.

One flow, because an apply costs a minute. Each stage is a fixture and begins where the one before
it ended; the tests stand in the order of the stages (test_life.py):

    before -> deployed -> upgraded -> settled -> one_destroyed -> all_destroyed

`deployed` is the stack ONE of the previous commit, beside TWO of this tree, and BROKEN, which
could not be applied and is destroyed; `upgraded` makes ONE this tree's as well.
"""

from __future__ import annotations

import functools
import gzip
import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from ops import BUILD, ROOT, OperatorError, emulator
from ops.stack import STATE_BUCKET, Stack, build_packages, make_state_bucket
from tests.e2e.conftest import eventually
from tests.lifecycle import inventory, plans, previous, states, submissions
from tests.lifecycle.inventory import LISTINGS, Inventory
from tests.lifecycle.plans import Exemption
from tests.lifecycle.previous import HistoryError
from tests.lifecycle.submissions import Written

# One begins with the other: whatever takes names by their beginning takes too much.
ONE, TWO = "pr1", "pr12"
BROKEN = "pr3"


@dataclass(frozen=True)
class Account:
    """An account in an embedded cloud of its own."""

    folder: Path
    cloud: emulator.Emulator
    client: Any
    """Clients of its root user, by service."""

    def stack(self, suffix: str) -> Stack:
        return Stack(suffix, self.folder)

    def inventory(self) -> Inventory:
        """All that it holds, but for the bucket of Terraform's states, which outlives stacks."""
        return inventory.take(LISTINGS, self.client, aside={STATE_BUCKET})

    def assume(self, role: str) -> Any:
        """Clients of a role, by service."""
        with self._open_to_all(role):
            session = self.client("sts").assume_role(
                RoleArn=f"arn:aws:iam::{emulator.ACCOUNT}:role/{role}", RoleSessionName="lifecycle"
            )["Credentials"]
        return functools.cache(
            lambda service: boto3.client(
                service,
                endpoint_url=self.cloud.endpoint,
                region_name=emulator.REGION,
                aws_access_key_id=session["AccessKeyId"],
                aws_secret_access_key=session["SecretAccessKey"],
                aws_session_token=session["SessionToken"],
            )
        )

    @contextmanager
    def _open_to_all(self, role: str) -> Iterator[None]:
        """Without the conditions under which a service may take a role: root is no service."""
        iam = self.client("iam")
        trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
        statements = [
            {name: value for name, value in statement.items() if name != "Condition"}
            for statement in trust["Statement"]
        ]
        iam.update_assume_role_policy(
            RoleName=role, PolicyDocument=json.dumps(trust | {"Statement": statements})
        )
        yield
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))


@dataclass(frozen=True)
class Applied:
    """A stack that is up, with its outputs and its state as they were then."""

    suffix: str
    outputs: Mapping[str, Any]
    state: Mapping[str, Any]
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    """In everything that the tests write into it."""

    @property
    def key(self) -> dict[str, str]:
        """The request header that carries an API key."""
        return {"x-api-key": next(iter(self.outputs["api_key_values"].values()))}

    def api(self) -> httpx.Client:
        return httpx.Client(base_url=self.outputs["api_base_url"], timeout=60, trust_env=False)

    def total(self) -> int:
        """Pieces of feedback that analytics count."""
        return int(self.get("/analytics")["totalFeedback"])

    def get(self, path: str) -> Any:
        """What a GET answers; fails if it is not 200."""
        with self.api() as api:
            return submissions.reading(api, path, self.key)

    def write(self, tree: Path, mark: str = "") -> list[Written]:
        """Make every submission that the API of `tree` has."""
        with self.api() as api:
            return submissions.write(api, submissions.operations(tree), mark or self.mark, self.key)


@pytest.fixture(scope="session")
def account(request: pytest.FixtureRequest) -> Iterator[Account]:
    folder = BUILD / f"lifecycle-{os.getpid()}"
    build_packages()
    try:
        cloud = emulator.start(folder, emulator.free_port())
        make_state_bucket(cloud)
        client = functools.cache(functools.partial(emulator.client, endpoint=cloud.endpoint))
        yield Account(folder, cloud, client)
    finally:
        emulator.stop(folder)
    if not request.session.testsfailed:  # else its logs tell why
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def before(account: Account) -> Inventory:
    """What the account held before any stack."""
    return account.inventory()


@dataclass(frozen=True)
class Earlier:
    """The previous commit's tree, or why there is none."""

    tree: Path | None
    why: str = ""


@pytest.fixture(scope="session")
def earlier(account: Account) -> Earlier:
    """In CI, and when a commit was chosen, it must be there: else this gate would stand open and
    nobody would know."""
    try:
        revision = previous.commit(ROOT, os.environ.get("UPGRADE_FROM"))
    except HistoryError as error:
        if os.environ.get("CI") or os.environ.get("UPGRADE_FROM"):
            pytest.fail(str(error))
        return Earlier(None, str(error))
    if revision is None:
        return Earlier(None, "this is the first commit: there is nothing to upgrade from")
    tree = previous.export(revision, account.folder / "previous")
    return Earlier(tree, "" if tree else f"{revision[:12]} has no stack to upgrade from")


@dataclass(frozen=True)
class Broken:
    """A stack that met a table of the name of one of its own, and was destroyed."""

    table: str
    problem: str
    """What Terraform said."""
    made: int
    """Resources that were there nonetheless."""
    left: list[str]
    """What the account held of it in the end."""


@dataclass(frozen=True)
class Deployed:
    """ONE of the previous commit, or of this tree if there is none, with data in it, and TWO of
    this tree."""

    one: Applied
    two: Applied
    written: list[Written]
    total: int
    """Pieces of feedback that ONE's analytics count."""
    items: frozenset[str]
    """Every item and object that ONE holds."""
    broken: Broken


@pytest.fixture(scope="session")
def deployed(account: Account, before: Inventory, earlier: Earlier) -> Deployed:
    """Both are applied at once: two people need not wait for each other."""
    with ThreadPoolExecutor() as pool:
        jobs = [
            pool.submit(_up, account, ONE, earlier.tree or ROOT),
            pool.submit(_up, account, TWO),
        ]
        broken = pool.submit(_break, account).result()
        one, two = (job.result() for job in jobs)
    written = one.write(earlier.tree or ROOT)
    two.write(ROOT)
    counted = sum(found.path.startswith("/feedback/") for found in written)
    for applied in (one, two):
        eventually(applied.total, lambda total: total == counted)
    return Deployed(one, two, written, one.total(), contents(account, one), broken)


def _up(account: Account, suffix: str, tree: Path = ROOT) -> Applied:
    stack = Stack(suffix, account.folder, tree)
    outputs = stack.up(account.cloud.port)
    return Applied(suffix, outputs, stack.state(account.cloud))


def _break(account: Account) -> Broken:
    """Somebody else's table is in the way of a first apply."""
    table, dynamodb, stack = (
        f"analytics-{BROKEN}",
        account.client("dynamodb"),
        account.stack(BROKEN),
    )
    dynamodb.create_table(
        TableName=table, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )  # fmt: skip
    with pytest.raises(OperatorError) as refused:
        stack.apply(account.cloud)
    state = stack.state(account.cloud)
    stack.destroy(account.cloud)
    left = belonging(account.inventory(), BROKEN, state)
    dynamodb.delete_table(TableName=table)
    return Broken(table, str(refused.value), states.counts(state).total(), left)


def belonging(listed: Inventory, suffix: str, state: Mapping[str, Any]) -> list[str]:
    """What of an inventory is a stack's, by its suffix or by what AWS called it in its state."""
    words = {suffix, *states.all_identities(state)}
    return [
        line
        for line in inventory.more(listed, {})
        if any(states.mentions(line, word) for word in words)
    ]


def contents(account: Account, applied: Applied) -> frozenset[str]:
    """A line for each item of the stack's tables and each object of its buckets, by key."""
    return frozenset(line for line, _ in everything(account, applied))


def everything(account: Account, applied: Applied) -> Iterator[tuple[str, str]]:
    """Each item and object of a stack: a line with its key, and all of it."""
    dynamodb, s3 = account.client("dynamodb"), account.client("s3")
    for resource in states.resources(applied.state):
        if resource.type == "aws_dynamodb_table":
            table = resource.attributes["name"]
            schema = dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]
            names = [entry["AttributeName"] for entry in schema]
            for page in dynamodb.get_paginator("scan").paginate(TableName=table):
                for item in page["Items"]:
                    yield f"{table} {[item[name] for name in names]}", str(item)
        elif resource.type == "aws_s3_bucket":
            bucket = resource.attributes["bucket"]
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
                for entry in page.get("Contents", []):
                    body = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
                    text = gzip.decompress(body) if entry["Key"].endswith(".gz") else body
                    yield f"{bucket} {entry['Key']}", str(text)


@pytest.fixture(scope="session")
def upgrade_plan(account: Account, deployed: Deployed, earlier: Earlier) -> dict[str, Any]:
    """What this tree would do with ONE."""
    if earlier.tree is None:
        pytest.skip(earlier.why)
    return account.stack(ONE).plan(account.cloud)


@pytest.fixture(scope="session")
def upgraded(account: Account, deployed: Deployed, earlier: Earlier) -> Applied:
    """ONE, of this tree."""
    if earlier.tree is None:
        return deployed.one
    return replace(_up(account, ONE), mark=deployed.one.mark)


@dataclass(frozen=True)
class Settled:
    """Both stacks of this tree, a plan of each, and all that the account holds."""

    stacks: tuple[Applied, Applied]
    plans: Mapping[str, dict[str, Any]]
    inventory: Inventory


@pytest.fixture(scope="session")
def settled(account: Account, deployed: Deployed, upgraded: Applied) -> Settled:
    stacks = (upgraded, deployed.two)
    with ThreadPoolExecutor() as pool:
        jobs = {suffix: pool.submit(_plan, account, suffix) for suffix in (ONE, TWO)}
        made = {suffix: job.result() for suffix, job in jobs.items()}
    return Settled(stacks, made, account.inventory())


def _plan(account: Account, suffix: str) -> dict[str, Any]:
    return account.stack(suffix).plan(account.cloud)


@pytest.fixture(scope="session")
def one_destroyed(account: Account, settled: Settled) -> Inventory:
    """What the account holds after ONE is gone. Its functions are at work when it goes: what
    they make then must not stay either."""
    one, _ = settled.stacks
    one.write(ROOT, mark=uuid.uuid4().hex)
    account.stack(ONE).destroy(account.cloud)
    return account.inventory()


@pytest.fixture(scope="session")
def all_destroyed(account: Account, settled: Settled, one_destroyed: Inventory) -> Inventory:
    """What the account holds after both are gone."""
    _, two = settled.stacks
    two.write(ROOT, mark=uuid.uuid4().hex)
    account.stack(TWO).destroy(account.cloud)
    return account.inventory()


@pytest.fixture(scope="session")
def exempt() -> list[Exemption]:
    """Drift that is accepted; those that covered a change are marked."""
    return plans.exemptions("drift")
