"""An ECS service as its driver asks about it: what it runs, and its service deployments."""

from collections.abc import Sequence
from typing import Final

from rollouts.aws import Answer, Aws
from stacks.targets import EcsTarget, ExpressTarget

GOING_BACK: Final = frozenset({"ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL"})
_ACTIVE: Final = ("PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")
_REVISIONS_MAX: Final = 20
"""In one question (ECS API, DescribeServiceRevisions)."""


class EcsService:
    """One service.

    A revision is called by its task definition; where ECS writes the task definition itself (Express), by its image.
    """

    def __init__(self, aws: Aws, target: EcsTarget | ExpressTarget) -> None:
        self._aws, self._target = aws, target

    def describe(self) -> Answer | None:
        """The service; None when there is none."""
        return described(self._aws, self._target.cluster, self._target.ecs_service)

    def revision(self, service: Answer) -> str:
        """What a service is meant to run; empty while an Express service has two."""
        if isinstance(self._target, EcsTarget):
            return str(primary(service)["taskDefinition"])
        current = [str(each["arn"]) for each in service.get("currentServiceRevisions", [])]
        return self.revisions(current)[0] if len(current) == 1 else ""

    def revisions(self, arns: Sequence[str]) -> list[str]:
        """What service revisions are called, in the order of their ARNs."""
        known: dict[str, str] = {}
        for start in range(0, len(arns), _REVISIONS_MAX):
            part = sorted({*arns[start : start + _REVISIONS_MAX]})
            answer = self._aws.ask("ecs", "describe_service_revisions", serviceRevisionArns=part)
            known |= {str(each["serviceRevisionArn"]): self._called(each) for each in answer["serviceRevisions"]}
        return [known.get(arn, "") for arn in arns]

    def deployments(self, **only: object) -> list[Answer]:
        """Its service deployments, newest first."""
        found = self._aws.all(
            "ecs",
            "list_service_deployments",
            "serviceDeployments",
            cluster=self._target.cluster,
            service=self._target.ecs_service,
            **only,
        )
        return sorted(found, key=lambda each: each["createdAt"], reverse=True)

    def active(self) -> list[Answer]:
        """Those in progress, newest first."""
        return self.deployments(status=[*_ACTIVE])

    def is_active(self, deployment: Answer) -> bool:
        """Whether one is in progress."""
        return deployment["status"] in _ACTIVE

    def deployment(self, arn: str) -> Answer:
        """One with all that ECS says of it.

        Raises:
            LookupError: when ECS does not know it any more.
        """
        found = self._aws.ask("ecs", "describe_service_deployments", serviceDeploymentArns=[arn])["serviceDeployments"]
        if not found:
            raise LookupError(f"ECS does not know the service deployment {arn}")
        return found[0]

    def deploy(self, definition: str) -> None:
        """Ask for a deployment; ECS begins none when this is what it deploys or runs."""
        self._aws.ask(
            "ecs",
            "update_service",
            cluster=self._target.cluster,
            service=self._target.ecs_service,
            taskDefinition=definition,
        )

    def _called(self, revision: Answer) -> str:
        if isinstance(self._target, EcsTarget):
            return str(revision["taskDefinition"])
        return str(revision["containerImages"][0]["image"])


def described(aws: Aws, cluster: str, name: str) -> Answer | None:
    """A service as ECS has it; None when there is none."""
    answer = aws.ask("ecs", "describe_services", cluster=cluster, services=[name])
    return next((found for found in answer["services"] if found["status"] == "ACTIVE"), None)


def primary(service: Answer) -> Answer:
    """The deployment that a service is meant to run."""
    return next(each for each in service["deployments"] if each["status"] == "PRIMARY")


def is_steady(service: Answer) -> bool:
    """Whether it runs one revision, on as many tasks as it should."""
    is_one = len(service["deployments"]) == 1 and primary(service).get("rolloutState", "COMPLETED") == "COMPLETED"
    return is_one and service["runningCount"] >= service["desiredCount"]
