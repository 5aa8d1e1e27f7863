"""What the rules about capacity, steps, CodeDeploy and schedules must see."""

from typing import Any, Final

from tests.components.acceptance.looking import DEPLOYMENT_GROUP, SERVICE
from tests.components.acceptance.mutation import Mutation
from tests.components.acceptance.rules_schedules import CAPACITY, SCHEDULE

_ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
_CONNECT: Final = "serviceConnectConfiguration.services.0.clientAlias.0.dnsName"


def _of(kind: str, rule: str, name: str, stack: str, *changes: tuple[str, Any]) -> list[Mutation]:
    return [Mutation(rule=rule, kind=kind, path=path, value=value, name=name, stack=stack) for path, value in changes]


MUTATIONS_SCHEDULES: Final = [
    *_of(
        SERVICE,
        "capacity_is_the_clusters",
        "a-service",
        "containers-longest",
        ("launchType", "FARGATE"),
        ("capacityProviderStrategies", None),
        ("capacityProviderStrategies.1.capacityProvider", "EC2"),
        ("capacityProviderStrategies.1.base", 1),
        ("capacityProviderStrategies", [{"capacityProvider": "FARGATE", "weight": 0}]),
    ),
    *_of(CAPACITY, "capacity_is_the_clusters", "", "containers-longest", ("capacityProviders", ["FARGATE"])),
    *_of(
        SERVICE,
        "steps_are_in_range",
        "a-service",
        "containers-longest",
        ("deploymentConfiguration.linearConfiguration.stepPercent", 2.9),
        ("deploymentConfiguration.linearConfiguration.stepPercent", 3.05),
        ("deploymentConfiguration.linearConfiguration.stepBakeTimeInMinutes", "1441"),
        ("deploymentConfiguration.linearConfiguration", None),
        ("deploymentConfiguration.strategy", "CANARY"),
        ("deploymentConfiguration.lifecycleHooks.0.lifecycleStages", ["SOON"]),
        ("deploymentConfiguration.lifecycleHooks.0.roleArn", None),
        (_CONNECT, "A b"),
    ),
    *_of(
        SERVICE,
        "steps_are_in_range",
        "h-service",
        "containers-smallest",
        ("deploymentConfiguration.lifecycleHooks.0.lifecycleStages", ["PRODUCTION_TRAFFIC_SHIFT"]),
        ("deploymentConfiguration.lifecycleHooks.0.roleArn", "arn:aws:iam::111122223333:role/a"),
        ("deploymentConfiguration.lifecycleHooks.0.timeoutConfiguration.timeoutInMinutes", "20161"),
        ("deploymentConfiguration.lifecycleHooks.0.timeoutConfiguration.action", "WAIT"),
    ),
    *_of(
        SERVICE,
        "codedeploy_owns_what_it_deploys",
        "b-service",
        "containers-longest",
        ("deploymentController.type", "ECS"),
        ("alarms", {"enable": True}),
    ),
    *_of(
        DEPLOYMENT_GROUP,
        "codedeploy_owns_what_it_deploys",
        "b-delivery",
        "containers-longest",
        ("ecsService.serviceName", "other"),
        ("loadBalancerInfo.targetGroupPairInfo.targetGroups", []),
    ),
    *_of(
        SCHEDULE,
        "schedules_start_their_task",
        "",
        "containers-longest",
        ("scheduleExpression", "rate(0 minutes)"),
        ("scheduleExpression", "cron(0 2 * * ?)"),
        ("target.deadLetterConfig", None),
        ("target.arn", "arn:aws:ecs:eu-central-1:123456789012:service/x"),
    ),
    *_of(
        _ROLE_POLICY,
        "schedules_start_their_task",
        "ingress-schedule-role",
        "containers-longest",
        ("policy.Statement.0.Action", ["ecs:StartTask"]),
    ),
]
"""At least one for each rule."""
