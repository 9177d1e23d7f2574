"""Something to look at: feedback of the last nine weeks and a few tasks, for the screenshots.

Nobody can hand in feedback of last week, so that is put into the table, as POST /feedback puts it.
From there on all is real: stream, aggregates, API. Every piece has the day and its number for its
identity, so that a stack that is used for long holds it once.
"""

from __future__ import annotations

import math
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from botocore.exceptions import ClientError

from customer_platform import clock
from customer_platform.feedback.records import Feedback
from customer_platform.feedback.sentiment.lexicon import LexiconAnalyzer
from customer_platform.feedback.storage import FeedbackTable
from customer_platform.feedback.submission_store import SubmissionStore
from customer_platform.idempotency import IdempotencyTable
from tests.e2e.conftest import Deployment

DAYS = 63
NAMES = ("Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald")
SAID = (
    (5, "Ordering took two minutes and the parcel was here the next day. Wonderful!"),
    (4, "Good quality and a fair price. I will come back."),
    (5, "The support team is great: a person answered, and my problem was solved at once."),
    (3, "The parcel came on Tuesday. The box has three parts."),
    (2, "The search finds nothing useful, which is annoying."),
    (4, "The shop is beautiful and fast; the delivery was late and the box broken."),
    (1, "Terrible: two weeks late, and nobody answers."),
    (5, "Simple, fast and friendly. Thank you!"),
)
TAG = "launch"
TASKS: tuple[dict[str, Any], ...] = (
    {"Title": "Answer the questions about invoices", "Priority": "High", "Status": "In Progress"},
    {"Title": "Publish the shipping times", "Priority": "Medium", "Tags": ["docs"]},
    {"Title": "Test the export with large files", "Priority": "High", "Tags": ["quality"]},
    {"Title": "Translate the welcome mail", "Priority": "Low", "Tags": ["docs"]},
    {"Title": "Renew the certificate", "Priority": "Medium", "Status": "Completed"},
)


def feedback_of_weeks(deployment: Deployment) -> None:
    """Raises ClientError of DynamoDB."""
    dynamodb = deployment.client("dynamodb")
    variables = deployment.client("lambda").get_function_configuration(
        FunctionName=deployment.outputs["functions"]["feedback_processor"]["name"],
        Qualifier="live",
    )["Environment"]["Variables"]
    store = SubmissionStore(
        dynamodb,
        FeedbackTable(dynamodb, deployment.outputs["dynamodb_table_name"]),
        IdempotencyTable(variables["IDEMPOTENCY_TABLE_NAME"]),
        int(variables["LIST_SHARDS"]),
        retention_days=365,
    )
    today = datetime.now(UTC).replace(hour=9, minute=30, second=0, microsecond=0)
    analyzer = LexiconAnalyzer()
    for ago in range(1, DAYS):
        # A rhythm of the week, and a little more each week.
        count = round(3 + 2 * math.sin(ago * 2 * math.pi / 7) + (DAYS - ago) / 20)
        for number in range(count):
            rating, message = SAID[(ago * 5 + number * 3) % len(SAID)]
            moment = today - timedelta(days=ago, minutes=number)
            piece = Feedback(
                feedback_id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"sample {moment:%Y-%m-%d %H:%M}")),
                created_at=clock.iso(moment),
                timestamp=int(moment.timestamp()),
                message=message,
                analysis=analyzer.analyze(message),
                name=NAMES[(ago + number) % len(NAMES)],
                email="ada@example.com",
                rating=rating,
            )
            try:
                store.add(piece)
            except ClientError as error:
                if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                    raise


def feedback_of_today(api: httpx.Client) -> None:
    """The newest of the list, by the API."""
    for number, (rating, message) in enumerate(SAID):
        body = {
            "name": NAMES[number % len(NAMES)],
            "email": "ada@example.com",
            "rating": rating,
            "message": message,
        }
        api.post("/feedback", json=body).raise_for_status()


def tasks(api: httpx.Client) -> None:
    """Unless they are there."""
    there = {task["Title"] for task in api.get("/tasks", params={"Tag": TAG}).json()}
    due = datetime.now(UTC).replace(hour=15, minute=0, second=0, microsecond=0)
    for number, task in enumerate(TASKS):
        if task["Title"] in there:
            continue
        body = task | {
            "Description": "",
            "Tags": [TAG, *task.get("Tags", [])],
            "DueDate": clock.iso(due + timedelta(days=number * 3 + 1)),
        }
        api.post("/tasks", json=body).raise_for_status()
