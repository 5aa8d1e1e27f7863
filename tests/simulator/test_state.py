import json
from pathlib import Path

import pytest

from simulator.state import PATH_VARIABLE, State, Thing, default_path

THING = Thing(kind="k", id="1", urn="u", properties={"arn": "arn:1", "size": 3})


def test_what_was_put_is_there_for_another_process(tmp_path: Path) -> None:
    with State(tmp_path / "s.json").changing() as state:
        state.put(THING)
        assert state.next_serial("u") == 1
    with State(tmp_path / "s.json").changing() as other:
        assert other.find("k", "1", {"arn": "arn:1"}) == THING
        assert other.find("k", "1", {}) == THING
        assert other.find("k", "1", {"arn": "arn:2"}) is None
        assert other.next_serial("u") == 2


def test_the_file_has_a_resource_on_each_line_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "s.json"
    with State(path).changing() as state:
        state.put(THING)
    assert sum('"urn": "u"' in line for line in path.read_text().splitlines()) == 1
    assert json.loads(path.read_text())["resources"][0]["properties"]["size"] == 3
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_change_that_fails_is_forgotten(tmp_path: Path) -> None:
    state = State(tmp_path / "s.json")
    with state.changing():
        state.put(THING)

    def fail() -> None:
        with state.changing():
            state.remove(THING)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with state.reading():
        assert list(state.of_kind("k")) == [THING]


def test_reading_writes_nothing(tmp_path: Path) -> None:
    with State(tmp_path / "s.json").reading() as state:
        assert list(state.of_kind("k")) == []
    assert not (tmp_path / "s.json").exists()


def test_a_file_that_is_gone_is_an_empty_account(tmp_path: Path) -> None:
    state = State(tmp_path / "s.json")
    with state.changing():
        state.put(THING)
    state.path.unlink()
    with state.reading():
        assert state.find("k", "1", {}) is None


def test_the_path_is_the_users_cache_unless_the_environment_names_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PATH_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert default_path("shop", "dev") == Path("/cache/onramp/stand-in/shop/dev.json")
    monkeypatch.setenv(PATH_VARIABLE, "/mine.json")
    assert default_path("shop", "dev") == Path("/mine.json")
