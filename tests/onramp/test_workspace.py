from pathlib import Path

import pytest

from onramp.workspace import restore_checkpoint

BEFORE = '{"version": 3}'


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    folder = tmp_path / ".pulumi" / "stacks" / "onramp"
    folder.mkdir(parents=True)
    (folder / "dev.json.bak").write_text(BEFORE)
    return folder / "dev.json"


@pytest.mark.parametrize("torn", ["", '{"version": 3, "check'])
def test_a_checkpoint_that_was_being_written_is_the_one_before(tmp_path: Path, checkpoint: Path, torn: str) -> None:
    checkpoint.write_text(torn)
    restore_checkpoint(tmp_path, "dev")
    assert checkpoint.read_text() == BEFORE


def test_a_whole_checkpoint_and_other_stacks_are_left_alone(tmp_path: Path, checkpoint: Path) -> None:
    checkpoint.write_text('{"version": 4}')
    checkpoint.with_name("prod.json").write_text("torn")
    restore_checkpoint(tmp_path, "dev")
    assert checkpoint.read_text() == '{"version": 4}'
    assert checkpoint.with_name("prod.json").read_text() == "torn"


def test_without_the_one_before_nothing_is_invented(tmp_path: Path, checkpoint: Path) -> None:
    checkpoint.with_name("dev.json.bak").unlink()
    checkpoint.write_text("torn")
    restore_checkpoint(tmp_path, "dev")
    assert checkpoint.read_text() == "torn"


@pytest.mark.parametrize(
    ("written", "stays"), [("", False), ('{"user.content', False), ('{"user.metadata": null}', True)]
)
def test_what_was_being_written_about_a_checkpoint_is_left_out(
    tmp_path: Path, checkpoint: Path, written: str, *, stays: bool
) -> None:
    checkpoint.write_text('{"version": 4}')
    attributes = checkpoint.with_name("dev.json.attrs")
    attributes.write_text(written)
    restore_checkpoint(tmp_path, "dev")
    assert (attributes.exists(), checkpoint.read_text()) == (stays, '{"version": 4}')
