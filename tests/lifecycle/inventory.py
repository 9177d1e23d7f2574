"""What an account holds: every name that every list operation answers with.

The operations are data, in listings.yaml.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jmespath
import yaml
from botocore.exceptions import ClientError

type Inventory = dict[str, frozenset[str]]
"""Operation ("dynamodb.list_tables") => names; those of a thing within another begin with it."""


@dataclass(frozen=True)
class Listing:
    """One list operation.

    What the fields mean stands in listings.yaml.
    """

    operation: str
    """Service of boto3 and method of its client."""
    names: str
    types: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)
    each: tuple[str, str] | None = None
    """Operation and argument."""
    unknown: str = ""
    counted: bool = True


def _read(file: Path) -> tuple[Listing, ...]:
    services = yaml.safe_load(file.read_text())
    return tuple(
        Listing(
            operation=f"{service}.{entry['list']}",
            names=entry["names"],
            types=tuple(entry.get("types", ())),
            within=tuple(entry.get("within", ())),
            arguments=entry.get("arguments", {}),
            each=next(((f"{service}.{k}", v) for k, v in entry.get("each", {}).items()), None),
            unknown=entry.get("unknown", ""),
            counted=entry.get("counted", True),
        )
        for service, entries in services.items()
        for entry in entries
    )


LISTINGS = _read(Path(__file__).parent / "listings.yaml")


class WrongListingError(AssertionError):
    """A listing does not describe the account's operations; says what to change."""


def take(
    listings: Iterable[Listing], client: Callable[[str], Any], aside: Collection[str] = ()
) -> Inventory:
    """List the account. What stands in `aside` is left out, with all that it holds.

    `listings` must name an operation before those that ask for each of its names. Raises
    WrongListingError when the account answers otherwise than a listing says.
    """
    found: Inventory = {}
    listed: dict[str, list[str]] = {}
    for listing in listings:
        names: list[str] = []
        shown: list[str] = []
        for parent in listed[listing.each[0]] if listing.each else [""]:
            arguments = dict(listing.arguments)
            if listing.each:
                arguments[listing.each[1]] = parent
            for name in _answer(listing, client, arguments):
                if name not in aside:
                    names.append(name)
                    shown.append(f"{parent} {name}".strip())
        listed[listing.operation] = names
        if not listing.counted:
            continue
        found[listing.operation] = found.get(listing.operation, frozenset()) | frozenset(shown)
    return found


def _answer(
    listing: Listing, client: Callable[[str], Any], arguments: Mapping[str, Any]
) -> list[str]:
    service, method = listing.operation.split(".")
    try:
        names = list(_names(client(service), method, listing.names, arguments))
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if listing.unknown and code == listing.unknown:
            return []
        raise WrongListingError(f"{listing.operation} failed: {error}") from error
    if listing.unknown:
        raise WrongListingError(
            f"the embedded cloud answers {listing.operation} now: remove its `unknown` in "
            "tests/lifecycle/listings.yaml"
        )
    return names


def _names(client: Any, method: str, names: str, arguments: Mapping[str, Any]) -> Iterator[str]:
    if client.can_paginate(method):
        found = client.get_paginator(method).paginate(**arguments).search(names)
    else:
        found = jmespath.search(names, getattr(client, method)(**arguments)) or []
    yield from (str(name) for name in found if name is not None)


def more(after: Inventory, before: Inventory) -> list[str]:
    """What `after` holds and `before` did not, a line each."""
    return [
        f"{operation}: {name}"
        for operation in sorted(after)
        for name in sorted(after[operation] - before.get(operation, frozenset()))
    ]


def unlisted(types: Iterable[str], listings: Iterable[Listing]) -> list[str]:
    """A sentence for each Terraform type that no listing covers."""
    covered = {kind for listing in listings for kind in (*listing.types, *listing.within)}
    return [
        f"{kind} is in no listing: add the operation that lists it to "
        "tests/lifecycle/listings.yaml, or nobody sees when a destroy leaves one behind"
        for kind in sorted(set(types) - covered)
    ]


def unseen(counts: Mapping[str, int], new: Iterable[str], listings: Iterable[Listing]) -> list[str]:
    """Listings that do not show all resources of their types.

    `counts` are those of Terraform's states by type, `new` what the account has more (`more`).
    """
    shown: dict[str, int] = {}
    for line in new:
        operation = line.partition(": ")[0]
        shown[operation] = shown.get(operation, 0) + 1
    return [
        f"{listing.operation} shows {shown.get(listing.operation, 0)} of {wanted} resources of "
        f"{', '.join(listing.types)}: `names` is wrong in tests/lifecycle/listings.yaml"
        for listing in listings
        if not listing.unknown
        and (wanted := sum(counts.get(kind, 0) for kind in listing.types))
        > shown.get(listing.operation, 0)
    ]
