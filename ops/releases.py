"""`make releases`: the deployments ledger of a stack as a table, and whether it is whole."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table

from customer_platform.deployments.ledger import RELEASES, STRANGERS, Entry, Ledger, problems
from ops import OperatorError
from ops.deployed import add_arguments, deployed


def chains(dynamodb: Any, table_name: str) -> list[str]:
    """Every chain that there is, those of functions that are gone too. Reads the whole table, which
    an operator may and no function does."""
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table_name, ProjectionExpression="chain", ConsistentRead=True
    )
    return sorted({item["chain"]["S"] for page in pages for item in page["Items"]})


def read(ledger: Ledger, names: list[str]) -> tuple[list[Entry], list[str]]:
    """All entries of chains, oldest first, and what is wrong with them."""
    entries: list[Entry] = []
    wrong: list[str] = []
    for chain in sorted({*names, RELEASES, STRANGERS}):
        links = list(ledger.forwards(chain))
        wrong += problems(links)
        entries += links
    return sorted(entries, key=lambda entry: (entry.at, entry.chain, entry.sequence)), wrong


def table(entries: list[Entry]) -> Table:
    made = Table(box=None, pad_edge=False)
    for name in ("when", "what", "function", "from", "to", "%", "who", "why", "hash"):
        made.add_column(name, no_wrap=name not in ("who", "why"), overflow="fold")
    for entry in entries:
        cells: list[Any] = [
            entry.at.replace("T", " ")[:19],
            str(entry.kind),
            entry.chain,
            entry.from_version,
            entry.to_version,
            entry.weight,
            entry.who.rsplit(":", 1)[-1],
            entry.why,
            entry.hash[:12],
        ]
        made.add_row(*("" if cell is None else str(cell) for cell in cells))
    return made


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    parser.add_argument("--last", type=int, default=40, help="entries to show; 0: all")
    options = parser.parse_args(arguments)
    try:
        stack = deployed(options)
        stack.require("deployments_table_name")
        dynamodb, name = stack.client("dynamodb"), stack.outputs["deployments_table_name"]
        entries, wrong = read(Ledger(dynamodb, name), chains(dynamodb, name))
    except (OperatorError, ClientError, BotoCoreError, OSError, KeyError, ValueError) as error:
        print(f"make releases: {error}", file=sys.stderr)
        return 1
    Console(width=None if sys.stdout.isatty() else 180).print(table(entries[-options.last :]))
    if wrong:
        print("\nThe ledger was tampered with:", file=sys.stderr)
        print("\n".join(wrong), file=sys.stderr)
        return 1
    print(f"\n{len(entries)} entries, every chain whole.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
