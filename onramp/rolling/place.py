"""Where the ledger is, and who somebody is, when nobody says so.

The stack file is read here for one key alone, so that what is wrong elsewhere in it keeps nobody from aborting.
"""

import getpass
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from onramp.evaluate import find_project
from onramp.exits import BadInputError
from rollouts.place import FILE, LEDGER_VARIABLE
from rollouts.place import place_of as decide
from stacks.defaults import fill_environment
from stacks.ledger import address_of
from stacks.load import ENVIRONMENT_KEY, REGION_KEY
from stacks.source import read_source

ACTOR_VARIABLE: Final = "GITHUB_ACTOR"
LEDGER_KEY: Final = "ledger"
_FLEETING: Final = ("CI", "CODEBUILD_BUILD_ID", "GITHUB_ACTIONS")
"""Set on machines that are thrown away after a job, a file with them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where the ledger is; `note` is for people, when it is nowhere that others see."""

    address: str
    note: str = ""


def place_of(given: str | None, project: Path, stack: str) -> Place:
    """The ledger: as given, as the stack file says, or a file of this machine.

    Raises:
        BadInputError: when that file would be thrown away with the machine.
        StackFileError: when the stack file cannot be read at all.
    """
    root = project if given else find_project(project)
    found = decide(given, "" if given else _written(root / f"Pulumi.{stack}.yaml", stack), root)
    if found.file is None:
        return Place(address=found.address)
    how = f"write `{LEDGER_KEY}: dynamodb` in {ENVIRONMENT_KEY} of Pulumi.{stack}.yaml, or set {LEDGER_VARIABLE}"
    if any(os.environ.get(name) for name in _FLEETING):
        raise BadInputError(
            "There is no ledger, and a file of this machine would be gone with it, and the rollout with the file.\n"
            f"    fix: {how}"
        )
    found.file.parent.mkdir(parents=True, exist_ok=True)
    note = f"ledger: {FILE}, which only this machine sees (docs/rollouts.md has the one for a team)"
    return Place(address=found.address, note=note)


def actor_of(given: str | None) -> str:
    """Who gives the command: as given, GitHub's user, or this machine's."""
    return given or os.environ.get(ACTOR_VARIABLE) or getpass.getuser()


def _written(path: Path, stack: str) -> str:
    if not path.is_file():
        return ""
    config = read_source(path).values.get("config")
    environment = config.get(ENVIRONMENT_KEY) if isinstance(config, dict) else None
    found = environment.get(LEDGER_KEY) if isinstance(environment, dict) else None
    if not (isinstance(config, dict) and isinstance(environment, dict) and isinstance(found, str)):
        return ""
    name = fill_environment(stack, environment).values["name"]
    return address_of(found, str(name), str(config.get(REGION_KEY)))
