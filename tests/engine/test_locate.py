from collections.abc import Callable
from pathlib import Path

import pytest

from engine.locate import WAYS, EngineMissing, find, from_build, from_cache, from_installer, from_path
from engine.model import Engine, NotHereError, engines_folder, go_version, pinned_version

Script = Callable[[str, str], Path]
PINNED = str(pinned_version())


def quiet(_line: str) -> None: ...


def nowhere(reason: str) -> Callable[[object], Engine]:
    def way(_progress: object) -> Engine:
        raise NotHereError(reason)

    return way


def somewhere(name: str) -> Callable[[object], Engine]:
    engine = Engine(command=Path(f"/{name}"), version="3.999.0", origin="path", why=name, needs_language_host=False)
    return lambda _progress: engine


def never(_progress: object) -> Engine:
    pytest.fail("asked although an earlier way led to an engine")


def put_pulumi(part: Path, _progress: object = None) -> None:
    (part / "bin").mkdir()
    (part / "bin" / "pulumi").touch()


def test_the_order_is_path_then_cache_then_installer_then_build() -> None:
    assert list(WAYS) == ["path", "cache", "installer", "build"]


@pytest.mark.usefixtures("alone")
def test_the_first_way_that_leads_to_an_engine_wins_and_says_why_not_the_ones_before() -> None:
    engine = find(quiet, {"a": nowhere("too old"), "b": nowhere("empty"), "c": somewhere("third"), "d": never})
    assert engine.command == Path("/third")
    assert engine.why == "third; too old; empty"


@pytest.mark.usefixtures("alone")
def test_the_environment_forces_one_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRAMP_ENGINE", "b")
    engine = find(quiet, {"a": never, "b": somewhere("second"), "c": never})
    assert engine.why == "second; ONRAMP_ENGINE=b"


@pytest.mark.usefixtures("alone")
def test_a_forced_way_that_leads_nowhere_is_an_error_and_no_other_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRAMP_ENGINE", "a")
    with pytest.raises(EngineMissing, match="a: no good"):
        find(quiet, {"a": nowhere("no good"), "b": never})


@pytest.mark.usefixtures("alone")
def test_an_unknown_way_is_an_error_that_lists_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRAMP_ENGINE", "docker")
    with pytest.raises(EngineMissing, match="path, cache, installer, build"):
        find(quiet)


@pytest.mark.usefixtures("alone")
def test_without_an_engine_the_error_says_what_is_missing_and_what_to_do() -> None:
    with pytest.raises(EngineMissing) as caught:
        find(quiet, {"path": nowhere("no `pulumi` on PATH"), "build": nowhere("no `go` on PATH")})
    text = str(caught.value)
    for part in ("path: no `pulumi` on PATH", "build: no `go` on PATH", PINNED, go_version(), "GOPROXY", "HTTPS_PROXY"):
        assert part in text


@pytest.mark.parametrize("said", [f"v{PINNED}", PINNED, "v3.999.0", "v3.999.0-alpha.1"])
def test_a_pulumi_on_path_that_is_new_enough_is_taken(command: Script, said: str) -> None:
    script = command("pulumi", f"echo {said}")
    engine = from_path(quiet)
    assert engine.command == script
    assert engine.version == said.removeprefix("v")
    assert engine.origin == "path"


@pytest.mark.parametrize("said", ["v3.254.9", "v3.99.0", f"v{PINNED}-alpha.1", "v2.999.0", "v4.0.0"])
def test_a_pulumi_on_path_of_another_time_is_refused_with_both_versions(command: Script, said: str) -> None:
    command("pulumi", f"echo {said}")
    with pytest.raises(NotHereError) as caught:
        from_path(quiet)
    assert said.removeprefix("v") in str(caught.value)
    assert PINNED in str(caught.value)


@pytest.mark.parametrize("body", ["echo hello", "exit 1", ":"])
def test_a_pulumi_on_path_that_does_not_tell_its_version_is_refused(command: Script, body: str) -> None:
    command("pulumi", body)
    with pytest.raises(NotHereError, match="does not tell its version"):
        from_path(quiet)


@pytest.mark.usefixtures("alone")
def test_no_pulumi_on_path_is_said_so() -> None:
    with pytest.raises(NotHereError, match="no `pulumi` on PATH"):
        from_path(quiet)


def test_a_cli_that_brought_its_language_host_does_not_get_ours(command: Script) -> None:
    command("pulumi", f"echo v{PINNED}")
    assert from_path(quiet).needs_language_host
    command("pulumi-language-python", ":")
    assert not from_path(quiet).needs_language_host


def test_a_language_host_beside_a_linked_cli_counts(
    command: Script, alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("pulumi", f"echo v{PINNED}")
    command("pulumi-language-python", ":")
    links = tmp_path / "links"
    links.mkdir()
    (links / "pulumi").symlink_to(alone / "pulumi")
    monkeypatch.setenv("PATH", str(links))
    assert not from_path(quiet).needs_language_host


@pytest.mark.usefixtures("alone")
def test_a_build_is_kept_and_the_cache_has_it_from_then_on() -> None:
    with pytest.raises(NotHereError, match="nothing built"):
        from_cache(quiet)
    built = from_build(quiet, put_pulumi)
    cached = from_cache(quiet)  # its pulumi is an empty file: to start it would fail
    assert built.command == cached.command == from_build(quiet, lambda _part, _progress: pytest.fail("twice")).command
    assert (built.origin, cached.origin) == ("built", "cache")
    assert cached.version == PINNED
    assert cached.needs_language_host


@pytest.mark.usefixtures("alone")
def test_an_interrupted_build_is_not_in_the_cache() -> None:
    def interrupted(part: Path, _progress: object) -> None:
        put_pulumi(part)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        from_build(quiet, interrupted)
    with pytest.raises(NotHereError):
        from_cache(quiet)


@pytest.mark.usefixtures("alone")
def test_the_official_cli_is_installed_once_and_brings_its_language_host() -> None:
    def official(part: Path, _progress: object) -> None:
        put_pulumi(part)
        (part / "bin" / "pulumi-language-python").touch()

    engine = from_installer(quiet, official)
    assert engine == from_installer(quiet, lambda _part, _progress: pytest.fail("installed twice"))
    assert engine.origin == "installer"
    assert not engine.needs_language_host


@pytest.mark.usefixtures("alone")
def test_engines_are_kept_in_the_users_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    assert engines_folder() == tmp_path / "cache" / "onramp" / "engine"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert engines_folder() == tmp_path / "home" / ".cache" / "onramp" / "engine"
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    assert engines_folder() == tmp_path / "home" / "Library" / "Caches" / "onramp" / "engine"
