"""A model on SageMaker in the good environment: an endpoint on instances, guarded, captured and sealed."""

from typing import Final

from policies import kinds
from stacks.standards import ALARM_LATENCY_P99_MS, ALARM_OVERHEAD_MS, LOG_RETENTION_DAYS, REQUIRED_TAGS, Tier
from tests.policies.draft import Draft, Json, Text

NAME: Final = "churn"
VARIANT: Final = "main"
BRAKE: Final = f"{NAME}-brake"
_UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_TAGS: Final = dict.fromkeys(REQUIRED_TAGS, "news")
_ACCOUNT: Final = "eu-west-1:111122223333"


def endpoint(draft: Draft, tier: Tier, foundation: str, paging: str) -> None:
    """The service with everything that rules ask of it."""
    draft.add(
        NAME,
        kinds.SAGEMAKER_ENDPOINT,
        "stack",
        service=NAME,
        compute="sagemaker",
        form="real-time",
        tier=tier,
        environment="prod",
        secrets=["churn/API_TOKEN"],
        databaseSecrets=[],
        config=[],
        packageGroups=["churn"],
        instances=["ml.m5.large"],
        ownRepository=False,
        foundation=foundation,
        attest={},
    )
    if foundation == "own" and "data-key" not in draft.nodes:
        draft.add("data-key", kinds.KEY, "base", policy=Text({"Statement": []}), tags=_TAGS)
    _role(draft)
    _serving(draft)
    _secret(draft)
    _watching(draft, tier, paging)


def _role(draft: Draft) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = f"{NAME}-role"
    draft.add(role, kinds.ROLE, NAME, name=f"prod-{NAME}", assumeRolePolicy=Text({"Statement": [trust]}), tags=_TAGS)
    secret = f"arn:aws:secretsmanager:{_ACCOUNT}:secret:example/{NAME}/prod/API_TOKEN-??????"
    statements = [{"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": [secret]}]
    draft.add(f"{NAME}-policy", kinds.ROLE_POLICY, NAME, policy=Text({"Statement": statements}))
    draft.add(f"{NAME}-group", kinds.SECURITY_GROUP, NAME, tags=_TAGS)


def _serving(draft: Draft) -> None:
    draft.add(
        f"{NAME}-model",
        kinds.MODEL,
        NAME,
        {"vpcConfig": f"vpc private-1 {NAME}-group prod", "executionRoleArn": f"{NAME}-role"},
        name=f"prod-{NAME}-1",
        executionRoleArn=_UNKNOWN,
        enableNetworkIsolation=False,
        vpcConfig={"subnets": _UNKNOWN, "securityGroupIds": [_UNKNOWN]},
        tags=_TAGS,
    )
    variant: dict[str, Json] = {
        "variantName": VARIANT,
        "modelName": f"prod-{NAME}-1",
        "instanceType": "ml.m5.large",
        "initialInstanceCount": 2,
    }
    draft.add(
        f"{NAME}-config",
        kinds.ENDPOINT_CONFIG,
        NAME,
        {"kmsKeyArn": "data-key prod", "dataCaptureConfig": "data-key prod"},
        name=f"prod-{NAME}-2",
        productionVariants=[variant],
        kmsKeyArn=_UNKNOWN,
        dataCaptureConfig={"enableCapture": True, "kmsKeyId": _UNKNOWN},
        tags=_TAGS,
    )
    routing = {"type": "CANARY", "waitIntervalInSeconds": 600}
    draft.add(
        f"{NAME}-endpoint",
        kinds.ENDPOINT,
        NAME,
        name=f"prod-{NAME}",
        endpointConfigName=f"prod-{NAME}-2",
        deploymentConfig={
            "blueGreenUpdatePolicy": {"trafficRoutingConfiguration": routing},
            "autoRollbackConfiguration": {
                "alarms": [{"alarmName": f"{NAME}-Invocation5XXErrors"}, {"alarmName": BRAKE}]
            },
        },
        tags=_TAGS,
    )
    draft.add(f"{NAME}-scaling", kinds.SCALING_TARGET, NAME, minCapacity=2, maxCapacity=4, tags=_TAGS)


def _secret(draft: Draft) -> None:
    draft.add(f"{NAME}-token", kinds.SECRET, NAME, name=f"example/{NAME}/prod/API_TOKEN", tags=_TAGS)
    draft.add(
        f"{NAME}-token-rotation",
        kinds.SECRET_ROTATION,
        NAME,
        {"secretId": f"{NAME}-token"},
        secretId=_UNKNOWN,
        rotationLambdaArn=f"arn:aws:lambda:{_ACCOUNT}:function:rotate-token",
        rotationRules={"automaticallyAfterDays": 30},
    )


def _watching(draft: Draft, tier: Tier, paging: str) -> None:
    group = f"/aws/sagemaker/Endpoints/prod-{NAME}"
    days = LOG_RETENTION_DAYS[tier]
    draft.add(f"{NAME}-logs", kinds.LOG_GROUP, NAME, name=group, retentionInDays=days, tags=_TAGS)
    pattern = {"detail-type": ["SageMaker Endpoint Deployment State Change"], "detail": {"EndpointStatus": ["FAILED"]}}
    draft.add(f"{NAME}-failed", kinds.EVENT_RULE, NAME, name=f"{NAME}-failed", eventPattern=Text(pattern), tags=_TAGS)
    draft.add(f"{NAME}-failed-target", kinds.EVENT_TARGET, NAME, rule=f"{NAME}-failed", arn=paging)
    table: dict[str, float] = {
        "Invocation5XXErrors": 0,
        "ModelLatency": ALARM_LATENCY_P99_MS * 1000,
        "OverheadLatency": ALARM_OVERHEAD_MS * 1000,
        "MemoryUtilization": 80,
        "CPUUtilization": 80,
        "InvocationsPerInstance": 1000,
    }
    for metric, threshold in table.items():
        draft.add(
            f"{NAME}-{metric}",
            kinds.METRIC_ALARM,
            NAME,
            name=f"{NAME}-{metric}",
            metricName=metric,
            comparisonOperator="GreaterThanThreshold",
            threshold=threshold,
            dimensions={"EndpointName": f"prod-{NAME}", "VariantName": VARIANT},
            extendedStatistic="p99" if metric == "ModelLatency" else None,
            alarmActions=[paging],
            tags=_TAGS,
        )
    draft.add(
        BRAKE,
        kinds.METRIC_ALARM,
        NAME,
        name=BRAKE,
        namespace="Onramp",
        metricName="Brake",
        comparisonOperator="GreaterThanThreshold",
        threshold=0,
        treatMissingData="ignore",
        tags=_TAGS,
    )
    draft.add(
        f"{NAME}-composite",
        kinds.COMPOSITE_ALARM,
        NAME,
        alarmName=f"{NAME}-composite",
        alarmRule=f'ALARM("{NAME}-CPUUtilization") AND ALARM("{NAME}-Invocation5XXErrors")',
        alarmActions=[paging],
        tags=_TAGS,
    )
    shown = ("ModelLatency", "OverheadLatency", "Invocations", "Invocation5XXErrors", "MemoryUtilization")
    body = {"widgets": [{"properties": {"metrics": [["AWS/SageMaker", metric] for metric in shown]}}]}
    draft.add(f"{NAME}-dashboard", kinds.DASHBOARD, NAME, dashboardName=NAME, dashboardBody=Text(body))
