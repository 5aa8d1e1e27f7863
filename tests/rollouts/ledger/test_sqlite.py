import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from rollouts.errors import Refused
from rollouts.ledger import Happening, Ledger
from rollouts.ledger.sqlite import APPLICATION_ID, SCHEMA_VERSION, SqliteStore
from tests.rollouts.ledger.places import KEY, LARGE_STATE, START

ROOT = Path(__file__).parents[3]
KEYS = 20


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def begun(path: Path) -> Ledger:
    ledger = Ledger(SqliteStore(path))
    lease = ledger.acquire(KEY, "me", 60, START)
    ledger.write(lease, 0, "old", (Happening(at=START, kind="started", rollout="r1"),))
    return ledger


def process(*arguments: str | Path) -> subprocess.Popen[str]:
    """Our own script beside this file, as another process."""
    command = [sys.executable, "-m", "tests.rollouts.ledger.process", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE)  # noqa: S603 - our own script


def test_the_file_is_for_its_user_alone(path: Path) -> None:
    before = os.umask(0)
    try:
        SqliteStore(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_is_one_file(path: Path) -> None:
    begun(path)
    assert [file.name for file in path.parent.iterdir()] == ["ledger.db"]


def test_what_was_written_is_there_after_it_is_opened_again(path: Path) -> None:
    written = begun(path).read(KEY)
    assert Ledger(SqliteStore(path)).read(KEY) == written


def test_a_path_with_odd_characters_is_one_path(tmp_path: Path) -> None:
    path = tmp_path / "a ?mode=memory#%41.db"
    begun(path)
    assert path.stat().st_size


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"missing/ledger\.db cannot be opened: No such file or directory"):
        SqliteStore(tmp_path / "missing" / "ledger.db")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be opened: Is a directory"):
        SqliteStore(tmp_path)


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(path: Path) -> None:
    path.write_text("minutes of the meeting\n" * 100)
    before = path.read_bytes()
    with pytest.raises(Refused, match="cannot be used as a ledger: file is not a database"):
        SqliteStore(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("statement", ["CREATE TABLE entry (x)", "PRAGMA user_version = 7"])
def test_the_database_of_something_else_is_refused_and_left_as_it_is(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(statement)
    before = path.read_bytes()
    with pytest.raises(Refused, match="is the database of something else"):
        SqliteStore(path)
    assert path.read_bytes() == before


def test_a_ledger_that_somebody_keeps_busy_is_not_called_something_else(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(path)
    monkeypatch.setattr("rollouts.ledger.sqlite.BUSY_SECONDS", 0)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            SqliteStore(path)


def test_another_schema_is_refused(path: Path) -> None:
    begun(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(Refused, match=f"has schema {SCHEMA_VERSION + 1}, and this version of onramp knows"):
        SqliteStore(path)


def test_a_ledger_that_vanished_is_not_made_anew(path: Path) -> None:
    ledger = begun(path)
    path.unlink()
    with pytest.raises(sqlite3.OperationalError, match="unable to open database file"):
        ledger.read(KEY)
    assert not path.exists()


def test_history_cannot_be_changed_even_by_hand(path: Path) -> None:
    begun(path)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        for statement in ("DELETE FROM event", "UPDATE event SET kind = 'better'"):
            with pytest.raises(sqlite3.IntegrityError, match="history is kept"):
                db.execute(statement)


def test_a_column_takes_nothing_but_its_type(path: Path) -> None:
    begun(path)
    with closing(sqlite3.connect(path)) as db, pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT"):
        db.execute("UPDATE entry SET version = 'two'")


def test_a_process_that_dies_before_any_statement_leaves_the_old_or_the_new(path: Path) -> None:
    begun(path)
    version, deaths, has_written = 1, 0, False
    for statement in count(1):
        with process("die", path, str(statement)) as dying:
            output = dying.communicate()[0]
        has_written |= LARGE_STATE.encode()[:1_000] in path.read_bytes()
        entry = Ledger(SqliteStore(path)).read(KEY)
        assert entry is not None
        seqs = [event.seq for event in Ledger(SqliteStore(path)).events(KEY, None, 100)]
        if dying.returncode == 0:
            assert (entry.version, entry.state, output) == (version + 1, LARGE_STATE, "done\n")
            assert seqs == [1, 2, 3]
            break
        assert dying.returncode == 9
        assert (entry.version, entry.state, seqs) == (version, "old", [1])
        assert has_written == (statement > len(("SELECT", "BEGIN", "UPDATE")))
        deaths += 1
    assert deaths == len(("SELECT", "BEGIN", "UPDATE", "INSERT", "INSERT", "COMMIT"))


def test_of_two_processes_one_gets_each_lease(path: Path) -> None:
    SqliteStore(path)
    with process("race", path, "me", str(KEYS)) as mine, process("race", path, "you", str(KEYS)) as yours:
        won = {"me": mine.communicate()[0].split(), "you": yours.communicate()[0].split()}
    assert sorted(won["me"] + won["you"], key=int) == [str(number) for number in range(KEYS)]
    ledger = Ledger(SqliteStore(path))
    for entry in ledger.entries("prod"):
        assert entry.key.service.removeprefix("s") in won[entry.state]
        assert [event.rollout for event in ledger.events(entry.key, None, 10)] == [entry.state] * 2


def test_two_processes_may_make_the_file_at_once(path: Path) -> None:
    racers = [process("race", path, owner, "1") for owner in ("me", "you")]
    for racer in racers:
        with racer:
            racer.communicate()
    assert [racer.returncode for racer in racers] == [0, 0]
    assert len(Ledger(SqliteStore(path)).entries("prod")) == 1
