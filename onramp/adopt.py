"""What an update was making when it was killed: made by AWS, perhaps, and not yet written down as the stack's.

Made again, AWS would say that it exists. So each is written down under the id that AWS gives it, and a refresh then
keeps what exists, with all that AWS says of it, and drops what does not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from onramp.workspace import Workspace
from simulator.outputs import Place, known_id
from simulator.state import State
from stacks.load import Stack

Resource = Mapping[str, Any]
"""A resource as the engine's checkpoint writes it."""

IdOf = Callable[[Resource], str | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Takeover:
    """A deployment with what could be adopted; `adopted` and `unknown` are URNs."""

    deployment: dict[str, Any]
    adopted: tuple[str, ...]
    unknown: tuple[str, ...]


def take_over(deployment: Mapping[str, Any], id_of: IdOf) -> Takeover:
    """Turn creations that were not finished into resources, where their id is known; leave everything else."""
    resources: list[Resource] = [*(deployment.get("resources") or [])]
    pending: list[Mapping[str, Any]] = [*(deployment.get("pending_operations") or [])]
    adopted: list[str] = []
    left: list[Mapping[str, Any]] = []
    for operation in pending:
        resource: Resource = operation["resource"]
        found = id_of(resource) if operation["type"] == "creating" else None
        if found is None:
            left.append(operation)
        else:
            resources.append({**resource, "id": found, "outputs": resource.get("inputs", {})})
            adopted.append(str(resource["urn"]))
    return Takeover(
        deployment={**deployment, "resources": resources, "pending_operations": left},
        adopted=tuple(adopted),
        unknown=tuple(str(operation["resource"]["urn"]) for operation in left),
    )


def ids_of(stack: Stack, workspace: Workspace) -> IdOf:
    """How an id is found: in AWS it follows from the inputs or is not known; the stand-in can be asked."""
    if workspace.provider == "stand-in":
        made = _made_by_the_stand_in(workspace.account)
        return lambda resource: made.get(str(resource["urn"]))
    place = Place(region=stack.region, account=stack.environment.account or "")
    return lambda resource: known_id(str(resource["type"]), resource.get("inputs") or {}, place)


def _made_by_the_stand_in(path: Path) -> dict[str, str]:
    with State(path).reading() as state:
        return {thing.urn: thing.id for thing in state.everything()}
