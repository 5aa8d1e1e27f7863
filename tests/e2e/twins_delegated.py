"""Twins of what AWS itself moves: an update or the rollout begins the deployment, and AWS goes on with it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from simulator.world.alb_route import AlbRoute
from simulator.world.api import Document
from simulator.world.apprunner import RunnerRoute
from simulator.world.codedeploy.routing import Routing
from simulator.world.codedeploy.state import TwoSides
from simulator.world.ecs.state import TaskDefinition
from simulator.world.traffic import Quality
from simulator.world.variant_route import VariantRoute
from stacks.targets import CodeDeployTarget, EcsTarget, EndpointTarget, ExpressTarget, RunnerTarget, VariantsTarget
from tests.e2e.twins import (
    ECS_SERVICE,
    Account,
    AliasTwin,
    Definitions,
    new_world,
    show_rule,
    show_service,
)
from tests.rollouts.stages import BAD, BUSY, GOOD
from tests.rollouts.stages_ecs import CANARY, SLOW_START_SECONDS, UNASKED_MINUTES
from tests.rollouts.stages_sagemaker import QUICK, SILENT

ENDPOINT: Final = "aws:sagemaker/endpoint:Endpoint"
RUNNER: Final = "aws:apprunner/service:Service"
EXPRESS: Final = "aws:ecs/expressGatewayService:ExpressGatewayService"
_LOOK_SECONDS: Final = 15


class _ServiceTwin(ABC):
    """One ECS service behind a rule with two target groups."""

    def __init__(self, account: Account, target: EcsTarget | CodeDeployTarget) -> None:
        assert target.groups is not None
        self.world, self._account, self._target = new_world(target.alarms), account, target
        self.world.ecs.cluster = target.cluster
        self._definitions = Definitions(self.world)
        self._rule = account.rule_of(target.groups.blue)
        weights = account.weights(self._rule)
        self._live, self._other = sorted(weights, key=lambda group: -weights[group])
        for number, group in enumerate(weights):
            self.world.elbv2.add_target_group(str(number), group)
        service = self._found()
        self.world.ecs.add_service(
            target.ecs_service,
            self._definitions.register(service["taskDefinition"]),
            desired=int(service["desiredCount"]),
            **self._settings(service),
        )
        rule = self.world.elbv2.add_rule_of(target.balancer, self._rule, weights)
        self.world.traffic.add(AlbRoute(self.world.elbv2, rule), BUSY)
        self.world.traffic.behave(service["taskDefinition"], GOOD)

    def built(self, revision: str, quality: Quality) -> None:
        self._definitions.register(revision)
        self.world.traffic.behave(revision, quality)

    def show(self) -> None:
        show_rule(self.world, self._account, self._rule)
        show_service(self.world, self._account, self._target.ecs_service)

    def _found(self) -> Mapping[str, Any]:
        return self._account.find(ECS_SERVICE, "name", self._target.ecs_service)

    @abstractmethod
    def _settings(self, service: Mapping[str, Any]) -> Document:
        """What differs by who deploys it."""


class EcsTwin(_ServiceTwin):
    """An ECS service that shifts its traffic itself."""

    def built(self, revision: str, quality: Quality) -> None:
        """Where the update itself has asked for a deployment, ECS begins it."""
        super().built(revision, quality)
        ecs, name = self.world.client("ecs"), self._target.ecs_service
        wanted = self._found()["taskDefinition"]
        ecs.update_service(cluster=self._target.cluster, service=name, taskDefinition=wanted)

    def _settings(self, service: Mapping[str, Any]) -> Document:
        return {
            "load_balancers": [_balancer(self._live, self._other, self._rule)],
            "configuration": {**_numbers(service["deploymentConfiguration"]), "alarms": service["alarms"]},
        }


class DeployedFunctionTwin(AliasTwin):
    """A function whose alias CodeDeploy moves."""

    def __init__(self, account: Account, target: CodeDeployTarget) -> None:
        super().__init__(account, target)
        self.world.codedeploy.add_config("canary", _routing(target))
        self.world.codedeploy.add_group(target.application, target.group, "canary", alarms=frozenset(target.alarms))


class TaskSetTwin(_ServiceTwin):
    """A container service that CodeDeploy replaces."""

    def __init__(self, account: Account, target: CodeDeployTarget) -> None:
        self._container: Document = {"containerName": target.container, "containerPort": target.port}
        super().__init__(account, target)
        sides = TwoSides(service=target.ecs_service, rule=self._rule, groups=(self._live, self._other))
        self.world.codedeploy.add_config("canary", _routing(target))
        alarms = frozenset(target.alarms)
        self.world.codedeploy.add_group(target.application, target.group, "canary", alarms=alarms, sides=sides)

    def _settings(self, service: Mapping[str, Any]) -> Document:  # noqa: ARG002 - CodeDeploy has settings of its own
        return {"load_balancers": [{"targetGroupArn": self._live, **self._container}], "by_codedeploy": True}


class EndpointTwin:
    """An endpoint that Onramp moves with variants, or SageMaker between its guardrails."""

    def __init__(self, account: Account, target: VariantsTarget | EndpointTarget) -> None:
        self.world, self._account, self._target = new_world(target.alarms), account, target
        if isinstance(target, EndpointTarget) and target.brake:
            self.world.alarms.add(target.brake, SILENT)
        sagemaker = self.world.sagemaker
        sagemaker.times = QUICK
        self._variants = (target.variant,) if isinstance(target, VariantsTarget) else target.variants
        live = str(self._found()["endpointConfigName"])
        self._add(live, GOOD)
        endpoint = sagemaker.add_endpoint(target.endpoint, live)
        self.world.traffic.add(VariantRoute(self.world.metrics, endpoint), BUSY)

    def built(self, revision: str, quality: Quality) -> None:
        """The update has made the new configuration, and has left the endpoint to the rollout."""
        self._add(revision, quality)
        assert self._found()["endpointConfigName"] in self.world.sagemaker.endpoint(self._target.endpoint).configs

    def show(self) -> None:
        config = self.world.sagemaker.endpoint(self._target.endpoint).fleet.config
        self._account.change(ENDPOINT, "name", self._target.endpoint, endpointConfigName=config)

    def _found(self) -> Mapping[str, Any]:
        return self._account.find(ENDPOINT, "name", self._target.endpoint)

    def _add(self, config: str, quality: Quality) -> None:
        if not self.world.sagemaker.has_config(config):
            model = self.world.sagemaker.add_model(f"model-of-{config}")
            self.world.sagemaker.add_config(config, dict.fromkeys(self._variants, model))
            self.world.traffic.behave(model, quality)


class RunnerTwin:
    """An App Runner service."""

    def __init__(self, account: Account, target: RunnerTarget) -> None:
        self.world, self._account, self._target = new_world(target.alarms), account, target
        live, made = self._image(), target.service_arn.rpartition("/")[2]
        self._service = self.world.apprunner.add_service(target.service_name, live, service_id=made)
        self.world.traffic.add(RunnerRoute(self.world.metrics, self._service), BUSY)
        self.world.traffic.behave(live, GOOD)

    def built(self, revision: str, quality: Quality) -> None:
        """The provider waits until App Runner has replaced everything."""
        self.world.traffic.behave(revision, quality)
        if self._image() != self._service.image:
            self.world.apprunner.update(self._service, self._image())
            while self._service.status != "RUNNING":
                self.world.clock.sleep(_LOOK_SECONDS)

    def show(self) -> None:
        source = self._source()
        repository = {**source["imageRepository"], "imageIdentifier": self._service.image}
        found = {**source, "imageRepository": repository}
        self._account.change(RUNNER, "arn", self._target.service_arn, sourceConfiguration=found)

    def _source(self) -> Mapping[str, Any]:
        return self._account.find(RUNNER, "arn", self._target.service_arn)["sourceConfiguration"]

    def _image(self) -> str:
        return str(self._source()["imageRepository"]["imageIdentifier"])


class ExpressTwin:
    """An Express service: what runs there is known by its image, and an alarm says when it is bad."""

    def __init__(self, account: Account, target: ExpressTarget) -> None:
        self.world, self._account, self._target = new_world(target.alarms), account, target
        self.world.ecs.cluster = target.cluster
        blue, green = (self.world.elbv2.add_target_group(color) for color in ("blue", "green"))
        listener = self.world.elbv2.add_listener("express", {blue.arn: 1})
        rule = self.world.elbv2.add_rule(listener.listener, "/*", {blue.arn: 100, green.arn: 0})
        self.world.ecs.add_service(
            target.ecs_service,
            self._definition(self._image()),
            desired=1,
            load_balancers=[_balancer(blue.arn, green.arn, rule.arn)],
            configuration={**CANARY, "lifecycleHooks": [], "bakeTimeInMinutes": UNASKED_MINUTES},
        )

    def built(self, revision: str, quality: Quality) -> None:
        assert revision == self._image()
        name, alarm = self._target.ecs_service, self._target.alarms[0]
        if quality is BAD:
            self.world.clock.after(SLOW_START_SECONDS, lambda: self.world.alarms.hold(alarm, "ALARM"))
        made = self._definition(revision).arn
        self.world.client("ecs").update_service(cluster=self._target.cluster, service=name, taskDefinition=made)

    def show(self) -> None:
        cluster, name = self._target.cluster, self._target.ecs_service
        (found,) = self.world.client("ecs").describe_services(cluster=cluster, services=[name])["services"]
        image = self.world.ecs.definition(found["taskDefinition"]).image
        self._account.change(EXPRESS, "serviceName", name, primaryContainer={**self._container(), "image": image})

    def _definition(self, image: str) -> TaskDefinition:
        return self.world.ecs.add_task_definition(self._target.ecs_service, image, start_seconds=20)

    def _container(self) -> Mapping[str, Any]:
        return self._account.find(EXPRESS, "serviceName", self._target.ecs_service)["primaryContainer"]

    def _image(self) -> str:
        return str(self._container()["image"])


def _balancer(live: str, other: str, rule: str) -> Document:
    return {
        "targetGroupArn": live,
        "containerName": "app",
        "containerPort": 8000,
        "advancedConfiguration": {
            "alternateTargetGroupArn": other,
            "productionListenerRule": rule,
            "roleArn": "arn:aws:iam::123456789012:role/ecs",
        },
    }


def _routing(target: CodeDeployTarget) -> Routing:
    return Routing(type="TimeBasedCanary", percent=int(target.percent), minutes=target.interval_minutes)


def _numbers(value: Any) -> Any:
    """The provider spells numbers as text that the API does not."""
    match value:
        case dict():
            return {
                key: float(each) if key in {"canaryPercent", "stepPercent"} else _numbers(each)
                for key, each in _items(value)
            }
        case list():
            return [_numbers(each) for each in cast("list[Any]", value)]
        case str() if value.isdecimal():
            return int(value)
        case _:
            return value


def _items(value: Any) -> Iterable[tuple[str, Any]]:
    return cast("dict[str, Any]", value).items()
