"""The stack of a rollout, by the Automation API: what it has told of its services, its update, and its refresh."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pulumi import automation as auto
from pydantic import ValidationError

from onramp.evaluate import Progress, find_project
from onramp.exits import BadInputError, EngineError, LockedError
from onramp.real import Deployment, deploy
from onramp.rolling.surroundings import Asked
from onramp.workspace import Provider, Workspace, open_workspace
from rollouts.errors import NotBuilt
from rollouts.place import LEDGER_VARIABLE
from stacks.targets import OUTPUT_NAME, TARGETS, Target

_OURS: Final = "onramp:"
_SHOWN: Final = 5
"""Violations in the reason of a rollout; `onramp preview` shows all."""


class PulumiStack:
    """The stack.

    Args:
        asked: which one.
        progress: told what is being done.
        cloud: what the rollout's clients reach; a stack that another one answers for cannot be rolled out.
    """

    def __init__(self, asked: Asked, progress: Progress, cloud: Provider = "aws") -> None:
        self._asked, self._progress, self._cloud = asked, progress, cloud

    def targets(self) -> Mapping[str, Target]:
        """What the stack says of its services, as it was built last."""
        self._progress("asking the stack for its services")
        workspace = self._open()
        if workspace.provider != self._cloud:
            raise BadInputError(
                f"The stack {self._asked.stack} is made of stand-ins here, and nothing of it could be rolled out.\n"
                "    fix: --provider aws, with the credentials of the account"
            )
        try:
            outputs = workspace.stack.outputs()
        except auto.CommandError as error:
            raise EngineError(f"The engine does not tell the outputs of {self._asked.stack}.\n{error}") from None
        return targets_of(outputs[OUTPUT_NAME].value if OUTPUT_NAME in outputs else {})

    def build(self) -> Mapping[str, Target]:
        """Update the stack with the pack on; what it says of its services then."""
        asked, variables = self._asked, self._variables
        done = deploy(
            find_project(asked.project), asked.stack, asked.provider, None, self._progress, variables=variables
        )
        if not done.report.ok and not done.changes:
            raise NotBuilt(_rules_say_no(done))
        if not done.succeeded:
            raise EngineError("The update of the stack stopped.\n" + "\n".join(done.errors))
        return targets_of(done.outputs.get(OUTPUT_NAME) or {})

    def reconcile(self, service: str) -> None:
        """Refresh what belongs to the service; all of the stack when nothing is known to be its own."""
        workspace = self._open()
        try:
            exported = workspace.stack.export_stack().deployment or {}
            own = urns_of(service, exported.get("resources") or [])
            self._progress(f"pulumi refresh of {f'the {len(own)} resources of {service}' if own else 'the stack'}")
            workspace.stack.refresh(target=own or None, color="never", show_secrets=False)
        except auto.ConcurrentUpdateError:
            fix = f"wait for it; if that process is gone, onramp deploy {self._asked.stack} --unlock"
            raise LockedError(f"An update of {self._asked.stack} is running, or was killed.\n    fix: {fix}") from None
        except auto.CommandError as error:
            raise EngineError(f"pulumi refresh of {self._asked.stack} stopped.\n{error}") from None

    def _open(self) -> Workspace:
        asked = self._asked
        return open_workspace(find_project(asked.project), asked.stack, asked.provider, self._variables, self._progress)

    @property
    def _variables(self) -> Mapping[str, str]:
        """For the program, which reads the same ledger."""
        return {LEDGER_VARIABLE: self._asked.ledger} if self._asked.ledger else {}


def targets_of(output: object) -> Mapping[str, Target]:
    """What the stack's output says.

    Raises:
        BadInputError: when another version of Onramp has written it.
    """
    try:
        return TARGETS.validate_json(json.dumps(output))
    except ValidationError as error:
        where = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise BadInputError(
            f"The stack's output `{OUTPUT_NAME}` is of another version of Onramp: {where}\n"
            "    fix: onramp deploy with this version, or use the one that has built the stack"
        ) from None


def urns_of(service: str, resources: Iterable[Mapping[str, Any]]) -> list[str]:
    """The component of a service, and everything below it.

    Args:
        service: its name.
        resources: as the engine's checkpoint has them, parents before children.
    """
    found: list[str] = []
    for resource in resources:
        urn = str(resource["urn"])
        is_its_own = str(resource.get("type", "")).startswith(_OURS) and urn.endswith(f"::{service}")
        if is_its_own or resource.get("parent") in found:
            found.append(urn)
    return found


def _rules_say_no(done: Deployment) -> str:
    broken = [each for each in done.report.judgement.violations if each.level == "mandatory"]
    named = [f"{each.rule} ({each.service or 'shared'}): {each.message}" for each in broken[:_SHOWN]]
    more = [f"and {len(broken) - _SHOWN} more"] if len(broken) > _SHOWN else []
    return "the rules say no: " + "; ".join([*named, *more])
