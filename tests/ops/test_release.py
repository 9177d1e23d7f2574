"""`make release` and `make releases`: what an operator sees of the workflow and the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import moto
import pytest

from customer_platform.deployments.ledger import RELEASES, Draft, Kind, Ledger
from ops import OperatorError, release, releases
from ops.deployed import Deployed

EXECUTION = "arn:aws:states:us-west-1:000000000000:execution:release-x:1"


ONE = {"function": "one-x", "from_version": "1", "to_version": "2"}


class States:
    """An execution that runs until it has been asked twice."""

    def __init__(self, **end: Any) -> None:
        self.started: list[dict[str, Any]] = []
        self.answers = iter([{"status": "RUNNING"}, {"status": "SUCCEEDED", **end}])

    def start_execution(self, *, stateMachineArn: str, input: str) -> dict[str, str]:  # noqa: A002, N803
        assert stateMachineArn == "arn:release"
        self.started.append(json.loads(input))
        return {"executionArn": EXECUTION}

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803
        assert executionArn == EXECUTION
        return next(self.answers)


class Identity:
    def get_caller_identity(self) -> dict[str, str]:
        return {"Arn": "arn:aws:iam::000000000000:user/ada"}


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setattr(release, "POLL_SECONDS", 0)
    with moto.mock_aws():
        dynamodb = boto3.client("dynamodb", region_name="us-west-1")
        dynamodb.create_table(
            TableName="deployments-x",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "chain", "KeyType": "HASH"},
                {"AttributeName": "sequence", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "chain", "AttributeType": "S"},
                {"AttributeName": "sequence", "AttributeType": "N"},
            ],
        )
        yield Ledger(dynamodb, "deployments-x")


def stack(monkeypatch: pytest.MonkeyPatch, states: States) -> Deployed:
    made = Deployed(
        {
            "aws_region": "us-west-1",
            "functions": {"one": {"name": "one-x"}, "two": {"name": "two-x"}},
            "deployments_table_name": "deployments-x",
            "release_workflow_arn": "arn:release",
        }
    )
    fakes = {"stepfunctions": states, "sts": Identity()}
    client = Deployed.client
    monkeypatch.setattr(
        Deployed, "client", lambda self, name: fakes.get(name) or client(self, name)
    )
    return made


def write(ledger: Ledger, chain: str, *drafts: Draft) -> None:
    for draft in drafts:
        ledger.append(chain, ledger.last(chain), draft)


def test_a_release_says_who_asked_for_it_and_why(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = States(output='{"due": [], "skipped": [], "unhealthy": []}')
    made = stack(monkeypatch, states)
    assert release.start(made, "because", again=True, bake_seconds=1) == EXECUTION
    [asked] = states.started
    assert asked == {
        "who": "arn:aws:iam::000000000000:user/ada",
        "why": "because",
        "again": True,
        "despite_alarms": False,
        "bake_seconds": 1,
    }


def test_its_steps_are_shown_once_and_those_of_others_never(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        ledger,
        "one-x",
        Draft(Kind.RELEASED, "another", "bob", "", "0", "1", 100),
        Draft(Kind.CANARY, EXECUTION, "ada", "", "1", "2", 10),
        Draft(Kind.RELEASED, EXECUTION, "ada", "", "1", "2", 100),
    )
    skipped = {"function": "two-x", "version": "7", "why": "it was taken back"}
    states = States(output=json.dumps({"due": [ONE], "skipped": [skipped], "unhealthy": []}))
    lines: list[str] = []
    release.follow(stack(monkeypatch, states), EXECUTION, lines.append)
    assert lines == [
        "one-x: 1 -> 2, 10 % of the traffic",
        "one-x: 1 -> 2, all of the traffic",
        "two-x: version 7 stays where it is, it was taken back (AGAIN=1 releases it all the same)",
    ]


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        ("in ALARM: errors", "TakenBack in ALARM: errors"),
        ('{"errorMessage": "no such table", "errorType": "X"}', "TakenBack no such table"),
        (None, "TakenBack no cause given"),
    ],
)
def test_a_release_that_failed_says_why(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, cause: str | None, said: str
) -> None:
    states = States()
    states.answers = iter([{"status": "FAILED", "error": "TakenBack", "cause": cause}])
    with pytest.raises(OperatorError, match=f"ended as FAILED: {said}"):
        release.follow(stack(monkeypatch, states), EXECUTION)


def test_a_refused_release_says_why(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    states = States(output='{"refused": "a release runs already"}')
    with pytest.raises(OperatorError, match=r"^a release runs already$"):
        release.follow(stack(monkeypatch, states), EXECUTION)


@pytest.mark.parametrize(("due", "fails"), [([], True), ([ONE], False)])
def test_what_is_live_and_sick_is_told_unless_it_was_mended(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, due: list[Any], fails: bool
) -> None:
    sick = [{"function": "one-x", "version": "1"}]
    states = States(output=json.dumps({"due": due, "skipped": [], "unhealthy": sick}))
    made = stack(monkeypatch, states)
    if not fails:
        assert release.follow(made, EXECUTION)["due"] == due
        return
    with pytest.raises(OperatorError, match="live, and not healthy: one-x version 1"):
        release.follow(made, EXECUTION)


def test_an_older_stack_and_a_file_of_something_else_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "outputs.json"
    for content, said in (("[]", "is not what"), ("{}", "apply this version of it once")):
        file.write_text(content)
        assert release.main(["--outputs", str(file)]) == 1
        assert releases.main(["--outputs", str(file)]) == 1
        assert capsys.readouterr().err.count(said) == 2


def test_the_ledger_is_read_from_all_chains_in_the_order_of_time(ledger: Ledger) -> None:
    write(ledger, RELEASES, Draft(Kind.STARTED, EXECUTION, "ada", "why"))
    write(ledger, "one-x", Draft(Kind.RELEASED, EXECUTION, "arn:x:user/ada", "why", "1", "2", 100))
    write(ledger, RELEASES, Draft(Kind.FINISHED, EXECUTION, "ada", "why"))
    entries, wrong = releases.read(ledger, ["one-x"])
    assert sorted(str(entry.kind) for entry in entries) == ["finished", "released", "started"]
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
    assert wrong == []
    assert releases.table(entries).row_count == 3


def test_the_chain_of_a_function_that_is_gone_is_read_too(ledger: Ledger) -> None:
    for chain in ("gone-x", "one-x", RELEASES):
        write(ledger, chain, Draft(Kind.RELEASED, EXECUTION, "ada", "why", "1", "2", 100))
    dynamodb: Any = boto3.client("dynamodb", region_name="us-west-1")
    assert releases.chains(dynamodb, "deployments-x") == ["gone-x", "one-x", RELEASES]


def test_tampering_is_told(ledger: Ledger) -> None:
    write(ledger, "one-x", Draft(Kind.RELEASED, EXECUTION, "ada", "why", "1", "2", 100))
    dynamodb: Any = boto3.client("dynamodb", region_name="us-west-1")
    dynamodb.update_item(
        TableName="deployments-x",
        Key={"chain": {"S": "one-x"}, "sequence": {"N": "1"}},
        UpdateExpression="SET who = :who",
        ExpressionAttributeValues={":who": {"S": "bob"}},
    )
    _entries, wrong = releases.read(ledger, ["one-x"])
    assert wrong == ["one-x 1: it does not say what it said when it was written"]
