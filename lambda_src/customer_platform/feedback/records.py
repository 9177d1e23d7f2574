"""One piece of feedback as the platform keeps it."""

from dataclasses import dataclass
from typing import TypedDict

from customer_platform.feedback.sentiment.base import Analysis


@dataclass(frozen=True)
class Feedback:
    feedback_id: str
    created_at: str  # as clock.iso writes it
    timestamp: int  # the same moment, epoch seconds
    message: str
    analysis: Analysis
    name: str | None = None
    email: str | None = None
    rating: int | None = None
    customer_id: str | None = None


class PublicFeedback(TypedDict):
    """What everybody may read: no address, no customer id."""

    feedbackId: str
    name: str
    rating: int | None
    message: str
    sentiment: str
    createdAt: str
