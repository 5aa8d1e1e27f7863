"""Run as a process of its own: `race` for leases, or `die` at a statement in the middle of a write."""

import os
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rollouts.errors import Locked
from rollouts.ledger import Happening, Key, Ledger
from rollouts.ledger.sqlite import SqliteStore
from tests.rollouts.ledger.places import KEY, LARGE_STATE, START


def race(path: Path, owner: str, keys: int) -> None:
    """Ask for the leases of many services, and print which ones were given."""
    ledger = Ledger(SqliteStore(path))
    for number in range(keys):
        try:
            lease = ledger.acquire(Key(stack="prod", service=f"s{number}"), owner, 60, START)
        except Locked:
            continue
        event = Happening(at=START, kind="won", rollout=owner)
        ledger.write(lease, 0, owner, (event, event))
        print(number)  # noqa: T201 - what the test reads


def die(path: Path, statement: int) -> None:
    """Write, and be gone before the n-th statement of the transaction; print "done" when there is none."""
    ledger = Ledger(SqliteStore(path))
    entry = ledger.read(KEY)
    version = entry.version if entry is not None else 0
    lease = ledger.acquire(KEY, f"me-{statement}", 60, START, by_force=True)
    remaining = statement

    def trace(_: str) -> None:
        nonlocal remaining
        remaining -= 1
        if not remaining:
            os._exit(9)

    sqlite3.connect = _traced(sqlite3.connect, trace)
    event = Happening(at=START, kind="look", rollout="r1")
    ledger.write(lease, version, LARGE_STATE, (event, event))
    print("done")  # noqa: T201 - what the test reads


def _traced(connect: Callable[..., sqlite3.Connection], trace: Callable[[str], None]) -> Any:
    """Connections with hardly any memory, so that a transaction is in the file long before it is committed."""

    def open_traced(*args: Any, **options: Any) -> sqlite3.Connection:
        db = connect(*args, **options)
        db.execute("PRAGMA cache_size = 1")
        db.set_trace_callback(trace)
        return db

    return open_traced


if __name__ == "__main__":
    command, file, *rest = sys.argv[1:]
    if command == "race":
        race(Path(file), rest[0], int(rest[1]))
    else:
        die(Path(file), int(rest[0]))
