"""The steps of a release: each as it should be, repeated, and overtaken by others."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError

from customer_platform.deployments.ledger import (
    RELEASES,
    Draft,
    Entry,
    Kind,
    Ledger,
    LedgerConflictError,
    problems,
)
from customer_platform.deployments.notices import Notice
from customer_platform.jobs import BadEventError, JobFailedError
from tests.unit.aliases import Alias, Lambda, refused
from tests.unit.platform import DEPLOYMENTS, Context, Platform

ASKED = {"execution": "arn:r1", "who": "ada", "why": "new", "again": False, "despite_alarms": False}
FUNCTIONS = ["one", "two"]
ONE = {"function": "one", "from_version": "1", "to_version": "2"}


class CloudWatch:
    def __init__(self) -> None:
        self.red: set[str] = set()
        self.asked: list[int] = []

    def describe_alarms(
        self,
        *,
        AlarmNames: list[str],  # noqa: N803
        AlarmTypes: list[str],  # noqa: N803
        StateValue: str,  # noqa: N803
        MaxRecords: int,  # noqa: N803
    ) -> dict[str, Any]:
        assert MaxRecords == 100
        assert AlarmTypes == ["MetricAlarm"]
        assert StateValue == "ALARM"
        self.asked.append(len(AlarmNames))
        return {"MetricAlarms": [{"AlarmName": n} for n in AlarmNames if n in self.red]}


class States:
    def __init__(self) -> None:
        self.status: dict[str, str] = {}

    def describe_execution(self, *, executionArn: str) -> dict[str, str]:  # noqa: N803
        if executionArn not in self.status:
            raise refused("ExecutionDoesNotExist", "DescribeExecution")
        return {"status": self.status[executionArn]}


class Bench:
    def __init__(self, handler: ModuleType, platform: Platform) -> None:
        self.handler = handler
        self.ledger = Ledger(platform.dynamodb, DEPLOYMENTS)
        self.aws = Lambda({"one": Alias("1"), "two": Alias("1")}, {"one": ["1", "2"], "two": ["1"]})
        self.cloudwatch = CloudWatch()
        self.states = States()
        self.notices: list[Notice] = []

    def step(self, step: str, asked: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        event = {"step": step, "asked": asked or ASKED, **more}
        answer: dict[str, Any] = self.handler.lambda_handler(event, Context())
        return answer

    def begin(self, asked: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        given = {"functions": FUNCTIONS, "alarms": ["a", "b"], **more}
        return self.step("begin", asked, **given)

    def kinds(self, chain: str = "one") -> list[Kind]:
        entries = list(self.ledger.forwards(chain))
        assert problems(entries) == []
        return [entry.kind for entry in entries]

    def last(self, chain: str = "one") -> Entry:
        entry = self.ledger.last(chain)
        assert entry is not None
        return entry

    def write(self, chain: str, *drafts: Draft) -> None:
        for draft in drafts:
            self.ledger.append(chain, self.ledger.last(chain), draft)


@pytest.fixture
def bench(
    modules: dict[str, ModuleType], platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> Bench:
    handler = modules["release_steps"]
    made = Bench(handler, platform)
    releases = handler.RELEASES
    monkeypatch.setattr(releases, "_aliases", type(releases._aliases)(made.aws))
    monkeypatch.setattr(releases, "_tell", made.notices.append)
    monkeypatch.setattr(handler, "_cloudwatch", made.cloudwatch)
    monkeypatch.setattr(handler, "_states", made.states)
    return made


# --- begin


def test_what_is_published_and_not_live_is_due(bench: Bench) -> None:
    bench.aws.versions["one"] += ["3", "10"]
    answer = bench.begin()
    assert answer == {
        "due": [{"function": "one", "from_version": "1", "to_version": "10"}],
        "skipped": [],
        "unhealthy": [],
        "alarms": ["a", "b"],
    }
    assert bench.kinds(RELEASES) == [Kind.STARTED]
    assert (bench.last(RELEASES).who, bench.last(RELEASES).why) == ("ada", "new")
    # What serves is known from now on, and was asked for its health.
    assert bench.kinds() == bench.kinds("two") == [Kind.ADOPTED]
    assert bench.last().to_version == "1"
    assert bench.aws.calls == ["probe one 1", "probe two 1"]


def test_with_nothing_new_nothing_begins(bench: Bench) -> None:
    bench.aws.versions["one"] = ["1"]
    for _ in range(2):
        assert bench.begin()["due"] == []
    assert bench.kinds(RELEASES) == []
    assert bench.kinds() == [Kind.ADOPTED]


def test_begin_may_be_repeated(bench: Bench) -> None:
    assert bench.begin() == bench.begin()
    assert bench.kinds(RELEASES) == [Kind.STARTED]
    assert bench.kinds() == [Kind.ADOPTED]


def test_what_serves_and_is_not_well_is_not_adopted_and_may_be_mended(bench: Bench) -> None:
    bench.aws.sick["one", "1"] = '{"errorType": "Runtime.ImportModuleError"}'
    answer = bench.begin()
    assert answer["unhealthy"] == [{"function": "one", "version": "1"}]
    assert answer["due"] == [ONE]
    assert bench.kinds() == []


def test_a_release_while_one_runs_is_refused(bench: Bench) -> None:
    bench.begin()
    bench.states.status["arn:r1"] = "RUNNING"
    answer = bench.begin({**ASKED, "execution": "arn:r2"})
    assert answer["refused"].startswith("a release runs already, r1 of ada")
    assert bench.kinds(RELEASES) == [Kind.STARTED]
    bench.states.status["arn:r1"] = "PENDING_REDRIVE"
    assert "refused" in bench.begin({**ASKED, "execution": "arn:r2"})


@pytest.mark.parametrize("status", ["FAILED", "ABORTED", "TIMED_OUT", "SUCCEEDED", None])
def test_one_that_ended_without_an_end_is_closed(bench: Bench, status: str | None) -> None:
    bench.begin()
    if status:
        bench.states.status["arn:r1"] = status
    assert "refused" not in bench.begin({**ASKED, "execution": "arn:r2"})
    assert bench.kinds(RELEASES) == [Kind.STARTED, Kind.ABANDONED, Kind.STARTED]
    assert bench.last(RELEASES).event == "arn:r2"


def test_of_two_that_begin_at_once_one_is_refused(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = bench.handler.RELEASES._ledger
    append = ledger.append
    bench.states.status["arn:r2"] = "RUNNING"

    def overtaken(chain: str, after: Entry | None, draft: Draft) -> Entry:
        if chain == RELEASES and not bench.kinds(RELEASES):
            bench.write(RELEASES, Draft(Kind.STARTED, "arn:r2", "bob", "first"))
        entry: Entry = append(chain, after, draft)
        return entry

    monkeypatch.setattr(ledger, "append", overtaken)
    assert "r2 of bob" in bench.begin()["refused"]
    assert bench.kinds(RELEASES) == [Kind.STARTED]


def test_what_step_functions_does_not_tell_is_tried_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.begin()

    def throttled(**_request: str) -> dict[str, str]:
        raise refused("ThrottlingException", "DescribeExecution")

    monkeypatch.setattr(bench.states, "describe_execution", throttled)
    with pytest.raises(JobFailedError):
        bench.begin({**ASKED, "execution": "arn:r2"})


def test_alarms_that_ring_already_refuse_it(bench: Bench) -> None:
    bench.cloudwatch.red = {"b"}
    assert bench.begin()["refused"].startswith("in ALARM already: b.")
    assert bench.kinds(RELEASES) == []
    answer = bench.begin({**ASKED, "despite_alarms": True})
    assert answer["alarms"] == ["a"]


def test_many_alarms_are_asked_for_in_batches(bench: Bench) -> None:
    names = [f"alarm-{number}" for number in range(250)]
    bench.cloudwatch.red = {"alarm-3", "alarm-249"}
    assert bench.step("watch", alarms=names) == {"alarms": ["alarm-249", "alarm-3"]}
    assert bench.cloudwatch.asked == [100, 100, 50]


def test_what_was_rolled_back_is_not_released_again_by_itself(bench: Bench) -> None:
    bench.write(
        "one",
        Draft(Kind.ADOPTED, "r0", "t", "found live", None, "1"),
        Draft(Kind.RELEASED, "arn:r0", "ada", "new", "1", "2", 100),
        Draft(Kind.ROLLED_BACK, "alarm", "o", "errors", "2", "1"),
    )
    answer = bench.begin()
    assert answer["due"] == []
    [skipped] = answer["skipped"]
    assert (skipped["function"], skipped["version"]) == ("one", "2")
    assert bench.begin({**ASKED, "again": True})["due"] == [ONE]


def test_what_only_had_a_part_of_the_traffic_is_tried_again(bench: Bench) -> None:
    bench.write(
        "one",
        Draft(Kind.ADOPTED, "r0", "t", "found live", None, "1"),
        Draft(Kind.CANARY, "arn:r0", "ada", "new", "1", "2", 10),
        Draft(Kind.WITHDRAWN, "arn:r0", "ada", "in ALARM", "2", "1", 0),
    )
    assert bench.begin()["due"] == [ONE]
    assert bench.kinds()[-1] == Kind.WITHDRAWN  # version 1 was known: nothing to adopt


def test_a_hand_that_moved_the_alias_back_is_respected(bench: Bench) -> None:
    bench.write(
        "one",
        Draft(Kind.ADOPTED, "r0", "t", "found live", None, "1"),
        Draft(Kind.RELEASED, "arn:r0", "ada", "new", "1", "2", 100),
    )
    answer = bench.begin()
    assert answer["due"] == []
    assert len(answer["skipped"]) == 1
    assert (bench.last().kind, bench.last().from_version, bench.last().to_version) == (
        Kind.ADOPTED, "2", "1",
    )  # fmt: skip


def test_weights_that_an_aborted_release_left_are_taken_away(bench: Bench) -> None:
    bench.aws.aliases["one"] = Alias("1", weights={"2": 0.1})
    bench.aws.versions["one"].append("3")
    answer = bench.begin()
    assert answer["due"] == [{"function": "one", "from_version": "1", "to_version": "3"}]
    assert bench.aws.aliases["one"].weights == {}
    assert bench.kinds() == [Kind.ADOPTED, Kind.WITHDRAWN]
    assert (bench.last().from_version, bench.last().to_version) == ("2", "1")


def test_weights_of_what_is_not_released_by_itself_are_taken_away(bench: Bench) -> None:
    bench.write(
        "one",
        Draft(Kind.ADOPTED, "r0", "t", "found live", None, "1"),
        Draft(Kind.RELEASED, "arn:r0", "ada", "new", "1", "2", 100),
        Draft(Kind.ROLLED_BACK, "alarm", "o", "errors", "2", "1"),
    )
    bench.aws.aliases["one"] = Alias("1", weights={"2": 0.1})  # AGAIN=1, stopped while it baked
    assert bench.begin()["due"] == []
    assert bench.aws.aliases["one"].weights == {}


def test_what_a_release_took_back_itself_is_tried_again(bench: Bench) -> None:
    """Another function of that release could not be finished."""
    bench.write(
        "one",
        Draft(Kind.ADOPTED, "r0", "t", "found live", None, "1"),
        Draft(Kind.RELEASED, "arn:r0", "ada", "new", "1", "2", 100),
        Draft(Kind.WITHDRAWN, "arn:r0", "ada", "two moved", "2", "1", 0),
    )
    assert bench.begin()["due"] == [ONE]


def test_what_another_release_brought_before_the_lock_is_not_due_any_more(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = bench.handler.RELEASES._take

    def late(asked: Any) -> None:
        bench.aws.aliases["one"] = Alias("2", revision=5)
        bench.write("one", Draft(Kind.RELEASED, "arn:r2", "bob", "first", "1", "2", 100))
        take(asked)

    monkeypatch.setattr(bench.handler.RELEASES, "_take", late)
    assert bench.begin()["due"] == []
    assert bench.kinds(RELEASES) == [Kind.STARTED, Kind.FINISHED]
    assert bench.aws.aliases["one"].version == "2"


# --- the steps


def test_a_release_from_begin_to_end(bench: Bench) -> None:
    bench.begin()
    assert bench.step("probe", change=ONE) == {}
    for weight in (10, 50):
        assert bench.step("shift", change=ONE, weight=weight) == {}
        assert bench.aws.aliases["one"].version == "1"
        assert bench.aws.aliases["one"].weights == {"2": weight / 100}
        assert bench.step("watch", alarms=["a", "b"]) == {"alarms": []}
    assert bench.step("finish", change=ONE) == {}
    assert bench.aws.aliases["one"].version == "2"
    assert bench.aws.aliases["one"].weights == {}
    assert bench.step("end", changes=[ONE], failed=False, why="") == {}
    assert bench.kinds() == [Kind.ADOPTED, Kind.CANARY, Kind.CANARY, Kind.RELEASED]
    assert [e.weight for e in bench.ledger.forwards("one")] == [None, 10, 50, 100]
    assert bench.kinds(RELEASES) == [Kind.STARTED, Kind.FINISHED]
    [notice] = bench.notices
    assert notice.title == "A release is live"
    assert notice.facts["Functions"] == "one 1 -> 2"
    assert bench.aws.aliases["two"] == Alias("1")


def test_every_step_may_be_repeated(bench: Bench) -> None:
    bench.begin()
    steps: list[tuple[str, dict[str, Any]]] = [
        ("probe", {"change": ONE}),
        ("shift", {"change": ONE, "weight": 10}),
        ("finish", {"change": ONE}),
        ("end", {"changes": [ONE], "failed": False, "why": ""}),
    ]
    for step, more in steps:
        assert bench.step(step, **more) == bench.step(step, **more)
    assert bench.aws.moves() == ["move one 1 2=0.1", "move one 2"]
    assert bench.kinds() == [Kind.ADOPTED, Kind.CANARY, Kind.RELEASED]
    assert bench.kinds(RELEASES) == [Kind.STARTED, Kind.FINISHED]


@pytest.mark.parametrize("step", ["shift", "finish", "back"])
def test_a_step_that_died_before_it_wrote_is_made_whole(
    bench: Bench, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.begin()
    if step == "back":
        bench.step("shift", change=ONE, weight=10)
    more: dict[str, Any] = {"change": ONE, "weight": 10, "why": "in ALARM: a"}

    def dies(*_arguments: Any) -> Entry:
        raise RuntimeError("the function ended here")

    with monkeypatch.context() as patch:
        patch.setattr(bench.handler.RELEASES._ledger, "append", dies)
        with pytest.raises(JobFailedError):
            bench.step(step, **more)
    moves = bench.aws.moves()
    bench.step(step, **more)
    assert bench.aws.moves() == moves
    kinds = {"shift": Kind.CANARY, "finish": Kind.RELEASED, "back": Kind.WITHDRAWN}
    assert bench.last().kind == kinds[step]


def test_a_version_that_is_not_well_is_refused(bench: Bench) -> None:
    bench.aws.sick["one", "2"] = '{"status": "sick"}'
    answer = bench.step("probe", change=ONE)
    assert answer == {"refused": 'one version 2 is not healthy: {"status": "sick"}'}
    assert bench.aws.moves() == []


def test_a_release_with_alarms_goes_back_and_says_why(bench: Bench) -> None:
    bench.begin()
    bench.step("shift", change=ONE, weight=10)
    bench.cloudwatch.red = {"a"}
    assert bench.step("watch", alarms=["a", "b"]) == {"alarms": ["a"]}
    assert bench.step("back", change=ONE, why="in ALARM: a") == {"moved": True}
    assert bench.aws.aliases["one"].version == "1"
    assert bench.aws.aliases["one"].weights == {}
    assert (bench.last().kind, bench.last().why) == (Kind.WITHDRAWN, "in ALARM: a")
    bench.step("end", changes=[ONE], failed=True, why="in ALARM: a")
    assert (bench.last(RELEASES).kind, bench.last(RELEASES).why) == (Kind.FAILED, "in ALARM: a")
    assert bench.notices[-1].title == "A release was taken back"


def test_what_was_finished_goes_back_too(bench: Bench) -> None:
    """Another function of the same release could not be finished."""
    bench.begin()
    bench.step("finish", change=ONE)
    assert bench.step("back", change=ONE, why="two moved") == {"moved": True}
    assert bench.aws.aliases["one"].version == "1"


def test_what_was_never_moved_needs_no_way_back(bench: Bench) -> None:
    bench.begin()
    assert bench.step("back", change=ONE, why="not healthy") == {"moved": False}
    assert bench.aws.moves() == []
    assert bench.kinds() == [Kind.ADOPTED]


def test_an_alias_that_does_not_hold_still_is_taken_back_all_the_same(bench: Bench) -> None:
    bench.begin()
    bench.step("shift", change=ONE, weight=10)

    def touched(name: str) -> None:
        bench.aws.before_move = None
        bench.aws.aliases[name].revision += 1

    bench.aws.before_move = touched
    assert bench.step("back", change=ONE, why="x") == {"moved": True}
    assert bench.aws.aliases["one"].weights == {}


def test_a_version_that_another_brought_is_not_taken_back(bench: Bench) -> None:
    bench.begin()
    bench.aws.aliases["one"] = Alias("2", revision=5)
    assert bench.step("back", change=ONE, why="x") == {"moved": False}
    assert bench.aws.aliases["one"].version == "2"


def test_one_that_somebody_set_by_hand_stays_and_loses_the_share_only(bench: Bench) -> None:
    bench.aws.versions["one"] = ["0", "1", "2"]
    bench.begin()
    bench.step("shift", change=ONE, weight=10)
    bench.aws.aliases["one"] = Alias("0", revision=9, weights={"2": 0.1})
    assert bench.step("back", change=ONE, why="x") == {"moved": True}
    assert bench.aws.aliases["one"].version == "0"
    assert bench.aws.aliases["one"].weights == {}


def test_a_failure_without_words_is_a_failure(bench: Bench) -> None:
    bench.begin()
    bench.step("end", changes=[ONE], failed=True, why="")
    assert bench.last(RELEASES).kind == Kind.FAILED
    assert bench.notices[-1].title == "A release was taken back"


# --- others at the same time


@pytest.mark.parametrize("step", ["shift", "finish"])
def test_an_alias_that_somebody_moved_is_left_to_them(bench: Bench, step: str) -> None:
    bench.begin()
    bench.aws.versions["one"].append("3")
    bench.aws.aliases["one"] = Alias("3", revision=5)
    answer = bench.step(step, change=ONE, weight=10)
    assert "somebody moved the alias to version 3" in answer["refused"]
    assert bench.step("back", change=ONE, why="moved") == {"moved": False}
    assert bench.aws.moves() == []


@pytest.mark.parametrize("step", ["shift", "finish"])
def test_somebody_who_moves_it_at_the_same_moment_wins(bench: Bench, step: str) -> None:
    bench.begin()

    def moved(name: str) -> None:
        bench.aws.aliases[name] = Alias("1", revision=77, weights={"2": 0.5})

    bench.aws.before_move = moved
    assert "refused" in bench.step(step, change=ONE, weight=10)
    assert bench.aws.aliases["one"].weights == {"2": 0.5}


@pytest.mark.parametrize("step", ["shift", "finish"])
def test_a_canary_that_was_rolled_back_does_not_come_back(bench: Bench, step: str) -> None:
    bench.begin()
    bench.step("shift", change=ONE, weight=10)
    bench.aws.aliases["one"] = Alias("1", revision=9)
    bench.write("one", Draft(Kind.ROLLED_BACK, "alarm", "o", "errors", "2", "1"))
    answer = bench.step(step, change=ONE, weight=50)
    assert "somebody took version 2 back" in answer["refused"]
    assert bench.step("back", change=ONE, why="rolled back") == {"moved": False}
    assert bench.kinds()[-1] == Kind.ROLLED_BACK


def test_a_share_that_was_taken_back_before_it_was_written_does_not_come_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.begin()

    def dies(*_arguments: Any) -> Entry:
        raise RuntimeError("the function ended here")

    with monkeypatch.context() as patch:
        patch.setattr(bench.handler.RELEASES._ledger, "append", dies)
        with pytest.raises(JobFailedError, match="RuntimeError"):
            bench.step("shift", change=ONE, weight=10)
    bench.aws.aliases["one"] = Alias("1", revision=9)
    bench.write("one", Draft(Kind.ROLLED_BACK, "alarm", "o", "errors", "2", "1"))
    assert "somebody took version 2 back" in bench.step("shift", change=ONE, weight=10)["refused"]


def test_a_ledger_that_another_writes_at_the_same_moment_is_read_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.begin()
    ledger = bench.handler.RELEASES._ledger
    append = ledger.append
    conflicts = iter([LedgerConflictError("one")] * 3)

    def contended(*arguments: Any) -> Entry:
        for error in conflicts:
            raise error
        entry: Entry = append(*arguments)
        return entry

    monkeypatch.setattr(ledger, "append", contended)
    bench.step("shift", change=ONE, weight=10)
    assert bench.last().kind == Kind.CANARY


# --- what arrives


@pytest.mark.parametrize(
    "event",
    [{}, {"step": "begin"}, {"step": "else", "asked": ASKED}, {"step": "probe", "asked": {}}],
)
def test_what_is_no_step_is_refused(bench: Bench, event: dict[str, Any]) -> None:
    with pytest.raises(BadEventError):
        bench.handler.lambda_handler(event, Context())


def test_errors_are_raised_for_the_workflow_to_try_again(
    bench: Bench,
    monkeypatch: pytest.MonkeyPatch,
    output: Callable[[], list[dict[str, Any]]],
) -> None:
    def denied(**_request: str) -> dict[str, Any]:
        raise refused("AccessDeniedException", "UpdateAlias")

    bench.begin()
    monkeypatch.setattr(bench.aws, "update_alias", denied)
    with pytest.raises(JobFailedError):
        bench.step("shift", change=ONE, weight=10)
    [line] = [line for line in output() if line.get("message") == "Job failed"]
    assert line["errors"][0]["type"] == ClientError.__name__


def test_a_health_event_touches_nothing(bench: Bench) -> None:
    answer = bench.handler.lambda_handler({"healthCheck": True}, Context())
    assert answer == {"status": "ok", "version": "7"}
    assert bench.kinds(RELEASES) == []
