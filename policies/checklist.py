"""The onboarding checklist as data: which items there are, and which compute types each is asked of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypedDict, cast

import yaml

Decided = Literal["graph", "pipeline", "attested"]

_COMPUTES: Final = ("lambda", "fargate", "apprunner", "sagemaker")
_SHORT: Final[Mapping[str, tuple[str, ...]]] = {
    "all": _COMPUTES,
    "containers": ("fargate", "apprunner", "sagemaker"),
}


class _Row(TypedDict):
    id: str
    group: str
    applies: str
    decided: Decided
    item: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One line of the checklist: `applies` are the compute types, `decided` says who can know."""

    id: str
    group: str
    applies: tuple[str, ...]
    decided: Decided
    title: str


def _load() -> Mapping[str, Item]:
    text = (Path(__file__).parent / "checklist.yaml").read_text(encoding="utf-8")
    rows = cast("Sequence[_Row]", yaml.safe_load(text))
    return {
        row["id"]: Item(
            id=row["id"],
            group=row["group"],
            applies=_SHORT.get(row["applies"]) or tuple(row["applies"].split()),
            decided=row["decided"],
            title=row["item"],
        )
        for row in rows
    }


CHECKLIST: Final[Mapping[str, Item]] = _load()
"""All items in the order of the checklist."""

NOT_ASKED: Final[Mapping[str, str]] = {"COMP-2": "no environment requires signed images"}
"""Items that nothing asks for yet, and why."""

NOT_PROVEN: Final[Mapping[str, str]] = {
    "CICD-1": "no pipeline resource in this stack proves it",
    "CICD-3": "no pipeline resource in this stack proves that a scan gates the delivery",
    "COMP-3": "Security Hub findings are known only when an image is promoted; no pipeline resource proves the gate",
}
"""Items that the previewed resources say nothing about, and why."""
