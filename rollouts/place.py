"""Where the ledger is: one decision for the program, which looks at what is open, and for whoever rolls out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

LEDGER_VARIABLE: Final = "ONRAMP_LEDGER"
"""An address that goes before what the stack file says, or `none`."""
NO_LEDGER: Final = "none"
"""In place of an address: the program asks nobody."""
FILE: Final = Path(".pulumi", "onramp", "rollouts.db")
"""The ledger to try rollouts out with, under the project, in the folder that git ignores."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where the ledger is.

    Args:
        address: as `open_ledger` takes it, or `none`.
        file: the one to try rollouts out with, when nobody says otherwise; it need not exist yet.
    """

    address: str
    file: Path | None = None


def place_of(given: str | None, written: str, root: Path) -> Place:
    """The ledger: as given, as the stack file says, or a file of this machine.

    Args:
        given: by the command or its environment.
        written: address by the stack file; empty when it names none.
        root: folder of Pulumi.yaml.
    """
    if given or written:
        return Place(address=given or written)
    file = (root / FILE).resolve()
    return Place(address=f"sqlite://{file}", file=file)
