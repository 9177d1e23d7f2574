"""Accepted = stored = counted = rows in the data lake, whatever fails on the way.

500 pieces of feedback from 8 threads, many of them sent more than once and at the same time,
while the counting is refused to the aggregator and the writing to the exporter, a poisoned record
cannot be put away, and the processes of all functions are killed twice.
"""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import pytest

from tests.e2e import faults
from tests.e2e.conftest import Deployment, eventually
from tests.e2e.emf import metrics_in
from tests.e2e.lake import Lake
from tests.e2e.test_feedback import analytics, pages, settled_total

THREADS = 8
WAVES = 5
CONSUMERS = ("stream_aggregator", "lake_exporter")  # of the stream
# What each says of the poison: the first that it looked at and did not understand.
REASONS = ("sentiment is unknown", "engine is missing or has another type than S")
ITEMS_PER_WAVE = 100
TEXTS = (
    "Wonderful, I love it!",
    "Terrible, it broke and nobody helps.",
    "It is a table of wood.",
    "The colour is great, the price is awful.",
)


@dataclass(frozen=True)
class Request:
    """One piece of feedback, under its own Idempotency-Key."""

    key: str
    body: dict[str, Any]

    @property
    def status(self) -> int:
        return 201 if "rating" in self.body else 200


@dataclass
class Client:
    """Sends until it is told 2xx, as a client with an Idempotency-Key may."""

    api: httpx.Client
    answers: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    failures: int = 0  # 5xx, and connections cut
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, request: Request) -> None:
        deadline = time.monotonic() + 60
        while not self._accepted(request):
            assert time.monotonic() < deadline, "not accepted within 60 s"
            time.sleep(0.05)

    def _accepted(self, request: Request) -> bool:
        answer: httpx.Response | None = None
        with suppress(httpx.TransportError):
            answer = self.api.post(
                "/feedback", json=request.body, headers={"Idempotency-Key": request.key}
            )
        with self._lock:
            if answer is None or answer.status_code >= 500:
                self.failures += 1
                return False
            assert answer.status_code == request.status, answer.text
            self.answers[request.key].append(answer.text)
            return True

    @property
    def answered(self) -> int:
        with self._lock:
            return sum(map(len, self.answers.values()))

    @contextmanager
    def sending(self, wave: list[Request]) -> Iterator[None]:
        """Send these from all threads, and go on repeating them until the block is done: a
        fault must find somebody at work."""
        left = iter(wave)
        done = threading.Event()

        def work() -> None:
            while request := self._next(left, done, wave):
                self.send(request)

        with ThreadPoolExecutor(THREADS) as pool:
            threads = [pool.submit(work) for _ in range(THREADS)]
            try:
                yield
            finally:
                done.set()
            for thread in threads:
                thread.result()

    def _next(
        self, left: Iterator[Request], done: threading.Event, wave: list[Request]
    ) -> Request | None:
        """While the fault lasts every other request is a repeat, so that new ones are left to
        meet it."""
        if not done.is_set() and random.random() < 0.5:
            return random.choice(wave)
        with self._lock:
            fresh = next(left, None)
        return fresh or (None if done.is_set() else random.choice(wave))


def requests(mark: str) -> list[list[Request]]:
    """Waves of new requests; a third of them twice in a row, so at the same time, and every
    fifth repeated in a later wave."""
    chance = random.Random(mark)
    waves: list[list[Request]] = []
    sent: list[Request] = []
    for wave in range(WAVES):
        fresh = [_request(chance, mark, wave * ITEMS_PER_WAVE + n) for n in range(ITEMS_PER_WAVE)]
        sending = [request for request in fresh for _ in range(1 + (chance.random() < 1 / 3))]
        for repeated in chance.sample(sent, len(sent) and ITEMS_PER_WAVE // 5):
            sending.insert(chance.randrange(len(sending)), repeated)
        sent += fresh
        waves.append(sending)
    return waves


def _request(chance: random.Random, mark: str, number: int) -> Request:
    text = f"{chance.choice(TEXTS)} {mark} {number}"
    form = {"name": "Ada", "email": "ada@example.com", "rating": chance.randint(1, 5)}
    body = form | {"message": text} if number % 2 else {"feedback": text, "customer_id": "c-1"}
    return Request(f"{mark}-{number}", body)


@dataclass
class Cloud:
    """What is in the stack, read past the API."""

    deployment: Deployment
    since: int = field(default_factory=lambda: int(time.time() * 1000))  # epoch milliseconds

    def _scan(self, table: str) -> Iterable[dict[str, Any]]:
        pages = self.deployment.client("dynamodb").get_paginator("scan")
        for page in pages.paginate(TableName=self.deployment.outputs[table], ConsistentRead=True):
            yield from page["Items"]

    def stored(self, mark: str) -> list[dict[str, Any]]:
        return [
            item
            for item in self._scan("dynamodb_table_name")
            if mark in item.get("message", {}).get("S", "")
        ]

    def counters(self) -> dict[str, Counter[str]]:
        """All aggregates by period (`total`, `day#…`), summed over the write shards."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for item in self._scan("analytics_table_name"):
            if item["aggregateId"]["S"].startswith("global#"):
                numbers = {name: int(v["N"]) for name, v in item.items() if "N" in v}
                found[item["period"]["S"]].update(numbers)
        return found

    def metrics(self, handler: str, name: str) -> list[tuple[dict[str, str], float]]:
        """Dimensions and value of each time that a function reported a metric in this test."""
        logs = self.deployment.client("logs").get_paginator("filter_log_events")
        group = self.deployment.outputs["functions"][handler]["log_group"]
        lines = [
            event["message"]
            # The embedded cloud answers 10,000 lines and no token for more.
            for page in logs.paginate(
                logGroupName=group, startTime=self.since, filterPattern=f'"{name}"'
            )
            for event in page["events"]
        ]
        return [
            (metric.dimensions, metric.value)
            for metric in metrics_in(lines)
            if metric.name == name
            and metric.namespace == "FeedbackProcessing"
            and "Suffix" not in metric.dimensions  # which is the same once more, of this stack
        ]

    def failed_batches(self) -> int:
        """Of the consumer of the stream that had fewer."""
        return min(len(self.metrics(handler, "ProcessingErrors")) for handler in CONSUMERS)

    def last_batch(self) -> str:
        """How the stream's last delivery to the aggregator ended, in Lambda's words."""
        name = self.deployment.outputs["functions"]["stream_aggregator"]["name"]
        mappings = self.deployment.client("lambda").list_event_source_mappings()
        [mapping] = [m for m in mappings["EventSourceMappings"] if f":{name}:" in m["FunctionArn"]]
        return str(mapping["LastProcessingResult"])

    def letters(self, handler: str) -> list[dict[str, Any]]:
        """Bodies that came to a consumer's dead-letter queue in this test."""
        sqs = self.deployment.client("sqs")
        queue = self.deployment.outputs["functions"][handler]["dead_letter_queue"]
        found: dict[str, dict[str, Any]] = {}
        while messages := sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=3, AttributeNames=["All"]
        ).get("Messages"):
            for message in messages:
                if int(message["Attributes"]["SentTimestamp"]) >= self.since:
                    found[message["MessageId"]] = json.loads(message["Body"])
        return list(found.values())


@dataclass
class Trouble:
    """The faults, each for one wave. Each ends only when it has been seen to hit."""

    deployment: Deployment
    cloud: Cloud
    client: Client
    poison: dict[str, Any]
    killed: int = 0

    @property
    def waves(self) -> list[Callable[[], None]]:
        return [
            self.counting_is_refused,
            self.everything_dies,
            self.poison_cannot_be_put_away,
            self.everything_dies_with_a_batch_at_work,
            lambda: None,
        ]

    def counting_is_refused(self) -> None:
        """The batch fails before anything is counted, and before anything is exported."""
        with (
            faults.refused(self.deployment, "stream_aggregator", "dynamodb:UpdateItem"),
            faults.refused(self.deployment, "lake_exporter", "s3:PutObject"),
        ):
            eventually(self.cloud.failed_batches, lambda failed: failed >= 2)

    def poison_cannot_be_put_away(self) -> None:
        """The batch fails after everything good in it was counted and exported, and comes again,
        longer."""
        before = self.cloud.failed_batches()
        with (
            faults.refused(self.deployment, "stream_aggregator", "sqs:SendMessage"),
            faults.refused(self.deployment, "lake_exporter", "sqs:SendMessage"),
        ):
            self.deployment.client("dynamodb").put_item(
                TableName=self.deployment.outputs["dynamodb_table_name"], Item=self.poison
            )
            eventually(self.cloud.failed_batches, lambda failed: failed >= before + 2)

    def everything_dies(self) -> None:
        """Killed again if nobody noticed: between two requests, a death is no fault."""
        before = self.client.failures
        for _ in range(10):
            self._when_busy()
            killed = faults.kill(self.deployment.cloud, self._functions())
            assert killed, "no process of a function was found: see faults.workers"
            self.killed += killed
            with suppress(pytest.fail.Exception):
                eventually(lambda: self.client.failures, lambda seen: seen > before, seconds=1)
                return
        pytest.fail("the functions were killed ten times, and no client noticed")

    def everything_dies_with_a_batch_at_work(self) -> None:
        aggregator = self.deployment.outputs["functions"]["stream_aggregator"]["name"]
        for _ in range(10):
            # It starts with the next batch if the last fault left none.
            eventually(lambda: faults.freeze(self.deployment.cloud, [aggregator]), bool)
            self.everything_dies()
            with suppress(pytest.fail.Exception):
                eventually(self.cloud.last_batch, lambda last: last == "FAILED", seconds=1)
                return
        pytest.fail("the aggregator was killed ten times, and never with a batch")

    def _when_busy(self) -> None:
        before = self.client.answered
        eventually(lambda: self.client.answered, lambda answered: answered >= before + THREADS)

    def _functions(self) -> list[str]:
        return [function["name"] for function in self.deployment.outputs["functions"].values()]


def poisoned() -> dict[str, Any]:
    """An item as no function of the platform writes it."""
    return {
        "feedbackId": {"S": str(uuid.uuid4())},
        "timestamp": {"N": "1"},
        "createdAt": {"S": "2026-01-01T00:00:00.000Z"},
        "sentiment": {"S": "furious"},
        "email": {"S": "person@example.com"},
    }


def counted(items: Iterable[dict[str, Any]]) -> dict[str, Counter[str]]:
    """What these stored items add to the aggregates."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for item in items:
        added = Counter({"totalCount": 1, item["sentiment"]["S"] + "Count": 1})
        if "rating" in item:
            added.update(ratedCount=1, sumRatings=int(item["rating"]["N"]))
        for period in ("total", "day#" + item["createdAt"]["S"][:10]):
            found[period].update(added)
    return found


def added[Key](
    before: dict[Key, Counter[str]], after: dict[Key, Counter[str]]
) -> dict[Key, Counter[str]]:
    difference = {key: Counter(after[key]) for key in after}
    for key, counter in difference.items():
        counter.subtract(before.get(key, Counter()))
    nonzero = {
        key: Counter({name: n for name, n in c.items() if n}) for key, c in difference.items()
    }
    return {key: counter for key, counter in nonzero.items() if counter}


def by_period(reading: dict[str, Any]) -> dict[str, Counter[str]]:
    """The API's analytics in the shape of `Cloud.counters`, ratings aside."""
    periods = {"total": (reading["totalFeedback"], reading["sentiment"])} | {
        "day#" + day["date"]: (day["count"], day["sentiment"]) for day in reading["daily"]
    }
    return {
        period: Counter({"totalCount": n} | {f"{kind}Count": c for kind, c in kinds.items()})
        for period, (n, kinds) in periods.items()
    }


def unrated(counters: dict[str, Counter[str]]) -> dict[str, Counter[str]]:
    ratings = {"ratedCount", "sumRatings"}
    return {
        period: Counter({name: n for name, n in counter.items() if name not in ratings})
        for period, counter in counters.items()
    }


def test_accepted_is_stored_is_counted_under_faults(
    api: httpx.Client, deployment: Deployment
) -> None:
    mark = uuid.uuid4().hex
    settled_total(api)
    cloud = Cloud(deployment)
    counters, shown = cloud.counters(), by_period(analytics(api, days=7))
    keys = deployment.count("idempotency_table_name")
    client = Client(api)
    trouble = Trouble(deployment, cloud, client, poisoned())
    waves = requests(mark)
    sent = {request.key: request for wave in waves for request in wave}
    assert len(sent) == WAVES * ITEMS_PER_WAVE
    try:
        for wave, fault in zip(waves, trouble.waves, strict=True):
            with client.sending(wave):
                fault()

        # Accepted: every key has one answer, however often it was sent.
        assert client.answers.keys() == sent.keys()
        assert client.answered >= sum(map(len, waves))
        assert {key: len(set(texts)) for key, texts in client.answers.items()} == dict.fromkeys(
            sent, 1
        )
        answers = {key: json.loads(texts[0]) for key, texts in client.answers.items()}
        accepted = {answers[key]["feedbackId"]: request for key, request in sent.items()}
        assert len(accepted) == len(sent)

        # Stored: each once, as it was sent, and nothing besides.
        stored = cloud.stored(mark)
        assert len(stored) == len(sent)
        assert {item["feedbackId"]["S"]: item["message"]["S"] for item in stored} == {
            feedback_id: request.body.get("message") or request.body["feedback"]
            for feedback_id, request in accepted.items()
        }
        assert deployment.count("idempotency_table_name") == keys + len(sent)

        # Counted: each once, in the totals, on its day, under its sentiment and rating.
        expected = counted(stored)
        eventually(
            lambda: added(counters, cloud.counters()),
            lambda found: found["total"]["totalCount"] >= len(sent),
        )
        settled_total(api)
        assert added(counters, cloud.counters()) == expected
        assert added(shown, by_period(analytics(api, days=7))) == unrated(expected)

        # In the lake: each once, as it was analysed.
        lake = Lake(deployment)
        eventually(lambda: len(lake.rows(mark)), lambda found: found >= len(sent), seconds=60)
        exported = [(row["feedback_id"], row["sentiment"]) for row in lake.rows(mark)]
        assert sorted(exported) == sorted(
            (item["feedbackId"]["S"], item["sentiment"]["S"]) for item in stored
        )

        # Listed: each once.
        listed = Counter(item["feedbackId"] for page in pages(api, limit=100) for item in page)
        assert {feedback_id: listed[feedback_id] for feedback_id in accepted} == dict.fromkeys(
            accepted, 1
        )

        # The poison is where an operator looks, and nothing else is there.
        for handler, reason in zip(CONSUMERS, REASONS, strict=True):
            letters = eventually(partial(cloud.letters, handler), bool)
            assert {json.dumps(letter, sort_keys=True) for letter in letters} == {
                json.dumps(letters[0], sort_keys=True)
            }
            assert letters[0]["keys"]["feedbackId"] == trouble.poison["feedbackId"]
            assert letters[0]["reason"] == reason

        assert client.failures >= 2
        assert_metrics_tell(cloud, stored, client.failures + trouble.killed)
    finally:
        deployment.client("dynamodb").delete_item(
            TableName=deployment.outputs["dynamodb_table_name"],
            Key={name: trouble.poison[name] for name in ("feedbackId", "timestamp")},
        )


def assert_metrics_tell(cloud: Cloud, stored: list[dict[str, Any]], lost: int) -> None:
    """What the alarms look at is in the logs.

    What a process printed and its end kept from the log is lost; the embedded cloud also keeps
    the last lines of a process until its next call. Nothing is ever reported twice.
    """
    assert len(cloud.metrics("stream_aggregator", "ProcessingErrors")) >= 4
    poison = cloud.metrics("stream_aggregator", "PoisonRecords")
    assert poison
    assert all(reading == ({}, 1) for reading in poison)

    kinds = Counter(item["sentiment"]["S"].upper() for item in stored)
    assert len(kinds) >= 3
    processed: Counter[str] = Counter()
    for dimensions, value in cloud.metrics("feedback_processor", "FeedbackProcessed"):
        assert dimensions.keys() == {"Sentiment"}
        processed[dimensions["Sentiment"]] += int(value)
    assert processed.keys() == kinds.keys()
    assert all(processed[kind] <= kinds[kind] for kind in kinds), (processed, kinds)
    assert processed.total() >= kinds.total() - lost, (processed, kinds, lost)
    assert lost < len(stored) / 2
