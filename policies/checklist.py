"""The onboarding checklist as data: which items there are, and which compute types each is asked of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypedDict, cast

import yaml

Decided = Literal["graph", "pipeline", "attested"]

_COMPUTES: Final = ("lambda", "fargate", "apprunner", "sagemaker")
_SUCCESSORS: Final[Mapping[str, str]] = {"apprunner": "express"}
"""The checklist was written before Express; it is asked what is asked of App Runner, which it succeeds."""
_ON_THE_CLUSTER: Final = ("OBS-6",)
"""Asked of Express as well, whose tasks run on the environment's cluster, unlike App Runner's instances."""
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
            applies=_applies(row),
            decided=row["decided"],
            title=row["item"],
        )
        for row in rows
    }


def _applies(row: _Row) -> tuple[str, ...]:
    written = _SHORT.get(row["applies"]) or tuple(row["applies"].split())
    later = [_SUCCESSORS[compute] for compute in written if compute in _SUCCESSORS]
    on_the_cluster = ["express"] if row["id"] in _ON_THE_CLUSTER else []
    return (*written, *later, *on_the_cluster)


CHECKLIST: Final[Mapping[str, Item]] = _load()
"""All items in the order of the checklist."""
