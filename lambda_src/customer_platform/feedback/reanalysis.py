"""Asking Comprehend again about what the lexicon answered while it was down.

A run is bounded (days, items, time) and may stop anywhere: what it did not do stays pending for
the next one. Each item is moved by one conditional write, so runs may overlap.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import batched, islice
from typing import Any, Protocol

from botocore.exceptions import ClientError

from customer_platform.feedback.pending import Pending
from customer_platform.feedback.sentiment.base import Analysis, AnalyzerUnavailableError
from customer_platform.feedback.sentiment.batch import MAX_TEXTS, BatchAnalyzer, Failure
from customer_platform.observability import count, error_code, logger
from customer_platform.overload import is_overload

# Answers that say "not this text" without a reason that we know to last: after so many, in as
# many runs, the item makes room for those behind it.
MAX_FAILURES = 5
_BATCH_SECONDS = 30  # what a batch may take: a call of Comprehend tried twice, and its writes
_WRITE_SECONDS = 7  # a write tried twice


class Table(Protocol):
    def oldest(self, since: str) -> Iterator[Pending]: ...
    def revise(self, pending: Pending, analysis: Analysis) -> bool: ...
    def give_up(self, pending: Pending, code: str) -> bool: ...
    def count_failure(self, pending: Pending) -> bool: ...


@dataclass
class Outcome:
    """What a run did."""

    revised: int = 0
    given_up: int = 0
    failed: int = 0  # texts that got no answer and are tried again
    overtaken: int = 0  # erased meanwhile, or done by another run
    stopped_by: str | None = None  # an error code, or what ran out
    is_complete: bool = False  # nothing was left to do

    def answer(self) -> dict[str, Any]:
        """For whoever invoked the run."""
        names = {"given_up": "givenUp", "stopped_by": "stoppedBy", "is_complete": "complete"}
        return {names.get(name, name): value for name, value in asdict(self).items()}


def reanalyze(
    table: Table,
    analyzer: BatchAnalyzer,
    *,
    since: str,
    limit: int,
    seconds_left: Callable[[], float],
) -> Outcome:
    """At most `limit` items that were created at `since` or later, oldest first.

    Comprehend that is still down, throttling and the end of the time stop the run quietly. Raises
    for other errors.
    """
    outcome = Outcome()
    pending = table.oldest(since)
    try:
        for batch in batched(islice(pending, limit), MAX_TEXTS, strict=False):
            if seconds_left() < _BATCH_SECONDS or not _analyze(
                batch, table, analyzer, outcome, seconds_left
            ):
                outcome.stopped_by = "time"
                break
        else:
            outcome.stopped_by = "limit" if next(pending, None) else None
    except AnalyzerUnavailableError as error:
        outcome.stopped_by = error.code
        logger.warning("Re-analysis stopped", extra={"code": error.code})
        count("ReanalysisStopped")
    except ClientError as error:
        if not is_overload(error):
            raise
        outcome.stopped_by = error_code(error)
        logger.warning("Re-analysis stopped", extra={"code": error_code(error)})
        count("ReanalysisStopped")
    outcome.is_complete = outcome.stopped_by is None and outcome.failed == 0
    _tell(outcome)
    return outcome


def _analyze(
    batch: tuple[Pending, ...],
    table: Table,
    analyzer: BatchAnalyzer,
    outcome: Outcome,
    seconds_left: Callable[[], float],
) -> bool:
    """False if there was no time to write down every answer."""
    answers = analyzer.analyze([pending.message for pending in batch])
    for pending, answer in zip(batch, answers, strict=True):
        if seconds_left() < _WRITE_SECONDS:
            return False
        if isinstance(answer, Failure):
            _note(pending, answer, table, outcome)
        elif table.revise(pending, answer):
            outcome.revised += 1
        else:
            outcome.overtaken += 1
    return True


def _note(pending: Pending, failure: Failure, table: Table, outcome: Outcome) -> None:
    if not failure.is_lasting and pending.failures + 1 < MAX_FAILURES:
        outcome.failed += 1
        table.count_failure(pending)
        return
    if table.give_up(pending, failure.code):
        outcome.given_up += 1
        logger.warning(
            "Re-analysis given up",
            extra={"feedback_id": pending.feedback_id, "code": failure.code},
        )
    else:
        outcome.overtaken += 1


def _tell(outcome: Outcome) -> None:
    logger.info("Re-analysis", extra={"outcome": outcome.answer()})
    metrics = {
        "FeedbackReanalyzed": outcome.revised,
        "ReanalysisGivenUp": outcome.given_up,
        "ReanalysisIncomplete": int(not outcome.is_complete),
    }
    for name, value in metrics.items():
        if value:
            count(name, value)
