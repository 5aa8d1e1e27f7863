from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.problems import Problem, StackFileError
from stacks.source import read_source


def refused(tmp_path: Path, content: bytes) -> tuple[Problem, ...]:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_bytes(content)
    with pytest.raises(StackFileError) as caught:
        read_source(path)
    return caught.value.problems


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"", 0, "the file is empty"),
        (b"# only a comment\n", 0, "the file is empty"),
        (b"- a\n- b\n", 0, "the file is not a mapping"),
        (b"config\n", 0, "the file is not a mapping"),
        (b"config:\n  a: [1,\n", 3, "the file is not YAML"),
        (b"config: 1\n---\nconfig: 2\n", 2, "the file is not YAML"),
        (b"\x00", 0, "the file is not YAML"),
        (b"config: \xff\xfe", 0, "the file is not UTF-8"),
    ],
    ids=["empty", "comment", "list", "text", "syntax", "two-documents", "nul", "latin"],
)
def test_a_file_that_is_no_mapping_is_one_problem(tmp_path: Path, content: bytes, line: int, message: str) -> None:
    (problem,) = refused(tmp_path, content)
    assert problem.message.startswith(message)
    assert problem.line == line
    assert problem.file == "Pulumi.dev.yaml"
    assert problem.fix


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StackFileError, match="cannot be read: Is a directory"):
        read_source(tmp_path)


def test_a_key_written_twice_names_both_lines(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, b"config:\n  a: 1\n  b: 2\n  a: 3\n")
    assert (problem.path, problem.line) == ("config.a", 4)
    assert problem.message == "is written twice, here and in line 2"


@pytest.mark.parametrize("content", [b"a: &a {b: *a}", b"a: &a [*a, *a, *a, *a]", b"a: &a {b: {c: [*a]}}"])
def test_an_anchor_that_contains_itself_is_refused(tmp_path: Path, content: bytes) -> None:
    assert {problem.message for problem in refused(tmp_path, content)} == {"contains itself"}


def test_anchors_that_multiply_are_refused_before_they_fill_the_memory(tmp_path: Path) -> None:
    lines = ["l0: &l0 [x]", *(f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 12))]
    assert refused(tmp_path, "\n".join(lines).encode())[-1].message == "is more than the 500,000 values of a file"


def test_an_anchor_used_twice_is_read_at_both_places(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text("a: &a {x: 1}\nb: *a\n", encoding="utf-8")
    assert read_source(path).values == {"a": {"x": 1}, "b": {"x": 1}}


def test_nesting_that_no_stack_file_has_is_refused(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, b"a: " + b"[" * 30 + b"]" * 30)
    assert problem.message == "is nested deeper than 20"


def test_a_key_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, b"config:\n  ? [x, y]\n  : 1\n")
    assert (problem.path, problem.line, problem.message) == ("config", 2, "has a key that is not text")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("true", True),
        ("FALSE", False),
        ("12:30", "12:30"),
        ("1:30.5", "1:30.5"),
        ("2026-11-21", "2026-11-21"),
        ("010", 8),  # octal, as in the YAML reader of Pulumi, so that file and engine agree
        ('"010"', "010"),
        ("0x1F", 31),
        ("1_000", 1000),
        ("1.5", 1.5),
        ("~", None),
        ("", None),
        ('""', ""),
        ("!!int abc", "abc"),
        ('!!int ""', ""),
        ("9" * 6000, "9" * 6000),
    ],
)
def test_scalars_are_read_as_pulumi_reads_them(tmp_path: Path, written: str, value: object) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(f"a: {written}\n", encoding="utf-8")
    read = read_source(path).values["a"]
    assert read == value
    assert type(read) is type(value)


def test_every_key_and_item_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text("a:\n  b:\n    - x\n    - {c: 1}\nd: 1\n", encoding="utf-8")
    source = read_source(path)
    assert source.lines == {"a": 1, "a.b": 2, "a.b.0": 3, "a.b.1": 4, "a.b.1.c": 4, "d": 5}
    assert source.line("a.b.1.nowhere") == 4
    assert source.line("nowhere") == 0


@given(st.binary(max_size=200))
def test_no_bytes_end_in_another_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "Pulumi.dev.yaml"
    path.write_bytes(content)
    with suppress(StackFileError):
        read_source(path)
