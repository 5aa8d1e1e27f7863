import os
import sys
from pathlib import Path

import pytest

import engine as engine_package
from engine.environment import environment
from engine.model import Engine, Origin

PACKAGE = Path(engine_package.__file__ or "").parent
LANGUAGE_HOST, STAND_IN = str(PACKAGE / "bin"), str(PACKAGE.parent / "simulator" / "bin")


def engine(*, needs_language_host: bool = False, origin: Origin = "cache") -> Engine:
    return Engine(
        command=Path("/engines/1/bin/pulumi"),
        version="3.999.0",
        origin=origin,
        why="a test",
        needs_language_host=needs_language_host,
    )


@pytest.fixture(autouse=True)
def machine(alone: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_HOME", "PULUMI_BACKEND_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    monkeypatch.setenv("AWS_PROFILE", "real")
    return alone


def path_of(made: dict[str, str]) -> list[str]:
    return made["PATH"].split(os.pathsep)


@pytest.mark.parametrize("needed", [True, False])
def test_our_language_host_comes_first_only_when_the_engine_has_none(tmp_path: Path, needed: bool) -> None:  # noqa: FBT001 - a parameter
    made = environment(engine(needs_language_host=needed), tmp_path, stand_in=False, state=tmp_path)
    assert (LANGUAGE_HOST in path_of(made)) is needed
    assert (path_of(made)[0] == LANGUAGE_HOST) is needed
    assert made["ONRAMP_PYTHON"] == sys.executable


@pytest.mark.parametrize("asked", [True, False])
def test_the_stand_in_is_on_the_path_only_when_asked_for(tmp_path: Path, asked: bool) -> None:  # noqa: FBT001 - a parameter
    made = environment(engine(), tmp_path, stand_in=asked, state=tmp_path)
    assert (STAND_IN in path_of(made)) is asked
    assert ("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION" in made) is asked


def test_the_engine_itself_is_on_the_path_and_one_found_there_stays_in_its_place(tmp_path: Path) -> None:
    assert path_of(environment(engine(), tmp_path, stand_in=False, state=None))[0] == "/engines/1/bin"
    made = environment(engine(origin="path"), tmp_path, stand_in=False, state=None)
    assert made["PATH"] == os.environ["PATH"]


def test_no_real_credential_reaches_the_stand_in(tmp_path: Path) -> None:
    made = environment(engine(), tmp_path, stand_in=True, state=tmp_path)
    assert made["AWS_ACCESS_KEY_ID"] == made["AWS_SECRET_ACCESS_KEY"] == "stand-in"
    assert made["AWS_CONFIG_FILE"] == made["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert made["AWS_EC2_METADATA_DISABLED"] == "true"


def test_without_the_stand_in_credentials_are_the_users_own(tmp_path: Path) -> None:
    made = environment(engine(), tmp_path, stand_in=False, state=None)
    assert (made["AWS_ACCESS_KEY_ID"], made["AWS_PROFILE"]) == ("AKIAREAL", "real")


def test_a_state_folder_is_a_file_backend_with_a_home_of_its_own(tmp_path: Path) -> None:
    made = environment(engine(), tmp_path, stand_in=False, state=Path(".pulumi/local"))
    assert made["PULUMI_BACKEND_URL"] == (tmp_path / ".pulumi" / "local").as_uri()
    assert (tmp_path / ".pulumi" / "local").is_dir()
    assert Path(made["PULUMI_HOME"]).is_relative_to(tmp_path / "cache")
    assert made["PULUMI_CONFIG_PASSPHRASE"]


@pytest.mark.parametrize("name", ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"])
def test_a_passphrase_that_is_set_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "mine")
    made = environment(engine(), tmp_path, stand_in=False, state=tmp_path)
    assert {key: made[key] for key in made if key.startswith("PULUMI_CONFIG_PASSPHRASE")} == {name: "mine"}


def test_without_a_state_folder_backend_login_and_secrets_are_left_alone(tmp_path: Path) -> None:
    made = environment(engine(), tmp_path, stand_in=False, state=None)
    assert not {"PULUMI_BACKEND_URL", "PULUMI_HOME", "PULUMI_CONFIG_PASSPHRASE"} & made.keys()


def test_the_stand_in_does_not_touch_a_real_backend(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="state folder"):
        environment(engine(), tmp_path, stand_in=True, state=None)


def test_extra_goes_on_top(tmp_path: Path) -> None:
    made = environment(engine(), tmp_path, stand_in=True, state=tmp_path, extra={"PULUMI_HOME": "/elsewhere"})
    assert made["PULUMI_HOME"] == "/elsewhere"


def test_the_engine_looks_for_no_update(tmp_path: Path) -> None:
    assert environment(engine(), tmp_path, stand_in=False, state=None)["PULUMI_SKIP_UPDATE_CHECK"] == "true"
