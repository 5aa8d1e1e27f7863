import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.once import once

PATIENCE = 30  # seconds until a test that hangs is a test that failed


def quiet(_line: str) -> None: ...


def fill(part: Path) -> None:
    (part / "engine").write_text("whole")


def test_what_was_made_is_under_its_name_and_nothing_else_is_left(tmp_path: Path) -> None:
    once(tmp_path / "engines" / "1.0", fill, quiet)
    assert (tmp_path / "engines" / "1.0" / "engine").read_text() == "whole"
    assert sorted(path.name for path in (tmp_path / "engines").iterdir()) == ["1.0", "1.0.lock"]


def test_what_is_there_is_not_made_again(tmp_path: Path) -> None:
    once(tmp_path / "1.0", fill, quiet)
    once(tmp_path / "1.0", lambda _part: pytest.fail("made twice"), quiet)


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, OSError, SystemExit])
def test_an_interrupted_making_leaves_nothing_under_the_name_and_the_next_starts_afresh(
    tmp_path: Path, interruption: type[BaseException]
) -> None:
    def interrupted(part: Path) -> None:
        (part / "engine").write_text("ha")
        raise interruption

    with pytest.raises(interruption):
        once(tmp_path / "1.0", interrupted, quiet)
    assert [path.name for path in tmp_path.iterdir()] == ["1.0.lock"]
    once(tmp_path / "1.0", fill, quiet)
    assert (tmp_path / "1.0" / "engine").read_text() == "whole"


def test_what_a_killed_one_left_is_not_taken_over(tmp_path: Path) -> None:
    (tmp_path / "1.0.part").mkdir()
    (tmp_path / "1.0.part" / "leftover").touch()
    once(tmp_path / "1.0", fill, quiet)
    assert [path.name for path in (tmp_path / "1.0").iterdir()] == ["engine"]


def test_two_at_once_make_it_once_and_the_second_says_that_it_waits(tmp_path: Path) -> None:
    making, second_waits = threading.Event(), threading.Event()
    made: list[str] = []

    def slow(part: Path) -> None:
        making.set()
        assert second_waits.wait(PATIENCE)
        made.append("first")
        fill(part)

    def told(line: str) -> None:
        assert "waiting" in line
        second_waits.set()

    with ThreadPoolExecutor() as threads:
        first = threads.submit(once, tmp_path / "1.0", slow, quiet)
        assert making.wait(PATIENCE)
        second = threads.submit(once, tmp_path / "1.0", lambda _part: made.append("second"), told)
        first.result(PATIENCE)
        second.result(PATIENCE)
    assert made == ["first"]


def test_the_second_makes_it_when_the_first_failed(tmp_path: Path) -> None:
    making, second_waits = threading.Event(), threading.Event()

    def failing(_part: Path) -> None:
        making.set()
        assert second_waits.wait(PATIENCE)
        raise OSError("no space left")

    with ThreadPoolExecutor() as threads:
        first = threads.submit(once, tmp_path / "1.0", failing, quiet)
        assert making.wait(PATIENCE)
        second = threads.submit(once, tmp_path / "1.0", fill, lambda _line: second_waits.set())
        with pytest.raises(OSError, match="no space"):
            first.result(PATIENCE)
        second.result(PATIENCE)
    assert (tmp_path / "1.0" / "engine").read_text() == "whole"
