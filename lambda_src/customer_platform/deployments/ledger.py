"""The deployments ledger: who moved what, when, from where to where, and why.

A chain for every function, and one for releases as a whole (`RELEASES`). A chain's entries are
numbered, each holds the hash of the one before, and each is written on the condition that its
number is free: of two that write at the same moment one loses, reads again and decides anew. That
makes the ledger the lock, too.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from customer_platform import clock
from customer_platform.dynamodb import from_item, to_item
from customer_platform.observability import logger
from customer_platform.overload import OverloadedError, codes, pause

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RELEASES = "releases"  # the chain of releases; every other chain is named after a function
STRANGERS = "strangers"  # the chain of alarms that are no function's

FIRST_HASH = "0" * 64  # what the first entry of a chain holds as the hash before it
_PAGE = 50
_ATTEMPTS = 8
_LONGEST_TEXT = 500


class Kind(StrEnum):
    """What an entry tells: the first eight of a function, the others of a whole release."""

    ADOPTED = "adopted"  # was live when a release first saw it
    CANARY = "canary"  # a new version got a part of the traffic
    RELEASED = "released"  # a new version got all of it
    WITHDRAWN = "withdrawn"  # a release took its new version back
    ROLLBACK_STARTED = "rollback-started"  # written before the alias moves
    ROLLED_BACK = "rolled-back"
    ROLLBACK_REFUSED = "rollback-refused"
    ROLLBACK_FAILED = "rollback-failed"
    STARTED = "started"
    FINISHED = "finished"
    FAILED = "failed"
    ABANDONED = "abandoned"  # it ended without saying so


class LedgerConflictError(Exception):
    """Somebody else wrote the chain's next entry."""


@dataclass(frozen=True)
class Draft:
    """An entry before it has its place.

    `event` is what the entry belongs to: the execution of a release, or an alarm's change of state;
    `weight` the share of traffic that `to_version` gets, in percent.
    """

    kind: Kind
    event: str
    who: str
    why: str
    from_version: str | None = None
    to_version: str | None = None
    weight: int | None = None


@dataclass(frozen=True)
class Entry(Draft):
    chain: str = ""
    sequence: int = 0
    at: str = ""
    previous_hash: str = ""
    hash: str = ""

    def reference(self) -> str:
        """What a notice says of it, to be compared with the ledger later."""
        return f"{self.chain} {self.sequence} {self.hash}"

    def digest(self) -> str:
        """SHA-256, in hex, of all that the entry says and of the hash before it."""
        said = {name: value for name, value in asdict(self).items() if name != "hash"}
        return hashlib.sha256(
            json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
        ).hexdigest()


def until_written[T](write: Callable[[], T]) -> T:
    """What `write` returns: it reads, decides and appends, and does so anew when somebody else
    wrote first. Raises OverloadedError if somebody always does."""
    for attempt in range(_ATTEMPTS):
        try:
            return write()
        except LedgerConflictError:
            pause(attempt)
    raise OverloadedError("the ledger was written by others all the time")


class Ledger:
    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def backwards(self, chain: str) -> Iterator[Entry]:
        """A chain's entries, newest first, read as far as they are asked for."""
        return self._entries(chain, forward=False)

    def forwards(self, chain: str) -> Iterator[Entry]:
        """A chain's entries, oldest first."""
        return self._entries(chain, forward=True)

    def last(self, chain: str) -> Entry | None:
        return next(self.backwards(chain), None)

    def append(self, chain: str, after: Entry | None, draft: Draft) -> Entry:
        """Write the entry that follows `after`, the chain's last as the caller knows it.

        Raises LedgerConflictError if it is not the last any more.
        """
        entry = Entry(
            **{**asdict(draft), "why": draft.why[:_LONGEST_TEXT], "who": draft.who[:_LONGEST_TEXT]},
            chain=chain,
            sequence=after.sequence + 1 if after else 1,
            at=clock.iso(clock.now()),
            previous_hash=after.hash if after else FIRST_HASH,
        )
        entry = replace(entry, hash=entry.digest())
        try:
            self._dynamodb.put_item(
                TableName=self._table,
                Item=to_item({name: _stored(value) for name, value in asdict(entry).items()}),
                ConditionExpression="attribute_not_exists(chain)",
            )
        except ClientError as error:
            if codes(error) != {"ConditionalCheckFailedException"}:
                raise
            # Ours, if an answer was lost and the SDK wrote it again.
            last = self.last(chain)
            if last is None or last.hash != entry.hash:
                raise LedgerConflictError(chain) from None
        # The log is a second place, which nobody who may write the table can change.
        logger.info(
            "Ledger entry",
            extra={
                "chain": chain,
                "sequence": entry.sequence,
                "kind": entry.kind,
                "hash": entry.hash,
            },
        )
        return entry

    def _entries(self, chain: str, *, forward: bool) -> Iterator[Entry]:
        start: dict[str, Any] = {}
        while True:
            answer = self._dynamodb.query(
                TableName=self._table,
                KeyConditionExpression="chain = :chain",
                ExpressionAttributeValues={":chain": {"S": chain}},
                ConsistentRead=True,
                ScanIndexForward=forward,
                Limit=_PAGE,
                **start,
            )
            for item in answer["Items"]:
                yield _entry(from_item(item))
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def _stored(value: Any) -> Any:
    return str(value) if isinstance(value, Kind) else value


_NAMES = {field.name for field in fields(Entry)}


def _entry(item: dict[str, Any]) -> Entry:
    values = {name: value for name, value in item.items() if name in _NAMES}
    for name in ("sequence", "weight"):
        if name in values:
            values[name] = int(values[name])
    return Entry(**{**values, "kind": Kind(values["kind"])})


def problems(entries: Iterable[Entry]) -> list[str]:
    """What is wrong with a chain, given oldest first: each line names the entry. A chain that was
    cut off at its end looks whole; its newest hash stands in the log too."""
    found = []
    sequence, previous = 0, FIRST_HASH
    for entry in entries:
        name = f"{entry.chain} {entry.sequence}"
        if entry.sequence != sequence + 1:
            found.append(f"{name}: entries {sequence + 1} to {entry.sequence - 1} are missing")
        elif entry.previous_hash != previous:
            found.append(f"{name}: the entry before it is not the one that it was written after")
        if entry.digest() != entry.hash:
            found.append(f"{name}: it does not say what it said when it was written")
        sequence, previous = entry.sequence, entry.hash
    return found
