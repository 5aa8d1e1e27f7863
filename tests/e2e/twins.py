"""The rollout world in place of what the stand-in has: the same names and ARNs, so that both are one AWS.

The stand-in is AWS as Pulumi sees it, the world is AWS as a rollout sees it. A twin begins the world as the stand-in
has it, brings what an update has made into the world, and what a rollout has moved into the stand-in.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Protocol

from simulator.state import Thing
from simulator.world.alb_route import AlbRoute
from simulator.world.alias_route import AliasRoute
from simulator.world.ecs.state import TaskDefinition
from simulator.world.traffic import Quality
from simulator.world.world import World
from stacks.targets import AliasTarget, BalancerTarget, CodeDeployTarget
from tests.e2e.conftest import Project
from tests.rollouts.stage import START
from tests.rollouts.stages import BUSY, GOOD

ECS_SERVICE: Final = "aws:ecs/service:Service"
LISTENER_RULE: Final = "aws:lb/listenerRule:ListenerRule"
SCALING_TARGET: Final = "aws:appautoscaling/target:Target"
ALIAS: Final = "aws:lambda/alias:Alias"
TASKS_MAX: Final = 10


class Account:
    """What the stand-in has, by type and by one of its properties."""

    def __init__(self, project: Project) -> None:
        self._state = project.aws()

    def find(self, kind: str, key: str, value: str) -> Mapping[str, Any]:
        with self._state.reading() as state:
            return self._one(list(state.of_kind(kind)), key, value).properties

    def change(self, kind: str, key: str, value: str, **properties: Any) -> None:
        """Change it as somebody does who is not Pulumi."""
        with self._state.changing() as state:
            thing = self._one(list(state.of_kind(kind)), key, value)
            state.put(replace(thing, properties={**thing.properties, **properties}))

    def weights(self, rule: str) -> dict[str, int]:
        """Of a listener rule's target groups, by ARN."""
        (action,) = self.find(LISTENER_RULE, "arn", rule)["actions"]
        return {str(each["arn"]): int(each["weight"]) for each in action["forward"]["targetGroups"]}

    def rule_of(self, group: str) -> str:
        """The listener rule that forwards to a target group."""
        with self._state.reading() as state:
            found = [thing.properties for thing in state.of_kind(LISTENER_RULE) if group in str(thing.properties)]
        (rule,) = found
        return str(rule["arn"])

    @staticmethod
    def _one(things: list[Thing], key: str, value: str) -> Thing:
        (found,) = (thing for thing in things if thing.properties.get(key) == value)
        return found


class Twin(Protocol):
    """One service, in the world and in the account."""

    world: World

    def built(self, revision: str, quality: Quality) -> None:
        """The update has made this version; it answers as `quality` says."""
        ...

    def show(self) -> None:
        """What has been moved in the world, Pulumi finds in the account."""
        ...


def new_world(alarms: tuple[str, ...]) -> World:
    world = World(1, START)
    for name in alarms:
        world.alarms.add(name)
        world.alarms.hold(name, "OK")
    return world


class Definitions:
    """Task definitions of one family: all revisions up to one that is known elsewhere."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._made: dict[str, TaskDefinition] = {}

    def register(self, revision: str, image: str = "") -> TaskDefinition:
        family = revision.rpartition("/")[2].partition(":")[0]
        while revision not in self._made:
            named = image or f"registry/{family}@sha256:{len(self._made) + 1:02}"
            made = self._world.ecs.add_task_definition(family, named)
            self._made[made.arn] = made
        return self._made[revision]


def show_rule(world: World, account: Account, rule: str) -> None:
    (found,) = world.client("elbv2").describe_rules(RuleArns=[rule])["Rules"]
    groups = found["Actions"][0]["ForwardConfig"]["TargetGroups"]
    split = [{"arn": each["TargetGroupArn"], "weight": each["Weight"]} for each in groups]
    account.change(LISTENER_RULE, "arn", rule, actions=[{"type": "forward", "forward": {"targetGroups": split}}])


def show_service(world: World, account: Account, name: str) -> None:
    (found,) = world.client("ecs").describe_services(cluster=world.ecs.cluster, services=[name])["services"]
    runs = {key: found[key] for key in ("taskDefinition", "desiredCount")}
    account.change(ECS_SERVICE, "name", name, **runs)


class AliasTwin:
    """A function behind an alias."""

    def __init__(self, account: Account, target: AliasTarget | CodeDeployTarget) -> None:
        self.world, self._account, self._target = new_world(target.alarms), account, target
        self._function = self.world.lambda_.add_function(target.function)
        live = str(self._alias_of_account()["functionVersion"])
        self._publish(max(live, target.revision, key=int))
        alias = self.world.lambda_.add_alias(self._function, target.alias, live)
        self.world.traffic.add(AliasRoute(self.world.metrics, self._function, alias), BUSY)
        self.world.traffic.behave(f"{target.function}:{live}", GOOD)

    def built(self, revision: str, quality: Quality) -> None:
        self._publish(revision)
        self.world.traffic.behave(f"{self._target.function}:{revision}", quality)

    def show(self) -> None:
        found = self.world.client("lambda").get_alias(FunctionName=self._target.function, Name=self._target.alias)
        weights = found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        self._account.change(
            ALIAS,
            "arn",
            self._alias_of_account()["arn"],
            functionVersion=found["FunctionVersion"],
            routingConfig={"additionalVersionWeights": weights} if weights else None,
        )

    def _alias_of_account(self) -> Mapping[str, Any]:
        arn = f":function:{self._target.function}:{self._target.alias}"
        return self._account.find(ALIAS, "arn", f"arn:aws:lambda:{self._target.region}:123456789012{arn}")

    def _publish(self, newest: str) -> None:
        while newest not in self._function.versions:
            self._function.publish()


class BalancerTwin:
    """Two ECS services behind one rule."""

    def __init__(self, account: Account, target: BalancerTarget) -> None:
        self.world, self._account, self._target = new_world(target.alarms), account, target
        self.world.ecs.cluster = target.cluster
        self._definitions = Definitions(self.world)
        self._names = {"blue": target.services.blue, "green": target.services.green}
        groups = {"blue": target.groups.blue, "green": target.groups.green}
        weights = account.weights(target.rule)
        assert set(weights) == set(groups.values())
        for color, name in self._names.items():
            self._add(color, name, groups[color])
        rule = self.world.elbv2.add_rule_of(target.balancer, target.rule, weights)
        self.world.traffic.add(AlbRoute(self.world.elbv2, rule), BUSY)

    def built(self, revision: str, quality: Quality) -> None:
        self._definitions.register(revision)
        self.world.traffic.behave(revision, quality)

    def show(self) -> None:
        show_rule(self.world, self._account, self._target.rule)
        for name in self._names.values():
            show_service(self.world, self._account, name)
        for (_, resource, _), (least, _) in self.world.autoscaling.targets.items():
            self._account.change(SCALING_TARGET, "resourceId", resource, minCapacity=least)

    def _add(self, color: str, name: str, group: str) -> None:
        service = self._account.find(ECS_SERVICE, "name", name)
        floor = self._account.find(SCALING_TARGET, "resourceId", f"service/{self._target.cluster}/{name}")
        self.world.elbv2.add_target_group(color, group)
        self.world.traffic.behave(service["taskDefinition"], GOOD)
        self.world.ecs.add_service(
            name,
            self._definitions.register(service["taskDefinition"]),
            desired=int(service["desiredCount"]),
            load_balancers=[{"targetGroupArn": group, "containerName": name, "containerPort": 8000}],
            configuration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
        )
        self.world.autoscaling.add_ecs(self._target.cluster, name, int(floor["minCapacity"]), TASKS_MAX)
