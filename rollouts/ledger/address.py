"""Where the ledger is, as people write it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rollouts.aws import Aws, Clients, clients
from rollouts.clock import Clock
from rollouts.errors import Refused
from rollouts.ledger.dynamodb import DynamoStore
from rollouts.ledger.ledger import Ledger
from rollouts.ledger.sqlite import SqliteStore

_DYNAMODB: Final = re.compile(r"dynamodb://(?P<table>[A-Za-z0-9_.-]{3,255})\?region=(?P<region>[a-z]{2}(-[a-z]+)+-\d)")
"""A table's name by the DynamoDB developer guide, naming rules."""
_SQLITE: Final = re.compile(r"sqlite://(?P<path>/[^/\x00-\x1f]([^\x00-\x1f]*[^/\x00-\x1f])?)")
_ALLOWED: Final = (
    "write dynamodb://<table>?region=<region>, such as dynamodb://rollouts?region=eu-west-1 (a table that a team "
    "shares; the region is part of it, or two people could have two ledgers), or sqlite:///<path from the root>, such "
    "as sqlite:///home/me/rollouts.db (a file of this machine; a relative path would be another ledger in each folder)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table of DynamoDB."""

    name: str
    region: str


def read_address(text: str) -> Table | Path:
    """Which table, or which file, is meant.

    Raises:
        Refused: neither; says what is allowed.
    """
    if table := _DYNAMODB.fullmatch(text):
        return Table(name=table["table"], region=table["region"])
    if file := _SQLITE.fullmatch(text):
        return Path(file["path"])
    raise Refused(f"{text!r} is no place for a ledger: {_ALLOWED}")


def open_ledger(text: str, clock: Clock, connect: Callable[[str], Clients] = clients) -> Ledger:
    """The ledger at an address.

    Args:
        text: such as `dynamodb://rollouts?region=eu-west-1` or `sqlite:///home/me/rollouts.db`.
        clock: by which AWS is asked again.
        connect: makes the clients for a region.

    Raises:
        Refused: no such place, or something else is there.
    """
    place = read_address(text)
    if isinstance(place, Path):
        return Ledger(SqliteStore(place))
    return Ledger(DynamoStore(Aws(connect(place.region), clock), place.name))
