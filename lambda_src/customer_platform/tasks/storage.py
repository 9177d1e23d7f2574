"""The table `tasks`: keys, indexes and expressions.

Under a TaskId lie the task itself (`Entry` is "task") and a row per tag ("tag#TAG") that holds
keys and nothing else.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from customer_platform.dynamodb import batch_get, from_item, to_item
from customer_platform.shards import shard_of
from customer_platform.tasks.partitions import INDEXES, Partition, keys_of, of_tag
from customer_platform.tasks.records import Task

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ENTRY = "task"


@dataclass(frozen=True)
class Position:
    """A task's place in an index."""

    key: str
    task_id: str


@dataclass(frozen=True)
class Bounds:
    """Which keys of a partition: between `low` and `high`, both excluded, from one end of them."""

    low: str
    high: str
    newest_first: bool


class TaskTable:
    """Counts its reads in `queries` and `items_read`: a page's price must not depend on how
    much is stored, and tests hold it to that."""

    def __init__(self, dynamodb: "DynamoDBClient", name: str) -> None:
        self._dynamodb = dynamodb
        self._name = name
        self._counting = threading.Lock()
        self.queries = 0
        self.items_read = 0

    # --- reading

    def get(self, task_id: str) -> Task | None:
        answer = self._dynamodb.get_item(
            TableName=self._name,
            Key=to_item(_key(task_id)),
            ConsistentRead=True,  # who just wrote it must find it
        )
        return _task(from_item(answer["Item"])) if "Item" in answer else None

    def all_of(self, task_ids: Sequence[str]) -> dict[str, Task]:
        """Those of the tasks that exist."""
        self._count(0, len(task_ids))
        found = batch_get(
            self._dynamodb, self._name, [_key(known) for known in task_ids], consistent=True
        )
        return {item["TaskId"]: _task(item) for item in found}

    def positions(self, partition: Partition, bounds: Bounds, limit: int) -> list[Position]:
        """At most `limit` of a partition's tasks, in order."""
        bucket, key = INDEXES[partition.index]
        answer = self._dynamodb.query(
            TableName=self._name,
            IndexName=partition.index,
            KeyConditionExpression=f"{bucket} = :bucket AND {key} BETWEEN :low AND :high",
            # No key ends like this: the bounds themselves are left out. A range has no other way,
            # a sort key takes one condition.
            ExpressionAttributeValues=to_item(
                {":bucket": partition.bucket, ":low": f"{bounds.low}!", ":high": bounds.high}
            ),
            ProjectionExpression=f"TaskId, {key}",
            ScanIndexForward=not bounds.newest_first,
            Limit=limit + bounds.newest_first,  # only there `high` is the key of a task
        )
        self._count(1, answer["ScannedCount"])
        found = [Position(item[key], item["TaskId"]) for item in map(from_item, answer["Items"])]
        return [position for position in found if position.key != bounds.high][:limit]

    def _count(self, queries: int, items: int) -> None:
        with self._counting:  # pages read partitions in several threads
            self.queries += queries
            self.items_read += items

    # --- parts of transactions

    def creation(self, task: Task, shards: int) -> list[dict[str, Any]]:
        put = self._put(task, shards) | {"ConditionExpression": "attribute_not_exists(TaskId)"}
        return [{"Put": put}, *self._add_tags(task, task.tags, shards)]

    def change(self, before: Task, after: Task, shards: int) -> list[dict[str, Any]]:
        """Its first part is on condition that the task is still as `before`."""
        put = self._put(after, shards) | _unchanged(before)
        added = [tag for tag in after.tags if tag not in before.tags]
        removed = [tag for tag in before.tags if tag not in after.tags]
        return [
            {"Put": put},
            *self._add_tags(after, added, shards),
            *self._remove_tags(before, removed),
        ]

    def removal(self, task: Task) -> list[dict[str, Any]]:
        """Its first part is on condition that the task is still as given."""
        delete = {"TableName": self._name, "Key": to_item(_key(task.task_id))} | _unchanged(task)
        return [{"Delete": delete}, *self._remove_tags(task, task.tags)]

    def _put(self, task: Task, shards: int) -> dict[str, Any]:
        item = {
            **_key(task.task_id),
            "Title": task.title,
            "Description": task.description,
            "Status": task.status,
            "Priority": task.priority,
            "Tags": list(task.tags) or None,
            "DueDate": task.due_date,
            "CreatedAt": task.created_at,
            "Version": task.version,
            **keys_of(task, shard_of(task.task_id, shards)),
        }
        return {"TableName": self._name, "Item": to_item(item)}

    def _add_tags(self, task: Task, tags: Iterable[str], shards: int) -> Iterator[dict[str, Any]]:
        shard = shard_of(task.task_id, shards)
        for tag in tags:
            item = {
                **_tag_key(task.task_id, tag),
                "TagBucket": of_tag(tag, shard).bucket,
                "SortKey": task.sort_key,
            }
            yield {"Put": {"TableName": self._name, "Item": to_item(item)}}

    def _remove_tags(self, task: Task, tags: Iterable[str]) -> Iterator[dict[str, Any]]:
        for tag in tags:
            key = to_item(_tag_key(task.task_id, tag))
            yield {"Delete": {"TableName": self._name, "Key": key}}


def _key(task_id: str) -> dict[str, str]:
    return {"TaskId": task_id, "Entry": ENTRY}


def _tag_key(task_id: str, tag: str) -> dict[str, str]:
    return {"TaskId": task_id, "Entry": f"tag#{tag}"}


def _unchanged(task: Task) -> dict[str, Any]:
    return {
        "ConditionExpression": "Version = :version",
        "ExpressionAttributeValues": to_item({":version": task.version}),
    }


def _task(item: dict[str, Any]) -> Task:
    return Task(
        task_id=item["TaskId"],
        title=item["Title"],
        description=item["Description"],
        status=item["Status"],
        created_at=item["CreatedAt"],
        version=int(item["Version"]),
        priority=item.get("Priority"),
        tags=tuple(item.get("Tags", ())),
        due_date=item.get("DueDate"),
    )
