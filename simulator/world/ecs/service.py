"""ECS: the operations on services and their deployments."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from simulator.world.alarms import Alarms
from simulator.world.api import AwsError, Document, Operations, WorldError, arn
from simulator.world.clock import Clock
from simulator.world.ecs import answers
from simulator.world.ecs.fleet import Fleet
from simulator.world.ecs.hooks import Hooks
from simulator.world.ecs.rolling import Rolling
from simulator.world.ecs.shifting import Shifting
from simulator.world.ecs.state import Deployment, Revision, Rollout, Service, TaskDefinition
from simulator.world.ecs.task_sets import TaskSets
from simulator.world.ecs.watch import Watch
from simulator.world.elbv2 import Elbv2
from simulator.world.targets import TargetGroup

CLUSTER: Final = "world"
SERVICES_IN_A_CALL: Final = 10
"""ECS API, DescribeServices."""
ROLLOUTS_IN_A_CALL: Final = 20
"""ECS API, DescribeServiceDeployments and DescribeServiceRevisions."""
_PASSED_ON: Final = {"cluster", "service", "desiredCount", "taskDefinition", "forceNewDeployment"}
"""What UpdateService understands here, besides deploymentConfiguration."""


class Ecs:
    """The service `ecs`, with one cluster.

    Args:
        clock: deployments go on by themselves.
        elbv2: where tasks are registered, and whose weights deployments move.
        alarms: that deployments may watch.
    """

    def __init__(self, clock: Clock, elbv2: Elbv2, alarms: Alarms) -> None:
        self._clock = clock
        self._elbv2 = elbv2
        self._alarms = alarms
        self._definitions: dict[str, TaskDefinition] = {}
        self._services: dict[str, Service] = {}
        self._fleets: dict[str, Fleet] = {}
        self.cluster = CLUSTER
        """The name of the cluster; another one is given before anything is in it."""
        self.hook_answers: dict[str, Callable[[], str]] = {}
        self.operations: Operations = {
            "DescribeServices": self._describe_services,
            "UpdateService": self._update_service,
            "DescribeTaskDefinition": self._describe_task_definition,
            "ListServiceDeployments": self._list_rollouts,
            "DescribeServiceDeployments": self._describe_rollouts,
            "DescribeServiceRevisions": self._describe_revisions,
            "StopServiceDeployment": self._stop_rollout,
            "ContinueServiceDeployment": self._continue_rollout,
        }

    def add_task_definition(
        self, family: str, image: str, *, starts: bool = True, passes: bool = True, start_seconds: float = 40.0
    ) -> TaskDefinition:
        """Register the next revision of a family; see `TaskDefinition` for how its tasks come up."""
        number = sum(name.startswith(f"{family}:") for name in self._definitions) + 1
        definition = TaskDefinition(
            arn=arn("ecs", f"task-definition/{family}:{number}"),
            image=image,
            starts=starts,
            passes=passes,
            start_seconds=start_seconds,
        )
        self._definitions[f"{family}:{number}"] = definition
        return definition

    def add_service(
        self,
        name: str,
        definition: TaskDefinition,
        *,
        desired: int,
        load_balancers: list[Document] | None = None,
        configuration: Document | None = None,
        by_codedeploy: bool = False,
    ) -> Service:
        """A service that has run this definition for long; the documents are as CreateService takes them."""
        now, balancers = self._clock.now(), load_balancers or []
        group = balancers[0]["targetGroupArn"] if balancers else ""
        other = balancers[0].get("advancedConfiguration", {}).get("alternateTargetGroupArn", "") if balancers else ""
        first = Revision(arn=self._revision_arn(name, 1), task_definition=definition, created=now)
        service = Service(
            name=name,
            cluster=arn("ecs", f"cluster/{self.cluster}"),
            arn=arn("ecs", f"service/{self.cluster}/{name}"),
            desired=desired,
            configuration={"strategy": "ROLLING", **(configuration or {})},
            load_balancers=balancers,
            completed=first,
            created=now,
            group=group,
            other_group=other,
            revisions=[first],
        )
        if service.strategy != "ROLLING" and not other:
            raise WorldError(f"{name} shifts traffic and has no alternateTargetGroupArn to shift it to")
        self._services[name] = service
        self._fleets[name] = fleet = Fleet(self._clock, f"10.0.{len(self._services)}")
        if by_codedeploy:
            sets = self.task_sets(name)
            sets.make_primary(sets.create(definition, group, external_id="", long_ago=True))
            return service
        service.deployments = [self._deployment(service, first, now)]
        service.primary.rollout_state = "COMPLETED"
        fleet.start(first, desired, self._group(service), long_ago=True)
        return service

    def task_sets(self, name: str) -> TaskSets:
        """The task sets of a service that CodeDeploy deploys."""
        service = self._services[name]
        return TaskSets(self._clock, self._elbv2, service, self._fleets[name])

    def fleet(self, service: Service) -> Fleet:
        """The tasks of a service."""
        return self._fleets[service.name]

    def _group(self, service: Service) -> TargetGroup | None:
        return self._elbv2.group(service.group) if service.group else None

    def _deployment(self, service: Service, revision: Revision, now: datetime) -> Deployment:
        number = len(service.revisions)
        return Deployment(id=f"ecs-svc/{number:019d}", revision=revision, created=now, updated=now)

    def _update_service(self, request: Document) -> Document:
        service = self._service(request["service"], request.get("cluster", self.cluster))
        if unknown := request.keys() - _PASSED_ON - {"deploymentConfiguration"}:
            raise WorldError(f"the world's UpdateService does not understand {', '.join(sorted(unknown))}")
        definition = service.current.task_definition
        if "taskDefinition" in request:
            definition = self.definition(request["taskDefinition"])
        deploys = definition is not service.current.task_definition or request.get("forceNewDeployment", False)
        if deploys and service.task_sets:
            raise AwsError(
                code="InvalidParameterException",
                message="Unable to update task definition on services with a CODE_DEPLOY deployment controller. Use "
                "AWS CodeDeploy to trigger a new deployment.",
            )
        if deploys and service.rollout is not None and service.strategy != "ROLLING":
            raise AwsError(  # AWS does not write down what it does here; a refusal is the safest to be tested with
                code="InvalidParameterException",
                message="A deployment that shifts traffic is in progress; stop it before another one is begun",
            )
        service.configuration = {**service.configuration, **request.get("deploymentConfiguration", {})}
        service.desired = request.get("desiredCount", service.desired)
        if deploys:
            self._deploy(service, definition)
        else:
            self._scale(service)
        return {"service": answers.service(service, self.fleet(service))}

    def _scale(self, service: Service) -> None:
        """While traffic shifts, both sides grow and neither shrinks; a rolling deployment minds the number itself."""
        fleet, rollout = self.fleet(service), service.rollout
        if service.task_sets:
            for one in service.task_sets:
                fleet.scale(one.revision, service.desired, self._elbv2.group(one.group))
        elif rollout is None:
            fleet.scale(service.completed, service.desired, self._group(service))
        elif service.strategy != "ROLLING":
            groups = {service.completed.arn: service.group, rollout.target.arn: service.other_group}
            for revision in fleet.revisions():
                missing = max(service.desired - fleet.count(revision), 0)
                fleet.start(revision, missing, self._elbv2.group(groups[revision.arn]))

    def _deploy(self, service: Service, definition: TaskDefinition) -> None:
        now, fleet = self._clock.now(), self.fleet(service)
        if service.rollout is not None:
            service.rollout.wish = "SUPERSEDE"
        number = len(service.revisions) + 1
        target = Revision(arn=self._revision_arn(service.name, number), task_definition=definition, created=now)
        service.revisions.append(target)
        rollout = Rollout(
            arn=arn("ecs", f"service-deployment/{self.cluster}/{service.name}/{number:016x}"),
            target=target,
            source=service.completed,
            configuration=service.configuration,
            created=now,
            updated=now,
        )
        service.rollouts.insert(0, rollout)
        service.deployments.insert(0, self._deployment(service, target, now))
        watch = Watch(self._clock, self._alarms, service, rollout)
        if service.strategy == "ROLLING":
            if service.configuration.get("lifecycleHooks"):
                raise WorldError("the world's rolling deployments have no lifecycle hooks")
            process = Rolling(watch, fleet, self._group(service)).run()
        else:
            process = Shifting(watch, Hooks(watch, self.hook_answers), fleet, self._elbv2).run()
        self._clock.after(0, lambda: self._clock.run(process))

    def _stop_rollout(self, request: Document) -> Document:
        rollout = self._rollout(request["serviceDeploymentArn"])
        if rollout.ended or rollout.stage == "CLEAN_UP":
            raise AwsError(code="ConflictException", message=f"The service deployment is {rollout.status}.")
        if rollout.status in ("PENDING", "IN_PROGRESS"):
            rollout.wish = request.get("stopType", "ROLLBACK")
            rollout.status = "ROLLBACK_REQUESTED" if rollout.wish == "ROLLBACK" else "STOP_REQUESTED"
        return {"serviceDeploymentArn": rollout.arn}

    def _continue_rollout(self, request: Document) -> Document:
        rollout = self._rollout(request["serviceDeploymentArn"])
        waiting = [hook for hook in rollout.hooks if hook.id == request["hookId"] and hook.status == "AWAITING_ACTION"]
        if not waiting or rollout.ended:
            raise AwsError(code="InvalidParameterException", message=f"The hook {request['hookId']} awaits no action.")
        waiting[0].status = "SUCCEEDED" if request.get("action", "CONTINUE") == "CONTINUE" else "FAILED"
        return {"serviceDeploymentArn": rollout.arn}

    def _describe_services(self, request: Document) -> Document:
        self._check_cluster(request.get("cluster", self.cluster))
        _check_number(request["services"], SERVICES_IN_A_CALL)
        found: list[Document] = []
        failures: list[Document] = []
        for given in request["services"]:
            service = self._services.get(_name(given))
            if service is None:
                failures.append({"arn": arn("ecs", f"service/{self.cluster}/{_name(given)}"), "reason": "MISSING"})
            else:
                found.append(answers.service(service, self.fleet(service)))
        return {"services": found, "failures": failures}

    def _describe_task_definition(self, request: Document) -> Document:
        return {"taskDefinition": answers.task_definition(self.definition(request["taskDefinition"])), "tags": []}

    def _list_rollouts(self, request: Document) -> Document:
        service = self._service(request["service"], request.get("cluster", self.cluster))
        wanted: list[str] = request.get("status", [])
        between: Document = request.get("createdAt", {})
        return {
            "serviceDeployments": [
                answers.listed(rollout, service)
                for rollout in service.rollouts
                if (not wanted or rollout.status in wanted)
                and between.get("after", rollout.created) <= rollout.created <= between.get("before", rollout.created)
            ]
        }

    def _describe_rollouts(self, request: Document) -> Document:
        known = {one.arn: (one, service) for service in self._services.values() for one in service.rollouts}
        wanted: list[str] = request["serviceDeploymentArns"]
        _check_number(wanted, ROLLOUTS_IN_A_CALL)
        found = [known[one] for one in wanted if one in known]
        return {
            "serviceDeployments": [answers.rollout(one, service, self.fleet(service)) for one, service in found],
            "failures": [{"arn": one, "reason": "MISSING"} for one in wanted if one not in known],
        }

    def _describe_revisions(self, request: Document) -> Document:
        known = {one.arn: (one, service) for service in self._services.values() for one in service.revisions}
        wanted: list[str] = request["serviceRevisionArns"]
        _check_number(wanted, ROLLOUTS_IN_A_CALL)
        return {
            "serviceRevisions": [answers.revision(*known[one]) for one in wanted if one in known],
            "failures": [{"arn": one, "reason": "MISSING"} for one in wanted if one not in known],
        }

    def _service(self, given: str, cluster: str) -> Service:
        self._check_cluster(cluster)
        service = self._services.get(_name(given))
        if service is None:
            raise AwsError(code="ServiceNotFoundException", message="Service not found.")
        return service

    def definition(self, given: str) -> TaskDefinition:
        """A task definition by its ARN, or by its family, of which it is the newest."""
        name = _name(given)
        newest = [one for known, one in self._definitions.items() if name in (known, known.partition(":")[0])]
        if not newest:
            raise AwsError(code="ClientException", message="Unable to describe task definition.")
        return newest[-1]

    def _check_cluster(self, given: str) -> None:
        if _name(given) != self.cluster:
            raise AwsError(code="ClusterNotFoundException", message="Cluster not found.")

    def _revision_arn(self, service: str, number: int) -> str:
        return arn("ecs", f"service-revision/{self.cluster}/{service}/{number:016x}")

    def _rollout(self, rollout_arn: str) -> Rollout:
        rollouts = [one for service in self._services.values() for one in service.rollouts if one.arn == rollout_arn]
        if not rollouts:
            raise AwsError(
                code="ServiceDeploymentNotFoundException", message=f"Service deployment {rollout_arn} not found."
            )
        return rollouts[0]


def _check_number(given: list[str], most: int) -> None:
    if len(given) > most:
        raise AwsError(code="InvalidParameterException", message=f"At most {most} of them can be described at once.")


def _name(given: str) -> str:
    """A name, or the name at the end of an ARN."""
    return given.rsplit("/", 1)[-1]
