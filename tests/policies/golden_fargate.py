"""The good environment with its container service in other shapes: on Spot with hooks, by the clock, by CodeDeploy."""

from collections.abc import Callable

from policies import kinds
from stacks.standards import Tier
from tests.policies.draft import Draft, Json, Text
from tests.policies.golden import ACCOUNT, FARGATE, LAMBDA, PAGING, TAGS, UNKNOWN, good
from tests.policies.golden_base import complete

SERVICE, TASK, SCHEDULE, GROUP = (f"{FARGATE}-{part}" for part in ("service", "task", "schedule", "shift"))
_OF_WHAT_KEEPS_RUNNING = (
    kinds.ECS_SERVICE,
    kinds.TARGET_GROUP,
    kinds.LISTENER_RULE,
    kinds.DISCOVERY_SERVICE,
    kinds.API_INTEGRATION,
    kinds.API_ROUTE,
    kinds.CANARY,
)
_ALARMS_OF_WHAT_KEEPS_RUNNING = tuple(
    f"{FARGATE}-{metric}"
    for metric in (
        "CPUUtilization",
        "MemoryUtilization",
        "RunningTaskCount",
        "HTTPCode_Target_5XX_Count",
        "TargetResponseTime",
        "ApproximateAgeOfOldestMessage",
    )
)


def on_spot(tier: Tier = "prod") -> Draft:
    """Two tasks on demand and the others on Spot, deployed in steps that a function is asked about."""
    draft = good(tier)
    strategy = [
        {"capacityProvider": "FARGATE", "base": 2, "weight": 1},
        {"capacityProvider": "FARGATE_SPOT", "base": 0, "weight": 4},
    ]
    draft.set(SERVICE, "capacityProviderStrategies", strategy)
    hook = {
        "hookTargetArn": f"arn:aws:lambda:{ACCOUNT}:function:prod-{LAMBDA}:live",
        "roleArn": UNKNOWN,
        "lifecycleStages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"],
    }
    draft.set(
        SERVICE,
        "deploymentConfiguration",
        {"strategy": "CANARY", "bakeTimeInMinutes": "15", "lifecycleHooks": [hook]},
    )
    draft.nodes[SERVICE].refers["deploymentConfiguration"] = [f"{FARGATE}-role"]
    return draft


def by_the_clock(tier: Tier = "prod") -> Draft:
    """A task that a schedule starts, and that ends."""
    draft = good(tier)
    own = {name: node for name, node in draft.nodes.items() if node.parent == FARGATE}
    draft.drop(*(name for name, node in own.items() if node.type in _OF_WHAT_KEEPS_RUNNING))
    draft.drop(*(name for name in own if name in _ALARMS_OF_WHAT_KEEPS_RUNNING))
    draft.drop(*(name for name, node in own.items() if node.inputs.get("metricName") == "SuccessPercent"))
    for key in ("route", "port", "serviceConnect", "cloudMap", "queue", "ingress"):
        draft.nodes[FARGATE].inputs.pop(key, None)
    draft.set(FARGATE, "schedule", "cron(0 2 * * ? *)")
    draft.unset(TASK, "containerDefinitions.0.healthCheck")
    draft.add(
        SCHEDULE,
        kinds.SCHEDULE,
        FARGATE,
        {"target": f"vpc private-1 {FARGATE}-group {SCHEDULE}-dead"},
        name=f"prod-{FARGATE}",
        target={
            "deadLetterConfig": {"arn": UNKNOWN},
            "ecsParameters": {
                "networkConfiguration": {"assignPublicIp": False, "subnets": UNKNOWN, "securityGroups": [UNKNOWN]}
            },
        },
    )
    draft.add(f"{SCHEDULE}-dead", kinds.QUEUE, FARGATE, name=f"prod-{FARGATE}-schedule-dead", tags=TAGS)
    used = [
        {"id": "memory", "expression": "100 * used / reserved", "returnData": True},
        {"id": "used", "metric": {"metricName": "MemoryUtilized", "stat": "Maximum", "period": 60}},
        {"id": "reserved", "metric": {"metricName": "MemoryReserved", "stat": "Maximum", "period": 60}},
    ]
    _alarm(draft, "memory", 80, metricQueries=used)
    for metric in ("TargetErrorCount", "TriggeredRules", "ApproximateNumberOfMessagesVisible"):
        _alarm(draft, metric, 0, metricName=metric)
    draft.set(f"{FARGATE}-composite", "alarmRule", f'ALARM("{FARGATE}-memory") OR ALARM("{FARGATE}-TriggeredRules")')
    shown = ("InvocationAttemptCount", "TargetErrorCount", "CpuUtilized", "MemoryUtilized")
    body = {"widgets": [{"properties": {"metrics": [["AWS/Scheduler", metric] for metric in shown]}}]}
    draft.set(f"{FARGATE}-dashboard", "dashboardBody", Text(body))
    stopped = {"detail-type": ["ECS Task State Change"], "detail": {"stopCode": ["TaskFailedToStart"]}}
    draft.set(f"{FARGATE}-failed", "eventPattern", Text(stopped))
    return complete(draft, tier)


def by_codedeploy(tier: Tier = "prod", start: Callable[[Tier], Draft] = good) -> Draft:
    """A service that CodeDeploy deploys; ECS itself watches no alarm of it."""
    draft = start(tier)
    draft.set(SERVICE, "deploymentController.type", "CODE_DEPLOY")
    for key in ("deploymentConfiguration", "deploymentCircuitBreaker", "alarms", "serviceConnectConfiguration"):
        draft.unset(SERVICE, key)
    draft.set(FARGATE, "serviceConnect", False)  # noqa: FBT003 - a value of the graph
    draft.add(
        GROUP,
        kinds.DEPLOYMENT_GROUP,
        FARGATE,
        deploymentGroupName=f"prod-{FARGATE}",
        deploymentConfigName="CodeDeployDefault.ECSCanary10Percent5Minutes",
        deploymentStyle={"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        blueGreenDeploymentConfig={
            "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 15}
        },
        alarmConfiguration={"enabled": True, "alarms": [f"{FARGATE}-HTTPCode_Target_5XX_Count"]},
        autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]},
        tags=TAGS,
    )
    return draft


def _alarm(draft: Draft, key: str, threshold: float, **inputs: Json) -> None:
    name = f"{FARGATE}-{key}"
    given = {"comparisonOperator": "GreaterThanThreshold", "alarmActions": [PAGING], "tags": TAGS, **inputs}
    draft.add(name, kinds.METRIC_ALARM, FARGATE, name=name, threshold=threshold, **given)
