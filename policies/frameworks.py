"""What others have published about the same matters: the practices and controls that rules name, with their titles."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, TypedDict, cast

import yaml


class _Framework(TypedDict):
    name: str
    source: str
    checked: date
    ids: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Control:
    """One practice or control: its id and title as published, where, and the day on which both were compared."""

    id: str
    title: str
    framework: str
    source: str
    checked: date


def _load() -> Iterator[Control]:
    text = (Path(__file__).parent / "frameworks.yaml").read_text(encoding="utf-8")
    for framework in cast("Sequence[_Framework]", yaml.safe_load(text)):
        for control, title in framework["ids"].items():
            yield Control(
                id=control,
                title=title,
                framework=framework["name"],
                source=framework["source"],
                checked=framework["checked"],
            )


CONTROLS: Final[Mapping[str, Control]] = {control.id: control for control in _load()}
"""Every control that a rule may name, by its id."""
