"""Data that was damaged comes back: docs/runbook.md, "Restore a table", on the applied stack.

From a backup that was taken before the damage. The embedded cloud's RestoreTableToPointInTime
copies the table as it is now, whatever moment it is given (MiniStack 1.5.33,
dynamodb._restore_table_to_point_in_time): the way back in time itself is AWS's alone. What it leads
to, a table beside the damaged one, is the same.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from ops import restore
from ops.deployed import Deployed
from tests.e2e.conftest import Deployment, eventually
from tests.e2e.lake import Lake
from tests.e2e.test_feedback import settled_total

type Item = dict[str, Any]


@dataclass
class Table:
    """The feedback table, and the copy of it that a test makes."""

    dynamodb: Any
    name: str

    @property
    def copy(self) -> str:
        return f"{self.name}-restored"

    def item(self, feedback_id: str, table: str = "") -> Item | None:
        found = self.dynamodb.query(
            TableName=table or self.name,
            KeyConditionExpression="feedbackId = :id",
            ExpressionAttributeValues={":id": {"S": feedback_id}},
            ConsistentRead=True,
        )["Items"]
        return found[0] if found else None

    def damage(self, feedback_id: str) -> None:
        """As a program with an error would: message and sentiment of an item become others."""
        self.dynamodb.update_item(
            TableName=self.name,
            Key=self._key(feedback_id),
            UpdateExpression="SET message = :lost, sentiment = :wrong REMOVE rating",
            ExpressionAttributeValues={":lost": {"S": "???"}, ":wrong": {"S": "mixed"}},
        )

    def lose(self, feedback_id: str) -> None:
        self.dynamodb.delete_item(TableName=self.name, Key=self._key(feedback_id))

    def _key(self, feedback_id: str) -> Item:
        item = self.item(feedback_id)
        assert item
        return {name: item[name] for name in ("feedbackId", "timestamp")}


@pytest.fixture
def table(deployment: Deployment) -> Iterator[Table]:
    dynamodb = deployment.client("dynamodb")
    made = Table(dynamodb, deployment.outputs["dynamodb_table_name"])
    yield made
    with suppress(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.delete_table(TableName=made.copy)
    for summary in dynamodb.list_backups(TableName=made.name)["BackupSummaries"]:
        dynamodb.delete_backup(BackupArn=summary["BackupArn"])


def restored(table: Table, backup: str) -> None:
    table.dynamodb.restore_table_from_backup(TargetTableName=table.copy, BackupArn=backup)
    table.dynamodb.get_waiter("table_exists").wait(TableName=table.copy)


def back_up(table: Table) -> str:
    details = table.dynamodb.create_backup(TableName=table.name, BackupName="before")
    return str(details["BackupDetails"]["BackupArn"])


def exported(lake: Lake) -> Counter[str]:
    """feedback_id => rows that the lake's files hold of it."""
    lines = [line for text in lake.objects().values() for line in text.splitlines()]
    return Counter(json.loads(line)["feedback_id"] for line in lines)


def submit(api: httpx.Client, count: int) -> list[str]:
    found = []
    for number in range(count):
        answer = api.post(
            "/feedback",
            json={
                "name": "Ada",
                "email": "ada@example.com",
                "rating": 5,
                "message": f"Wonderful {number} {uuid.uuid4()}",
            },
        )
        assert answer.status_code == 201, answer.text
        found.append(answer.json()["feedbackId"])
    return found


def test_damage_is_undone_item_by_item_and_nothing_is_counted_twice(
    deployment: Deployment, api: httpx.Client, table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = Lake(deployment)
    ids = submit(api, 12)
    damaged, lost, erased, good = ids[:4], ids[4:6], ids[6], ids[7:]
    total = settled_total(api)
    eventually(lambda: exported(lake), lambda rows: {*ids} <= rows.keys())
    objects = lake.objects()
    before = {feedback_id: table.item(feedback_id) for feedback_id in ids}

    backup = back_up(table)
    since = datetime.now(UTC)
    for feedback_id in damaged:
        table.damage(feedback_id)
    for feedback_id in lost:
        table.lose(feedback_id)
    assert api.delete(f"/feedback/{erased}", headers=deployment.key("operator")).status_code == 204
    (newer,) = submit(api, 1)

    restored(table, backup)
    # Logs are written after the answer.
    logs = deployment.client("logs")
    group = deployment.outputs["functions"]["delete_feedback"]["log_group"]
    eventually(lambda: restore.erased_since(logs, group, since), lambda found: erased in found)
    stack = Deployed(deployment.outputs)
    known = restore.erased_since(logs, group, since)
    assert restore.restore(stack, table.copy, table.name, ["changed", "missing"], known)
    said = capsys.readouterr().out
    assert "changed: 4 of 4 written\nmissing: 2 of 2 written" in said

    mark = {restore.MARK: {"N": "0"}}
    for feedback_id in [*damaged, *lost]:
        assert table.item(feedback_id) == (before[feedback_id] or {}) | mark
        answer = api.get(f"/feedback/{feedback_id}")
        assert answer.json()["message"].startswith("Wonderful")
    for feedback_id in good:
        assert table.item(feedback_id) == before[feedback_id]
    assert table.item(erased) is None
    assert api.get(f"/feedback/{erased}").status_code == 404
    assert table.item(newer)

    # The stream brought the two that were lost again: exported, and counted by nobody.
    eventually(lambda: exported(lake), lambda rows: [rows[one] for one in lost] == [2, 2])
    assert settled_total(api) == total + 1
    after = lake.objects()
    assert {key: after.get(key) for key in objects} == objects
    marked = ", ".join(f"'{feedback_id}'" for feedback_id in lost)
    assert lake.ask(
        # The ids are the API's. Cost: none, the test reads them from its answers.
        f"SELECT count(DISTINCT feedback_id) AS found FROM feedback WHERE feedback_id IN ({marked})"  # noqa: S608  # nosec B608
    ) == [{"found": "2"}]


def test_a_restored_table_lacks_what_the_runbook_gives_it(
    deployment: Deployment, api: httpx.Client, table: Table
) -> None:
    """So that "Let the restored table take its place" says all that has to be done: what is
    missing here, Terraform sets once the table is imported; the stream it must have before."""
    submit(api, 1)
    restored(table, back_up(table))
    arn = table.dynamodb.describe_table(TableName=table.copy)["Table"]["TableArn"]

    def settings(name: str) -> dict[str, Any]:
        described = table.dynamodb.describe_table(TableName=name)["Table"]
        backups = table.dynamodb.describe_continuous_backups(TableName=name)
        recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        expiry = table.dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        return {
            "stream": bool(described.get("StreamSpecification", {}).get("StreamEnabled")),
            "recovery": recovery["PointInTimeRecoveryStatus"],
            "expiry": expiry["TimeToLiveStatus"],
            "tags": len(table.dynamodb.list_tags_of_resource(ResourceArn=arn_of(name))["Tags"]),
        }

    def arn_of(name: str) -> str:
        return str(arn).replace(table.copy, name)

    assert settings(table.name) == {
        "stream": True, "recovery": "ENABLED", "expiry": "ENABLED", "tags": 4,
    }  # fmt: skip
    assert settings(table.copy) == {
        "stream": False, "recovery": "DISABLED", "expiry": "DISABLED", "tags": 0,
    }  # fmt: skip
    assert keys_and_indexes(table, table.copy) == keys_and_indexes(table, table.name)


def keys_and_indexes(table: Table, name: str) -> Any:
    described = table.dynamodb.describe_table(TableName=name)["Table"]
    return (
        described["KeySchema"],
        described["BillingModeSummary"]["BillingMode"],
        {
            index["IndexName"]: (
                index["KeySchema"],
                index["Projection"]["ProjectionType"],
                sorted(index["Projection"]["NonKeyAttributes"]),
            )
            for index in described["GlobalSecondaryIndexes"]
        },
    )


def test_the_weekly_plan_names_every_table_of_the_stack(deployment: Deployment) -> None:
    """What was applied, not what was planned. The embedded cloud keeps plans and runs none."""
    backups, suffix = deployment.client("backup"), deployment.stack.suffix
    (plan,) = [
        found
        for found in backups.list_backup_plans()["BackupPlansList"]
        if found["BackupPlanName"] == deployment.outputs["backup_vault"]
    ]
    (rule,) = backups.get_backup_plan(BackupPlanId=plan["BackupPlanId"])["BackupPlan"]["Rules"]
    assert rule["TargetBackupVaultName"] == deployment.outputs["backup_vault"]
    assert rule["Lifecycle"]["DeleteAfterDays"] == 35
    (selection,) = backups.list_backup_selections(BackupPlanId=plan["BackupPlanId"])[
        "BackupSelectionsList"
    ]
    chosen = backups.get_backup_selection(
        BackupPlanId=plan["BackupPlanId"], SelectionId=selection["SelectionId"]
    )["BackupSelection"]
    pages = deployment.client("dynamodb").get_paginator("list_tables").paginate()
    tables = {name for page in pages for name in page["TableNames"] if name.endswith(f"-{suffix}")}
    assert {arn.rpartition("/")[2] for arn in chosen["Resources"]} == tables
    assert chosen["IamRoleArn"] == deployment.outputs["backup_role_arn"]


def test_a_restore_never_writes_over_a_table(deployment: Deployment, table: Table) -> None:
    backup = back_up(table)
    with pytest.raises(ClientError) as refused:
        table.dynamodb.restore_table_from_backup(TargetTableName=table.name, BackupArn=backup)
    assert refused.value.response["Error"]["Code"] == "TableAlreadyExistsException"
