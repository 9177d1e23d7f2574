"""Comprehend goes down and comes back: what the lexicon answered meanwhile is analysed again, and
everybody who shows a sentiment shows the new one, once."""

from __future__ import annotations

import json
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.e2e.comprehend import Comprehend, asking, invoke, played
from tests.e2e.conftest import Deployment, eventually
from tests.e2e.emf import metrics_in
from tests.e2e.lake import Lake
from tests.e2e.test_feedback import analytics, pages, settled_total
from tests.unit import seeding

# The highest revision of each item: what the view `feedback` shows on AWS.
LATEST = """
SELECT feedback_id, sentiment, sentiment_engine, revision FROM (
  SELECT feedback_id, sentiment, sentiment_engine, revision, message,
    row_number() OVER (PARTITION BY year, month, day, feedback_id ORDER BY revision DESC) AS place
  FROM feedback
) WHERE place = 1 AND message LIKE '%{mark}%'
"""


@pytest.fixture
def comprehend(deployment: Deployment) -> Iterator[Comprehend]:
    """Down, and asked by the processor and by re-analysis."""
    with (
        played() as comprehend,
        asking(deployment, "feedback_processor", comprehend),
        asking(deployment, "reanalyze_feedback", comprehend),
    ):
        comprehend.fault = "ThrottlingException"
        yield comprehend


def submit(deployment: Deployment, body: dict[str, Any]) -> dict[str, Any]:
    """POST /feedback, as API Gateway would hand it to the newest processor."""
    event = {
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(body),
        "requestContext": {"requestId": str(uuid.uuid4())},
    }
    error, answer = invoke(deployment, "feedback_processor", event)
    assert error is None, answer
    assert answer["statusCode"] == 201, answer
    item: dict[str, Any] = json.loads(answer["body"])
    return item


def form(message: str) -> dict[str, Any]:
    return {"name": "Ada", "email": "ada@example.com", "rating": 5, "message": message}


def run(deployment: Deployment, **event: Any) -> dict[str, Any]:
    error, answer = invoke(deployment, "reanalyze_feedback", event)
    assert error is None, answer
    found: dict[str, Any] = answer
    return found


def stored(deployment: Deployment, feedback_id: str) -> dict[str, Any]:
    (item,) = deployment.client("dynamodb").query(
        TableName=deployment.outputs["dynamodb_table_name"],
        KeyConditionExpression="feedbackId = :id",
        ExpressionAttributeValues={":id": {"S": feedback_id}},
        ConsistentRead=True,
    )["Items"]
    return dict(item)


def moved(api: httpx.Client, before: dict[str, Any]) -> dict[str, int]:
    after = analytics(api)["sentiment"]
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


def metrics(deployment: Deployment, since: float) -> Counter[str]:
    """What re-analysis counted, by name."""
    group = deployment.outputs["functions"]["reanalyze_feedback"]["log_group"]
    events = deployment.client("logs").filter_log_events(
        logGroupName=group, startTime=int(since * 1000)
    )["events"]
    found: Counter[str] = Counter()
    for metric in metrics_in(event["message"] for event in events):
        assert metric.namespace == "FeedbackProcessing"
        if "Suffix" in metric.dimensions:  # each is there once for all stacks, and once for this
            found[metric.name] += int(metric.value)
    return found


def test_what_was_answered_in_comprehends_place_is_revised_everywhere_once(
    deployment: Deployment, api: httpx.Client, comprehend: Comprehend
) -> None:
    lake, mark = Lake(deployment), uuid.uuid4().hex
    settled_total(api)
    start = analytics(api, days=1)

    # Comprehend is down: the lexicon answers, and nothing is lost.
    with ThreadPoolExecutor(4) as pool:
        made = list(
            pool.map(lambda n: submit(deployment, form(f"I love it! {mark} {n}")), range(30))
        )
    ids = [item["feedbackId"] for item in made]
    assert {item["sentiment"] for item in made} == {"positive"}
    assert {call[0] for call in comprehend.calls} == {"DetectSentiment"}
    eventually(lambda: moved(api, start["sentiment"]), lambda now: now == {"positive": 30})
    eventually(lambda: len(lake.rows(mark)), lambda rows: rows == 30, seconds=60)

    # It is still down: a run changes nothing and is no error.
    since = time.time()
    answer = run(deployment)
    assert answer["stoppedBy"] == "ThrottlingException"
    assert (answer["revised"], answer["complete"]) == (0, False)
    counted = eventually(lambda: metrics(deployment, since), bool)
    assert counted == {"ReanalysisStopped": 1, "ReanalysisIncomplete": 1}

    # It is back. Two runs at the same time, and one afterwards.
    comprehend.fault, comprehend.sentiment = None, "MIXED"
    comprehend.calls.clear()
    since = time.time()
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: run(deployment), range(2)))
    assert sum(answer["revised"] for answer in answers) == 30
    assert run(deployment)["revised"] == 0
    assert {action for action, _ in comprehend.calls} == {"BatchDetectSentiment"}
    assert max(len(texts) for _, texts in comprehend.calls) == 25
    counted = eventually(
        lambda: metrics(deployment, since), lambda c: c["FeedbackReanalyzed"] >= 30
    )
    assert counted == {"FeedbackReanalyzed": 30}

    # Everybody shows it.
    assert api.get(f"/feedback/{ids[0]}").json()["sentiment"] == "mixed"
    query = {"limit": 100, "sentiment": "mixed", "rating": 5}
    listed = [item["feedbackId"] for page in pages(api, **query) for item in page]
    assert Counter(found for found in listed if found in ids) == dict.fromkeys(ids, 1)
    query["sentiment"] = "positive"
    assert not {i["feedbackId"] for page in pages(api, **query) for i in page} & set(ids)
    eventually(lambda: moved(api, start["sentiment"]), lambda now: now == {"mixed": 30})

    # The lake has both, and the highest revision counts.
    eventually(lambda: len(lake.rows(mark)), lambda rows: rows == 60, seconds=60)
    latest = lake.ask(LATEST.format(mark=mark))
    assert sorted(str(row["feedback_id"]) for row in latest) == sorted(ids)
    assert {(r["sentiment"], r["sentiment_engine"], r["revision"]) for r in latest} == {
        ("mixed", "comprehend", "1")
    }
    first = [row for row in lake.rows(mark) if row["sentiment_engine"] == "lexicon"]
    assert sorted(str(row["feedback_id"]) for row in first) == sorted(ids)
    assert {row["sentiment"] for row in first} == {"positive"}

    # The stream delivers everything again, in another order and as items look now.
    items = [stored(deployment, known) for known in ids]
    again = [*seeding.stream(*items, name="MODIFY"), *seeding.stream(*items)]
    for consumer in ("stream_aggregator", "lake_exporter"):
        error, _ = invoke(deployment, consumer, {"Records": again}, Qualifier="live")
        assert error is None
    assert moved(api, start["sentiment"]) == {"mixed": 30}
    assert analytics(api)["totalFeedback"] == start["totalFeedback"] + 30 == settled_total(api)
    today = analytics(api, days=1)["daily"][0]
    assert sum(today["sentiment"].values()) == today["count"]
    assert len(lake.ask(LATEST.format(mark=mark))) == 30


def test_a_hopeless_text_makes_room_and_others_wait(
    deployment: Deployment, comprehend: Comprehend
) -> None:
    mark = uuid.uuid4().hex
    words = {"klingon": "UNSUPPORTED_LANGUAGE", "shaky": "INTERNAL_SERVER_ERROR", "fine": None}
    ids = {word: submit(deployment, form(f"{word} {mark}"))["feedbackId"] for word in words}
    comprehend.fault = None
    comprehend.errors = {word: code for word, code in words.items() if code}
    since = time.time()
    answer = run(deployment)
    assert answer == {
        "revised": 1, "givenUp": 1, "failed": 1, "overtaken": 0, "stoppedBy": None,
        "complete": False,
    }  # fmt: skip
    counted = eventually(lambda: metrics(deployment, since), lambda c: len(c) == 3)
    assert counted == {"FeedbackReanalyzed": 1, "ReanalysisGivenUp": 1, "ReanalysisIncomplete": 1}
    hopeless, shaky, fine = (stored(deployment, ids[word]) for word in words)
    assert hopeless["analysisProblem"]["S"] == "UNSUPPORTED_LANGUAGE"
    assert "pendingBucket" not in hopeless
    assert "pendingBucket" in shaky
    assert fine["engine"]["S"] == "comprehend"
    comprehend.errors = {}
    assert run(deployment)["revised"] == 1
    assert stored(deployment, ids["shaky"])["engine"]["S"] == "comprehend"
    # Neither note was news to a consumer of the stream.
    for handler in ("stream_aggregator", "lake_exporter"):
        assert not _letters(deployment, handler, ids["klingon"])


def test_the_longest_texts_fit(deployment: Deployment, comprehend: Comprehend) -> None:
    """25 of 5,000 characters of four bytes: cut to what Comprehend takes."""
    ids = [submit(deployment, form("😀" * 5000))["feedbackId"] for _ in range(25)]
    comprehend.fault = None
    comprehend.calls.clear()
    assert run(deployment)["revised"] == 25
    ((_, texts),) = comprehend.calls
    assert {len(text.encode()) for text in texts} == {5000}
    assert stored(deployment, ids[0])["message"]["S"] == "😀" * 5000


def test_a_run_that_fails_for_good_is_on_the_queue(deployment: Deployment) -> None:
    """As the scheduler invokes: the alias, and nobody waits for the answer."""
    mark = uuid.uuid4().hex
    event = {"days": 0, "mark": mark}
    deployment.client("lambda").invoke(
        FunctionName=deployment.outputs["functions"]["reanalyze_feedback"]["name"],
        Qualifier="live",
        InvocationType="Event",
        Payload=json.dumps(event),
    )
    found: list[str] = []

    def letters() -> list[str]:
        found.extend(_letters(deployment, "reanalyze_feedback", mark))
        return found

    eventually(letters, bool, seconds=60)


def test_the_schedule_calls_the_alias_with_an_event_that_it_takes(deployment: Deployment) -> None:
    """The stack's own is off, as the lexicon is the engine here: another one with its target."""
    scheduler, name = deployment.client("scheduler"), f"test-{uuid.uuid4().hex}"
    own = f"{deployment.outputs['functions']['reanalyze_feedback']['name']}-pending"
    schedule = scheduler.get_schedule(Name=own)
    assert schedule["State"] == "DISABLED"
    assert schedule["Target"]["Arn"].endswith(":live")
    moment = datetime.now(UTC) + timedelta(seconds=1)
    group = deployment.outputs["functions"]["reanalyze_feedback"]["log_group"]
    logs, since = deployment.client("logs"), int(time.time() * 1000)

    def lines() -> list[str]:
        events = logs.filter_log_events(logGroupName=group, startTime=since)["events"]
        return [event["message"] for event in events]

    scheduler.create_schedule(
        Name=name,
        ScheduleExpression=f"at({moment:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow=schedule["FlexibleTimeWindow"],
        Target=schedule["Target"],
    )
    try:
        found = eventually(lines, lambda texts: any("REPORT" in text for text in texts), seconds=60)
    finally:
        scheduler.delete_schedule(Name=name)
    assert not [line for line in found if "Event refused" in line or "Traceback" in line]


def _letters(deployment: Deployment, handler: str, mark: str) -> list[str]:
    """What lies on a function's dead-letter queue with a mark in it, taken off."""
    sqs = deployment.client("sqs")
    queue = deployment.outputs["functions"][handler]["dead_letter_queue"]
    found = []
    answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=1)
    for letter in answer.get("Messages", []):
        if mark in letter["Body"]:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=letter["ReceiptHandle"])
            found.append(letter["Body"])
    return found
