"""Everything that may invoke the good function, what keeps it warm, and who judges its versions."""

from policies import kinds
from stacks.standards import REQUIRED_TAGS
from tests.policies.draft import Draft, Json, Text

_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_TAGS = dict.fromkeys(REQUIRED_TAGS, "news")
_ACCOUNT = "eu-west-1:111122223333"


def function(draft: Draft, name: str, paging: str) -> None:
    """More of the function called `name`; the hook of its rollout is itself, which spares another function."""
    draft.set(f"{name}-function", "architectures", ["arm64"])
    draft.set(name, "hooks", {"BeforeAllowTraffic": f"prod-{name}"})
    draft.set(name, "streams", ["orders"])
    answers: list[Json] = [
        {
            "Effect": "Allow",
            "Action": ["lambda:InvokeFunction"],
            "Resource": [f"arn:aws:lambda:{_ACCOUNT}:function:prod-{name}"],
        },
        {
            "Effect": "Allow",
            "Action": ["codedeploy:PutLifecycleEventHookExecutionStatus"],
            "Resource": [f"arn:aws:codedeploy:{_ACCOUNT}:deploymentgroup:prod-{name}/live"],
        },
    ]
    draft.add(f"{name}-hooks", kinds.ROLE_POLICY, name, policy=Text({"Statement": answers}))
    for metric, threshold in (("memory_utilization", 70), ("memory_utilization", 90), ("IteratorAge", 900_000)):
        draft.add(
            f"{name}-{metric}-{threshold}",
            kinds.METRIC_ALARM,
            name,
            name=f"{name}-{metric}-{threshold}",
            metricName=metric,
            comparisonOperator="GreaterThanThreshold",
            threshold=threshold,
            alarmActions=[paging],
            tags=_TAGS,
        )
    _events(draft, name)
    _warm(draft, name)
    _socket(draft, name)


def _events(draft: Draft, name: str) -> None:
    draft.add(
        f"{name}-queue",
        kinds.QUEUE,
        name,
        name=f"{name}-queue",
        visibilityTimeoutSeconds=180,
        redrivePolicy=Text({"maxReceiveCount": 3}),
        tags=_TAGS,
    )
    items = ["ReportBatchItemFailures"]
    draft.add(
        f"{name}-from-queue",
        kinds.EVENT_SOURCE_MAPPING,
        name,
        {"eventSourceArn": f"{name}-queue"},
        eventSourceArn=_UNKNOWN,
        functionResponseTypes=items,
        tags=_TAGS,
    )
    draft.add(
        f"{name}-from-stream",
        kinds.EVENT_SOURCE_MAPPING,
        name,
        {"destinationConfig": f"{name}-queue"},
        eventSourceArn=f"arn:aws:kinesis:{_ACCOUNT}:stream/orders",
        functionResponseTypes=items,
        startingPosition="LATEST",
        bisectBatchOnFunctionError=True,
        maximumRetryAttempts=3,
        maximumRecordAgeInSeconds=3600,
        destinationConfig={"onFailure": {"destinationArn": _UNKNOWN}},
        tags=_TAGS,
    )
    draft.add(
        f"{name}-failures",
        kinds.EVENT_INVOKE_CONFIG,
        name,
        {"destinationConfig": f"{name}-queue"},
        qualifier="live",
        destinationConfig={"onFailure": {"destination": _UNKNOWN}},
    )
    draft.add(f"{name}-url", kinds.FUNCTION_URL, name, qualifier="live", authorizationType="AWS_IAM")


def _warm(draft: Draft, name: str) -> None:
    draft.add(f"{name}-warm", kinds.PROVISIONED_CONCURRENCY, name, qualifier="live", provisionedConcurrentExecutions=5)
    metric = {"predefinedMetricType": "LambdaProvisionedConcurrencyUtilization"}
    tracking: dict[str, Json] = {"targetValue": 0.7, "predefinedMetricSpecification": metric}
    draft.add(
        f"{name}-scaling",
        kinds.SCALING_POLICY,
        name,
        name="utilization",
        targetTrackingScalingPolicyConfiguration=tracking,
    )


def _socket(draft: Draft, name: str) -> None:
    draft.add(f"{name}-socket", kinds.API, name, protocolType="WEBSOCKET", tags=_TAGS)
    draft.add(f"{name}-socket-function", kinds.API_INTEGRATION, name, integrationType="AWS_PROXY")
    for key, authorization in (("$connect", "AWS_IAM"), ("$default", "NONE")):
        draft.add(
            f"{name}-{key}",
            kinds.API_ROUTE,
            name,
            {"target": f"{name}-socket-function"},
            routeKey=key,
            authorizationType=authorization,
            target=_UNKNOWN,
        )
    draft.add(
        f"{name}-stage",
        kinds.API_STAGE,
        name,
        name=f"prod-{name}",
        defaultRouteSettings={"throttlingRateLimit": 500, "throttlingBurstLimit": 1000},
        accessLogSettings={"destinationArn": f"arn:aws:logs:{_ACCOUNT}:log-group:/onramp/prod/{name}", "format": "{}"},
        tags=_TAGS,
    )
