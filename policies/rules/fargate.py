"""What only container services have: Spot, schedules, hooks, and CodeDeploy (ALRT-4)."""

from collections.abc import Iterator, Mapping
from typing import Final

from policies import kinds
from policies.expect import expect_set, unknown
from policies.graph import Graph, Resource, Service
from policies.rule import ADVICE, ALWAYS, CONTAINERS, ONLY_PROD, Fail, Meta, NotApplicable, Outcome, service_rule
from policies.rules.rollbacks import shifts_back_on_alarm
from policies.values import UNKNOWN, Value, get, has_unknown, number, objects
from stacks.standards import SPOT_ON_DEMAND_BASE_PROD_MIN

_ON_DEMAND: Final = "FARGATE"
_HOOKS: Final = "deploymentConfiguration.lifecycleHooks"
_SPOT: Final = "FARGATE_SPOT"
_CAPACITY: Final = "capacityProviderStrategies"


@service_rule(
    Meta(
        id="spot-on-demand-base",
        item=None,
        title="Of a service on Spot, two tasks are on demand",
        why="AWS takes Spot tasks back with two minutes' notice, all at once if it must.",
        fix="write `spot: {onDemandBase: 2}` or more in the stack file, or leave onDemandBase out",
        severity="high",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html",
        levels=ONLY_PROD,
        frameworks=("COST07-BP04",),
        applies=CONTAINERS,
    )
)
def spot_on_demand_base(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """Where a strategy has Spot, the base of its on-demand part is large enough."""
    for workload in service.of(kinds.ECS_SERVICE):
        strategy = workload.get(_CAPACITY)
        providers = {str(each.get("capacityProvider")): each for each in objects(strategy)}
        if has_unknown(strategy):
            yield unknown(workload, _CAPACITY)
        elif _SPOT in providers:
            base = number(providers.get(_ON_DEMAND, {}).get("base"))
            if not isinstance(base, float) or base < SPOT_ON_DEMAND_BASE_PROD_MIN:
                message = f"{workload.name} keeps {base or 0:g} tasks on demand; the others are on Spot"
                yield Fail(resource=workload, path=_CAPACITY, message=message)


@service_rule(
    Meta(
        id="schedule-dead-letters",
        item=None,
        title="A schedule keeps the starts that failed",
        why="A start that Scheduler gave up is gone, and nobody knows which night is missing.",
        fix="set target.deadLetterConfig.arn of the schedule to a queue of the service",
        severity="medium",
        url="https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html",
        levels=ADVICE,
        frameworks=("REL05-BP04",),
        applies=CONTAINERS,
    )
)
def schedule_dead_letters(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Every schedule names a queue."""
    schedules = service.of(kinds.SCHEDULE)
    if not schedules:
        yield NotApplicable(because="the service does not start by the clock")
    for schedule in schedules:
        message = f"{schedule.name} has no dead-letter queue"
        yield from expect_set(graph, schedule, "target.deadLetterConfig.arn", (kinds.QUEUE,), message)


@service_rule(
    Meta(
        id="deployment-hooks",
        item=None,
        title="Every hook of a deployment asks a function of this stack, or goes back when nobody answers",
        why="A hook that cannot be asked fails the deployment, after the new tasks have started.",
        fix="name a lambda service of this stack under `rollout.hooks` in the stack file",
        severity="medium",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html",
        levels=ALWAYS,
        frameworks=("OPS06-BP04",),
        applies=CONTAINERS,
    )
)
def deployment_hooks(service: Service, graph: Graph) -> Iterator[Outcome]:
    """The function exists, and there is a role to ask it with."""
    for workload in service.of(kinds.ECS_SERVICE):
        if workload.get(_HOOKS) is UNKNOWN:
            yield unknown(workload, _HOOKS)
        for hook in objects(workload.get(_HOOKS)):
            if hook.get("targetType") == "PAUSE":
                yield from _unanswered(workload, hook)
                continue
            yield from _asked(workload, hook.get("hookTargetArn"), graph)
            if hook.get("roleArn") is UNKNOWN and not graph.refers(workload, _HOOKS, kinds.ROLE):
                yield unknown(workload, _HOOKS)
            elif not hook.get("roleArn"):
                yield _broken(workload, "a hook has no role")


def _unanswered(workload: Resource, hook: Mapping[str, Value]) -> Iterator[Outcome]:
    """A question to whoever rolls out; ECS goes back unless it is told otherwise."""
    if get(hook, "timeoutConfiguration.action") == "CONTINUE":
        yield _broken(workload, "goes on when nobody answers")


def _asked(workload: Resource, target: Value, graph: Graph) -> Iterator[Outcome]:
    if target is UNKNOWN:
        yield unknown(workload, _HOOKS)
        return
    name = str(target or "").partition(":function:")[2].partition(":")[0]
    if not graph.named(name, kinds.FUNCTION):
        yield _broken(workload, f"a hook asks {name or 'nobody'}, which is no function of this stack")


def _broken(workload: Resource, message: str) -> Fail:
    return Fail(resource=workload, path=_HOOKS, message=f"{workload.name}: {message}")


@service_rule(
    Meta(
        id="codedeploy-rollback-alarm",
        item="ALRT-4",
        title="A deployment by CodeDeploy rolls back on an alarm",
        why="ECS watches no alarm when CodeDeploy deploys; without the group's, a bad version takes all requests.",
        fix=(
            "set alarmConfiguration of the deployment group, and DEPLOYMENT_STOP_ON_ALARM in "
            "autoRollbackConfiguration.events"
        ),
        severity="high",
        url="https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html",
        frameworks=("OPS06-BP04",),
        applies=CONTAINERS,
    )
)
def codedeploy_rollback_alarm(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Where CodeDeploy deploys, the alarms of its group are on, stop the deployment, and exist."""
    if not service.of(kinds.DEPLOYMENT_GROUP):
        yield NotApplicable(because="CodeDeploy does not deploy the service")
        return
    yield from shifts_back_on_alarm(service, graph)
