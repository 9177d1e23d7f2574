"""One query of the lake bench in a process of its own: the embedded Athena's engine, DuckDB.

    PYTHON tests/bench/lake_query.py SQL

PYTHON is the emulator environment's. Prints JSON: rows, seconds, and the bytes that the process
read from files while the query ran, as Linux counts them.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


def read_bytes() -> int:
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(dict(line.split(": ") for line in lines)["rchar"])


def main() -> None:
    import duckdb  # type: ignore[import-not-found,unused-ignore]

    connection = duckdb.connect(":memory:")
    connection.execute("SELECT 1").fetchall()  # what is loaded with the first query
    before, started = read_bytes(), time.perf_counter()
    rows = connection.execute(sys.argv[1]).fetchall()
    seconds = time.perf_counter() - started
    print(json.dumps({"rows": rows, "seconds": seconds, "bytes": read_bytes() - before}))


if __name__ == "__main__":
    main()
