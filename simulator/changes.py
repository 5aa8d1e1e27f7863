"""What differs between two sets of inputs, and which differences take a new resource."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal, cast

from simulator.graph import UNKNOWN, Json
from simulator.shapes import SHAPES

_PLAIN_KEY: Final = re.compile(r"[A-Za-z_]\w*")
_INDEX: Final = re.compile(r"\[\d+\]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One property that differs: its path as Pulumi writes it, and whether it takes a new resource."""

    path: str
    kind: Literal["add", "delete", "update"]
    replaces: bool

    @property
    def top(self) -> str:
        """The top-level property."""
        return re.split(r"[.\[]", self.path, maxsplit=1)[0]


def changes(kind: str, olds: Mapping[str, Json], news: Mapping[str, Json]) -> tuple[Change, ...]:
    """Everything that differs between the inputs of a resource as it is and as it shall be."""
    force_new = _force_new().get(kind, ())
    return tuple(
        Change(path=path, kind=how, replaces=_below(path, force_new))
        for path, how in _differences("", dict(olds), dict(news))
    )


def deletes_before(kind: str, olds: Mapping[str, Json], news: Mapping[str, Json]) -> bool:
    """Whether the old resource must go before the new one can come: both want the same physical name."""
    shape = SHAPES.get(kind)
    identity = shape.identity if shape is not None else ()
    return bool(identity) and all(olds.get(key) == news.get(key) for key in identity)


def _differences(path: str, old: Json, new: Json) -> Iterator[tuple[str, Literal["add", "delete", "update"]]]:
    if old == new and new != UNKNOWN:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            yield from _differences(_join(path, key), old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _differences(f"{path}[{index}]", one, other)
    elif old is None or new is None:
        yield path, "add" if old is None else "delete"
    else:
        yield path, "update"


def _join(path: str, key: str) -> str:
    if not _PLAIN_KEY.fullmatch(key):
        return f'{path}["{key}"]'
    return f"{path}.{key}" if path else key


def _below(path: str, force_new: tuple[str, ...]) -> bool:
    """Whether the change is in a forcing property, or takes away or adds what holds one."""
    without_indexes = _INDEX.sub("", path)
    return any(
        f"{without_indexes}.".startswith(f"{one}.") or one.startswith(f"{without_indexes}.") for one in force_new
    )


@cache
def _force_new() -> Mapping[str, tuple[str, ...]]:
    text = files("simulator").joinpath("force_new.json").read_text()
    table = cast("dict[str, dict[str, list[str]]]", json.loads(text))
    return {kind: tuple(row["properties"]) for kind, row in table.items()}
