from pathlib import Path

from rollouts.place import FILE, place_of

GIVEN, WRITTEN = "sqlite:///given.db", "dynamodb://written?region=eu-west-1"


def test_what_is_given_goes_before_what_is_written(tmp_path: Path) -> None:
    assert place_of(GIVEN, WRITTEN, tmp_path).address == GIVEN


def test_what_is_written_goes_before_the_file_of_this_machine(tmp_path: Path) -> None:
    found = place_of(None, WRITTEN, tmp_path)

    assert (found.address, found.file) == (WRITTEN, None)


def test_without_both_it_is_a_file_under_the_project_which_is_not_made(tmp_path: Path) -> None:
    found = place_of("", "", tmp_path)

    assert found.file == tmp_path / FILE
    assert found.address == f"sqlite://{tmp_path / FILE}"
    assert not any(tmp_path.iterdir())
