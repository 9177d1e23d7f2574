"""What a function's chain of the ledger says about its versions."""

from collections.abc import Iterable, Sequence

from customer_platform.deployments.ledger import Entry, Kind

# The entries after which a version had all traffic.
LIVE = (Kind.ADOPTED, Kind.RELEASED)
# Those after which a version lost what it had.
TAKEN_BACK = (Kind.ROLLED_BACK, Kind.WITHDRAWN)
# The entries that end what a `rollback-started` began.
ENDED = (Kind.ROLLED_BACK, Kind.ROLLBACK_FAILED)


def was_live(entries: Iterable[Entry], version: str) -> bool:
    """Whether a version ever had all traffic, but for releases that took it back themselves, which
    another function's part of them may be to blame for. Entries newest first."""
    withdrawn = set()
    for entry in entries:
        if entry.kind == Kind.WITHDRAWN:
            withdrawn.add(entry.event)
        elif entry.kind in LIVE and entry.to_version == version and entry.event not in withdrawn:
            return True
    return False


def first_traffic(entries: Iterable[Entry], version: str) -> Entry | None:
    """The oldest entry that gave a version traffic. Entries newest first."""
    gave = [e for e in entries if e.to_version == version and e.kind in (Kind.CANARY, *LIVE)]
    return gave[-1] if gave else None


def last_known(entries: Iterable[Entry]) -> str | None:
    """The version that has all traffic, as far as the ledger knows. Entries newest first."""
    for entry in entries:
        if entry.kind in (*LIVE, *TAKEN_BACK):
            return entry.to_version
    return None


def last_good(entries: Sequence[Entry], current: str) -> str | None:
    """The version that was live before `current` and was not taken back since. Entries newest
    first.

    What became live after `current` did is no way back: somebody took it away by hand. Where the
    ledger never saw `current`, every entry is from before it.
    """
    became = (*LIVE, *TAKEN_BACK)
    since = next(
        (n for n, e in enumerate(entries) if e.to_version == current and e.kind in became), 0
    )
    bad = {current}
    for number, entry in enumerate(entries):
        if entry.kind in TAKEN_BACK and entry.from_version:
            bad.add(entry.from_version)
        if number < since or entry.kind not in LIVE:
            continue
        if entry.to_version and entry.to_version not in bad:
            return entry.to_version
    return None
