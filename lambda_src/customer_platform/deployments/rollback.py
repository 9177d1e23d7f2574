"""A rollback: what is checked before an alias moves back, and what is written down about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from customer_platform import clock
from customer_platform.deployments.alarms import AlarmChange
from customer_platform.deployments.aliases import (
    Aliases,
    AliasMovedError,
    AliasState,
    NotPublishedError,
    ProbeFailedError,
)
from customer_platform.deployments.history import (
    ENDED,
    LIVE,
    TAKEN_BACK,
    first_traffic,
    last_good,
)
from customer_platform.deployments.ledger import (
    STRANGERS,
    Draft,
    Entry,
    Kind,
    Ledger,
    until_written,
)
from customer_platform.deployments.notices import Notice

WHO = "rollback-orchestrator"


class Refusal(StrEnum):
    """Why nothing was moved: the first word of `why` in the ledger."""

    UNKNOWN_ALARM = "unknown-alarm"
    ALREADY_BACK = "already-back"
    LOOP_WINDOW = "loop-window"
    OTHER_VERSION = "other-version"
    NO_EARLIER_VERSION = "no-earlier-version"
    NOT_PUBLISHED = "not-published"
    HEALTH_CHECK_FAILED = "health-check-failed"


_REFUSED = {
    Refusal.UNKNOWN_ALARM: "the alarm is of no function that this stack rolls back",
    Refusal.ALREADY_BACK: "a version was taken back already after the alarm had changed",
    Refusal.OTHER_VERSION: "the version that is live got its traffic after the alarm had changed",
    Refusal.LOOP_WINDOW: "the function was rolled back a short time ago; another version would "
    "hardly help",
    Refusal.NO_EARLIER_VERSION: "the ledger knows no earlier version that was good",
    Refusal.NOT_PUBLISHED: "the last good version is not a published version any more",
    Refusal.HEALTH_CHECK_FAILED: "the last good version does not answer its health event",
}


class RefusedRollbackError(Exception):
    def __init__(self, refusal: Refusal, detail: str = "") -> None:
        super().__init__(f"{refusal}: {detail or _REFUSED[refusal]}")


@dataclass(frozen=True)
class Move:
    """From where to where; `seen` is the alias as it was when that was decided."""

    seen: AliasState
    from_version: str
    to_version: str


class Rollbacks:
    def __init__(
        self,
        ledger: Ledger,
        aliases: Aliases,
        targets: Mapping[str, str],
        loop_window: timedelta,
        tell: Callable[[Notice], None],
    ) -> None:
        """`targets`: name of an alarm => the function that it rolls back."""
        self._ledger = ledger
        self._aliases = aliases
        self._targets = targets
        self._loop_window = loop_window
        self._tell = tell

    def answer(self, change: AlarmChange) -> Entry:
        """Roll the alarm's function back, or say why not; returns the entry that says how it ended.

        The same change of an alarm, delivered again, does nothing again but tell people: the
        delivery before may have ended before it did.
        """
        entry = until_written(lambda: self._answer_once(change))
        self._tell(_notice(entry, change))
        return entry

    def _answer_once(self, change: AlarmChange) -> Entry:
        function = self._targets.get(change.name)
        chain = function or STRANGERS
        entries = list(self._ledger.backwards(chain))
        before = entries[0] if entries else None
        ours = [entry for entry in entries if entry.event == change.event]
        for entry in ours:
            if entry.kind in (*ENDED, Kind.ROLLBACK_REFUSED):
                return entry
        for entry in ours:
            if entry.kind == Kind.ROLLBACK_STARTED:
                return self._finish(chain, entry, entries)
        try:
            move = self._decide(function, entries, change)
        except RefusedRollbackError as refused:
            draft = Draft(Kind.ROLLBACK_REFUSED, change.event, WHO, str(refused))
            return self._ledger.append(chain, before, draft)
        started = self._ledger.append(
            chain,
            before,
            Draft(
                Kind.ROLLBACK_STARTED, change.event, WHO, f"{change.name}: {change.reason}",
                move.from_version, move.to_version,
            ),
        )  # fmt: skip
        return self._move(chain, move.seen, started, started)

    def _decide(self, function: str | None, entries: list[Entry], change: AlarmChange) -> Move:
        """Raises RefusedRollbackError."""
        if function is None:
            raise RefusedRollbackError(Refusal.UNKNOWN_ALARM)
        self._refuse_loops(entries, change)
        seen = self._aliases.state(function)
        blamed = min(seen.weights) if seen.weights else seen.version
        first = first_traffic(entries, blamed)
        if first and first.kind != Kind.ADOPTED and first.at >= clock.iso(change.changed_at):
            # Delivered late: what mends a fault must not be taken for it.
            raise RefusedRollbackError(Refusal.OTHER_VERSION)
        if seen.weights:
            # A release is trying a new version: what served before it still serves most.
            move = Move(seen, blamed, seen.version)
        else:
            target = last_good(entries, seen.version)
            if target is None:
                raise RefusedRollbackError(Refusal.NO_EARLIER_VERSION)
            move = Move(seen, seen.version, target)
        try:
            self._aliases.probe(function, move.to_version)
        except NotPublishedError as error:
            raise RefusedRollbackError(Refusal.NOT_PUBLISHED, str(error)) from None
        except ProbeFailedError as error:
            raise RefusedRollbackError(Refusal.HEALTH_CHECK_FAILED, str(error)) from None
        return move

    def _refuse_loops(self, entries: list[Entry], change: AlarmChange) -> None:
        since = clock.iso(clock.now() - self._loop_window)
        failed = {entry.event for entry in entries if entry.kind == Kind.ROLLBACK_FAILED}
        for entry in entries:
            if entry.kind not in (Kind.ROLLBACK_STARTED, *TAKEN_BACK) or entry.event in failed:
                continue
            # By another orchestrator, or by the release, which watches the same alarm.
            if entry.at >= clock.iso(change.changed_at):
                raise RefusedRollbackError(Refusal.ALREADY_BACK)
            if entry.kind != Kind.WITHDRAWN and entry.at >= since:
                raise RefusedRollbackError(Refusal.LOOP_WINDOW)

    def _finish(self, function: str, begun: Entry, entries: list[Entry]) -> Entry:
        """Go on where an earlier delivery of the same change stopped."""
        before = entries[0]
        later = entries[: entries.index(begun)]
        if any(entry.kind in (Kind.CANARY, *LIVE) for entry in later):
            return self._failed(function, begun, before, "a release came meanwhile")
        seen = self._aliases.state(function)
        if (seen.version, dict(seen.weights)) == (begun.to_version, {}):
            return self._ledger.append(function, before, _ended(begun, Kind.ROLLED_BACK))
        if begun.from_version in (seen.version, *seen.weights):
            return self._move(function, seen, begun, before)
        return self._failed(function, begun, before, f"somebody moved it to {seen.version}")

    def _move(self, function: str, seen: AliasState, begun: Entry, before: Entry | None) -> Entry:
        try:
            self._aliases.move(function, seen, str(begun.to_version), {})
        except AliasMovedError as error:
            return self._failed(function, begun, before, str(error))
        return self._ledger.append(function, before, _ended(begun, Kind.ROLLED_BACK))

    def _failed(self, function: str, begun: Entry, before: Entry | None, why: str) -> Entry:
        return self._ledger.append(function, before, _ended(begun, Kind.ROLLBACK_FAILED, why))


def _ended(begun: Entry, kind: Kind, why: str | None = None) -> Draft:
    return Draft(
        kind, begun.event, begun.who, why or begun.why, begun.from_version, begun.to_version
    )


_TITLES = {
    Kind.ROLLED_BACK: "{chain} was rolled back from version {from_version} to {to_version}",
    Kind.ROLLBACK_FAILED: "{chain} was NOT rolled back: its alias moved meanwhile",
    Kind.ROLLBACK_REFUSED: "{chain} was NOT rolled back",
}


def _notice(entry: Entry, change: AlarmChange) -> Notice:
    title = _TITLES[entry.kind].format(
        chain=entry.chain, from_version=entry.from_version, to_version=entry.to_version
    )
    return Notice(
        title,
        str(entry.kind),
        {
            "Function": entry.chain,
            "Alarm": change.name,
            "Why": entry.why,
            "When": entry.at,
            "Ledger": entry.reference(),
        },
    )
