"""What a function's chain of the ledger says about its versions."""

from collections.abc import Iterable, Sequence

from customer_platform.deployments.ledger import Entry, Kind

# The entries after which a version had all traffic.
_LIVE = (Kind.ADOPTED, Kind.RELEASED)
# Those after which a version lost what it had.
_TAKEN_BACK = (Kind.ROLLED_BACK, Kind.WITHDRAWN)
# The entries that end what a `rollback-started` began.
ENDED = (Kind.ROLLED_BACK, Kind.ROLLBACK_FAILED)


def was_live(entries: Iterable[Entry], version: str) -> bool:
    """Whether a version ever had all traffic."""
    return any(entry.to_version == version and entry.kind in _LIVE for entry in entries)


def last_known(entries: Iterable[Entry]) -> str | None:
    """The version that has all traffic, as far as the ledger knows. Entries newest first."""
    for entry in entries:
        if entry.kind in (*_LIVE, *_TAKEN_BACK):
            return entry.to_version
    return None


def last_good(entries: Sequence[Entry], current: str) -> str | None:
    """The version that was live before `current` and was not taken back since. Entries newest
    first.

    What became live after `current` did is no way back: somebody took it away by hand. Where the
    ledger never saw `current`, every entry is from before it.
    """
    became = (*_LIVE, *_TAKEN_BACK)
    since = next(
        (n for n, e in enumerate(entries) if e.to_version == current and e.kind in became), 0
    )
    bad = {current}
    for number, entry in enumerate(entries):
        if entry.kind in _TAKEN_BACK and entry.from_version:
            bad.add(entry.from_version)
        if number < since or entry.kind not in _LIVE:
            continue
        if entry.to_version and entry.to_version not in bad:
            return entry.to_version
    return None
