"""The orchestrator: what moves an alias back, and everything that must not."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sns.models import sns_backends

from customer_platform import clock
from customer_platform.deployments.ledger import (
    STRANGERS,
    Draft,
    Entry,
    Kind,
    Ledger,
    LedgerConflictError,
    problems,
)
from customer_platform.deployments.notices import Notice, Notices
from customer_platform.jobs import BadEventError, JobFailedError
from customer_platform.overload import OverloadedError
from tests.unit.aliases import Alias, Lambda, refused
from tests.unit.platform import DEPLOYMENTS, Context, Platform

NOON = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
ONE = "one-test"  # the function behind one-errors-test, in tests/function_environment.json


class Bench:
    """The handler over moto's ledger, a Lambda of the test's, and a clock that stands still."""

    def __init__(self, handler: ModuleType, platform: Platform) -> None:
        self.now = NOON
        self.handler = handler
        self.ledger = Ledger(platform.dynamodb, DEPLOYMENTS)
        self.aws = Lambda({ONE: Alias("3")}, {ONE: ["1", "2", "3"]})
        self.notices: list[Notice] = []

    def write(self, *drafts: Draft, chain: str = ONE) -> None:
        for draft in drafts:
            self.ledger.append(chain, self.ledger.last(chain), draft)

    def alarm(self, name: str = "one-errors-test", **more: Any) -> dict[str, Any]:
        """As CloudWatch writes it: the time with an offset without a colon."""
        changed = self.now.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"
        said = {
            "AlarmName": name,
            "NewStateValue": "ALARM",
            "StateChangeTime": changed,
            "NewStateReason": "Threshold Crossed: 1 datapoint [6.0] was greater than 5.0",
            **more,
        }
        return {"Records": [{"Sns": {"Message": json.dumps(said)}}]}

    def deliver(self, event: dict[str, Any]) -> list[dict[str, Any]]:
        ended: list[dict[str, Any]] = self.handler.lambda_handler(event, Context())["ended"]
        return ended

    def last(self, chain: str = ONE) -> Entry:
        entry = self.ledger.last(chain)
        assert entry is not None
        assert problems(self.ledger.forwards(chain)) == []
        return entry


@pytest.fixture
def bench(
    modules: dict[str, ModuleType], platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> Bench:
    handler = modules["rollback_orchestrator"]
    made = Bench(handler, platform)
    monkeypatch.setattr(handler.ROLLBACKS, "_aliases", type(handler.ROLLBACKS._aliases)(made.aws))
    monkeypatch.setattr(handler.ROLLBACKS, "_tell", made.notices.append)
    monkeypatch.setattr(clock, "now", lambda: made.now)
    made.write(
        Draft(Kind.ADOPTED, "r0", "terraform", "found live", None, "1"),
        Draft(Kind.CANARY, "r1", "ada", "two", "1", "2", 10),
        Draft(Kind.RELEASED, "r1", "ada", "two", "1", "2", 100),
        Draft(Kind.CANARY, "r2", "ada", "three", "2", "3", 10),
        Draft(Kind.RELEASED, "r2", "ada", "three", "2", "3", 100),
    )
    made.now = NOON + timedelta(minutes=1)
    return made


def test_the_alias_goes_to_the_version_that_was_live_before(bench: Bench) -> None:
    [ended] = bench.deliver(bench.alarm())
    assert ended == {"function": ONE, "outcome": "rolled-back", "sequence": 7}
    assert bench.aws.calls == [f"probe {ONE} 2", f"move {ONE} 2"]
    started, done = list(bench.ledger.forwards(ONE))[-2:]
    assert (started.kind, done.kind) == (Kind.ROLLBACK_STARTED, Kind.ROLLED_BACK)
    assert (done.from_version, done.to_version, done.who) == ("3", "2", "rollback-orchestrator")
    assert done.why.startswith("one-errors-test: Threshold Crossed")
    [notice] = bench.notices
    assert notice.title == "one-test was rolled back from version 3 to 2"
    assert notice.outcome == "rolled-back"
    assert notice.facts["Ledger"] == f"{ONE} 7 {done.hash}"


def test_a_canary_is_taken_back_and_what_serves_stays(bench: Bench) -> None:
    bench.aws.aliases[ONE] = Alias("3", weights={"4": 0.1})
    bench.aws.versions[ONE].append("4")
    bench.deliver(bench.alarm())
    assert bench.aws.calls == [f"probe {ONE} 3", f"move {ONE} 3"]
    assert (bench.last().from_version, bench.last().to_version) == ("4", "3")


def test_only_alarm_is_answered(bench: Bench) -> None:
    for state in ("OK", "INSUFFICIENT_DATA"):
        assert bench.deliver(bench.alarm(NewStateValue=state)) == []
    assert bench.aws.calls == []
    assert bench.notices == []
    assert bench.last().sequence == 5


# --- refusals: nothing moves, it is written down, people are told


def refusal(bench: Bench, why: str, chain: str = ONE) -> None:
    before = {name: (a.version, dict(a.weights)) for name, a in bench.aws.aliases.items()}
    [ended] = bench.deliver(bench.alarm())
    assert ended["outcome"] == "rollback-refused"
    assert bench.aws.moves() == []
    assert {n: (a.version, dict(a.weights)) for n, a in bench.aws.aliases.items()} == before
    assert bench.last(chain).kind == Kind.ROLLBACK_REFUSED
    assert bench.last(chain).why.startswith(f"{why}: ")
    assert bench.notices[-1].title == f"{chain} was NOT rolled back"
    assert bench.notices[-1].facts["Why"] == bench.last(chain).why


def test_an_unknown_alarm_is_refused(bench: Bench) -> None:
    for name in ("three-errors-test", "one-errors-test2", "x" * 300):
        [ended] = bench.deliver(bench.alarm(name))
        assert ended["outcome"] == "rollback-refused"
    assert bench.last(STRANGERS).why.startswith("unknown-alarm: ")
    assert bench.last(STRANGERS).sequence == 3
    assert bench.aws.calls == []
    assert bench.last().sequence == 5
    assert len(bench.notices) == 3


def test_without_an_earlier_version_it_is_refused(bench: Bench) -> None:
    bench.aws.aliases[ONE] = Alias("1")
    bench.handler.ROLLBACKS._targets["new-errors-test"] = "new-test"
    bench.aws.aliases["new-test"] = Alias("1")
    bench.aws.versions["new-test"] = ["1"]
    bench.write(Draft(Kind.ADOPTED, "r0", "t", "found live", None, "1"), chain="new-test")
    try:
        bench.deliver(bench.alarm("new-errors-test"))
    finally:
        del bench.handler.ROLLBACKS._targets["new-errors-test"]
    assert bench.aws.calls == []
    assert bench.last("new-test").why.startswith("no-earlier-version: ")


def test_a_version_that_was_taken_back_is_no_good_one(bench: Bench) -> None:
    bench.write(
        Draft(Kind.ROLLED_BACK, "a", "o", "", "3", "2"),
        Draft(Kind.RELEASED, "r3", "ada", "four", "2", "4", 100),
    )
    bench.aws.versions[ONE].append("4")
    bench.aws.aliases[ONE] = Alias("4")
    bench.now += timedelta(hours=1)
    bench.deliver(bench.alarm())
    assert bench.aws.moves() == [f"move {ONE} 2"]


def test_a_version_released_again_is_good_again(bench: Bench) -> None:
    bench.write(
        Draft(Kind.ROLLED_BACK, "a", "o", "", "3", "2"),
        Draft(Kind.RELEASED, "r3", "ada", "it was not its fault", "2", "3", 100),
        Draft(Kind.RELEASED, "r4", "ada", "four", "3", "4", 100),
    )
    bench.aws.versions[ONE].append("4")
    bench.aws.aliases[ONE] = Alias("4")
    bench.now += timedelta(hours=1)
    bench.deliver(bench.alarm())
    assert bench.aws.moves() == [f"move {ONE} 3"]


def test_what_somebody_took_away_by_hand_is_no_way_back(bench: Bench) -> None:
    """Version 3 was released, and the alias moved to 2 without a word to the ledger."""
    bench.aws.aliases[ONE] = Alias("2")
    bench.deliver(bench.alarm())
    assert bench.aws.moves() == [f"move {ONE} 1"]


def test_from_a_version_that_the_ledger_never_saw_it_goes_to_the_last_that_it_knows(
    bench: Bench,
) -> None:
    bench.aws.versions[ONE].append("9")
    bench.aws.aliases[ONE] = Alias("9")
    bench.deliver(bench.alarm())
    assert bench.aws.moves() == [f"move {ONE} 3"]


def test_latest_is_never_a_target(bench: Bench) -> None:
    bench.write(
        Draft(Kind.ADOPTED, "r3", "t", "found live", "3", "$LATEST"),
        Draft(Kind.RELEASED, "r4", "ada", "four", "$LATEST", "4", 100),
    )
    bench.now += timedelta(minutes=1)
    bench.aws.versions[ONE] += ["$LATEST", "4"]
    bench.aws.aliases[ONE] = Alias("4")
    refusal(bench, "not-published")


def test_a_version_that_is_gone_is_no_target(bench: Bench) -> None:
    bench.aws.versions[ONE].remove("2")
    refusal(bench, "not-published")


@pytest.mark.parametrize(
    "answer",
    [
        '{"errorType": "Runtime.ImportModuleError", "errorMessage": "no module"}',
        '{"status": "sick", "version": "2"}',
        '{"status": "ok", "version": "1"}',
        '{"statusCode": 500}',
        "null",
        "not JSON",
    ],
)
def test_a_version_that_is_not_well_is_no_target(bench: Bench, answer: str) -> None:
    bench.aws.sick[ONE, "2"] = answer
    refusal(bench, "health-check-failed")


def test_a_second_rollback_within_the_window_is_refused(bench: Bench) -> None:
    bench.deliver(bench.alarm())
    bench.now += timedelta(minutes=29)
    bench.aws.calls.clear()
    refusal(bench, "loop-window")
    assert bench.aws.aliases[ONE].version == "2"


def test_after_the_window_it_goes_further_back(bench: Bench) -> None:
    bench.deliver(bench.alarm())
    bench.now += timedelta(minutes=31)
    bench.deliver(bench.alarm())
    assert bench.aws.moves() == [f"move {ONE} 2", f"move {ONE} 1"]


def test_an_alarm_from_before_the_rollback_is_refused(bench: Bench) -> None:
    """Two alarms of one fault: the second is delivered when the first was answered."""
    second = bench.alarm()
    bench.now += timedelta(seconds=1)
    first = bench.alarm()
    bench.deliver(first)
    [ended] = bench.deliver(second)
    assert ended["outcome"] == "rollback-refused"
    assert bench.last().why.startswith("already-back: ")
    assert bench.aws.moves() == [f"move {ONE} 2"]


def test_however_long_ago_an_alarm_changed_what_happened_since_counts(bench: Bench) -> None:
    late = bench.alarm()
    bench.now += timedelta(minutes=1)
    bench.deliver(bench.alarm())
    bench.now += timedelta(hours=5)
    bench.deliver(late)
    assert bench.last().why.startswith("already-back: ")


def test_what_the_release_took_back_for_the_same_alarm_is_enough(bench: Bench) -> None:
    bench.write(Draft(Kind.CANARY, "r3", "ada", "four", "3", "4", 10))
    bench.now += timedelta(minutes=1)
    event = bench.alarm()
    bench.now += timedelta(seconds=2)
    bench.write(Draft(Kind.WITHDRAWN, "r3", "ada", "in ALARM", "4", "3", 0))
    bench.deliver(event)
    assert bench.last().why.startswith("already-back: ")
    assert bench.aws.moves() == []


def test_a_version_that_came_after_the_alarm_is_not_to_blame(bench: Bench) -> None:
    """The one that mends the fault was released before the alarm was delivered."""
    event = bench.alarm()
    bench.now += timedelta(minutes=20)
    bench.write(
        Draft(Kind.CANARY, "r3", "ada", "mended", "3", "4", 10),
        Draft(Kind.RELEASED, "r3", "ada", "mended", "3", "4", 100),
    )
    bench.aws.versions[ONE].append("4")
    bench.aws.aliases[ONE] = Alias("4")
    bench.deliver(event)
    assert bench.last().why.startswith("other-version: ")
    assert bench.aws.moves() == []


def test_a_canarys_alarm_rolls_it_back_though_it_has_all_traffic_by_now(bench: Bench) -> None:
    bench.write(Draft(Kind.CANARY, "r3", "ada", "four", "3", "4", 10))
    bench.now += timedelta(seconds=1)
    event = bench.alarm()
    bench.now += timedelta(seconds=1)
    bench.write(Draft(Kind.RELEASED, "r3", "ada", "four", "3", "4", 100))
    bench.aws.versions[ONE].append("4")
    bench.aws.aliases[ONE] = Alias("4")
    bench.deliver(event)
    assert bench.aws.moves() == [f"move {ONE} 3"]


def test_what_was_released_while_a_rollback_lay_unfinished_stays(bench: Bench) -> None:
    event = bench.alarm()
    bench.aws.after_move = _dies()
    with pytest.raises(JobFailedError):
        bench.deliver(event)
    bench.aws.after_move = None
    bench.now += timedelta(minutes=1)
    bench.write(Draft(Kind.RELEASED, "r3", "ada", "it was not its fault", "2", "3", 100))
    bench.aws.aliases[ONE] = Alias("3", revision=9)
    [ended] = bench.deliver(event)
    assert ended["outcome"] == "rollback-failed"
    assert bench.aws.aliases[ONE].version == "3"


# --- the same delivery again, and others at the same moment


def test_a_delivery_that_comes_again_moves_nothing_and_tells_again(bench: Bench) -> None:
    event = bench.alarm()
    first = bench.deliver(event)
    bench.now += timedelta(hours=2)
    assert bench.deliver(event) == first
    assert bench.aws.moves() == [f"move {ONE} 2"]
    assert bench.last().sequence == 7
    assert len(bench.notices) == 2


def test_one_that_died_before_the_move_goes_on(bench: Bench) -> None:
    event = bench.alarm()
    bench.aws.before_move = _dies()
    with pytest.raises(JobFailedError):
        bench.deliver(event)
    assert bench.last().kind == Kind.ROLLBACK_STARTED
    assert bench.aws.aliases[ONE].version == "3"
    bench.aws.before_move = None
    [ended] = bench.deliver(event)
    assert ended["outcome"] == "rolled-back"
    assert bench.aws.moves() == [f"move {ONE} 2"]


def test_one_that_died_after_the_move_does_not_move_again(bench: Bench) -> None:
    event = bench.alarm()
    bench.aws.after_move = _dies()
    with pytest.raises(JobFailedError):
        bench.deliver(event)
    assert bench.aws.aliases[ONE].version == "2"
    bench.aws.after_move = None
    [ended] = bench.deliver(event)
    assert ended["outcome"] == "rolled-back"
    assert bench.aws.moves() == [f"move {ONE} 2"]
    assert [e.kind for e in bench.ledger.forwards(ONE)][-2:] == [
        Kind.ROLLBACK_STARTED, Kind.ROLLED_BACK,
    ]  # fmt: skip


def test_one_that_could_not_tell_tells_when_it_is_delivered_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = bench.alarm()

    def silent(_notice: Notice) -> None:
        raise refused("InternalErrorException", "Publish")

    with monkeypatch.context() as patch:
        patch.setattr(bench.handler.ROLLBACKS, "_tell", silent)
        with pytest.raises(JobFailedError):
            bench.deliver(event)
    bench.deliver(event)
    assert [notice.outcome for notice in bench.notices] == ["rolled-back"]
    assert bench.aws.moves() == [f"move {ONE} 2"]


def test_when_somebody_moves_the_alias_meanwhile_theirs_stays(bench: Bench) -> None:
    def release(name: str) -> None:
        bench.aws.before_move = None
        bench.aws.versions[name].append("4")
        alias = bench.aws.aliases[name]
        alias.version, alias.revision = "4", alias.revision + 1

    bench.aws.before_move = release
    [ended] = bench.deliver(bench.alarm())
    assert ended["outcome"] == "rollback-failed"
    assert bench.aws.aliases[ONE].version == "4"
    assert "somebody moved the alias to version 4" in bench.last().why
    # The failed one opens no loop window: the next alarm is answered.
    bench.write(Draft(Kind.RELEASED, "r4", "ada", "four", "3", "4", 100))
    bench.now += timedelta(minutes=1)
    [ended] = bench.deliver(bench.alarm())
    assert ended["outcome"] == "rolled-back"
    assert bench.aws.aliases[ONE].version == "3"


def test_after_dying_and_a_move_by_others_it_fails_and_leaves_theirs(bench: Bench) -> None:
    event = bench.alarm()
    bench.aws.before_move = _dies()
    with pytest.raises(JobFailedError):
        bench.deliver(event)
    bench.aws.before_move = None
    bench.aws.versions[ONE].append("4")
    bench.aws.aliases[ONE] = Alias("4", revision=9)
    [ended] = bench.deliver(event)
    assert ended["outcome"] == "rollback-failed"
    assert bench.aws.aliases[ONE].version == "4"


def test_of_two_orchestrators_one_moves_the_alias(bench: Bench) -> None:
    """The second decides while the first is about to write that it begins."""
    other = bench.alarm()
    bench.now += timedelta(seconds=1)
    append = bench.handler.ROLLBACKS._ledger.append
    raced: list[Any] = []

    def overtaken(chain: str, after: Entry | None, draft: Draft) -> Entry:
        if draft.kind == Kind.ROLLBACK_STARTED and not raced:
            raced.append(True)
            raced[0] = bench.deliver(other)
        entry: Entry = append(chain, after, draft)
        return entry

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench.handler.ROLLBACKS._ledger, "append", overtaken)
        [ended] = bench.deliver(bench.alarm())
    assert raced[0][0]["outcome"] == "rolled-back"
    assert ended["outcome"] == "rollback-refused"
    assert bench.last().why.startswith(("already-back", "loop-window"))
    assert bench.aws.moves() == [f"move {ONE} 2"]


def test_a_ledger_that_others_always_write_is_tried_again_later(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, output: Callable[[], list[dict[str, Any]]]
) -> None:
    def conflict(*_arguments: Any) -> Entry:
        raise LedgerConflictError(ONE)

    monkeypatch.setattr(bench.handler.ROLLBACKS._ledger, "append", conflict)
    with pytest.raises(JobFailedError):
        bench.deliver(bench.alarm())
    [line] = [line for line in output() if line.get("message") == "Job failed"]
    assert line["errors"][0]["type"] == OverloadedError.__name__
    assert bench.aws.moves() == []


# --- what arrives


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"Records": [{}]},
        {"Records": "x"},
        {"Records": [{"Sns": {"Message": "not JSON"}}]},
        {"Records": [{"Sns": {"Message": "[]"}}]},
        {"Records": [{"Sns": {"Message": "{}"}}]},
        {"Records": [{"Sns": {"Message": json.dumps({"AlarmName": 1, "NewStateValue": "ALARM"})}}]},
    ],
)
def test_what_is_no_alarm_is_refused(bench: Bench, event: dict[str, Any]) -> None:
    with pytest.raises(BadEventError):
        bench.deliver(event)
    assert bench.aws.calls == []


@pytest.mark.parametrize("time", ["", "yesterday", "2026-03-15T12:00:00"])
def test_an_alarm_without_a_time_is_refused(bench: Bench, time: str) -> None:
    with pytest.raises(BadEventError):
        bench.deliver(bench.alarm(StateChangeTime=time))


def test_a_health_event_touches_nothing(bench: Bench) -> None:
    answer = bench.handler.lambda_handler({"healthCheck": True}, Context())
    assert answer == {"status": "ok", "version": "7"}
    assert bench.last().sequence == 5


def test_people_are_told_by_mail_in_text_and_elsewhere_in_the_chat_schema(
    platform: Platform,
) -> None:
    sns = boto3.client("sns")
    arn = sns.create_topic(Name="deployments-test")["TopicArn"]
    Notices(sns, arn).publish(Notice("one was rolled back", "rolled-back", {"Why": "errors"}))
    topic = sns_backends[DEFAULT_ACCOUNT_ID]["us-west-1"].topics[arn]
    [(_id, message, subject, attributes, _group)] = topic.sent_notifications
    said = json.loads(message)
    assert subject == "one was rolled back"
    assert said["email"] == "one was rolled back\n\nWhy: errors"
    document = json.loads(said["default"])
    assert (document["version"], document["source"]) == ("1.0", "custom")
    assert document["content"]["title"] == "one was rolled back"
    assert document["metadata"]["additionalContext"] == {"Why": "errors"}
    assert attributes is not None
    assert attributes["outcome"]["Value"] == "rolled-back"


def _dies() -> Callable[[str], None]:
    def die(_name: str) -> None:
        raise RuntimeError("the function ended here")

    return die
