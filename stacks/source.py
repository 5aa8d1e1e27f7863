"""Reading YAML into plain JSON values, with the line of every key, so that each error and origin can say where."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import yaml

from stacks.problems import Problem, StackFileError

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
"""What JSON can say."""

_DEPTH_MAX: Final = 20
"""Deeper than any stack file."""
_VALUES_MAX: Final = 500_000
"""More than any stack file; nested anchors multiply, so that a small file could fill the memory otherwise."""
_TAG: Final = "tag:yaml.org,2002:"


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A parsed file: its values, and the 1-based line of each dotted path."""

    file: str
    values: dict[str, Json]
    lines: Mapping[str, int]

    def line(self, path: str) -> int:
        """The line of `path`, or of the nearest part of it that is written; 0 when none is."""
        while path and path not in self.lines:
            path = path.rpartition(".")[0]
        return self.lines.get(path, 0)

    def problem(self, path: str, message: str, got: str = "", allowed: str = "", fix: str = "") -> Problem:
        """A problem with what is written at `path`."""
        line = self.line(path)
        return Problem(file=self.file, path=path, line=line, message=message, got=got, allowed=allowed, fix=fix)


def read_source(path: Path) -> Source:
    """Parse the YAML file at `path`.

    Raises:
        StackFileError: when it is missing, empty, not YAML, not a mapping, or writes a key twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise _refused(path, 0, f"cannot be read: {error.strerror}", "check the path and its permissions") from None
    except UnicodeDecodeError:
        raise _refused(path, 0, "is not UTF-8 text", "save it as UTF-8") from None
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "cannot be parsed"
        raise _refused(path, mark.line + 1 if mark else 0, f"is not YAML: {what}", "correct the syntax") from None
    if not isinstance(node, yaml.MappingNode):
        what = "is empty" if node is None else "is not a mapping"
        raise _refused(path, 0, what, "start with `config:` and the keys of a stack file; see README.md")
    reader = _Reader(path.name)
    values = reader.mapping(node, "")
    if reader.problems:
        raise StackFileError(reader.problems)
    return Source(file=path.name, values=values, lines=reader.lines)


def flatten(value: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """Every leaf of `value` with its dotted path; empty mappings and lists are leaves."""
    if isinstance(value, dict) and value:
        for key, child in value.items():
            yield from flatten(child, f"{path}.{key}" if path else key)
    else:
        yield path, value


def _refused(path: Path, line: int, message: str, fix: str) -> StackFileError:
    return StackFileError([Problem(file=path.name, path="", line=line, message=f"the file {message}", fix=fix)])


class _Reader:
    """Turns YAML nodes into values as Pulumi reads them (YAML 1.2: `yes` and `12:30` are text), noting lines."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []
        self._count = 0
        self._open: set[yaml.Node] = set()

    def mapping(self, node: yaml.MappingNode, path: str, depth: int = 0) -> dict[str, Json]:
        values: dict[str, Json] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem(path, line, "has a key that is not text", "write a plain key")
                continue
            key = str(key_node.value)
            here = f"{path}.{key}" if path else key
            if key in values:
                self._problem(here, line, f"is written twice, here and in line {self.lines[here]}", "keep one of them")
            self.lines[here] = line
            values[key] = self._value(value_node, here, depth + 1)
        return values

    def _value(self, node: yaml.Node, path: str, depth: int) -> Json:
        line = node.start_mark.line + 1
        self._count += 1
        if self._count > _VALUES_MAX:
            self._problem(path, line, f"is more than the {_VALUES_MAX:,} values of a file", "split the stack")
            raise StackFileError(self.problems)
        if node in self._open:
            self._problem(path, line, "contains itself", "remove the alias")
            return None
        if depth > _DEPTH_MAX:
            self._problem(path, line, f"is nested deeper than {_DEPTH_MAX}", "write it out, flatter")
            return None
        self._open.add(node)
        value = self._parsed(node, path, depth)
        self._open.remove(node)
        return value

    def _parsed(self, node: yaml.Node, path: str, depth: int) -> Json:
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path, depth)
        if isinstance(node, yaml.SequenceNode):
            items: list[Json] = []
            for index, item in enumerate(node.value):
                self.lines[f"{path}.{index}"] = item.start_mark.line + 1
                items.append(self._value(item, f"{path}.{index}", depth + 1))
            return items
        return _scalar(node.tag.removeprefix(_TAG), str(node.value))

    def _problem(self, path: str, line: int, message: str, fix: str) -> None:
        self.problems.append(Problem(file=self.file, path=path, line=line, message=message, fix=fix))


def _scalar(tag: str, text: str) -> Json:
    if tag == "null":
        return None
    if tag == "bool" and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    number = {"int": int, "float": float}.get(tag)
    if number is None or ":" in text:
        return text
    try:
        return number(yaml.safe_load(text))
    except (TypeError, ValueError, yaml.YAMLError):  # thousands of digits, or `!!int` on what is no number
        return text
