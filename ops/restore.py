"""`make restore-items`: bring feedback back from a restored copy of its table.

Compares the copy with the table and tells what differs. It writes what it is told to, item by item,
each on condition that the table still holds what was compared:

- changed: items that differ become what they are in the copy.
- missing: items that are in the copy only are added; never what expired or was erased since.
- revised: items that re-analysis revised since, which are no damage, become what they were.
- erased: items that are in the table only, and were erased since, are deleted from it: for a table
  that is itself restored, and is compared with the one that it will replace.

Every item that is written is marked (`restoredRevision`), so that the stream's consumers neither
count it again nor write over other rows of the lake. docs/runbook.md, "Restore a table".
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ops import OperatorError
from ops.deployed import Deployed, add_arguments, deployed

# As lambda_src/customer_platform/stream_records.py reads it.
MARK = "restoredRevision"
ERASING = "Erasing feedback"  # what lambda_src/delete_feedback/handler.py says
# Attributes that an item may get after it was written, by re-analysis (terraform/feedback.tf).
GAINED = ("analysisFailures", "analysisProblem", "pendingBucket", "revisedFrom", "revision")
KINDS = ("changed", "missing", "revised", "erased")
SLACK = timedelta(minutes=5)  # between a function's clock and that of a backup

type Item = dict[str, Any]  # as DynamoDB's client has it: {name: {type: value}}
type Key = tuple[str, int]  # feedbackId and timestamp


@dataclass(frozen=True)
class Print:
    """What a comparison needs of an item."""

    digest: bytes
    revision: int
    expires_at: int | None


@dataclass
class Comparison:
    """Keys by what is to be said of them."""

    same: int = 0
    kinds: dict[str, list[Key]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    expired: int = 0  # in the copy only, and past their time
    kept_out: int = 0  # in the copy only, because they were erased
    newer: int = 0  # in the table only


# --- looking


def digest(item: Item) -> bytes:
    """The same for the same item, however DynamoDB orders it; the mark is no part of it."""
    plain = {name: value for name, value in item.items() if name != MARK}
    text = json.dumps(plain, sort_keys=True, default=_text, ensure_ascii=False)
    return hashlib.sha256(text.encode()).digest()


def _text(value: Any) -> str:
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    raise TypeError(f"no attribute of an item: {type(value).__name__}")


def prints(dynamodb: Any, table: str) -> dict[Key, Print]:
    """Reads the whole table once."""
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return {_key(item): _print(item) for page in pages for item in page["Items"]}


def _key(item: Item) -> Key:
    return item["feedbackId"]["S"], int(item["timestamp"]["N"])


def _print(item: Item) -> Print:
    expires_at = item.get("expiresAt", {}).get("N")
    return Print(digest(item), _revision(item), int(expires_at) if expires_at else None)


def _revision(item: Item) -> int:
    return int(item.get("revision", {}).get("N", 0))


def checksum(found: Iterable[Print]) -> str:
    """Of a table, whatever the order of its items: equal if and only if they are."""
    total = sum(int.from_bytes(one.digest) for one in found) % (1 << 256)
    return f"{total:064x}"


def compare(
    copy: dict[Key, Print], table: dict[Key, Print], erased: set[str], now: datetime
) -> Comparison:
    found = Comparison()
    for key, old in copy.items():
        current = table.get(key)
        if current is None:
            if key[0] in erased:
                found.kept_out += 1
            elif old.expires_at is not None and old.expires_at <= now.timestamp():
                found.expired += 1
            else:
                found.kinds["missing"].append(key)
        elif current.digest == old.digest:
            found.same += 1
        else:
            revised = current.revision > old.revision
            found.kinds["revised" if revised else "changed"].append(key)
    for key in table.keys() - copy.keys():
        if key[0] in erased:
            found.kinds["erased"].append(key)
        else:
            found.newer += 1
    return found


# --- what was erased


def erased_since(logs: Any, group: str, since: datetime) -> set[str]:
    """IDs that were erased, by the log of who erases.

    Raises OperatorError if the log does not go back so far.
    """
    (found,) = [
        entry
        for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=group)
        for entry in page["logGroups"]
        if entry["logGroupName"] == group
    ]
    days = found.get("retentionInDays")
    if days and since < datetime.now(UTC) - timedelta(days=days):
        raise OperatorError(
            f"{group} keeps {days} days: look in the archive for {ERASING!r} since then, write the "
            "ids into a file, a line each, and name it with ERASED="
        )
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group,
        startTime=int((since - SLACK).timestamp() * 1000),
        filterPattern=f'"{ERASING}"',
    )
    return {
        feedback_id
        for page in pages
        for event in page["events"]
        for feedback_id in _erased(event["message"])
    }


def _erased(line: str) -> Iterator[str]:
    if ERASING in line:
        entry = json.loads(line)
        if entry["message"] == ERASING:
            yield entry["feedbackId"]


# --- writing


@dataclass(frozen=True)
class Tables:
    """Where items come from, and where they go."""

    dynamodb: Any
    source: str
    target: str

    def write(self, kind: str, key: Key, expected: Print | None) -> bool:
        """Whether it was written: not if the target no longer is what was compared."""
        current = self._get(self.target, key)
        if (digest(current) if current else None) != (expected.digest if expected else None):
            return False
        try:
            if kind == "erased":
                self.dynamodb.delete_item(TableName=self.target, Key=_item_key(key))
            else:
                self._put(self._get(self.source, key), current)
        except self.dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _get(self, table: str, key: Key) -> Item | None:
        found = self.dynamodb.get_item(TableName=table, Key=_item_key(key), ConsistentRead=True)
        item: Item | None = found.get("Item")
        return item

    def _put(self, item: Item | None, current: Item | None) -> None:
        if item is None:
            raise OperatorError(f"an item of {self.source} went while it was being copied")
        marked = item | {MARK: {"N": str(_revision(item))}}
        self.dynamodb.put_item(
            TableName=self.target, Item=marked, **unchanged(current, marked.keys())
        )


def _item_key(key: Key) -> Item:
    return {"feedbackId": {"S": key[0]}, "timestamp": {"N": str(key[1])}}


def unchanged(current: Item | None, names: Iterable[str]) -> dict[str, Any]:
    """The condition that an item is what it was: each of its attributes, and none that it had not,
    of `names` and of those that an item may gain."""
    if current is None:
        return {"ConditionExpression": "attribute_not_exists(feedbackId)"}
    placeholders = {name: f"#n{i}" for i, name in enumerate(sorted({*current, *names, *GAINED}))}
    values = {f":v{i}": current[name] for i, name in enumerate(sorted(current))}
    terms = [f"{placeholders[name]} = :v{i}" for i, name in enumerate(sorted(current))]
    terms += [
        f"attribute_not_exists({placeholder})"
        for name, placeholder in placeholders.items()
        if name not in current
    ]
    return {
        "ConditionExpression": " AND ".join(terms),
        "ExpressionAttributeNames": {p: name for name, p in placeholders.items()},
        "ExpressionAttributeValues": values,
    }


# --- the command


def restore(
    stack: Deployed,
    source: str,
    target: str,
    kinds: list[str],
    erased: set[str],
) -> bool:
    """Compare, tell, write; whether everything was written that was to be. Raises OperatorError."""
    if source == target:
        raise OperatorError("FROM and INTO are the same table")
    tables = Tables(stack.client("dynamodb"), source, target)
    copy, table = prints(tables.dynamodb, source), prints(tables.dynamodb, target)
    for name, found in ((source, copy), (target, table)):
        print(f"{name}: {len(found)} items, checksum {checksum(found.values())[:16]}")
    comparison = compare(copy, table, erased, datetime.now(UTC))
    print(
        f"same: {comparison.same}  "
        + "  ".join(f"{kind}: {len(keys)}" for kind, keys in comparison.kinds.items())
        + f"  only in {target}: {comparison.newer}"
    )
    if comparison.expired or comparison.kept_out:
        print(f"left out: {comparison.expired} expired, {comparison.kept_out} erased")
    done = True
    for kind in kinds:
        keys = comparison.kinds[kind]
        written = sum(tables.write(kind, key, table.get(key)) for key in keys)
        print(f"{kind}: {written} of {len(keys)} written")
        done = done and written == len(keys)
    if not done:
        print("Some were changed by others meanwhile: look again.")
    return done


def _erased_ids(stack: Deployed, options: argparse.Namespace) -> set[str]:
    if options.erased:
        return set(options.erased.read_text().split())
    if options.since:
        group = stack.outputs["functions"]["delete_feedback"]["log_group"]
        return erased_since(stack.client("logs"), group, options.since)
    if {"missing", "erased"} & set(options.write):
        raise OperatorError(
            "say SINCE=, the moment that the copy is of, such as 2026-01-31T09:30:00Z: what was "
            "erased since must not come back"
        )
    return set()


def known(text: str) -> list[str]:
    """Kinds, separated by commas. Raises ValueError."""
    kinds = [kind for kind in text.split(",") if kind]
    if set(kinds) - set(KINDS):
        raise ValueError(text)
    return kinds


def moment(text: str) -> datetime:
    """Raises ValueError."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("no time zone")
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_arguments(parser)
    parser.add_argument("--from", dest="source", required=True, help="the restored copy")
    parser.add_argument("--into", help="default: the stack's feedback table")
    parser.add_argument("--write", type=known, default=[], help=f"some of {','.join(KINDS)}")
    parser.add_argument("--since", type=moment, help="the moment that the copy is of")
    parser.add_argument("--erased", type=Path, help="ids erased since then, instead of the log's")
    options = parser.parse_args(arguments)
    try:
        stack = deployed(options)
        target = options.into or stack.outputs["dynamodb_table_name"]
        erased = _erased_ids(stack, options)
        return 0 if restore(stack, options.source, target, options.write, erased) else 1
    except KeyboardInterrupt:
        return 130
    except (OperatorError, ClientError, BotoCoreError, OSError) as error:
        print(f"make restore-items: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
