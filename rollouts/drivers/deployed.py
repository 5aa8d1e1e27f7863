"""What CodeDeploy moves traffic between: the versions of an alias, or the task sets of a service."""

from typing import Final, Protocol

from botocore.exceptions import ClientError

from rollouts.aws import Answer, Aws, code_of
from rollouts.driver import Sources, Survey
from rollouts.drivers.counted import counted_by_side, counted_by_version, free_side
from rollouts.drivers.ecs_service import described
from rollouts.drivers.shares import percent
from rollouts.record import Rollout
from stacks.targets import CodeDeployTarget

_NOT_STARTED: Final = "DeploymentNotStartedException"


class Place(Protocol):
    """One kind."""

    def __init__(self, aws: Aws, target: CodeDeployTarget, rollout: Rollout) -> None: ...

    def survey(self) -> Survey:
        """What is live, and what forbids a rollout."""
        ...

    def resource(self, old: str, new: str) -> Answer:
        """The AppSpec's resource for a deployment from one revision to another."""
        ...

    def weight(self) -> float:
        """The candidate's share in percent."""
        ...

    def go_back(self) -> bool:
        """Give the live revision all of the traffic at once; False where only a deployment can."""
        ...

    def revisions(self) -> set[str]:
        """Those that have traffic, or are meant to have it."""
        ...

    def running(self) -> str:
        """The one that all of the traffic reaches; empty while there are two."""
        ...

    def sources(self) -> Sources | None:
        """Where the two sides are counted."""
        ...


class FunctionPlace:
    """An alias."""

    def __init__(self, aws: Aws, target: CodeDeployTarget, rollout: Rollout) -> None:
        self._aws, self._target, self._rollout = aws, target, rollout

    def survey(self) -> Survey:
        """The alias's version."""
        main, others = self._split()
        problems: tuple[str, ...] = ()
        if others:
            name = f"{self._target.function}:{self._target.alias}"
            problems = (f"the alias {name} has a second version ({', '.join(others)}): finish what shifts it first",)
        return Survey(live=main, problems=problems)

    def resource(self, old: str, new: str) -> Answer:
        """Both versions, and the alias."""
        properties = {
            "Name": self._target.function,
            "Alias": self._target.alias,
            "CurrentVersion": old,
            "TargetVersion": new,
        }
        return {"function": {"Type": "AWS::Lambda::Function", "Properties": properties}}

    def weight(self) -> float:
        """As the alias has it."""
        main, others = self._split()
        if main == self._rollout.candidate:
            return percent(1 - sum(others.values()))
        return percent(others.get(self._rollout.candidate, 0))

    def go_back(self) -> bool:
        """An alias can be moved by anybody."""
        self._aws.ask(
            "lambda",
            "update_alias",
            FunctionName=self._target.function,
            Name=self._target.alias,
            FunctionVersion=self._rollout.live,
            RoutingConfig={"AdditionalVersionWeights": {}},
        )
        return True

    def revisions(self) -> set[str]:
        """The alias's versions."""
        main, others = self._split()
        return {main, *others}

    def running(self) -> str:
        """The alias's only version."""
        main, others = self._split()
        return "" if others else main

    def sources(self) -> Sources:
        """Lambda counts the invocations of an alias by version."""
        candidate, live = (
            counted_by_version(self._target.function, self._target.alias, version)
            for version in (self._rollout.candidate, self._rollout.live)
        )
        return Sources(candidate=candidate, baseline=live)

    def _split(self) -> tuple[str, dict[str, float]]:
        found = self._aws.ask("lambda", "get_alias", FunctionName=self._target.function, Name=self._target.alias)
        return str(found["FunctionVersion"]), found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})


class ServicePlace:
    """The task sets of a container service."""

    def __init__(self, aws: Aws, target: CodeDeployTarget, rollout: Rollout) -> None:
        self._aws, self._target, self._rollout = aws, target, rollout

    def survey(self) -> Survey:
        """The primary task set's definition, and the target group that is free."""
        found = self._service()
        if found is None:
            return Survey(live="", problems=(f"ECS has no active service {self._name}; run pulumi up, which makes it",))
        if not (live := _only(found)):
            return Survey(live="", problems=(f"{self._name} is not steady; wait until one task set has all tasks",))
        side, unclear = free_side(self._aws, self._target.groups)
        return Survey(live=live, side=side, problems=unclear)

    def resource(self, old: str, new: str) -> Answer:  # noqa: ARG002 - a service needs no more than the new one
        """The new task definition, and which container gets the traffic."""
        balancer = {"ContainerName": self._target.container, "ContainerPort": self._target.port}
        properties = {"TaskDefinition": new, "LoadBalancerInfo": balancer}
        return {"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}

    def weight(self) -> float:
        """As the deployment has it for its green task set."""
        try:
            answer = self._aws.ask(
                "codedeploy",
                "batch_get_deployment_targets",
                deploymentId=self._rollout.handle,
                targetIds=[f"{self._target.cluster}:{self._name}"],
            )
        except ClientError as error:
            if code_of(error) != _NOT_STARTED:
                raise
            return 0
        sets = answer["deploymentTargets"][0]["ecsTarget"].get("taskSetsInfo", [])
        return sum(float(each.get("trafficWeight", 0)) for each in sets if each.get("taskSetLabel") == "Green")

    def go_back(self) -> bool:
        """CodeDeploy alone replaces task sets."""
        return False

    def revisions(self) -> set[str]:
        """What the primary task set runs."""
        found = self._service()
        return {str(each["taskDefinition"]) for each in _sets(found) if each["status"] == "PRIMARY"}

    def running(self) -> str:
        """What the only task set runs."""
        return _only(self._service())

    def sources(self) -> Sources | None:
        """Each side has a target group."""
        return counted_by_side(self._target.balancer, self._target.groups, self._rollout.side)

    @property
    def _name(self) -> str:
        return self._target.ecs_service

    def _service(self) -> Answer | None:
        return described(self._aws, self._target.cluster, self._name)


def _sets(service: Answer | None) -> list[Answer]:
    return service.get("taskSets", []) if service is not None else []


def _only(service: Answer | None) -> str:
    """The definition of the only task set, when all its tasks run."""
    sets = _sets(service)
    if len(sets) != 1 or sets[0]["status"] != "PRIMARY" or sets[0]["runningCount"] < sets[0]["computedDesiredCount"]:
        return ""
    return str(sets[0]["taskDefinition"])
