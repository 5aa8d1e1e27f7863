"""The ledger in one file of this machine, for trying rollouts out, and for one person alone.

Each operation opens the file anew, so threads and processes may share it; SQLite lets one of them write at a time. The
rollback journal keeps it one file: a process that dies in the middle leaves what was there before.
"""

import os
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from rollouts.errors import Refused
from rollouts.ledger.columns import Columns, of_event, of_row, to_event, to_row
from rollouts.ledger.rows import Row
from rollouts.ledger.store import ChangedError
from rollouts.ledger.values import Event, Key

BUSY_SECONDS: Final = 30
"""Patience with another process that writes, which takes it milliseconds: our own."""
APPLICATION_ID: Final = 0x6F6E7264
"""Marks the file as ours (SQLite, PRAGMA application_id): "onrd" in ASCII."""
SCHEMA_VERSION: Final = 1
_SCHEMA: Final = (
    """CREATE TABLE entry (
        stack TEXT NOT NULL, service TEXT NOT NULL, revision INTEGER NOT NULL, version INTEGER NOT NULL,
        state TEXT NOT NULL, token TEXT NOT NULL, last_event INTEGER NOT NULL, fence INTEGER NOT NULL,
        owner TEXT NOT NULL, until TEXT NOT NULL, seconds INTEGER NOT NULL,
        PRIMARY KEY (stack, service)
    ) STRICT""",
    """CREATE TABLE event (
        stack TEXT NOT NULL, service TEXT NOT NULL, seq INTEGER NOT NULL, at TEXT NOT NULL, kind TEXT NOT NULL,
        rollout TEXT NOT NULL, actor TEXT NOT NULL, fence INTEGER NOT NULL, data TEXT NOT NULL,
        PRIMARY KEY (stack, service, seq)
    ) STRICT""",
    "CREATE TRIGGER event_stays BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'history is kept'); END",
    "CREATE TRIGGER event_is_final BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'history is kept'); END",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)


class SqliteStore:
    """The file at `path`, made when there is none, for this user alone.

    Raises:
        Refused: the folder does not exist, or the file is something else.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._touch()
        try:
            with self._transaction() as db:
                self._prepare(db)
        except sqlite3.OperationalError:
            raise  # busy, read-only, or no room on the disk: not the file's fault
        except sqlite3.DatabaseError as error:
            raise Refused(f"{path} cannot be used as a ledger: {error}. Name a file that does not exist yet") from error

    def load(self, key: Key) -> Row:
        """The row as it is now; one with revision 0 when there is none."""
        with self._open() as db:
            row = db.execute("SELECT * FROM entry WHERE stack = ? AND service = ?", (key.stack, key.service)).fetchone()
        return to_row(_columns(row)) if row is not None else Row(key=key)

    def swap(self, row: Row, events: Sequence[Event]) -> None:
        """Store `row` in place of the one with the revision before, and append the events: all of it, or nothing."""
        with self._transaction() as db:
            if not _replace(db, of_row(row)):
                raise ChangedError(row.key)
            for event in events:
                columns = of_event(event)
                db.execute(f"INSERT INTO event {_named(columns)}", columns)

    def rows(self, stack: str) -> list[Row]:
        """The rows of all services of a stack."""
        with self._open() as db:
            return [to_row(_columns(row)) for row in db.execute("SELECT * FROM entry WHERE stack = ?", (stack,))]

    def newest_first(self, key: Key) -> Generator[Event, None, None]:
        """Its events, read only as far as somebody asks."""
        newest = "SELECT * FROM event WHERE stack = ? AND service = ? ORDER BY seq DESC"
        with self._open() as db:
            for row in db.execute(newest, (key.stack, key.service)):
                yield to_event(_columns(row))

    @contextmanager
    def _open(self) -> Generator[sqlite3.Connection, None, None]:
        # mode=rw: a file that has vanished is an error, and not made anew for all to read.
        address = f"file:{quote(str(self._path))}?mode=rw"
        with closing(sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)) as db:
            db.row_factory = sqlite3.Row
            yield db

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection, None, None]:
        """Alone from the first statement on: nobody can write between our reading and our writing."""
        with self._open() as db, db:
            db.execute("BEGIN IMMEDIATE")
            yield db

    def _touch(self) -> None:
        try:
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise Refused(f"the ledger {self._path} cannot be opened: {error.strerror}") from error

    def _prepare(self, db: sqlite3.Connection) -> None:
        found = tuple(db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))
        if found == (APPLICATION_ID, SCHEMA_VERSION):
            return
        if found[0] == APPLICATION_ID:
            raise Refused(
                f"the ledger {self._path} has schema {found[1]}, and this version of onramp knows {SCHEMA_VERSION}: "
                "use the version of onramp that wrote it"
            )
        if found != (0, 0) or db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            raise Refused(f"{self._path} is the database of something else; name a file that does not exist yet")
        for statement in _SCHEMA:
            db.execute(statement)


def _replace(db: sqlite3.Connection, columns: Columns) -> bool:
    """Whether the revision before was there; before the first one there is nothing."""
    if columns["revision"] == 1:
        statement = f"INSERT INTO entry {_named(columns)} ON CONFLICT DO NOTHING"
    else:
        assignments = ", ".join(f"{name} = :{name}" for name in columns)
        statement = (
            f"UPDATE entry SET {assignments} "  # noqa: S608 - names of columns, our own
            "WHERE stack = :stack AND service = :service AND revision = :revision - 1"
        )
    return db.execute(statement, columns).rowcount == 1


def _named(columns: Columns) -> str:
    return f"({', '.join(columns)}) VALUES ({', '.join(f':{name}' for name in columns)})"


def _columns(row: sqlite3.Row) -> Columns:
    return dict(row)
