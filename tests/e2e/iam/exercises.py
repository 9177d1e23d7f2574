"""Exercises: per function, the calls that need every permission of its role, and their answers.

Each is that function's end-to-end test in both directions: it must pass with the role as it is,
and fail without any one of the role's permissions (test_permission_mutation.py). What an exercise
needs beforehand it makes as root, so that no other function's role has a part in it; what it made
it removes. Counted feedback stays in the totals, which nothing lowers.

To add one for a new function: a function below, named by `@exercise("HANDLER")`, that makes the
calls which together use every entry of the function's `permissions`, and raises ExerciseError
by `require` unless the answers are right.
"""

from __future__ import annotations

import gzip
import importlib
import json
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from customer_platform import clock
from customer_platform.deployments.ledger import Draft, Kind, Ledger
from customer_platform.dynamodb import from_item, to_item
from customer_platform.feedback.records import Feedback
from customer_platform.feedback.sentiment.base import Analysis, Scores
from customer_platform.feedback.storage import FeedbackTable
from tests.e2e.comprehend import asking, invoke, played
from tests.e2e.conftest import Deployment

SUBMISSION = {"name": "Ada", "email": "ada@example.com", "rating": 4, "message": "Good, thank you"}
POISON = "exercise"  # how the ids of poison records begin, which no UUID does
STREAM_SECONDS = 40  # from a write to its being counted; measured 0.5 s on two busy cores
RETRY_SECONDS = 12  # until a failed batch is delivered again


class ExerciseError(Exception):
    """The function did not do what it is for."""


def require(condition: object, problem: str) -> None:
    """Raises ExerciseError unless the condition holds."""
    if not condition:
        raise ExerciseError(problem)


@dataclass(frozen=True)
class Ground:
    """Where exercises take place: an applied stack, seen from outside and as root."""

    deployment: Deployment
    http: httpx.Client
    # The resource that a permission under test names: an exercise that does the same for many
    # may do it for that one alone. None: for all.
    focus: str | None = None

    @cached_property
    def dynamodb(self) -> Any:
        return self.deployment.client("dynamodb")

    @cached_property
    def sqs(self) -> Any:
        return self.deployment.client("sqs")

    @cached_property
    def functions(self) -> Any:
        return self.deployment.client("lambda")

    def function(self, handler: str) -> dict[str, Any]:
        """What the output `functions` says about one."""
        found: dict[str, Any] = self.deployment.outputs["functions"][handler]
        return found

    def environment(self, handler: str) -> dict[str, str]:
        """The function's environment variables."""
        configuration = self.functions.get_function_configuration(
            FunctionName=self.function(handler)["name"], Qualifier="live"
        )
        variables: dict[str, str] = configuration["Environment"]["Variables"]
        return variables

    def request(self, method: str, path: str, expected: int, **options: Any) -> httpx.Response:
        """An answer of the API. Raises ExerciseError unless its status is the expected one."""
        answer = self.http.request(method, path, **options)
        require(
            answer.status_code == expected,
            f"{method} {path} answered {answer.status_code}, not {expected}",
        )
        return answer

    @cached_property
    def feedback_table(self) -> str:
        return str(self.deployment.outputs["dynamodb_table_name"])

    @cached_property
    def analytics_table(self) -> str:
        return str(self.deployment.outputs["analytics_table_name"])

    @contextmanager
    def stored(
        self, moment: datetime | None = None, *, is_pending: bool = False
    ) -> Iterator[Feedback]:
        """One piece of feedback that root stored as the processor does, as of now if no other
        moment is given. Pending: as it does when Comprehend is down."""
        moment = moment or clock.now()
        feedback = Feedback(
            feedback_id=str(uuid.uuid4()),
            created_at=clock.iso(moment),
            timestamp=int(moment.timestamp()),
            message="Stored for an exercise",
            analysis=Analysis(
                "neutral", Scores.rounded(0, 0, 1, 0), "lexicon", "en", is_substitute=is_pending
            ),
            name="Ada",
            email="ada@example.com",
            rating=3,
        )
        shards = int(self.environment("list_feedback")["LIST_SHARDS"])
        table = FeedbackTable(self.dynamodb, self.feedback_table)
        table.add(table.put_request(feedback, shards, retention_days=1))
        try:
            yield feedback
        finally:
            self.forget(feedback.feedback_id)

    def keys(self, feedback_id: str) -> list[dict[str, Any]]:
        """Keys of what the feedback table holds under an id."""
        found: list[dict[str, Any]] = self.dynamodb.query(
            TableName=self.feedback_table,
            KeyConditionExpression="feedbackId = :id",
            ExpressionAttributeValues={":id": {"S": feedback_id}},
            ProjectionExpression="feedbackId, #t",
            ExpressionAttributeNames={"#t": "timestamp"},
            ConsistentRead=True,
        )["Items"]
        return found

    def forget(self, feedback_id: str) -> None:
        """Delete what the feedback table holds under an id."""
        for key in self.keys(feedback_id):
            self.dynamodb.delete_item(TableName=self.feedback_table, Key=key)


type Exercise = Callable[[Ground], None]

EXERCISES: dict[str, Exercise] = {}
MISSING = (
    "add a function marked @exercise(HANDLER) to tests/e2e/iam/exercises.py that makes the calls "
    "which need every permission of its role, and checks their answers"
)


def exercise(handler: str) -> Callable[[Exercise], Exercise]:
    """Name the function (its key in the output `functions`) that an exercise is for."""

    def register(run: Exercise) -> Exercise:
        EXERCISES[handler] = run
        return run

    return register


# --- the API's functions --------------------------------------------------------------


@exercise("feedback_processor")
def submit(ground: Ground) -> None:
    """Both bodies; with an idempotency key, which writes another table in a transaction."""
    once = {"Idempotency-Key": uuid.uuid4().hex}
    made = []
    try:
        plain = ground.request("POST", "/feedback", 201, json=SUBMISSION).json()
        made.append(plain["feedbackId"])
        text = ground.request("POST", "/feedback", 200, json={"feedback": "It works"}).json()
        made.append(text["feedbackId"])
        first = ground.request("POST", "/feedback", 201, json=SUBMISSION, headers=once).json()
        made.append(first["feedbackId"])
        again = ground.request("POST", "/feedback", 201, json=SUBMISSION, headers=once).json()
        require(again == first, "a repeated submission got another answer")
        other = SUBMISSION | {"rating": 1}
        ground.request("POST", "/feedback", 422, json=other, headers=once)
        require(
            len(set(made)) == 3 and all(len(ground.keys(known)) == 1 for known in made),
            "what was accepted is not stored once",
        )
    finally:
        for known in made:
            ground.forget(known)


@exercise("list_feedback")
def list_newest(ground: Ground) -> None:
    """Unfiltered and filtered: each reads an index of its own."""
    with ground.stored() as feedback:
        for query in ({}, {"sentiment": "neutral", "rating": 3}):
            page = ground.request("GET", "/feedback", 200, params={"limit": 100, **query})
            found = [i for i in page.json()["items"] if i["feedbackId"] == feedback.feedback_id]
            require(len(found) == 1, f"the list {query or ''} lacks what was just stored")
            require("email" not in found[0], "the list shows an e-mail address")


@exercise("get_feedback")
def get_one(ground: Ground) -> None:
    ground.request("GET", f"/feedback/{uuid.uuid4()}", 404)
    with ground.stored() as feedback:
        item = ground.request("GET", f"/feedback/{feedback.feedback_id}", 200).json()
        require(item["message"] == feedback.message, "another piece of feedback was answered")
        require("email" not in item, "one piece of feedback shows an e-mail address")


@exercise("delete_feedback")
def erase(ground: Ground) -> None:
    headers = ground.deployment.key("operator")
    with ground.stored() as feedback:
        path = f"/feedback/{feedback.feedback_id}"
        ground.request("DELETE", path, 204, headers=headers)
        require(not ground.keys(feedback.feedback_id), "erased feedback is still stored")
        ground.request("DELETE", path, 404, headers=headers)


@exercise("get_analytics")
def read_totals_and_days(ground: Ground) -> None:
    """Totals alone, and with days: two ways of reading."""
    counted = _total(ground)
    totals = ground.request("GET", "/analytics", 200).json()
    require(totals["totalFeedback"] >= counted, "the total is less than what was counted")
    dated = ground.request("GET", "/analytics", 200, params={"days": 7}).json()
    require(dated["totalFeedback"] >= counted, "the total with days is less than what was counted")
    require(len(dated["daily"]) == 7, "seven days were asked for and not answered")


@exercise("health")
def ask_for_health(ground: Ground) -> None:
    answer = ground.request("GET", "/health", 200).json()
    require(answer["status"] == "ok", "the function is not healthy")


# --- on a schedule --------------------------------------------------------------------


@exercise("reanalyze_feedback")
def analyse_again(ground: Ground) -> None:
    """What is pending is found and revised, by a Comprehend that is played."""
    deployment = ground.deployment
    with (
        played() as comprehend,
        asking(deployment, "reanalyze_feedback", comprehend),
        ground.stored(is_pending=True) as feedback,
    ):
        comprehend.sentiment = "NEGATIVE"
        error, answer = invoke(deployment, "reanalyze_feedback", {"days": 1})
        require(error is None, f"the run failed: {answer}")
        require(answer["revised"] >= 1, f"the run revised nothing: {answer}")
        item = ground.request("GET", f"/feedback/{feedback.feedback_id}", 200).json()
        require(item["sentiment"] == "negative", "what was pending shows the old sentiment")


# --- releases and rollbacks -----------------------------------------------------------


@exercise("rollback_orchestrator")
def roll_back(ground: Ground) -> None:
    """Each function's alarm takes its new version back: one that has a part of the traffic, which
    the embedded cloud notes and does not look at."""
    targets = json.loads(ground.environment("rollback_orchestrator")["ROLLBACK_TARGETS"])
    by_name = {function: alarm for alarm, function in targets.items()}
    for name in _in_focus(ground, sorted(by_name)):
        alarm = {
            "AlarmName": by_name[name],
            "NewStateValue": "ALARM",
            "NewStateReason": "an exercise",
            "StateChangeTime": clock.iso(clock.now()),
        }
        with _chain_put_aside(ground, name), _with_a_canary(ground, name) as weights:
            error, answer = invoke(
                ground.deployment,
                "rollback_orchestrator",
                {"Records": [{"Sns": {"Message": json.dumps(alarm)}}]},
                Qualifier="live",
            )
            require(error is None, f"{name} was not rolled back: {answer}")
            (ended,) = answer["ended"]
            require(ended["outcome"] == "rolled-back", f"{name} was not rolled back: {ended}")
            require(not weights(), f"{name} has its new version still")


@exercise("release_steps")
def take_the_steps(ground: Ground) -> None:
    """Each function is looked at and asked for its health; one goes the whole way."""
    names = sorted(function["name"] for function in ground.deployment.outputs["functions"].values())
    machine = ground.deployment.outputs["release_workflow_arn"]
    execution = f"{machine.replace(':stateMachine:', ':execution:')}:exercise"
    asked = {
        "execution": f"{execution}-{uuid.uuid4().hex}",
        "who": "an exercise",
        "why": "an exercise",
        "again": False,
        "despite_alarms": False,
    }

    def step(name: str, **more: Any) -> dict[str, Any]:
        event = {"step": name, "asked": asked, **more}
        error, answer = invoke(ground.deployment, "release_steps", event, Qualifier="live")
        require(error is None and "refused" not in answer, f"{name} went wrong: {answer}")
        found: dict[str, Any] = answer
        return found

    for name in _in_focus(ground, names):
        # What is not known yet is asked for its health.
        with _chain_put_aside(ground, "releases"), _chain_put_aside(ground, name):
            _leave_a_release_open(ground, f"{execution}-gone")
            begun = step("begin", functions=[name], alarms=[])
            require(not begun["unhealthy"], f"{name} is not healthy: {begun}")
    with _chain_put_aside(ground, "releases"), _chain_put_aside(ground, names[0]):
        live = ground.functions.get_alias(FunctionName=names[0], Name="live")["FunctionVersion"]
        change = {"function": names[0], "from_version": live, "to_version": NO_VERSION}
        step("watch", alarms=[f"none-{ground.deployment.stack.suffix}"])
        step("shift", change=change, weight=10)
        moved = step("back", change=change, why="an exercise")
        require(moved == {"moved": True}, "what was given a part of the traffic has it still")
        step("end", changes=[change], failed=True, why="an exercise")


NO_VERSION = "999999"
_LEDGER = threading.RLock()


def _in_focus(ground: Ground, names: list[str]) -> list[str]:
    """The function that the permission under test names; the first, if it names something else."""
    if ground.focus is None:
        return names
    tail = ground.focus.rpartition(":function:")[2].removesuffix(":*")
    return [tail] if tail in names else names[:1]


@contextmanager
def _with_a_canary(ground: Ground, name: str) -> Iterator[Callable[[], dict[str, float]]]:
    """A function whose alias gives a new version a part of the traffic; its shares as they are."""

    def weights() -> dict[str, float]:
        alias = ground.functions.get_alias(FunctionName=name, Name="live")
        found: dict[str, float] = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        return found

    def share(routed: dict[str, float]) -> None:
        ground.functions.update_alias(
            FunctionName=name, Name="live", RoutingConfig={"AdditionalVersionWeights": routed}
        )

    share({NO_VERSION: 0.1})
    try:
        yield weights
    finally:
        share({})


@contextmanager
def _chain_put_aside(ground: Ground, chain: str) -> Iterator[None]:
    """The ledger knows nothing of a function inside, and what it knew before afterwards. One
    exercise at a time: another would put aside what this one wrote, and bring it back."""
    table = ground.deployment.outputs["deployments_table_name"]

    def taken() -> list[dict[str, Any]]:
        pages = ground.dynamodb.get_paginator("query").paginate(
            TableName=table,
            KeyConditionExpression="chain = :chain",
            ExpressionAttributeValues={":chain": {"S": chain}},
            ConsistentRead=True,
        )
        items = [item for page in pages for item in page["Items"]]
        for item in items:
            key = {"chain": item["chain"], "sequence": item["sequence"]}
            ground.dynamodb.delete_item(TableName=table, Key=key)
        return items

    with _LEDGER:
        before = taken()
        try:
            yield
        finally:
            taken()
            for item in before:
                ground.dynamodb.put_item(TableName=table, Item=item)


def _leave_a_release_open(ground: Ground, execution: str) -> None:
    """As one does whose execution ended without an end."""
    table = ground.deployment.outputs["deployments_table_name"]
    draft = Draft(Kind.STARTED, execution, "an exercise", "an exercise")
    Ledger(ground.dynamodb, table).append("releases", None, draft)


# --- the stream's ---------------------------------------------------------------------


@exercise("stream_aggregator")
def count_and_put_aside(ground: Ground) -> None:
    """A good record, counted once on a day of its own, and one that no retry can mend."""
    moment = _far_off()
    day = f"day#{moment.date().isoformat()}"

    def counted() -> int:
        return sum(int(item["totalCount"]) for item in _counters(ground, day))

    try:
        with ground.stored(moment), _poisoned(ground) as poison:
            _wait_for_stream(ground, "stream_aggregator", lambda: bool(counted()), poison)
            require(counted() == 1, f"the item was counted {counted()} times")
    finally:
        _forget_day(ground, day)


@exercise("lake_exporter")
def export_and_put_aside(ground: Ground) -> None:
    """A good record, found as a row on a day of its own, and one that no retry can mend."""
    moment = _far_off()
    s3, bucket = ground.deployment.client("s3"), ground.deployment.outputs["s3_data_lake_bucket"]
    prefix = f"feedback/year={moment.year}/month={moment.month:02}/day={moment.day:02}/"

    def keys() -> list[str]:
        listing = s3.list_objects_v2(Bucket=bucket, Prefix=prefix)
        return [entry["Key"] for entry in listing.get("Contents", [])]

    try:
        with ground.stored(moment) as feedback, _poisoned(ground) as poison:
            _wait_for_stream(ground, "lake_exporter", lambda: bool(keys()), poison)
            (key,) = keys()
            content = gzip.decompress(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
            (row,) = [json.loads(line) for line in content.splitlines()]
            require(row["feedback_id"] == feedback.feedback_id, "another item was exported")
            require(row["customer"] != feedback.email, "the lake names the customer")
    finally:
        versions = s3.list_object_versions(Bucket=bucket, Prefix=prefix)
        for entry in versions.get("Versions", []) + versions.get("DeleteMarkers", []):
            s3.delete_object(Bucket=bucket, Key=entry["Key"], VersionId=entry["VersionId"])


def _far_off() -> datetime:
    """Noon of a day on which nobody else writes."""
    day = date(1000, 1, 1) + timedelta(days=random.randrange(300_000))
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@contextmanager
def _poisoned(ground: Ground) -> Iterator[str]:
    """The id of an item that no consumer of the stream can read."""
    poison = f"{POISON}-{uuid.uuid4()}"
    ground.dynamodb.put_item(
        TableName=ground.feedback_table,
        Item=to_item({"feedbackId": poison, "timestamp": Decimal(1), "sentiment": "sour"}),
    )
    try:
        yield poison
    finally:
        ground.forget(poison)


def _wait_for_stream(ground: Ground, handler: str, done: Callable[[], bool], poison: str) -> None:
    """Until the good item is done with and the poison lies on the dead-letter queue. Raises
    ExerciseError early if Lambda reports failures for longer than it waits before it tries again:
    one failure may be an earlier batch's, whose process was ended."""
    finished, put_aside = False, False
    deadline = time.monotonic() + STREAM_SECONDS
    failing_since: float | None = None
    with _letters(ground, handler) as received:
        while time.monotonic() < deadline:
            finished = finished or done()
            put_aside = put_aside or any(poison in letter for letter in received())
            if finished and put_aside:
                return
            if not _last_batch_failed(ground, handler):
                failing_since = None
            elif failing_since is None:
                failing_since = time.monotonic()
            else:
                failing = time.monotonic() - failing_since
                require(failing < RETRY_SECONDS, "Lambda reports failed batches")
            time.sleep(0.1)
    require(finished, "the item did not arrive")
    require(put_aside, "the poison record is not on the dead-letter queue")


@contextmanager
def _letters(ground: Ground, handler: str) -> Iterator[Callable[[], list[str]]]:
    """Reads on through the dead-letter queue. Letters of exercises, late ones of earlier attempts
    as well, are removed; others are there for the next reader as soon as this one is done."""
    queue = ground.function(handler)["dead_letter_queue"]
    others: list[str] = []

    def receive() -> list[str]:
        answer = ground.sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=2 * STREAM_SECONDS
        )
        letters = answer.get("Messages", [])
        for letter in letters:
            if POISON in letter["Body"]:
                ground.sqs.delete_message(QueueUrl=queue, ReceiptHandle=letter["ReceiptHandle"])
            else:
                others.append(letter["ReceiptHandle"])
        return [letter["Body"] for letter in letters]

    try:
        yield receive
    finally:
        for handle in others:
            ground.sqs.change_message_visibility(
                QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=0
            )


def _last_batch_failed(ground: Ground, handler: str) -> bool:
    name = ground.function(handler)["name"]
    mappings = ground.functions.list_event_source_mappings(FunctionName=f"{name}:live")
    results = [m.get("LastProcessingResult", "") for m in mappings["EventSourceMappings"]]
    require(results, f"{name}:live has no event source")
    return any(result.startswith(("FAILED", "PROBLEM")) for result in results)


def _total(ground: Ground) -> int:
    return sum(int(item["totalCount"]) for item in _counters(ground, "total"))


def _counters(ground: Ground, period: str) -> list[dict[str, Any]]:
    """The counters of a period, one item per shard."""
    shards = int(ground.environment("stream_aggregator")["AGGREGATE_SHARDS"])
    keys = [to_item({"aggregateId": f"global#{n}", "period": period}) for n in range(shards)]
    table = ground.analytics_table
    answer = ground.dynamodb.batch_get_item(
        RequestItems={table: {"Keys": keys, "ConsistentRead": True}}
    )
    return [from_item(item) for item in answer["Responses"][table]]


def _forget_day(ground: Ground, day: str) -> None:
    """Remove the day's counters, which nobody else uses."""
    for item in _counters(ground, day):
        key = to_item({name: item[name] for name in ("aggregateId", "period")})
        ground.dynamodb.delete_item(TableName=ground.analytics_table, Key=key)


# Other systems' are in files of their own, and register themselves when those are imported.
for _file in sorted(Path(__file__).parent.glob("exercises_*.py")):
    importlib.import_module(f"tests.e2e.iam.{_file.stem}")
