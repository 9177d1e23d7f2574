"""Accepting feedback: analyse, store exactly once, tell what was accepted."""

import uuid
from dataclasses import dataclass
from typing import Protocol

from customer_platform import clock
from customer_platform.feedback.models import FeedbackSubmission, Submission
from customer_platform.feedback.records import Feedback
from customer_platform.feedback.sentiment.base import Analyzer
from customer_platform.idempotency import (
    LIFETIME_SECONDS,
    IdempotencyRecord,
    key_hash,
    request_hash,
)

_ROUTE = "POST /feedback"


class Store(Protocol):
    def add(self, feedback: Feedback) -> None: ...

    def add_once(
        self, feedback: Feedback, record: IdempotencyRecord
    ) -> IdempotencyRecord | None: ...


@dataclass(frozen=True)
class Accepted:
    feedback_id: str
    created_at: str
    sentiment: str
    repeated: bool = False


def submit(
    submission: Submission, idempotency_key: str | None, analyzer: Analyzer, store: Store
) -> Accepted:
    """Raises IdempotencyConflictError if the key was used with another body.

    The analysis comes before the write, so a repeated request pays for one more. Repeats
    are rare; looking the key up first would cost every other request a read.
    """
    feedback = _feedback(submission, analyzer)
    accepted = Accepted(feedback.feedback_id, feedback.created_at, feedback.analysis.sentiment)
    if idempotency_key is None:
        store.add(feedback)
        return accepted
    record = IdempotencyRecord(
        idempotency_key=key_hash(_ROUTE, idempotency_key),
        request_hash=request_hash(idempotency_key, submission.model_dump()),
        kind=type(submission).__name__,
        answer={
            "feedbackId": accepted.feedback_id,
            "createdAt": accepted.created_at,
            "sentiment": accepted.sentiment,
        },
        expires_at=feedback.timestamp + LIFETIME_SECONDS,
    )
    earlier = store.add_once(feedback, record)
    if earlier is None or earlier.answer == record.answer:
        return accepted  # the same id: the client repeated a write whose answer got lost
    earlier.assert_repeated_by(record)
    first = earlier.answer
    return Accepted(first["feedbackId"], first["createdAt"], first["sentiment"], repeated=True)


def _feedback(submission: Submission, analyzer: Analyzer) -> Feedback:
    moment = clock.now()
    feedback_id = str(uuid.uuid4())
    created_at = clock.iso(moment)
    timestamp = int(moment.timestamp())
    if isinstance(submission, FeedbackSubmission):
        return Feedback(
            feedback_id=feedback_id,
            created_at=created_at,
            timestamp=timestamp,
            message=submission.message,
            analysis=analyzer.analyze(submission.message),
            name=submission.name,
            email=submission.email,
            rating=submission.rating,
        )
    return Feedback(
        feedback_id=feedback_id,
        created_at=created_at,
        timestamp=timestamp,
        message=submission.feedback,
        analysis=analyzer.analyze(submission.feedback),
        customer_id=submission.customer_id,
    )
