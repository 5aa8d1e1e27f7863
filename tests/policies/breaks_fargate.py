"""Breakages of what only container services have: Spot, hooks, schedules, CodeDeploy."""

from tests.policies.breaks import OFF, Break, gone, put, without
from tests.policies.draft import Draft
from tests.policies.golden import FARGATE
from tests.policies.golden_fargate import GROUP, SCHEDULE, SERVICE, by_codedeploy, by_the_clock, on_spot

_HOOK = "deploymentConfiguration.lifecycleHooks.0"
_NETWORK = "target.ecsParameters.networkConfiguration"
_TERMINATION = "blueGreenDeploymentConfig.terminateBlueInstancesOnDeploymentSuccess"


def all_on_spot(draft: Draft) -> None:
    draft.set(SERVICE, "capacityProviderStrategies", [{"capacityProvider": "FARGATE_SPOT", "weight": 1}])


BREAKS_FARGATE = (
    Break("spot-on-demand-base", FARGATE, put(SERVICE, "capacityProviderStrategies.0.base", 1), "prod", on_spot),
    Break("spot-on-demand-base", FARGATE, all_on_spot, "prod", on_spot),
    Break(
        "deployment-hooks",
        FARGATE,
        put(SERVICE, f"{_HOOK}.hookTargetArn", "arn:aws:lambda:eu-west-1:111122223333:function:prod-lost:live"),
        "prod",
        on_spot,
    ),
    Break("deployment-hooks", FARGATE, without(SERVICE, f"{_HOOK}.roleArn"), "prod", on_spot),
    Break(
        "deployment-strategy", FARGATE, put(SERVICE, "deploymentConfiguration.bakeTimeInMinutes", "0"), "prod", on_spot
    ),
    Break("schedule-dead-letters", FARGATE, without(SCHEDULE, "target.deadLetterConfig"), "prod", by_the_clock),
    Break("compute-type-supported", FARGATE, gone(SCHEDULE), "prod", by_the_clock),
    Break("service-in-network", FARGATE, put(SCHEDULE, f"{_NETWORK}.securityGroups", []), "prod", by_the_clock),
    Break("no-public-ip", FARGATE, put(SCHEDULE, f"{_NETWORK}.assignPublicIp", not OFF), "prod", by_the_clock),
    Break("alarm-missing", FARGATE, gone(f"{FARGATE}-TargetErrorCount"), "prod", by_the_clock),
    Break("alarm-looser", FARGATE, put(f"{FARGATE}-memory", "threshold", 81), "prod", by_the_clock),
    Break("dashboard", FARGATE, put(f"{FARGATE}-dashboard", "dashboardBody.widgets", []), "prod", by_the_clock),
    Break(
        "deployment-failure-notice",
        FARGATE,
        put(f"{FARGATE}-failed", "eventPattern.detail-type", ["ECS Service Action"]),
        "prod",
        by_the_clock,
    ),
    Break(
        "codedeploy-rollback-alarm", FARGATE, put(GROUP, "alarmConfiguration.alarms", ["lost"]), "prod", by_codedeploy
    ),
    Break("codedeploy-rollback-alarm", FARGATE, put(GROUP, "alarmConfiguration.enabled", OFF), "prod", by_codedeploy),
    Break(
        "codedeploy-rollback-alarm",
        FARGATE,
        put(GROUP, "autoRollbackConfiguration.events", ["DEPLOYMENT_FAILURE"]),
        "prod",
        by_codedeploy,
    ),
    Break(
        "deployment-strategy", FARGATE, put(GROUP, "deploymentStyle.deploymentType", "IN_PLACE"), "prod", by_codedeploy
    ),
    Break(
        "deployment-strategy",
        FARGATE,
        put(GROUP, f"{_TERMINATION}.terminationWaitTimeInMinutes", 0),
        "prod",
        by_codedeploy,
    ),
)
