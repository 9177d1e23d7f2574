"""The release workflow and the orchestrator on the applied stack, under IAM: what they move, what
they refuse, and what they leave when others act at the same moment."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from customer_platform.deployments.ledger import RELEASES, Entry, Kind, Ledger, problems
from ops import OperatorError, releases
from ops.deployed import Deployed
from ops.release import follow, start
from tests.e2e.conftest import Deployment, eventually
from tests.e2e.packages import package_of

# Nothing that other tests call: its aliases may point anywhere for a while.
HANDLER = "reanalyze_feedback"
SICK = 'raise RuntimeError("this version does not start")\n'


class Bench:
    """One function of the stack, new versions of it, and what the ledger says."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.stack = Deployed(deployment.outputs)
        self.name = deployment.outputs["functions"][HANDLER]["name"]
        self.functions = deployment.client("lambda")
        self.states = deployment.client("stepfunctions")
        self.alarms = deployment.client("cloudwatch")
        self.ledger = Ledger(
            deployment.client("dynamodb"), deployment.outputs["deployments_table_name"]
        )
        self.alarm = f"reanalyze-feedback-errors-{deployment.stack.suffix}"
        self.other_alarm = f"api-server-errors-{deployment.stack.suffix}"

    def alias(self) -> tuple[str, dict[str, float]]:
        alias = self.functions.get_alias(FunctionName=self.name, Name="live")
        routing = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        return alias["FunctionVersion"], routing

    def publish(self) -> str:
        """A new version that differs in its description alone."""
        self.functions.update_function_configuration(
            FunctionName=self.name, Description=uuid.uuid4().hex
        )
        return str(self.functions.publish_version(FunctionName=self.name)["Version"])

    def release(self, **asked: Any) -> dict[str, Any]:
        """Whatever rings: other tests make functions fail on purpose."""
        asked = {"despite_alarms": True} | asked
        return follow(self.stack, start(self.stack, "a test", bake_seconds=1, **asked), _silent)

    def restore(self) -> None:
        """Everything newest is live, at once: no alarm is asked, as one may ring late for what a
        test did."""
        self.release(again=True, weights=[])

    def rings(self, alarm: str) -> bool:
        """Whether an alarm is in ALARM, by its name without suffix."""
        name = f"{alarm}-{self.deployment.stack.suffix}"
        [found] = self.alarms.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return bool(found["StateValue"] == "ALARM")

    def entries(self, chain: str | None = None) -> list[Entry]:
        found = list(self.ledger.forwards(chain or self.name))
        assert problems(found) == []
        return found

    def kinds(self, since: int) -> list[Kind]:
        return [entry.kind for entry in self.entries()[since:]]

    def ring(self, state: str) -> None:
        """By an alarm that no function is rolled back for: another's would be, for real."""
        self.alarms.set_alarm_state(
            AlarmName=self.other_alarm, StateValue=state, StateReason="a test says so"
        )

    def deliver(self, changed: datetime | None = None, name: str | None = None) -> dict[str, Any]:
        """What the orchestrator answers to a change of the alarm, as SNS delivers it."""
        said = {
            "AlarmName": name or self.alarm,
            "NewStateValue": "ALARM",
            "NewStateReason": "a test says so",
            "StateChangeTime": (changed or datetime.now(UTC)).isoformat(),
        }
        event = {"Records": [{"Sns": {"Message": json.dumps(said)}}]}
        answer = self.functions.invoke(
            FunctionName=self.deployment.outputs["functions"]["rollback_orchestrator"]["name"],
            Qualifier="live",
            Payload=json.dumps(event),
        )
        payload = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, payload
        (ended,) = payload["ended"]
        return dict(ended)


@pytest.fixture
def bench(deployment: Deployment) -> Iterator[Bench]:
    """Released and quiet; the function is as Terraform made it afterwards, but for versions."""
    made = Bench(deployment)
    before = made.functions.get_function(FunctionName=made.name)["Configuration"]
    made.ring("OK")
    forget_rollbacks(made)
    made.restore()
    yield made
    made.ring("OK")
    made.functions.update_function_configuration(
        FunctionName=made.name, Description=before["Description"]
    )
    forget_rollbacks(made)
    made.restore()


def forget_rollbacks(bench: Bench) -> None:
    """As root: the window after a rollback is longer than the tests."""
    dynamodb = bench.deployment.client("dynamodb")
    table = bench.deployment.outputs["deployments_table_name"]
    for entry in bench.entries():
        key = {"chain": {"S": entry.chain}, "sequence": {"N": str(entry.sequence)}}
        dynamodb.delete_item(TableName=table, Key=key)


def _silent(_line: str) -> None:
    pass


@contextmanager
def notified(deployment: Deployment) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What is published on the topic of deployments meanwhile."""
    sns, sqs = deployment.client("sns"), deployment.client("sqs")
    topic, name = deployment.outputs["deployments_topic_arn"], f"notices-{uuid.uuid4().hex}"
    queue = topic.rpartition(":")[0].replace(":sns:", ":sqs:") + f":{name}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    url = sqs.create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"]
    subscription = sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=queue,
        Attributes={"RawMessageDelivery": "true"},
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    found: list[dict[str, Any]] = []

    def take() -> list[dict[str, Any]]:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    try:
        yield take
    finally:
        sns.unsubscribe(SubscriptionArn=subscription)
        sqs.delete_queue(QueueUrl=url)


# --- releases


def test_a_new_version_gets_a_part_of_the_traffic_then_all_of_it(bench: Bench) -> None:
    before, _ = bench.alias()
    since = len(bench.entries())
    version = bench.publish()
    with notified(bench.deployment) as notices:
        execution = start(bench.stack, "a test", bake_seconds=3, despite_alarms=True)
        eventually(bench.alias, lambda alias: alias == (before, {version: 0.1}))
        answer = follow(bench.stack, execution, _silent)
        [notice] = eventually(notices, bool)
    assert bench.alias() == (version, {})
    [due] = answer["due"]
    assert due == {"function": bench.name, "from_version": before, "to_version": version}
    assert bench.kinds(since) == [Kind.CANARY, Kind.RELEASED]
    assert {entry.event for entry in bench.entries()[since:]} == {execution}
    ended = bench.entries(RELEASES)[-2:]
    assert [entry.kind for entry in ended] == [Kind.STARTED, Kind.FINISHED]
    assert ended[0].who.endswith(":root")
    assert ended[0].why == "a test"
    assert notice["metadata"]["eventType"] == "finished"
    assert f"{bench.name} {before} -> {version}" in notice["content"]["description"]


def test_a_release_with_nothing_new_leaves_everything(bench: Bench) -> None:
    since = len(bench.entries(RELEASES))
    before = bench.alias()
    assert bench.release()["due"] == []
    assert bench.alias() == before
    assert len(bench.entries(RELEASES)) == since


def test_an_alarm_during_the_bake_takes_the_new_version_back(bench: Bench) -> None:
    before = bench.alias()
    since = len(bench.entries())
    version = bench.publish()
    with notified(bench.deployment) as notices:
        execution = start(bench.stack, "a test", bake_seconds=30, despite_alarms=True)
        eventually(bench.alias, lambda alias: alias[1] == {version: 0.1})
        bench.ring("ALARM")
        with pytest.raises(OperatorError, match=f"TakenBack in ALARM: .*{bench.other_alarm}"):
            follow(bench.stack, execution, _silent)
        bench.ring("OK")
        [notice] = [
            notice
            for notice in eventually(notices, lambda found: _of(found, "failed") != [])
            if notice["metadata"]["eventType"] == "failed"
        ]
    assert bench.alias() == before
    assert bench.kinds(since) == [Kind.CANARY, Kind.WITHDRAWN]
    assert bench.other_alarm in bench.entries()[-1].why
    assert bench.entries(RELEASES)[-1].kind == Kind.FAILED
    assert notice["content"]["title"] == "A release was taken back"
    # Re-running it is safe, and brings it.
    assert bench.release()["due"][0]["to_version"] == version
    assert bench.alias() == (version, {})


def _of(notices: list[dict[str, Any]], outcome: str) -> list[dict[str, Any]]:
    return [notice for notice in notices if notice["metadata"]["eventType"] == outcome]


def test_a_version_that_does_not_start_gets_nothing(bench: Bench) -> None:
    before = bench.alias()
    since = len(bench.entries())
    code = bench.functions.get_function(FunctionName=bench.name)["Configuration"]["CodeSha256"]
    package = bench.deployment.stack.tree / "build" / "lambda-local" / f"{HANDLER}.zip"
    try:
        bench.functions.update_function_code(
            FunctionName=bench.name, ZipFile=package_of("handler.py", SICK)
        )
        bench.functions.publish_version(FunctionName=bench.name)
        with pytest.raises(OperatorError, match=r"is not healthy: .*"):
            bench.release()
    finally:
        restored = bench.functions.update_function_code(
            FunctionName=bench.name, ZipFile=package.read_bytes()
        )
        bench.publish()  # the newest is a healthy one again
    assert restored["CodeSha256"] == code
    assert bench.alias() == before
    assert bench.kinds(since) == []


def test_a_step_that_fails_for_good_takes_the_release_back(bench: Bench) -> None:
    """It cannot look at the alarms any more: what it does not see, it does not trust."""
    before = bench.alias()
    version = bench.publish()
    iam = bench.deployment.client("iam")
    role = bench.deployment.outputs["functions"]["release_steps"]["role"]
    at = {"RoleName": role, "PolicyName": "permissions"}
    document = iam.get_role_policy(**at)["PolicyDocument"]
    blind = [s for s in document["Statement"] if not s["Sid"].startswith("WatchAlarms")]
    execution = start(bench.stack, "a test", bake_seconds=60, despite_alarms=True)
    eventually(bench.alias, lambda alias: alias[1] == {version: 0.1})
    iam.put_role_policy(**at, PolicyDocument=json.dumps(document | {"Statement": blind}))
    try:
        with pytest.raises(OperatorError, match=r"TakenBack .*see the log of release-steps"):
            follow(bench.stack, execution, _silent)
    finally:
        iam.put_role_policy(**at, PolicyDocument=json.dumps(document))
    assert bench.alias() == before
    assert bench.entries()[-1].kind == Kind.WITHDRAWN
    assert bench.entries(RELEASES)[-1].kind == Kind.FAILED
    # People are told, and no later test's release meets an alarm that begins to ring.
    eventually(lambda: bench.rings("release-steps-errors"), bool, seconds=90)


def test_a_release_while_one_runs_is_refused(bench: Bench) -> None:
    version = bench.publish()
    first = start(bench.stack, "the first", bake_seconds=4, despite_alarms=True)
    eventually(bench.alias, lambda alias: alias[1] == {version: 0.1})
    second = start(bench.stack, "the second", bake_seconds=1, despite_alarms=True)
    with pytest.raises(OperatorError, match=r"a release runs already, .* of .*root"):
        follow(bench.stack, second, _silent)
    follow(bench.stack, first, _silent)
    assert bench.alias() == (version, {})


def test_of_many_releases_started_at_once_one_moves_the_alias(bench: Bench) -> None:
    since = len(bench.entries())
    version = bench.publish()
    executions = [
        start(bench.stack, f"number {n}", bake_seconds=2, despite_alarms=True) for n in range(4)
    ]
    outcomes: list[str] = []
    for execution in executions:
        try:
            answer = follow(bench.stack, execution, _silent)
            outcomes.append("released" if answer["due"] else "nothing due")
        except OperatorError as error:
            outcomes.append(str(error))
    assert outcomes.count("released") == 1
    others = [outcome for outcome in outcomes if outcome not in ("released", "nothing due")]
    assert all("a release runs already" in outcome for outcome in others)
    assert bench.alias() == (version, {})
    assert bench.kinds(since) == [Kind.CANARY, Kind.RELEASED]


def test_one_that_was_stopped_is_closed_by_the_next(bench: Bench) -> None:
    before, _ = bench.alias()
    version = bench.publish()
    execution = start(bench.stack, "stopped", bake_seconds=60, despite_alarms=True)
    eventually(bench.alias, lambda alias: alias[1] == {version: 0.1})
    bench.states.stop_execution(executionArn=execution)
    eventually(
        lambda: bench.states.describe_execution(executionArn=execution)["status"],
        lambda status: status == "ABORTED",
    )
    assert bench.alias() == (before, {version: 0.1})
    bench.release()
    assert bench.alias() == (version, {})
    kinds = [entry.kind for entry in bench.entries(RELEASES)[-4:]]
    assert kinds == [Kind.STARTED, Kind.ABANDONED, Kind.STARTED, Kind.FINISHED]


def test_an_alarm_that_rings_already_refuses_a_release(bench: Bench) -> None:
    bench.publish()
    bench.ring("ALARM")
    with pytest.raises(OperatorError, match="in ALARM already"):
        bench.release(despite_alarms=False)
    assert bench.release()["due"]


# --- rollbacks


def test_a_rollback_and_a_release_that_leaves_it(bench: Bench) -> None:
    before, _ = bench.alias()
    version = bench.publish()
    bench.release()
    assert bench.alias() == (version, {})
    ended = bench.deliver()
    assert ended["outcome"] == "rolled-back"
    assert bench.alias() == (before, {})
    # It was live once and is not any more: nothing brings it back by itself.
    answer = bench.release()
    assert answer["due"] == []
    assert [skipped["version"] for skipped in answer["skipped"]] == [version]
    assert bench.alias() == (before, {})


def test_a_rollback_loop_is_refused(bench: Bench) -> None:
    bench.publish()
    bench.release()
    third = bench.publish()
    bench.release()
    bench.deliver()
    back, _ = bench.alias()
    assert back != third
    for _ in range(3):
        ended = bench.deliver()
        assert ended["outcome"] == "rollback-refused"
    assert bench.alias() == (back, {})
    assert bench.entries()[-1].why.startswith("loop-window: ")


def test_alarms_at_once_move_the_alias_once(bench: Bench) -> None:
    """Four changes of alarms, each delivered twice, at the same moment."""
    before, _ = bench.alias()
    bench.publish()
    bench.release()
    bench.publish()
    bench.release()
    since = len(bench.entries())
    previous = bench.entries()[-1].from_version
    changes = [datetime.now(UTC).replace(microsecond=n * 1000) for n in range(4)] * 2
    outcomes: list[str] = []
    ready = threading.Barrier(len(changes))

    def deliver(changed: datetime) -> None:
        ready.wait()
        outcomes.append(bench.deliver(changed)["outcome"])

    threads = [threading.Thread(target=deliver, args=(changed,)) for changed in changes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == len(changes)
    assert bench.alias() == (previous, {})
    assert previous != before
    kinds = bench.kinds(since)
    assert kinds.count(Kind.ROLLBACK_STARTED) == kinds.count(Kind.ROLLED_BACK) == 1
    assert kinds.count(Kind.ROLLBACK_REFUSED) == 3  # one of each other change
    assert set(outcomes) == {"rolled-back", "rollback-refused"}


def test_a_canary_is_rolled_back_and_its_release_fails(bench: Bench) -> None:
    before, _ = bench.alias()
    version = bench.publish()
    execution = start(bench.stack, "a test", bake_seconds=4, despite_alarms=True)
    eventually(bench.alias, lambda alias: alias[1] == {version: 0.1})
    assert bench.deliver()["outcome"] == "rolled-back"
    assert bench.alias() == (before, {})
    with pytest.raises(OperatorError, match=f"somebody took version {version} back"):
        follow(bench.stack, execution, _silent)
    assert bench.alias() == (before, {})
    assert bench.entries()[-1].kind == Kind.ROLLED_BACK
    assert bench.entries(RELEASES)[-1].kind == Kind.FAILED


def test_an_unknown_alarm_moves_nothing_and_is_told(bench: Bench) -> None:
    before = bench.alias()
    name = f"unheard-of-errors-{bench.deployment.stack.suffix}"
    with notified(bench.deployment) as notices:
        ended = bench.deliver(name=name)
        [notice] = eventually(notices, bool)
    assert (ended["function"], ended["outcome"]) == ("strangers", "rollback-refused")
    assert bench.entries("strangers")[-1].why.startswith("unknown-alarm: ")
    assert notice["metadata"]["additionalContext"]["Alarm"] == name
    assert bench.alias() == before


def test_an_alarm_that_cannot_be_answered_is_on_the_queue(bench: Bench) -> None:
    """As SNS invokes: the alias, and nobody waits for the answer."""
    function = bench.deployment.outputs["functions"]["rollback_orchestrator"]
    mark = uuid.uuid4().hex
    event = {"Records": [{"Sns": {"Message": f"no alarm {mark}"}}]}
    bench.functions.invoke(
        FunctionName=function["name"],
        Qualifier="live",
        InvocationType="Event",
        Payload=json.dumps(event),
    )
    sqs = bench.deployment.client("sqs")

    def letters() -> list[str]:
        answer = sqs.receive_message(
            QueueUrl=function["dead_letter_queue"], MaxNumberOfMessages=10, VisibilityTimeout=1
        )
        found = [m for m in answer.get("Messages", []) if mark in m["Body"]]
        for message in found:
            sqs.delete_message(
                QueueUrl=function["dead_letter_queue"], ReceiptHandle=message["ReceiptHandle"]
            )
        return [message["Body"] for message in found]

    eventually(letters, bool, seconds=60)


# --- the ledger


def test_the_ledger_is_whole_and_names_who_did_what(bench: Bench) -> None:
    names = [function["name"] for function in bench.deployment.outputs["functions"].values()]
    entries, wrong = releases.read(bench.ledger, sorted(names))
    assert wrong == []
    adopted = {entry.chain for entry in entries if entry.kind == Kind.ADOPTED}
    assert adopted >= set(names) - {bench.name}
    assert all(entry.who and entry.why for entry in entries)
