"""The deployed workflow, with the steps that the embedded cloud lacks played by stand_in.py, the
lake that it works on, and what people would see of it."""

from __future__ import annotations

import base64
import gzip
import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ops.query import run as ask
from tests.e2e.compaction import stand_in
from tests.e2e.conftest import Deployment, eventually
from tests.e2e.packages import package_of

# What the embedded cloud's Athena cannot do by itself: to write, and to read registered partitions.
PLAYED = ("StartCompare", "StartWrite")
RAW, COMPACTED = "feedback/", "compacted/feedback/"
NAME = "compaction-test"


def day(ago: int) -> str:
    """A day (UTC), YYYY-MM-DD; 0 is today."""
    return (datetime.now(UTC) - timedelta(days=ago)).strftime("%Y-%m-%d")


def folder(date: str) -> str:
    year, month, number = date.split("-")
    return f"year={year}/month={month}/day={number}/"


@dataclass(frozen=True)
class Row:
    """What of a row is compared."""

    date: str
    feedback_id: str
    revision: int = 0
    message: str = "Fine."

    def line(self) -> bytes:
        return json.dumps(
            {
                "feedback_id": self.feedback_id,
                "created_at": f"{self.date} 12:00:00.000",
                "customer": None,
                "rating": 4,
                "message": self.message,
                "sentiment": "positive" if self.revision == 0 else "negative",
                "sentiment_engine": "lexicon" if self.revision == 0 else "comprehend",
                "language": "en",
                "score_positive": 0.5,
                "score_neutral": 0.25,
                "score_negative": 0.125,
                "score_mixed": 0.125,
                "revision": self.revision,
            }
        ).encode()


def rows(date: str, count: int) -> list[Row]:
    return [Row(date, str(uuid.uuid4()), message=f"Number {number}.") for number in range(count)]


@dataclass(frozen=True)
class Snapshot:
    """What the workflow may change: the view, the registered days, the Parquet files."""

    view: dict[str, Any]
    partitions: list[dict[str, Any]]
    files: dict[str, bytes]


@dataclass
class Lake:
    """The stack's lake, as root sees it."""

    deployment: Deployment
    written: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.s3 = self.deployment.client("s3")
        self.glue = self.deployment.client("glue")
        self.athena = self.deployment.client("athena")
        self.bucket = self.deployment.outputs["s3_data_lake_bucket"]
        self.database = self.deployment.outputs["glue_database_name"]
        self.table = {"DatabaseName": self.database, "TableName": "feedback_compacted"}

    def add(self, found: Iterable[Row]) -> None:
        """Export rows: an object per day, of a name of its own."""
        by_day: dict[str, list[Row]] = {}
        for row in found:
            by_day.setdefault(row.date, []).append(row)
        for date, some in by_day.items():
            key = f"{RAW}{folder(date)}{uuid.uuid4()}.json.gz"
            body = gzip.compress(b"".join(row.line() + b"\n" for row in some))
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
            self.written.append(key)
            self.ids |= {row.feedback_id for row in some}

    def truth(self) -> list[tuple[str, int, str]]:
        """Every feedback_id that was added, at its highest revision, read from the raw objects
        without SQL."""
        highest: dict[str, tuple[str, int, str]] = {}
        for body in self.objects(RAW).values():
            for line in gzip.decompress(body).splitlines():
                row = json.loads(line)
                if row["feedback_id"] not in self.ids:  # another test's
                    continue
                found = (row["feedback_id"], row["revision"], row["message"])
                if row["revision"] >= highest.get(row["feedback_id"], ("", -1, ""))[1]:
                    highest[row["feedback_id"]] = found
        return sorted(highest.values())

    def seen(self) -> list[tuple[str, int, str]]:
        """What the view's own query answers, of the rows that were added."""
        # The query is the product's own. Cost: none, nobody else's text is in it.
        sql = f"SELECT feedback_id, revision, message FROM ({self.view_sql()})"  # noqa: S608  # nosec B608
        return sorted(
            (str(feedback_id), int(revision or 0), str(message))
            for feedback_id, revision, message in self.query(sql)
            if feedback_id in self.ids
        )

    def query(self, sql: str) -> list[list[str | None]]:
        workgroup = self.deployment.outputs["athena_workgroup_name"]
        real = stand_in.as_registered(self.glue, self.database, sql)
        return ask(self.athena, workgroup, self.database, real).rows

    def view(self) -> dict[str, Any]:
        table: dict[str, Any] = self.glue.get_table(
            DatabaseName=self.database, Name="feedback_view"
        )["Table"]
        return table

    def presto(self) -> dict[str, Any]:
        """What the view's text holds."""
        text = self.view()["ViewOriginalText"].removeprefix("/* Presto View: ").removesuffix(" */")
        presto: dict[str, Any] = json.loads(base64.b64decode(text))
        return presto

    def view_sql(self) -> str:
        return str(self.presto()["originalSql"])

    def text(self, cut_off: str) -> str:
        """The view's text with another cut-off."""
        now, presto = self.cut_off(), self.presto()
        changes = {
            now.replace("-", ""): cut_off.replace("-", ""),
            f"BETWEEN {now[:4]} AND": f"BETWEEN {cut_off[:4]} AND",
        }
        for old, new in changes.items():
            assert old in presto["originalSql"]
            presto["originalSql"] = presto["originalSql"].replace(old, new)
        return f"/* Presto View: {base64.b64encode(json.dumps(presto).encode()).decode()} */"

    def put_cut_off(self, cut_off: str, **parameters: str) -> None:
        view = self.snapshot().view
        view["ViewOriginalText"] = self.text(cut_off)
        view["Parameters"] = {"cut_off": cut_off, **parameters}
        self.glue.update_table(DatabaseName=self.database, TableInput=view)

    def cut_off(self) -> str:
        return str(self.view()["Parameters"]["cut_off"])

    def partitions(self) -> list[dict[str, Any]]:
        return list(self.glue.get_partitions(**self.table)["Partitions"])

    def objects(self, prefix: str) -> dict[str, bytes]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return {
            entry["Key"]: self.s3.get_object(Bucket=self.bucket, Key=entry["Key"])["Body"].read()
            for page in pages
            for entry in page.get("Contents", [])
        }

    def snapshot(self) -> Snapshot:
        kept = ("Name", "Description", "TableType", "Parameters", "ViewOriginalText",
                "ViewExpandedText", "StorageDescriptor")  # fmt: skip
        view = {name: value for name, value in self.view().items() if name in kept}
        partitions = [
            {name: partition[name] for name in ("Values", "StorageDescriptor", "Parameters")}
            for partition in self.partitions()
        ]
        return Snapshot(view, partitions, self.objects(COMPACTED))

    def restore(self, before: Snapshot) -> None:
        for partition in self.partitions():
            self.glue.delete_partition(**self.table, PartitionValues=partition["Values"])
        for partition in before.partitions:
            self.glue.create_partition(**self.table, PartitionInput=partition)
        for key in self.objects(COMPACTED).keys() - before.files.keys():
            self.s3.delete_object(Bucket=self.bucket, Key=key)
        for key, body in before.files.items():
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        self.glue.update_table(DatabaseName=self.database, TableInput=before.view)

    def forget(self) -> None:
        """Delete the rows that were added."""
        for key in self.written:
            self.s3.delete_object(Bucket=self.bucket, Key=key)
        self.written.clear()
        self.ids.clear()


type Definition = dict[str, Any]
type Change = Callable[[Definition], None]


def all_states(
    definition: Mapping[str, Any],
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Name, state and the states beside it, those inside maps included."""
    for name, state in definition["States"].items():
        yield name, state, definition["States"]
        if "ItemProcessor" in state:
            yield from all_states(state["ItemProcessor"])


def found(definition: Mapping[str, Any], wanted: str) -> tuple[dict[str, Any], dict[str, Any]]:
    (match,) = [(s, beside) for name, s, beside in all_states(definition) if name == wanted]
    return match


def refused(task: str) -> Change:
    """The step's call is refused, for good."""

    def change(definition: Definition) -> None:
        state, _ = found(definition, task)
        state["Resource"] = "arn:aws:states:::aws-sdk:nowhere:refuse"

    return change


def died_after(task: str) -> Change:
    """The step's call is made, and then the execution ends."""

    def change(definition: Definition) -> None:
        state, beside = found(definition, task)
        state.pop("End", None)
        state["Next"] = "Died"
        beside["Died"] = {"Type": "Fail", "Error": "Died", "Cause": f"after {task}"}

    return change


def answered_late(task: str) -> Change:
    """The step's call is made, its answer lost, and it is made again."""

    def change(definition: Definition) -> None:
        state, beside = found(definition, task)
        beside["Unheard"] = {**state, "Next": task}
        beside["Unheard"].pop("End", None)
        for _, other, _ in all_states(definition):
            for way in [other, *other.get("Choices", [])]:
                if way.get("Next") == task and other is not beside["Unheard"]:
                    way["Next"] = "Unheard"

    return change


def in_definition(*changes: tuple[str, str]) -> Change:
    """Other words at every place where these stand."""

    def change(definition: Definition) -> None:
        text = json.dumps(definition["States"])
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        definition["States"] = json.loads(text)

    return change


def in_sql(query: str, old: str, new: str) -> Change:
    """Another text in one of the queries."""

    def change(definition: Definition) -> None:
        texts = definition["States"]["Begin"]["Assign"]["sql"]
        assert old in texts[query]
        texts[query] = texts[query].replace(old, new)

    return change


def held(task: str, activity: str) -> Change:
    """The step waits for somebody who takes the activity's task and says how it ends."""

    def change(definition: Definition) -> None:
        state, _ = found(definition, task)
        state["Resource"] = activity

    return change


def overtaken(task: str) -> Change:
    """Just before the step writes the view, somebody else writes it as it is."""

    def change(definition: Definition) -> None:
        state, beside = found(definition, task)
        arguments = {
            name: value for name, value in state["Arguments"].items() if name != "VersionId"
        }
        now = arguments["TableInput"].replace("$text_next", "$text_now")
        beside["Overtaking"] = {
            "Type": "Task",
            "Resource": state["Resource"],
            "Arguments": arguments | {"TableInput": now.replace("$next_cut_off", "$cut_off")},
            "Next": task,
        }
        beside["CompactDays"]["Next"] = "Overtaking"

    return change


def with_arguments(task: str, old: str, new: str) -> Change:
    """The step's call says something else."""

    def change(definition: Definition) -> None:
        state, _ = found(definition, task)
        text = json.dumps(state["Arguments"])
        assert old in text
        state["Arguments"] = json.loads(text.replace(old, new))

    return change


@dataclass
class Workflow:
    """Copies of the deployed workflow."""

    deployment: Deployment
    role: str
    player: str
    machines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sfn = self.deployment.client("stepfunctions")
        deployed = self.deployment.outputs["feedback_compaction_arn"]
        self.deployed = self.sfn.describe_state_machine(stateMachineArn=deployed)

    def copy(self, *changes: Change, delete_after_hours: int = 24) -> str:
        """ARN of a copy of the definition with the played steps, and with what is to go wrong."""
        text = self.deployed["definition"]
        assert text.count("24 * 3600000") == 2
        definition = json.loads(text.replace("24 * 3600000", f"{delete_after_hours} * 3600000"))
        for name, state, _ in all_states(definition):
            if name in PLAYED:
                self._play(state)
            if state["Type"] == "Wait":
                state["Seconds"] = 0
        for change in changes:
            change(definition)
        name = f"{NAME}-{uuid.uuid4().hex[:12]}"
        made = self.sfn.create_state_machine(
            name=name, definition=json.dumps(definition), roleArn=self.deployed["roleArn"]
        )["stateMachineArn"]
        self.machines.append(made)
        return str(made)

    def _play(self, state: dict[str, Any]) -> None:
        assert state["Resource"].endswith(":aws-sdk:athena:startQueryExecution")
        state["Resource"] = "arn:aws:states:::lambda:invoke"
        state["Arguments"] = {"FunctionName": self.player, "Payload": state["Arguments"]}
        state["Assign"] = json.loads(
            json.dumps(state["Assign"]).replace("$states.result.", "$states.result.Payload.")
        )

    def start(self, machine: str, **given: str) -> str:
        execution = self.sfn.start_execution(stateMachineArn=machine, input=json.dumps(given))
        return str(execution["executionArn"])

    @contextmanager
    def holding(self, task: str) -> Iterator[str]:
        """An execution that stands at a step, and dies there afterwards. Stopped from outside, it
        would go on in the embedded cloud once its step is over."""
        activity = self.sfn.create_activity(name=NAME)["activityArn"]
        execution = self.start(self.copy(held(task, activity)))
        try:
            token = self.sfn.get_activity_task(activityArn=activity)["taskToken"]
            yield execution
            self.sfn.send_task_failure(taskToken=token, error="Died", cause=f"at {task}")
            assert self.wait(execution)["status"] == "FAILED"
        finally:
            self.sfn.delete_activity(activityArn=activity)

    def wait(self, execution: str) -> dict[str, Any]:
        return eventually(
            lambda: self.sfn.describe_execution(executionArn=execution),
            lambda told: told["status"] != "RUNNING",
            seconds=60,
        )

    def run(self, *changes: Change, delete_after_hours: int = 24, **given: str) -> dict[str, Any]:
        """Run a copy to its end, however it ends."""
        return self.wait(
            self.start(self.copy(*changes, delete_after_hours=delete_after_hours), **given)
        )


@contextmanager
def played(deployment: Deployment) -> Iterator[Workflow]:
    """The workflow with its stand-in function; both, and all copies, are gone afterwards."""
    iam, functions = deployment.client("iam"), deployment.client("lambda")
    with ExitStack() as afterwards:
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                }
            ],
        }
        role = iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=json.dumps(trust))
        afterwards.callback(iam.delete_role, RoleName=NAME)
        allow = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": ["s3:*", "athena:*", "glue:*"], "Resource": "*"}
            ],
        }
        iam.put_role_policy(RoleName=NAME, PolicyName="play", PolicyDocument=json.dumps(allow))
        afterwards.callback(iam.delete_role_policy, RoleName=NAME, PolicyName="play")
        package = package_of("stand_in.py", Path(stand_in.__file__).read_text())
        made = functions.create_function(
            FunctionName=NAME, Runtime="python3.13", Handler="stand_in.lambda_handler",
            Role=role["Role"]["Arn"], Timeout=60, Code={"ZipFile": package},
        )  # fmt: skip
        afterwards.callback(functions.delete_function, FunctionName=NAME)
        workflow = Workflow(deployment, role["Role"]["Arn"], made["FunctionArn"])
        try:
            yield workflow
        finally:
            for machine in workflow.machines:
                workflow.sfn.delete_state_machine(stateMachineArn=machine)
