"""ECS and EventBridge Scheduler: capacity, hooks, schedules, and who may start a task."""

import re
from collections.abc import Iterator
from typing import Final

from simulator.graph import Graph, Resource
from tests.components.acceptance.looking import (
    DEPLOYMENT_GROUP,
    SERVICE,
    Inputs,
    document,
    known,
    listed,
    of,
    one,
)

SCHEDULE: Final = "aws:scheduler/schedule:Schedule"
CAPACITY: Final = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
TARGET_GROUP_PAIR: Final = 2
PAUSE_MINUTES_MAX: Final = 20_160
ALIAS: Final = re.compile(r"[a-z0-9.-]{1,127}")
STAGES: Final = {
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
}
EXPRESSION: Final = re.compile(r"rate\((1 (minute|hour|day)|[1-9]\d* (minutes|hours|days))\)|cron\((\S+ ){5}\S+\)")


def tasks(graph: Graph) -> Iterator[tuple[Resource, Inputs]]:
    """The schedules that run a task; others call an operation of AWS."""
    return (found for found in of(graph, SCHEDULE) if "aws-sdk:" not in str(one(found[1]["target"])["arn"]))


def capacity_is_the_clusters(graph: Graph) -> Iterator[str]:
    """ECS API, CapacityProviderStrategyItem: providers of the cluster, one base, not every weight 0, no launch type."""
    offered = {provider for _, inputs in of(graph, CAPACITY) for provider in inputs["capacityProviders"]}
    strategies = [
        *(
            (resource, inputs, listed(inputs.get("capacityProviderStrategies")))
            for resource, inputs in of(graph, SERVICE)
        ),
        *(
            (resource, inputs, listed(one(one(inputs["target"])["ecsParameters"]).get("capacityProviderStrategies")))
            for resource, inputs in tasks(graph)
        ),
    ]
    for resource, inputs, strategy in strategies:
        if bool(strategy) == bool(inputs.get("launchType")):
            yield f"{resource.name}: exactly one of launch type and capacity providers"
        if not {share["capacityProvider"] for share in strategy} <= offered:
            yield f"{resource.name}: not of the cluster"
        if sum(share.get("base", 0) > 0 for share in strategy) > 1:
            yield f"{resource.name}: two bases"
        if strategy and not any(share["weight"] for share in strategy):
            yield f"{resource.name}: all weights are 0"


def steps_are_in_range(graph: Graph) -> Iterator[str]:
    """ECS API, CanaryConfiguration, LinearConfiguration, DeploymentLifecycleHook: ranges, stages, a role."""
    for resource, inputs in of(graph, SERVICE):
        found: Inputs = one(inputs.get("deploymentConfiguration")) or {}
        canary, linear = one(found.get("canaryConfiguration")), one(found.get("linearConfiguration"))
        if bool(canary) != (found.get("strategy") == "CANARY") or bool(linear) != (found.get("strategy") == "LINEAR"):
            yield f"{resource.name}: the steps are not those of {found.get('strategy')}"
        shares = [
            *((canary["canaryPercent"], 0.1, canary["canaryBakeTimeInMinutes"]) for canary in [canary] if canary),
            *((linear["stepPercent"], 3.0, linear["stepBakeTimeInMinutes"]) for linear in [linear] if linear),
        ]
        for percent, least, minutes in shares:
            if not least <= percent <= 100 or round(percent, 1) != percent or not 0 <= int(minutes) <= 1440:
                yield f"{resource.name}: {percent} percent for {minutes} minutes"
        for hook in listed(found.get("lifecycleHooks")):
            if not (_pauses(hook) if hook.get("targetType") == "PAUSE" else _asks(hook)):
                yield f"{resource.name}: hook {hook}"
        for offered in listed(inputs.get("serviceConnectConfiguration", {}).get("services")):
            if not all(ALIAS.fullmatch(alias["dnsName"]) for alias in offered["clientAlias"]):
                yield f"{resource.name}: alias {offered['clientAlias']}"


def _asks(hook: Inputs) -> bool:
    return set(hook["lifecycleStages"]) <= STAGES and bool(hook.get("roleArn"))


def _pauses(hook: Inputs) -> bool:
    """ECS API, DeploymentLifecycleHook: no function, not where traffic is moved, one minute to two weeks."""
    timeout = one(hook["timeoutConfiguration"])
    return (
        set(hook["lifecycleStages"]) <= STAGES - {"TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT"}
        and not hook.get("roleArn")
        and not hook.get("hookTargetArn")
        and timeout["action"] in {"CONTINUE", "ROLLBACK"}
        and 1 <= int(timeout["timeoutInMinutes"]) <= PAUSE_MINUTES_MAX
    )


def codedeploy_owns_what_it_deploys(graph: Graph) -> Iterator[str]:
    """ECS API, DeploymentController: with CODE_DEPLOY no ECS deployment settings; CodeDeploy API: two target groups."""
    handed_over = {inputs["name"] for _, inputs in of(graph, SERVICE) if _by_codedeploy(inputs)}
    deployed = {
        one(inputs["ecsService"])["serviceName"]: inputs
        for _, inputs in of(graph, DEPLOYMENT_GROUP)
        if inputs.get("ecsService")
    }
    if handed_over != set(deployed):
        yield f"handed over: {sorted(handed_over)}; deployed: {sorted(deployed)}"
    for name, inputs in deployed.items():
        pair = one(one(inputs["loadBalancerInfo"])["targetGroupPairInfo"])
        if len(pair["targetGroups"]) != TARGET_GROUP_PAIR:
            yield f"{name}: {len(pair['targetGroups'])} target groups"
    for resource, inputs in of(graph, SERVICE):
        owned = ("alarms", "deploymentCircuitBreaker", "deploymentConfiguration", "serviceConnectConfiguration")
        if _by_codedeploy(inputs) and any(inputs.get(key) for key in owned):
            yield f"{resource.name}: what ECS deploys with, and CodeDeploy deploys it"


def _by_codedeploy(inputs: Inputs) -> bool:
    return one(inputs["deploymentController"])["type"] == "CODE_DEPLOY"


def schedules_start_their_task(graph: Graph) -> Iterator[str]:
    """Scheduler user guide: a valid expression, a queue, and a role that may run the task and hand over its roles."""
    for resource, inputs in tasks(graph):
        if not EXPRESSION.fullmatch(inputs["scheduleExpression"]):
            yield f"{resource.name}: {inputs['scheduleExpression']}"
        target = one(inputs["target"])
        if not known(target["arn"]) or ":cluster/" not in target["arn"]:
            yield f"{resource.name}: runs in {target['arn']}"
        if not one(target.get("deadLetterConfig")):
            yield f"{resource.name}: no dead-letter queue"
    runs = {
        action
        for _, policy in of(graph, "aws:iam/rolePolicy:RolePolicy")
        for statement in document(policy["policy"])["Statement"]
        for action in statement["Action"]
    }
    if list(tasks(graph)) and not {"ecs:RunTask", "iam:PassRole", "sqs:SendMessage"} <= runs:
        yield "nobody may start the task"


RULES: Final = (
    capacity_is_the_clusters,
    steps_are_in_range,
    codedeploy_owns_what_it_deploys,
    schedules_start_their_task,
)
