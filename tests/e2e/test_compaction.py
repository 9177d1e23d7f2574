"""Compaction on the deployed workflow: days become Parquet, and whatever step fails, the view
answers with every row exactly once, and the next run goes on.

Two calls are not the embedded cloud's own (compaction/stand_in.py): the one that writes, which its
Athena lacks, and the one that reads registered partitions, which it does not know. Everything else,
the queries that verify, Glue, S3 and the state machine, is what is deployed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from ops import ROOT
from tests.e2e.compaction.workflow import (
    COMPACTED,
    Change,
    Lake,
    Row,
    Snapshot,
    Workflow,
    answered_late,
    day,
    died_after,
    folder,
    in_definition,
    in_sql,
    overtaken,
    played,
    refused,
    rows,
    with_arguments,
)
from tests.e2e.conftest import Deployment

DEFINITION = ROOT / "terraform" / "workflows" / "feedback_compaction" / "definition.asl.yaml.tftpl"
TASKS = re.findall(r"^ +(\w+):\n +Type: Task$", DEFINITION.read_text(), flags=re.MULTILINE)
# Reached only after an answer that was lost.
AFTER_A_CONFLICT = {"ReadMoved"}


@pytest.fixture(scope="module")
def workflow(deployment: Deployment) -> Iterator[Workflow]:
    with played(deployment) as workflow:
        yield workflow


@pytest.fixture
def lake(deployment: Deployment) -> Iterator[Lake]:
    """The lake, with nothing compacted yet, and afterwards as it was."""
    lake = Lake(deployment)
    before = lake.snapshot()
    assert not before.partitions
    lake.put_cut_off(day(9))  # what other tests stored on odd days stays out of it
    yield lake
    lake.forget()
    lake.restore(before)


def succeeded(told: dict[str, str]) -> None:
    assert told["status"] == "SUCCEEDED", told.get("cause")


def test_a_day_that_is_over_becomes_parquet(lake: Lake, workflow: Workflow) -> None:
    yesterday, today = rows(day(1), 20), rows(day(0), 5)
    again = [Row(row.date, row.feedback_id, 1, "Analysed anew.") for row in yesterday[:4]]
    lake.add([*yesterday, *today])
    lake.add(yesterday[:7])  # a stream that went back
    lake.add([*again, *again[:2]])
    assert lake.seen() == lake.truth()

    succeeded(workflow.run())
    assert lake.cut_off() == day(0)
    (partition,) = lake.partitions()
    assert partition["Values"] == [str(int(part)) for part in day(1).split("-")]
    (key,) = lake.objects(COMPACTED)
    assert key.startswith(f"{COMPACTED}{folder(day(1))}run=")
    assert partition["StorageDescriptor"]["Location"] in f"s3://{lake.bucket}/{key}"
    assert lake.seen() == lake.truth()
    assert lake.objects(COMPACTED)[key][:4] == b"PAR1"
    found = lake.query(
        "SELECT count(*), max(revision), count(DISTINCT feedback_id) FROM feedback_compacted"
    )
    assert found == [["20", "1", "20"]]


def test_a_second_run_does_nothing(lake: Lake, workflow: Workflow) -> None:
    lake.add([*rows(day(2), 3), *rows(day(1), 3)])
    succeeded(workflow.run())
    before, version = lake.snapshot(), lake.view()["VersionId"]
    succeeded(workflow.run())
    assert lake.snapshot() == before
    assert lake.view()["VersionId"] == version


def test_the_first_run_of_a_stack_takes_the_days_since_its_first(
    lake: Lake, workflow: Workflow
) -> None:
    lake.put_cut_off("2024-01-01")
    lake.add([*rows("2024-02-29", 2), *rows(day(1), 2)])
    succeeded(workflow.run())
    assert lake.cut_off() == day(0)
    assert ["2024", "2", "29"] in [partition["Values"] for partition in lake.partitions()]
    assert lake.seen() == lake.truth()


def test_days_without_rows_pass(lake: Lake, workflow: Workflow) -> None:
    lake.add([*rows(day(5), 2), *rows(day(0), 2)])
    succeeded(workflow.run())
    assert lake.cut_off() == day(0)
    assert len(lake.partitions()) == 1
    assert lake.seen() == lake.truth()


def test_late_rows_and_new_revisions_reach_a_compacted_day(lake: Lake, workflow: Workflow) -> None:
    first = rows(day(3), 4)
    lake.add(first)
    succeeded(workflow.run())
    lake.add([*rows(day(3), 1), Row(first[0].date, first[0].feedback_id, 1, "Anew.")])
    succeeded(workflow.run())
    assert lake.seen() == lake.truth()
    assert len(lake.partitions()) == 1
    lake.add([Row(first[1].date, first[1].feedback_id, 1, "Anew as well.")])
    succeeded(workflow.run(day=day(3)))
    assert lake.seen() == lake.truth()


@pytest.mark.parametrize(
    "given", [{"day": day(0)}, {"day": "2026-13-01"}, {"Day": day(1)}, {"day": "'"}]
)
def test_a_wrong_input_is_refused(given: dict[str, str], workflow: Workflow) -> None:
    told = workflow.wait(workflow.start(workflow.copy(), **given))
    assert (told["status"], told["error"]) == ("FAILED", "WrongInput")


def test_the_cut_off_passes_no_day_that_was_not_looked_at(lake: Lake, workflow: Workflow) -> None:
    """An operator's run of a later day compacts it and leaves the cut-off where it is."""
    lake.add([*rows(day(9), 2), *rows(day(2), 3), *rows(day(1), 3)])
    lake.put_cut_off(day(9))
    succeeded(workflow.run(day=day(2)))
    assert lake.cut_off() == day(9)
    assert len(lake.partitions()) == 1
    assert lake.seen() == lake.truth()
    succeeded(workflow.run())  # looks nine days back, because the cut-off stands there
    assert lake.cut_off() == day(0)
    assert len(lake.partitions()) == 3
    assert lake.seen() == lake.truth()


def test_the_cut_off_never_goes_back(lake: Lake, workflow: Workflow) -> None:
    lake.add([*rows(day(3), 2), *rows(day(1), 2)])
    succeeded(workflow.run())
    lake.add(rows(day(3), 1))
    succeeded(workflow.run(day=day(3)))
    assert lake.cut_off() == day(0)
    assert lake.seen() == lake.truth()


def test_a_backlog_is_worked_off_run_by_run(lake: Lake, workflow: Workflow) -> None:
    lake.add([row for ago in (4, 3, 2, 1) for row in rows(day(ago), 2)])
    assert workflow.deployed["definition"].count("31") >= 3
    two = in_definition(("$i < 31", "$i < 2"), ("> 31", "> 2"), ("[31]", "[2]"))
    succeeded(workflow.run(two))
    assert lake.cut_off() == day(2)
    assert len(lake.partitions()) == 2
    assert lake.seen() == lake.truth()
    succeeded(workflow.run(two))
    assert lake.cut_off() == day(0)
    assert len(lake.partitions()) == 4
    assert lake.seen() == lake.truth()


def test_raw_rows_that_vanish_do_not_take_the_compacted_ones_along(
    lake: Lake, workflow: Workflow
) -> None:
    lake.add([*rows(day(2), 3), *rows(day(1), 3)])
    lake.add(rows(day(2), 1))
    succeeded(workflow.run())
    everything = lake.seen()
    (*_, last) = lake.written
    lake.s3.delete_object(Bucket=lake.bucket, Key=last)
    told = workflow.run()
    assert (told["status"], told["error"]) == ("FAILED", "RawIsShort")
    assert day(2) in told["cause"]
    assert lake.seen() == everything


# What the query that writes could do wrong, as a change of its text.
END = "WHERE place = 1\n)\nTO"
FIRST_COLUMNS = "UNLOAD (\n  SELECT feedback_id, created_at, customer, "
LOSSES = {
    "a row": (END, END.replace("= 1", "= 1 AND message <> 'Number 2.'")),
    "the highest revision": ("ORDER BY revision DESC", "ORDER BY revision"),
    "which rows are the same": (END, END.replace("= 1", ">= 1")),
    "a text": (
        f"{FIRST_COLUMNS}rating, message",
        f"{FIRST_COLUMNS}rating, substr(message, 2) AS message",
    ),
    "a number": (f"{FIRST_COLUMNS}rating", f"{FIRST_COLUMNS}nullif(rating, 4) AS rating"),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_what_is_written_wrong_is_tried_again_and_never_registered(
    loss: str, lake: Lake, workflow: Workflow
) -> None:
    some = rows(day(1), 6)
    lake.add([*some, Row(day(1), some[0].feedback_id, 1, "Anew.")])
    told = workflow.run(in_sql("write", *LOSSES[loss]))
    assert told["status"] == "FAILED"
    assert "what was written is not what is raw" in told["cause"]
    assert len(lake.objects(COMPACTED)) == 3  # attempts, a folder each
    assert not lake.partitions()
    assert lake.seen() == lake.truth()
    succeeded(workflow.run())
    assert lake.seen() == lake.truth()


# --- two at a time ------------------------------------------------------------------


def test_a_claim_of_an_execution_that_is_forgotten_holds_nobody_up(
    lake: Lake, workflow: Workflow, deployment: Deployment
) -> None:
    lake.add(rows(day(1), 2))
    gone = deployment.outputs["feedback_compaction_arn"].replace(":stateMachine:", ":execution:")
    lake.put_cut_off(day(1), compaction=f"{gone}:gone")
    succeeded(workflow.run())
    assert lake.cut_off() == day(0)
    assert "compaction" not in lake.view()["Parameters"]


def test_of_two_at_the_same_time_one_works(lake: Lake, workflow: Workflow) -> None:
    """The other one finds the view claimed, or changed since it read it."""
    lake.add([*rows(day(2), 3), *rows(day(1), 3)])
    machine = workflow.copy()
    ends = [workflow.wait(e) for e in [workflow.start(machine), workflow.start(machine)]]
    told = sorted((end["status"], end.get("error")) for end in ends)
    assert told in (
        [("FAILED", "AnotherExecutionRuns"), ("SUCCEEDED", None)],
        [("SUCCEEDED", None), ("SUCCEEDED", None)],  # one after the other, after all
    )
    assert lake.cut_off() == day(0)
    assert lake.seen() == lake.truth()


def test_nobody_works_while_another_does(lake: Lake, workflow: Workflow) -> None:
    lake.add(rows(day(1), 3))
    with workflow.holding("StartWrite") as busy:
        before = lake.snapshot()
        assert before.view["Parameters"]["compaction"] == busy
        told = workflow.run()
        assert (told["status"], told["error"]) == ("FAILED", "AnotherExecutionRuns")
        assert busy in told["cause"]
        assert lake.snapshot() == before
        assert not lake.partitions()
        assert lake.seen() == lake.truth()
    succeeded(workflow.run())
    assert lake.seen() == lake.truth()


@pytest.mark.parametrize("task", ["Claim", "MoveCutOff", "Register", "Replace"])
def test_a_call_whose_answer_was_lost_may_be_made_again(
    task: str, lake: Lake, workflow: Workflow
) -> None:
    lake.add(rows(day(2), 3))
    succeeded(workflow.run(day=day(2)))
    lake.put_cut_off(day(2))
    lake.add([*rows(day(2), 1), *rows(day(1), 2)])
    succeeded(workflow.run(answered_late(task)))
    assert lake.cut_off() == day(0)
    assert len(lake.partitions()) == 2
    assert lake.seen() == lake.truth()


def test_a_run_that_was_overtaken_undoes_nothing(lake: Lake, workflow: Workflow) -> None:
    """Somebody else wrote the view between this run's last look and its own move."""
    lake.add([*rows(day(2), 3), *rows(day(1), 3)])
    lake.put_cut_off(day(2))
    told = workflow.run(overtaken("MoveCutOff"))
    assert (told["status"], told["error"]) == ("FAILED", "ViewChanged")
    assert lake.cut_off() == day(2)
    assert lake.seen() == lake.truth()


def test_a_partition_that_glue_does_not_replace_fails_the_run(
    lake: Lake, workflow: Workflow
) -> None:
    """A batch answers with success, and with the errors of its parts."""
    lake.add(rows(day(1), 3))
    succeeded(workflow.run())
    before = lake.seen()
    lake.add(rows(day(1), 1))
    elsewhere = with_arguments("Replace", "[$day.year, $day.month, $day.day]", "['1', '1', '1']")
    told = workflow.run(elsewhere)
    assert told["status"] == "FAILED"
    assert "could not be replaced" in told["cause"]
    assert lake.seen() == before
    succeeded(workflow.run())
    assert lake.seen() == lake.truth()


# --- what is superseded -------------------------------------------------------------


def test_superseded_files_go_when_no_query_can_read_them_any_more(
    lake: Lake, workflow: Workflow
) -> None:
    lake.add(rows(day(1), 3))
    succeeded(workflow.run())
    lake.add(rows(day(1), 1))
    succeeded(workflow.run())
    assert len(lake.objects(COMPACTED)) == 2
    succeeded(workflow.run())
    assert len(lake.objects(COMPACTED)) == 2  # somebody may still read the first
    succeeded(workflow.run(delete_after_hours=-1))
    (kept,) = lake.objects(COMPACTED)
    (partition,) = lake.partitions()
    assert f"s3://{lake.bucket}/{kept}".startswith(partition["StorageDescriptor"]["Location"])
    assert lake.seen() == lake.truth()


# --- faults -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def halfway(deployment: Deployment, workflow: Workflow) -> Iterator[tuple[Lake, Snapshot]]:
    """A lake in which a run comes to every step: a day that is new, one that was compacted and
    got late rows, a claim of an execution that is no more."""
    lake = Lake(deployment)
    before = lake.snapshot()
    lake.put_cut_off(day(9))
    first = rows(day(2), 4)
    lake.add(first)
    succeeded(workflow.run(day=day(2)))
    lake.add([*rows(day(2), 2), Row(day(2), first[0].feedback_id, 1, "Anew."), *rows(day(0), 2)])
    succeeded(workflow.run())
    lake.add([*rows(day(1), 5), Row(day(2), first[1].feedback_id, 1, "Anew.")])
    dead = workflow.run(refused("StartCompare"))
    assert dead["status"] == "FAILED"
    claimed = lake.snapshot()
    claimed.view["Parameters"]["compaction"] = dead["executionArn"]
    # As it stands on the night after: yesterday is not compacted yet.
    claimed.view["Parameters"]["cut_off"] = day(1)
    claimed.view["ViewOriginalText"] = lake.text(day(1))
    yield lake, claimed
    lake.forget()
    lake.restore(before)


@pytest.mark.parametrize("task", [task for task in TASKS if task not in AFTER_A_CONFLICT])
@pytest.mark.parametrize("fault", [refused, died_after], ids=["refused", "died_after"])
def test_whatever_step_fails_every_row_is_seen_once(
    task: str, fault: Callable[[str], Change], workflow: Workflow, halfway: tuple[Lake, Snapshot]
) -> None:
    lake, state = halfway
    lake.restore(state)
    assert lake.cut_off() == day(1)
    told = workflow.run(fault(task), delete_after_hours=-1)
    assert told["status"] == "FAILED", "the run does not come to this step"
    assert len(told["cause"]) > 20 or fault is died_after
    seen = lake.seen()
    # What is late for a day that was compacted is there a night later, by design.
    assert len({feedback_id for feedback_id, _, _ in seen}) == len(seen)
    assert [key[0] for key in seen] == [key[0] for key in lake.truth()]
    assert lake.cut_off() in {day(1), day(0)}

    succeeded(workflow.run())
    assert lake.seen() == lake.truth()
    assert lake.cut_off() == day(0)
