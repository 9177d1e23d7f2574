"""The steps of a release, each safe to repeat: Step Functions calls them one by one.

New versions are asked for their health, get a part of the traffic while the alarms are watched,
then all of it; or everything goes back. The state machine keeps what a step answers for the next.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from customer_platform.deployments.aliases import (
    Aliases,
    AliasMovedError,
    AliasState,
    NotPublishedError,
    ProbeFailedError,
)
from customer_platform.deployments.history import TAKEN_BACK, last_known, was_live
from customer_platform.deployments.ledger import (
    RELEASES,
    Draft,
    Entry,
    Kind,
    Ledger,
    until_written,
)
from customer_platform.deployments.notices import Notice
from customer_platform.jobs import RefusedError
from customer_platform.overload import pause

_ATTEMPTS = 8
_RECENT = 20  # entries of a function that a release can have written, and some to spare
_ENDED = (Kind.FINISHED, Kind.FAILED, Kind.ABANDONED)
_TERRAFORM = "terraform or an operator"


class ReleaseRefusedError(RefusedError):
    """Nothing was moved. The text says why."""


@dataclass(frozen=True)
class Asked:
    """What whoever starts a release says. `again`: also versions that were live before and are not
    any more, because they were rolled back. `despite_alarms`: those that are in ALARM already are
    not watched; without it they refuse the release."""

    execution: str
    who: str
    why: str
    again: bool = False
    despite_alarms: bool = False


@dataclass(frozen=True)
class Change:
    """One function's part of a release."""

    function: str
    from_version: str
    to_version: str

    def answer(self) -> dict[str, str]:
        return asdict(self)


@dataclass
class _Found:
    """What a look at all functions found. `unhealthy`: live, and does not start."""

    due: list[Change] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list)
    unhealthy: list[dict[str, str]] = field(default_factory=list)


class Releases:
    def __init__(
        self,
        ledger: Ledger,
        aliases: Aliases,
        *,
        in_alarm: Callable[[Sequence[str]], list[str]],
        is_running: Callable[[str], bool],
        tell: Callable[[Notice], None],
    ) -> None:
        """`is_running`: whether an execution, by its ARN, still works."""
        self._ledger = ledger
        self._aliases = aliases
        self._in_alarm = in_alarm
        self._is_running = is_running
        self._tell = tell

    # --- begin

    def begin(
        self, asked: Asked, functions: Sequence[str], alarms: Sequence[str]
    ) -> dict[str, Any]:
        """Find out what is due, and take the ledger for this release.

        Returns {due: [change], skipped: [{function, version, why}], unhealthy: [{function,
        version}], alarms: [to be watched]}; with nothing due, nothing is to be done.

        Raises ReleaseRefusedError while another one runs.
        """
        self._refuse_second(asked)
        found = self._look(asked, functions)
        watched = list(alarms)
        if found.due:
            watched = self._watched(asked, alarms)
            self._take(asked)
            # Another release may have ended between the look and the lock.
            found = self._look(asked, functions)
            if not found.due:
                self._close(asked, Kind.FINISHED, "nothing was due any more")
        return {
            "due": [change.answer() for change in found.due],
            "skipped": found.skipped,
            "unhealthy": found.unhealthy,
            "alarms": watched,
        }

    def _look(self, asked: Asked, functions: Sequence[str]) -> "_Found":
        found = _Found()
        for function in functions:
            state = self._aliases.state(function)
            if not self._adopt(function, state, asked):
                found.unhealthy.append({"function": function, "version": state.version})
            newest = self._aliases.newest(function) or state.version
            why = self._why_not(function, newest, asked)
            is_due = newest != state.version and not why
            if state.weights and not (is_due and newest in state.weights):
                # Left over from a release that ended without an end, and of no use to this one.
                self._aliases.move(function, state, state.version, {})
                [left, *_] = state.weights
                self._withdrawn(Change(function, state.version, left), asked, "left over")
            if is_due:
                found.due.append(Change(function, state.version, newest))
            elif newest != state.version:
                found.skipped.append({"function": function, "version": newest, "why": why})
        return found

    def _why_not(self, function: str, version: str, asked: Asked) -> str:
        """Why a version is not released by itself; empty if it is."""
        if asked.again or not was_live(self._ledger.backwards(function), version):
            return ""
        return "it was live before and was taken back"

    def _refuse_second(self, asked: Asked) -> Entry | None:
        """The last entry of the releases. Raises ReleaseRefusedError if another release runs; one
        that ended without saying so is closed."""
        last = self._ledger.last(RELEASES)
        if last is None or last.kind in _ENDED or last.event == asked.execution:
            return last
        if self._is_running(last.event):
            raise ReleaseRefusedError(
                f"a release runs already, {last.event.rsplit(':', 1)[-1]} of {last.who}: wait for "
                "it, or stop its execution. Nothing was changed."
            )
        return self._ledger.append(
            RELEASES,
            last,
            Draft(Kind.ABANDONED, last.event, asked.who, "its execution ended without an end"),
        )

    def _take(self, asked: Asked) -> None:
        """Raises ReleaseRefusedError if somebody else took it first."""

        def take() -> Entry:
            last = self._refuse_second(asked)
            if last and last.kind == Kind.STARTED and last.event == asked.execution:
                return last
            draft = Draft(Kind.STARTED, asked.execution, asked.who, asked.why)
            return self._ledger.append(RELEASES, last, draft)

        until_written(take)

    def _watched(self, asked: Asked, alarms: Sequence[str]) -> list[str]:
        red = self._in_alarm(alarms)
        if red and not asked.despite_alarms:
            raise ReleaseRefusedError(
                f"in ALARM already: {', '.join(red)}. Wait until they are OK, or release despite "
                "them. Nothing was changed."
            )
        return [name for name in alarms if name not in red]

    def _adopt(self, function: str, state: AliasState, asked: Asked) -> bool:
        """Write down what serves, where no release brought it: Terraform did, or somebody by hand.
        False if it does not start: then it is nothing to go back to."""
        known = last_known(self._ledger.backwards(function))
        if known == state.version:
            return True
        try:
            self._aliases.probe(function, state.version)
        except (ProbeFailedError, NotPublishedError):
            return False
        self._append(
            function,
            Draft(Kind.ADOPTED, asked.execution, _TERRAFORM, "found live", known, state.version),
            lambda entry: entry.kind == Kind.ADOPTED and entry.to_version == state.version,
        )
        return True

    # --- the steps of one function

    def probe(self, change: Change) -> None:
        """Raises ProbeFailedError."""
        self._aliases.probe(change.function, change.to_version)

    def shift(self, change: Change, weight: int, asked: Asked) -> None:
        """Give the new version `weight` percent of the traffic. Raises AliasMovedError."""
        seen = self._ours(change, asked)
        wanted = {change.to_version: weight / 100}
        if dict(seen.weights) != wanted:
            self._aliases.move(change.function, seen, change.from_version, wanted)
        self._record(change, Kind.CANARY, asked, asked.why, weight)

    def finish(self, change: Change, asked: Asked) -> None:
        """Give the new version all of it. Raises AliasMovedError."""
        seen = self._aliases.state(change.function)
        if (seen.version, dict(seen.weights)) != (change.to_version, {}):
            self._aliases.move(change.function, self._ours(change, asked), change.to_version, {})
        self._record(change, Kind.RELEASED, asked, asked.why, 100)

    def back(self, change: Change, asked: Asked, why: str) -> bool:
        """Take the new version back, if it is still where this release put it; whether it was."""
        if not self._move_back(change, asked):
            last = self._ledger.last(change.function)
            ours = (Kind.CANARY, Kind.RELEASED, Kind.WITHDRAWN)
            if last is None or last.event != asked.execution or last.kind not in ours:
                return False  # this release never moved it, or a rollback came first
        self._withdrawn(change, asked, why)
        return True

    def _move_back(self, change: Change, asked: Asked) -> bool:
        """Whether there was anything to take back. Raises AliasMovedError if it keeps moving."""
        for attempt in range(_ATTEMPTS):
            seen = self._aliases.state(change.function)
            if change.to_version not in (seen.version, *seen.weights):
                return False
            # A share of the traffic may be this release's before it could write so.
            if seen.version != change.from_version and not self._gave(change, asked):
                return False
            # One that somebody set by hand stays, and loses the share only.
            by_hand = seen.version not in (change.from_version, change.to_version)
            try:
                self._aliases.move(
                    change.function, seen, seen.version if by_hand else change.from_version, {}
                )
            except AliasMovedError:
                pause(attempt)
                continue
            return True
        raise AliasMovedError(f"{change.function}: the alias is moved all the time")

    def _gave(self, change: Change, asked: Asked) -> bool:
        """Whether the ledger says that this release gave the version traffic."""
        recent = itertools.islice(self._ledger.backwards(change.function), _RECENT)
        gave = (Kind.CANARY, Kind.RELEASED)
        return any(e.event == asked.execution and e.kind in gave for e in recent)

    def watch(self, alarms: Sequence[str]) -> list[str]:
        """Those of the alarms that are in ALARM."""
        return self._in_alarm(alarms)

    def end(self, asked: Asked, changes: Sequence[Change], *, failed: bool, why: str) -> None:
        """Close the release, and tell people. `why` it failed."""
        kind = Kind.FAILED if failed else Kind.FINISHED
        entry = self._close(asked, kind, why or asked.why)
        names = ", ".join(f"{c.function} {c.from_version} -> {c.to_version}" for c in changes)
        title = "A release was taken back" if failed else "A release is live"
        self._tell(
            Notice(
                title,
                str(kind),
                {
                    "Functions": names,
                    "Who": asked.who,
                    "Why": why or asked.why,
                    "When": entry.at,
                    "Ledger": entry.reference(),
                },
            )
        )

    # --- parts

    def _close(self, asked: Asked, kind: Kind, why: str) -> Entry:
        return self._append(
            RELEASES,
            Draft(kind, asked.execution, asked.who, why),
            lambda entry: entry.kind in _ENDED and entry.event == asked.execution,
        )

    def _ours(self, change: Change, asked: Asked) -> AliasState:
        """The alias, if it is as this release left it. Raises AliasMovedError."""
        seen = self._aliases.state(change.function)
        if seen.version != change.from_version or set(seen.weights) - {change.to_version}:
            raise AliasMovedError(
                f"{change.function}: somebody moved the alias to version {seen.version} meanwhile"
            )
        if not seen.weights and self._shifted(change, asked):
            raise AliasMovedError(
                f"{change.function}: somebody took version {change.to_version} back meanwhile"
            )
        return seen

    def _shifted(self, change: Change, asked: Asked) -> bool:
        """Whether this release gave the new version traffic before, by what it wrote itself, or by
        what was written about taking it back since."""
        started = self._ledger.last(RELEASES)
        since = started.at if started and started.event == asked.execution else ""
        for entry in itertools.islice(self._ledger.backwards(change.function), _RECENT):
            if entry.event == asked.execution and entry.kind == Kind.CANARY:
                return True
            back = entry.kind in (Kind.ROLLBACK_STARTED, *TAKEN_BACK)
            if back and entry.from_version == change.to_version and since and entry.at >= since:
                return True
        return False

    def _record(
        self, change: Change, kind: Kind, asked: Asked, why: str, weight: int | None = None
    ) -> None:
        draft = Draft(
            kind, asked.execution, asked.who, why, change.from_version, change.to_version, weight
        )
        self._append(
            change.function,
            draft,
            lambda entry: (entry.kind, entry.event, entry.weight) == (kind, draft.event, weight),
        )

    def _withdrawn(self, change: Change, asked: Asked, why: str) -> None:
        self._append(
            change.function,
            Draft(
                Kind.WITHDRAWN, asked.execution, asked.who, why,
                change.to_version, change.from_version, 0,
            ),
            lambda entry: entry.kind == Kind.WITHDRAWN and entry.event == asked.execution,
        )  # fmt: skip

    def _append(self, chain: str, draft: Draft, is_there: Callable[[Entry], bool]) -> Entry:
        """Write an entry, unless the chain's last is it already: a step that is repeated."""

        def append() -> Entry:
            last = self._ledger.last(chain)
            return last if last and is_there(last) else self._ledger.append(chain, last, draft)

        return until_written(append)


def change_of(said: Mapping[str, Any]) -> Change:
    return Change(str(said["function"]), str(said["from_version"]), str(said["to_version"]))
