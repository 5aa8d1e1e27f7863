"""CodeDeploy: the operations on deployments."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from simulator.world.alarms import Alarms
from simulator.world.api import AwsError, Document, Operations
from simulator.world.clock import Clock, Process
from simulator.world.codedeploy import answers
from simulator.world.codedeploy.routing import Routing, predefined
from simulator.world.codedeploy.running import LOOK_SECONDS, HookAnswer, Run
from simulator.world.codedeploy.shifts import AliasShift, Shift, TaskSetShift
from simulator.world.codedeploy.state import Deployment, Group, RollbackEvent, TwoSides
from simulator.world.ecs.service import Ecs
from simulator.world.elbv2 import Elbv2
from simulator.world.lambda_ import Lambda

DEPLOYMENTS_IN_A_CALL: Final = 25
"""CodeDeploy API, BatchGetDeployments."""
ON_EVERYTHING: Final[frozenset[RollbackEvent]] = frozenset(
    {"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"}
)
_TIME: Final = ("start", "end")


class CodeDeploy:
    """The service `codedeploy`.

    Args:
        clock: deployments go on by themselves.
        alarms: that stop them.
        lambda_: whose aliases they move.
        ecs: whose task sets they replace.
        elbv2: whose weights they move for that.
    """

    def __init__(self, clock: Clock, alarms: Alarms, lambda_: Lambda, ecs: Ecs, elbv2: Elbv2) -> None:
        self._clock, self._alarms = clock, alarms
        self._lambda, self._ecs, self._elbv2 = lambda_, ecs, elbv2
        self._groups: dict[tuple[str, str], Group] = {}
        self._configs = predefined()
        self._deployments: dict[str, Deployment] = {}
        self.hook_answers: dict[str, Callable[[], HookAnswer]] = {}
        self.operations: Operations = {
            "BatchGetDeployments": self._batch_get,
            "BatchGetDeploymentTargets": self._batch_get_targets,
            "CreateDeployment": self._create,
            "GetDeployment": self._get,
            "ListDeployments": self._list,
            "StopDeployment": self._stop,
        }

    def add_config(self, name: str, routing: Routing) -> None:
        """A deployment configuration of one's own."""
        self._configs[name] = routing

    def add_group(
        self,
        application: str,
        name: str,
        config: str,
        *,
        alarms: frozenset[str] = frozenset(),
        rolls_back_on: frozenset[RollbackEvent] = ON_EVERYTHING,
        sides: TwoSides | None = None,
    ) -> Group:
        """A deployment group; of a container service when it has `sides`."""
        group = Group(
            application=application,
            name=name,
            config=config,
            alarms=alarms,
            rolls_back_on=rolls_back_on,
            sides=sides,
        )
        self._groups[application, name] = group
        return group

    def _create(self, request: Document) -> Document:
        group = self._group(request["applicationName"], request["deploymentGroupName"])
        config = request.get("deploymentConfigName", group.config)
        if config not in self._configs:
            raise _refused("DeploymentConfigDoesNotExistException", f"No Deployment Configuration found for {config}")
        spec = _spec(request.get("revision", {}))
        active = [one.id for one in self._deployments.values() if one.group is group and not one.ended]
        if active:
            message = f"The Deployment Group '{group.name}' already has an active Deployment '{active[0]}'"
            raise _refused("DeploymentLimitExceededException", message)
        deployment = self._made(group, request["revision"], config, request.get("description", ""))
        run = Run(
            clock=self._clock,
            alarms=self._alarms,
            deployment=deployment,
            routing=self._configs[config],
            shift=self._shift(deployment, spec),
            hooks={event: name for hook in spec.get("Hooks", []) for event, name in hook.items()},
            answers=self.hook_answers,
            go_back=self._go_back,
        )
        self._clock.run(run.process())
        return {"deploymentId": deployment.id}

    def _shift(self, deployment: Deployment, spec: Document) -> Shift:
        (resource,) = spec["Resources"]
        ((_, what),) = resource.items()
        properties: Document = what["Properties"]
        sides = deployment.group.sides
        if sides is None:
            return AliasShift(self._lambda, properties)
        return TaskSetShift(self._ecs, self._elbv2, sides, deployment, properties["TaskDefinition"])

    def _made(self, group: Group, revision: Document, config: str, description: str) -> Deployment:
        deployment = Deployment(
            id=f"d-{len(self._deployments) + 1:09d}",
            group=group,
            revision=revision,
            config=config,
            description=description,
            creator="user",
            created=self._clock.now(),
        )
        self._deployments[deployment.id] = deployment
        return deployment

    def _go_back(self, failed: Deployment, shift: Shift) -> None:
        """A rollback is a new deployment, of what was there before (CodeDeploy user guide, Redeploy and roll back)."""
        back = self._made(failed.group, failed.revision, failed.config, "")
        back.creator, back.triggered_by, failed.rollback = "codeDeployRollback", failed.id, back.id
        self._clock.run(self._undo(back, shift))

    def _undo(self, back: Deployment, shift: Shift) -> Process:
        yield LOOK_SECONDS
        back.status, back.started = "InProgress", self._clock.now()
        shift.undo()
        yield LOOK_SECONDS
        back.status, back.completed = "Succeeded", self._clock.now()

    def _stop(self, request: Document) -> Document:
        deployment = self._deployment(request["deploymentId"])
        if deployment.ended:
            message = f"The deployment {deployment.id} is already in a completed state"
            raise _refused("DeploymentAlreadyCompletedException", message)
        deployment.wish = "stop and roll back" if request.get("autoRollbackEnabled") else "stop"
        return {"status": "Pending", "statusMessage": "The deployment is being stopped."}

    def _list(self, request: Document) -> Document:
        group = self._group(request["applicationName"], request["deploymentGroupName"])
        wanted: list[str] = request.get("includeOnlyStatuses", [])
        start, end = (request.get("createTimeRange", {}).get(key) for key in _TIME)
        return {
            "deployments": [
                one.id
                for one in reversed(self._deployments.values())
                if one.group is group
                and (not wanted or one.status in wanted)
                and (start is None or one.created >= start)
                and (end is None or one.created <= end)
            ]
        }

    def _get(self, request: Document) -> Document:
        return {"deploymentInfo": answers.deployment(self._deployment(request["deploymentId"]))}

    def _batch_get(self, request: Document) -> Document:
        wanted: list[str] = request["deploymentIds"]
        if len(wanted) > DEPLOYMENTS_IN_A_CALL:
            message = f"At most {DEPLOYMENTS_IN_A_CALL} deployments in one call"
            raise _refused("BatchLimitExceededException", message)
        found = [self._deployments[one] for one in wanted if one in self._deployments]
        return {"deploymentsInfo": [answers.deployment(one) for one in found]}

    def _batch_get_targets(self, request: Document) -> Document:
        deployment = self._deployment(request["deploymentId"])
        if deployment.started is None:
            raise _refused("DeploymentNotStartedException", f"The deployment {deployment.id} has not started")
        return {"deploymentTargets": [answers.target(deployment, one) for one in request["targetIds"]]}

    def _group(self, application: str, name: str) -> Group:
        if not any(known == application for known, _ in self._groups):
            raise _refused("ApplicationDoesNotExistException", f"No application found for name: {application}")
        if (application, name) not in self._groups:
            raise _refused("DeploymentGroupDoesNotExistException", f"No Deployment Group found for name: {name}")
        return self._groups[application, name]

    def _deployment(self, deployment_id: str) -> Deployment:
        if deployment_id not in self._deployments:
            message = f"The deployment {deployment_id} could not be found"
            raise _refused("DeploymentDoesNotExistException", message)
        return self._deployments[deployment_id]


def _spec(revision: Document) -> Document:
    """The AppSpec of a revision; only JSON is understood here."""
    given: Document = revision.get("appSpecContent", {})
    content = str(given.get("content", ""))
    if revision.get("revisionType") != "AppSpecContent" or not content:
        raise _refused("RevisionRequiredException", "A revision is required")
    if given.get("sha256") not in (None, sha256(content.encode()).hexdigest()):
        raise _refused("InvalidRevisionException", "The sha256 is not that of the content")
    try:
        return json.loads(content)
    except ValueError as error:
        raise _refused("InvalidRevisionException", "The AppSpec content is not valid") from error


def _refused(code: str, message: str) -> AwsError:
    return AwsError(code=code, message=message)
