"""Release a broken version under load, watch it being rolled back, put everything back."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from customer_platform.deployments.ledger import Kind, Ledger
from ops import BUILD, OperatorError
from ops.demo.broken import broken_package
from ops.demo.load import Answer, Load
from ops.deployed import Deployed
from ops.release import follow, start

HANDLER = "feedback_processor"
ALIAS = "live"
WHY = "demo"
POLL_SECONDS = 0.1
STEADY = 10  # pieces of feedback, accepted one after the other, that make an API healed
# An alarm that will fire does so within this many seconds of the errors that raise it.
ALARM_SECONDS = 20

type Show = Callable[[str], None]


@dataclass
class Moments:
    """When things happened, time.monotonic(); None: they did not."""

    released: float | None = None
    first_error: float | None = None
    alarm: float | None = None
    back: float | None = None
    healed: float | None = None
    notified: float | None = None

    @property
    def all(self) -> bool:
        return None not in vars(self).values()


@dataclass
class Outcome:
    moments: Moments
    answers: list[Answer]
    unhealthy: int  # answers of GET /health other than 200
    lost: list[str] = field(default_factory=list)  # feedbackIds: accepted, and not readable
    miscounted: int = 0  # counted in the analytics, less accepted

    @property
    def healed_in(self) -> float | None:
        """Seconds from the first error to the API being healed."""
        if self.moments.healed is None or self.moments.first_error is None:
            return None
        return self.moments.healed - self.moments.first_error


@dataclass(frozen=True)
class Target:
    """The function that is broken, where it stood before."""

    stack: Deployed
    handler: str
    name: str
    version: str
    package: bytes

    @property
    def alarm(self) -> str:
        return f"{self.handler.replace('_', '-')}-errors-{self.suffix}"

    @property
    def suffix(self) -> str:
        return self.name.removeprefix(self.handler.replace("_", "-") + "-")

    def alias(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.stack.client("lambda").get_alias(
            FunctionName=self.name, Name=ALIAS
        )
        return answer

    def is_back(self) -> bool:
        alias = self.alias()
        weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights")
        return alias["FunctionVersion"] == self.version and not weights


def target(
    stack: Deployed, packages: Path = BUILD / "lambda-local", handler: str = HANDLER
) -> Target:
    """What the demo breaks. Raises OperatorError, with nothing changed, where it could not put it
    back, or where nothing would roll it back."""
    found = intact(stack, handler, packages)
    _refuse_too_early(found)
    return found


def intact(stack: Deployed, handler: str, packages: Path = BUILD / "lambda-local") -> Target:
    """A function that can be broken and put back. Raises OperatorError where it cannot."""
    if not stack.outputs.get("emulator_endpoint"):
        raise OperatorError("it breaks a function on purpose: only of the local stack, not on AWS")
    name = str(stack.outputs["functions"][handler]["name"])
    package = (packages / f"{handler}.zip").read_bytes()
    deployed = stack.client("lambda").get_function_configuration(FunctionName=name)["CodeSha256"]
    if base64.b64encode(hashlib.sha256(package).digest()).decode() != deployed:
        raise OperatorError(f"{packages}/{handler}.zip is not what is deployed: `make up` first")
    found = Target(stack, handler, name, _newest(stack, name), package)
    if not found.is_back():
        raise OperatorError(f"{found.name}: not its newest version is live: `make release` first")
    return found


def _newest(stack: Deployed, name: str) -> str:
    """The version that was published last."""
    pages = stack.client("lambda").get_paginator("list_versions_by_function")
    versions = [
        v["Version"] for page in pages.paginate(FunctionName=name) for v in page["Versions"]
    ]
    return str(max(int(version) for version in versions if version.isdecimal()))


def _refuse_too_early(found: Target) -> None:
    """Raises OperatorError if a rollback would be refused, or a release, because of an earlier
    one."""
    alarm = _alarm(found)
    if alarm == "ALARM":
        raise OperatorError(
            f"{found.alarm} is in ALARM, which refuses a release: it goes back to OK five minutes "
            "after the last error"
        )
    aws = found.stack.client("lambda")
    orchestrator = aws.get_function_configuration(
        FunctionName=found.stack.outputs["functions"]["rollback_orchestrator"]["name"],
        Qualifier=ALIAS,
    )
    window = timedelta(minutes=int(orchestrator["Environment"]["Variables"]["LOOP_WINDOW_MINUTES"]))
    for entry in ledger(found.stack).backwards(found.name):
        ends = datetime.fromisoformat(entry.at) + window
        if ends < datetime.now(UTC):
            return
        if entry.kind == Kind.ROLLBACK_STARTED:
            raise OperatorError(
                f"{found.name} was rolled back a short time ago, so it would not be rolled back "
                f"again before {ends:%H:%M:%S} UTC (releases.loop_window_minutes)"
            )


def ledger(stack: Deployed) -> Ledger:
    return Ledger(stack.client("dynamodb"), stack.outputs["deployments_table_name"])


def _alarm(found: Target) -> str:
    alarms = found.stack.client("cloudwatch").describe_alarms(AlarmNames=[found.alarm])
    if not alarms["MetricAlarms"]:
        raise OperatorError(f"there is no alarm {found.alarm}: `make up` first")
    return str(alarms["MetricAlarms"][0]["StateValue"])


@contextmanager
def subscribed(stack: Deployed) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """A queue on the topic of deployments while the block runs; yields what reads it."""
    sns, sqs = stack.client("sns"), stack.client("sqs")
    topic = stack.outputs["deployments_topic_arn"]
    queue = sqs.create_queue(QueueName=f"demo-rollback-{uuid4().hex[:8]}")["QueueUrl"]
    subscription = None
    try:
        attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
        arn = attributes["Attributes"]["QueueArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
        answer = sns.subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True
        )
        subscription = answer["SubscriptionArn"]

        def read() -> list[dict[str, Any]]:
            messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
            for message in messages.get("Messages", []):
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            return [json.loads(message["Body"]) for message in messages.get("Messages", [])]

        yield read
    finally:
        if subscription:
            sns.unsubscribe(SubscriptionArn=subscription)
        sqs.delete_queue(QueueUrl=queue)


@contextmanager
def broken_version(found: Target, show: Show) -> Iterator[str]:
    """Publish a broken version; yields it. In the end the function is as it was: alias, $LATEST
    and versions, so that Terraform sees no difference and no later release brings it back."""
    aws = found.stack.client("lambda")
    try:
        aws.update_function_code(FunctionName=found.name, ZipFile=broken_package(found.package))
        yield str(aws.publish_version(FunctionName=found.name)["Version"])
    finally:
        _restore(found, show)


def _restore(found: Target, show: Show) -> None:
    aws = found.stack.client("lambda")
    if not found.is_back():
        aws.update_alias(
            FunctionName=found.name, Name=ALIAS, FunctionVersion=found.version,
            RoutingConfig={"AdditionalVersionWeights": {}},
            RevisionId=found.alias()["RevisionId"],
        )  # fmt: skip
        show(f"live is version {found.version} again, moved by the demo itself")
    aws.update_function_code(FunctionName=found.name, ZipFile=found.package)
    broken = hashlib.sha256(broken_package(found.package)).digest()
    pages = aws.get_paginator("list_versions_by_function").paginate(FunctionName=found.name)
    for version in [version for page in pages for version in page["Versions"]]:
        if version["CodeSha256"] == base64.b64encode(broken).decode():
            aws.delete_function(FunctionName=found.name, Qualifier=version["Version"])
            show(f"version {version['Version']} is deleted, $LATEST is the good package again")


class _Release:
    """The release workflow's run, followed in a thread of its own."""

    def __init__(self, stack: Deployed, show: Show) -> None:
        self._stack = stack
        self._execution = start(stack, WHY, despite_alarms=True)
        self._show = show
        self.failure: str | None = None
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        try:
            follow(self._stack, self._execution, self._show)
        except OperatorError as error:
            self.failure = str(error)

    @property
    def is_over(self) -> bool:
        return not self._thread.is_alive()

    def end(self) -> None:
        """Nothing of it moves the alias any more when this returns."""
        if self._thread.is_alive():
            self._stack.client("stepfunctions").stop_execution(executionArn=self._execution)
        self._thread.join()


def run(
    found: Target, load: Load, limit: float, show: Show, then: Callable[[], object] = lambda: None
) -> Outcome:
    """Break it under `load`, and watch until all is well again, `limit` seconds from the first
    error on at most. `then` is called before everything is put back.

    Raises OperatorError if the release did not bring the broken version live.
    """
    with httpx.Client(base_url=load.base_url, timeout=30, trust_env=False) as api:
        counted = _counted(api)
        with subscribed(found.stack) as notices, broken_version(found, show) as version:
            show(f"version {version} of {found.name} is published: healthy, and fails all requests")
            with load:
                watch = _Watch(found, version, load, notices, show)
                release = _Release(found.stack, show)
                try:
                    watch.until_well(release, limit)
                finally:
                    load.stop()
                    release.end()
                    _let_it_roll_back(found, load)
            then()
        outcome = Outcome(watch.moments, load.seen(), load.unhealthy)
        accepted = [answer.feedback_id for answer in outcome.answers if answer.feedback_id]
        outcome.lost = [i for i in accepted if api.get(f"/feedback/{i}").status_code != 200]
        outcome.miscounted = _counted(api, counted + len(accepted)) - counted - len(accepted)
    return outcome


@dataclass
class _Watch:
    """Notes the moments as they come, and says so."""

    found: Target
    version: str
    load: Load
    notices: Callable[[], list[dict[str, Any]]]
    show: Show
    moments: Moments = field(default_factory=Moments)

    def until_well(self, release: _Release, limit: float) -> None:
        """Raises OperatorError if the release brings nothing live."""
        begun = None
        while not self.moments.all and (begun is None or time.monotonic() < begun + limit):
            over = release.is_over
            self._look_at_alias(time.monotonic())
            if over and self.moments.released is None:
                raise OperatorError(release.failure or "the release brought nothing live")
            self._look_at_notices(time.monotonic())
            look_at_answers(self.load.seen(), self.moments, self.show)
            begun = self.moments.first_error or self.moments.released
            time.sleep(POLL_SECONDS)

    def _look_at_alias(self, now: float) -> None:
        moments, alias = self.moments, self.found.alias()["FunctionVersion"]
        if not moments.released and alias == self.version:
            moments.released = now
            self.show(f"live is version {self.version}")
        if moments.released and not moments.back and alias == self.found.version:
            moments.back = now
            self.show(f"live is version {self.found.version} again")
        if moments.first_error and not moments.alarm and _alarm(self.found) == "ALARM":
            moments.alarm = now
            self.show(f"{self.found.alarm} is in ALARM")

    def _look_at_notices(self, now: float) -> None:
        for notice in self.notices():
            self.show(f"notification: {notice['Subject']}")
            if "was rolled back" in notice["Subject"]:
                self.moments.notified = now


def look_at_answers(answers: list[Answer], moments: Moments, show: Show) -> None:
    """Note the first error, and when all is well again: from the first answer on after the alias
    was back, with STEADY accepted and none failed since."""
    failed = [answer for answer in answers if not answer.accepted]
    if failed and not moments.first_error:
        moments.first_error = failed[0].at
        show(f"the first request failed, with {failed[0].status or 'no answer'}")
    if moments.back and not moments.healed:
        after = max([moments.back, *(answer.at for answer in failed)])
        since = [answer for answer in answers if answer.at > after]
        if len(since) >= STEADY:
            moments.healed = since[0].at
            show("requests are accepted again")


def _let_it_roll_back(found: Target, load: Load) -> None:
    """After an interruption: an alarm that comes now would roll back what the demo put back."""
    deadline = time.monotonic() + ALARM_SECONDS
    failures = any(not answer.accepted for answer in load.seen())
    while failures and not found.is_back() and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)


def _counted(api: httpx.Client, want: int | None = None) -> int:
    """The analytics' total, once it is `want` or did not change for three seconds."""
    last, since = -1, time.monotonic()
    while last != want and time.monotonic() - since < 3:
        total = int(api.get("/analytics").json()["totalFeedback"])
        if total != last:
            last, since = total, time.monotonic()
        time.sleep(POLL_SECONDS)
    return last
