"""An ECS service whose deployments ECS runs itself: it shifts traffic, or replaces task by task, and may ask us.

Pulumi starts the deployment; stopped, it goes back by itself. Where ECS has finished before it could be stopped, the
way back is one more deployment, of the live revision.
"""

from collections.abc import Iterable
from typing import Final

from botocore.exceptions import ClientError

from rollouts.aws import Answer, Aws, code_of
from rollouts.clock import SKEW_MAX
from rollouts.driver import Progress, Ready, Sources, Survey
from rollouts.drivers.counted import counted_by_side, free_side
from rollouts.drivers.ecs_service import GOING_BACK, EcsService, is_steady
from rollouts.record import ALL, Rollout
from stacks.targets import EcsTarget, ExpressTarget

_OVER: Final = "ConflictException"
_NOT_WAITING: Final = "InvalidParameterException"
_FAILED: Final = frozenset({"STOP_REQUESTED", "STOPPED", "ROLLBACK_FAILED"})


class EcsDriver:
    """Follows the service deployment of the candidate, answers its PAUSE hooks, and stops it."""

    def __init__(self, aws: Aws, target: EcsTarget | ExpressTarget, rollout: Rollout) -> None:
        self._aws, self._target, self._rollout = aws, target, rollout
        self._service = EcsService(aws, target)

    def survey(self) -> Survey:
        """What the service runs, and whether it is at rest."""
        found = self._service.describe()
        name = self._target.ecs_service
        if found is None:
            return Survey(live="", problems=(f"ECS has no active service {name}; run pulumi up, which makes it",))
        problems: list[str] = []
        if busy := self._service.active():
            arn = busy[0]["serviceDeploymentArn"]
            problems.append(
                f"ECS is deploying {name} already; wait for it, or: aws ecs stop-service-deployment "
                f"--service-deployment-arn {arn} --stop-type ROLLBACK"
            )
        elif not is_steady(found):
            problems.append(f"{name} is not steady; wait until it is, or mend what keeps its tasks from running")
        elif not found["desiredCount"]:
            problems.append(f"{name} runs no task, so nothing is live; scale it up first")
        side = ""
        if not problems and isinstance(self._target, EcsTarget):
            side, unclear = free_side(self._aws, self._target.groups)
            problems += unclear
        return Survey(live=self._service.revision(found), side=side, problems=tuple(problems))

    def prepare(self) -> Ready:
        """The deployment is there when Pulumi has started it; where Pulumi saw nothing to change, we do."""
        since = self._rollout.started_at
        recent = [
            each
            for each in self._service.deployments(createdAt={"after": since - SKEW_MAX})
            if each["createdAt"] >= since or self._service.is_active(each)
        ]
        names = self._targets(recent)
        ours = [each for each, name in zip(recent, names, strict=True) if name == self._rollout.candidate]
        if ours:
            return Ready(done=True, handle=str(ours[0]["serviceDeploymentArn"]))
        foreign = [name for each, name in zip(recent, names, strict=True) if self._service.is_active(each)]
        if foreign:
            return Ready(done=False, failed=True, because=f"somebody else is deploying {foreign[0]}")
        if isinstance(self._target, ExpressTarget):
            return Ready(done=False, because="Pulumi has started no deployment of it")
        self._service.deploy(self._rollout.candidate)
        return Ready(done=False, because="ECS was asked to deploy it")

    def progress(self) -> Progress:
        """Where the service deployment is; while it goes back, it counts as rolled back already."""
        found = self._service.deployment(self._rollout.handle)
        status, back = str(found["status"]), found.get("rollback", {})
        because = str(back.get("reason") or found.get("statusReason", "")) or f"ECS says {status}, and not why"
        if status in _FAILED:
            return Progress(state="failed", weight=0, because=because)
        if status in GOING_BACK:
            return Progress(state="rolled-back", weight=0, because=because)
        state = "succeeded" if status == "SUCCESSFUL" else "running"
        return Progress(state=state, weight=_weight(found), question=_question(found))

    def allow(self, question: str) -> None:
        """Let it go on to the next stage."""
        self._continue(self._rollout.handle, question)

    def zero(self) -> None:
        """Have ECS go back. Before the deployment's ARN is in the ledger, it has to be looked for."""
        if self._rollout.handle:
            self._stop(self._rollout.handle)
            return
        active = self._service.active()
        for each, name in zip(active, self._targets(active), strict=True):
            # Nothing was in progress before the rollout; what Pulumi builds has no name before it is built.
            if self._rollout.candidate in {"", name}:
                self._stop(str(each["serviceDeploymentArn"]))

    def restore(self) -> Ready:
        """Wait until ECS has gone back; where there was nothing left to stop, deploy the live revision."""
        active = self._service.active()
        if not active:
            return self._live_again()
        newest = active[0]
        if newest["status"] in GOING_BACK:
            return Ready(done=False, because="ECS goes back")
        arn, (name, *_) = str(newest["serviceDeploymentArn"]), self._targets(active)
        if name == self._rollout.live:
            question = _question(self._service.deployment(arn))
            if question is not None:
                self._continue(arn, question)
            return Ready(done=False, because="ECS deploys the live revision again")
        if self._rollout.candidate not in {"", name}:
            return _foreign(name)
        self._stop(arn)
        return Ready(done=False, because="the candidate was still being deployed")

    def promote(self) -> Ready:
        """ECS has removed the old tasks."""
        return Ready(done=True)

    def running(self) -> str:
        """What the service runs, when it is at rest."""
        found = self._service.describe()
        is_at_rest = found is not None and is_steady(found) and not self._service.active()
        return self._service.revision(found) if found is not None and is_at_rest else ""

    def targets(self) -> None:
        """ECS itself waits for healthy targets, and replaces what is not healthy."""

    def sources(self) -> Sources | None:
        """Each side has a target group; a service without a second one is counted as a whole, which tells nothing."""
        if isinstance(self._target, ExpressTarget):
            return None
        return counted_by_side(self._target.balancer, self._target.groups, self._rollout.side)

    def _live_again(self) -> Ready:
        found = self._service.describe()
        name = self._service.revision(found) if found is not None else ""
        if found is None or name not in {self._rollout.live, self._rollout.candidate}:
            return _foreign(name)
        if name == self._rollout.live:
            return Ready(done=is_steady(found), because="its tasks are starting")
        if isinstance(self._target, ExpressTarget):
            return Ready(done=False, failed=True, because=f"ECS had finished; roll {self._rollout.live} out again")
        self._service.deploy(self._rollout.live)
        return Ready(done=False, because="ECS had finished, and was asked to deploy the live revision again")

    def _targets(self, deployments: Iterable[Answer]) -> list[str]:
        return self._service.revisions([str(each["targetServiceRevisionArn"]) for each in deployments])

    def _stop(self, arn: str) -> None:
        """What is over or on its way back cannot be stopped, and need not be."""
        try:
            self._aws.ask("ecs", "stop_service_deployment", serviceDeploymentArn=arn, stopType="ROLLBACK")
        except ClientError as error:
            if code_of(error) != _OVER:
                raise

    def _continue(self, arn: str, hook: str) -> None:
        """Somebody may have answered in the meantime, or we ourselves, and have not heard of it."""
        try:
            self._aws.ask(
                "ecs", "continue_service_deployment", serviceDeploymentArn=arn, hookId=hook, action="CONTINUE"
            )
        except ClientError as error:
            if code_of(error) != _NOT_WAITING or _question(self._service.deployment(arn)) == hook:
                raise


def _weight(deployment: Answer) -> float:
    """In percent. What is replaced task by task has no share that AWS knows: its first task counts as all."""
    new = deployment["targetServiceRevision"]
    if "requestedProductionTrafficWeight" in new:
        return round(float(new["requestedProductionTrafficWeight"]), 1)
    return ALL if new.get("runningTaskCount") else 0


def _question(deployment: Answer) -> str | None:
    waiting = [
        str(hook["hookId"])
        for hook in deployment.get("lifecycleHookDetails", [])
        if hook.get("targetType") == "PAUSE" and hook["status"] == "AWAITING_ACTION"
    ]
    return waiting[0] if waiting else None


def _foreign(name: str) -> Ready:
    return Ready(done=False, failed=True, because=f"somebody else has deployed {name or 'something else'}")
