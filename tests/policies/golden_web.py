"""What a good environment has of App Runner and Express: a service of each, in which nothing is wrong."""

import json

from policies import kinds
from stacks.standards import ECR_KEEP_IMAGES, LOG_RETENTION_DAYS, Tier
from tests.policies import golden_watch
from tests.policies.draft import Draft, Json, Text
from tests.policies.golden import PAGING, STACK, TAGS, UNKNOWN, good
from tests.policies.golden_base import complete

ON = True
RUNNER = "shop"
EXPRESS = "catalog"
_DIGEST = f"@sha256:{'0' * 64}"
_REGISTRY = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
_SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:news"  # noqa: S105 - the name of a secret
_RETENTION = "arn:aws:scheduler:::aws-sdk:cloudwatchlogs:putRetentionPolicy"


def with_web(tier: Tier) -> Draft:
    """The good environment with both."""
    draft = good(tier)
    for name, kind, compute in (
        (RUNNER, kinds.APP_RUNNER_SERVICE, "apprunner"),
        (EXPRESS, kinds.EXPRESS_SERVICE, "express"),
    ):
        _component(draft, name, kind, compute, tier)
        _common(draft, name, tier)
    _runner(draft, tier)
    _express(draft, tier)
    return complete(draft, tier)


def automatic(tier: Tier) -> Draft:
    """The same, with App Runner following the one tag that may move."""
    draft = with_web(tier)
    draft.set(f"{RUNNER}-service", "sourceConfiguration.autoDeploymentsEnabled", ON)
    image = f"{_REGISTRY}/{RUNNER}/prod:live"
    draft.set(f"{RUNNER}-service", "sourceConfiguration.imageRepository.imageIdentifier", image)
    draft.set(f"{RUNNER}-repository", "imageTagMutability", "IMMUTABLE_WITH_EXCLUSION")
    filters = [{"filter": "live", "filterType": "WILDCARD"}]
    draft.set(f"{RUNNER}-repository", "imageTagMutabilityExclusionFilters", filters)
    return draft


def unreleased(tier: Tier) -> Draft:
    """The same before the first image: there are no services, and nothing that needs them."""
    draft = with_web(tier)
    for name in (RUNNER, EXPRESS):
        draft.set(name, "unreleased", ON)
        draft.drop(f"{name}-service", f"{name}-instance")
    alarms = [name for name, node in draft.nodes.items() if name.startswith(RUNNER) and "larm:" in node.type]
    probe = [name for name, node in draft.nodes.items() if name.startswith(RUNNER) and node.type == kinds.CANARY]
    draft.drop(f"{RUNNER}-firewall", f"{RUNNER}-ends-application", f"{RUNNER}-ends-service", *alarms, *probe)
    return draft


def before_prod(tier: Tier) -> Draft:
    """App Runner before its first image, where that is allowed: the service of a prod stack that is called staging."""
    draft = unreleased(tier)
    draft.drop(*[name for name in draft.nodes if name.startswith(EXPRESS)])
    _in_tier(draft, "staging")
    return draft


def in_prod(draft: Draft) -> None:
    """The same in prod."""
    _in_tier(draft, "prod")


def _in_tier(draft: Draft, tier: Tier) -> None:
    draft.set(RUNNER, "tier", tier)
    draft.set(f"{RUNNER}-keep", "policy.rules.0.selection.countNumber", ECR_KEEP_IMAGES[tier])


def _component(draft: Draft, name: str, kind: str, compute: str, tier: Tier) -> None:
    said = {"by": "ada", "on": "2026-06-01", "evidence": f"pull request 7 of {name}"}
    draft.add(
        name,
        kind,
        STACK,
        service=name,
        compute=compute,
        tier=tier,
        environment="prod",
        port=8080,
        healthPath="/health",
        secrets=[f"{name}/API_TOKEN"],
        databaseSecrets=[],
        config=["LOG_LEVEL"],
        cloudMap=True,
        public=True,
        minInstances=2,
        maxInstances=10,
        foundation="own",
        attest={item: dict(said) for item in ("HLTH-1", "OBS-4", "SECR-6")},
    )


def _common(draft: Draft, name: str, tier: Tier) -> None:
    trust = {
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "x.amazonaws.com"}, "Action": "sts:AssumeRole"}]
    }
    draft.add(f"{name}-role", kinds.ROLE, name, name=f"prod-{name}", assumeRolePolicy=Text(trust), tags=TAGS)
    draft.add(f"{name}-group", kinds.SECURITY_GROUP, name, tags=TAGS)
    draft.add(f"{name}-sampling", kinds.SAMPLING_RULE, name, serviceName=name, fixedRate=0.05, tags=TAGS)
    draft.add(f"{name}-level", kinds.PARAMETER, name, name=f"/news/{name}/prod/LOG_LEVEL", type="String", tags=TAGS)
    pattern = {"detail-type": ["Deployment"], "detail": {"operationStatus": ["DeploymentFailed"]}}
    draft.add(f"{name}-failed", kinds.EVENT_RULE, name, name=f"{name}-failed", eventPattern=Text(pattern), tags=TAGS)
    draft.add(f"{name}-failed-target", kinds.EVENT_TARGET, name, rule=f"{name}-failed", arn=PAGING)
    draft.add(
        f"{name}-repository",
        kinds.REPOSITORY,
        name,
        name=f"{name}/prod",
        imageTagMutability="IMMUTABLE",
        imageScanningConfiguration={"scanOnPush": True},
        tags=TAGS,
    )
    rule = {"selection": {"countType": "imageCountMoreThan", "countNumber": ECR_KEEP_IMAGES[tier]}}
    draft.add(f"{name}-keep", kinds.LIFECYCLE_POLICY, name, repository=f"{name}/prod", policy=Text({"rules": [rule]}))
    draft.add(f"{name}-token", kinds.SECRET, name, name=f"/news/{name}/prod/API_TOKEN", tags=TAGS)
    draft.add(
        f"{name}-token-rotation",
        kinds.SECRET_ROTATION,
        name,
        {"secretId": f"{name}-token"},
        secretId=UNKNOWN,
        rotationRules={"automaticallyAfterDays": 30},
    )
    draft.add(f"{name}-entry", kinds.DISCOVERY_SERVICE, name, name=name, tags=TAGS)
    draft.add(f"{name}-instance", kinds.DISCOVERY_INSTANCE, name, {"serviceId": f"{name}-entry"}, serviceId=UNKNOWN)


def _alarm(draft: Draft, service: str, metric: str, threshold: float, **inputs: Json) -> None:
    name = f"{service}-{metric}"
    given = {"comparisonOperator": "GreaterThanThreshold", "metricName": metric, **inputs}
    draft.add(
        name, kinds.METRIC_ALARM, service, name=name, threshold=threshold, alarmActions=[PAGING], tags=TAGS, **given
    )


def _watched(draft: Draft, service: str, joined: tuple[str, str], shown: tuple[str, ...]) -> None:
    rule = " AND ".join(f'ALARM("{service}-{metric}")' for metric in joined)
    name = f"{service}-composite"
    draft.add(name, kinds.COMPOSITE_ALARM, service, alarmName=name, alarmRule=rule, alarmActions=[PAGING], tags=TAGS)
    body = {"widgets": [{"properties": {"metrics": [["AWS", metric] for metric in shown]}}]}
    draft.add(f"{service}-dashboard", kinds.DASHBOARD, service, dashboardName=service, dashboardBody=Text(body))


def _runner(draft: Draft, tier: Tier) -> None:
    name = RUNNER
    draft.add(f"{name}-pull", kinds.ROLE, name, name=f"prod-{name}-pull", tags=TAGS)
    draft.add(
        f"{name}-connector",
        kinds.VPC_CONNECTOR,
        name,
        {"subnets": "vpc private-1", "securityGroups": f"{name}-group"},
        subnets=UNKNOWN,
        securityGroups=[UNKNOWN],
        tags=TAGS,
    )
    vendor = {"vendor": "AWSXRAY"}
    draft.add(f"{name}-traces", kinds.RUNNER_OBSERVABILITY, name, traceConfiguration=vendor, tags=TAGS)
    draft.add(
        f"{name}-service",
        kinds.APP_RUNNER,
        name,
        {
            "instanceConfiguration": f"{name}-role",
            "sourceConfiguration": f"{name}-pull",
            "networkConfiguration": f"{name}-connector",
            "observabilityConfiguration": f"{name}-traces",
        },
        sourceConfiguration={
            "autoDeploymentsEnabled": False,
            "authenticationConfiguration": {"accessRoleArn": UNKNOWN},
            "imageRepository": {
                "imageIdentifier": f"{_REGISTRY}/{name}/prod{_DIGEST}",
                "imageConfiguration": {
                    "runtimeEnvironmentVariables": {"OTEL_SERVICE_NAME": name},
                    "runtimeEnvironmentSecrets": {"API_TOKEN": _SECRET},
                },
            },
        },
        instanceConfiguration={"instanceRoleArn": UNKNOWN},
        healthCheckConfiguration={"protocol": "HTTP", "path": "/health", "interval": 5, "timeout": 2},
        networkConfiguration={"egressConfiguration": {"egressType": "VPC", "vpcConnectorArn": UNKNOWN}},
        observabilityConfiguration={"observabilityEnabled": True, "observabilityConfigurationArn": UNKNOWN},
        tags=TAGS,
    )
    draft.add(
        f"{name}-firewall",
        kinds.WEB_ACL_ASSOCIATION,
        name,
        {"resourceArn": f"{name}-service", "webAclArn": "acl"},
        resourceArn=UNKNOWN,
        webAclArn=UNKNOWN,
    )
    for group in ("application", "service"):
        ends = {"LogGroupName": f"/aws/apprunner/{name}/1/{group}", "RetentionInDays": LOG_RETENTION_DAYS[tier]}
        target = {"arn": _RETENTION, "input": json.dumps(ends)}
        draft.add(f"{name}-ends-{group}", kinds.SCHEDULE, name, name=f"{name}-{group}", target=target)
    _alarm(draft, name, "5xxStatusResponses", 10, period=300, statistic="Sum")
    _alarm(draft, name, "RequestLatency", 1000, period=300, extendedStatistic="p99")
    _alarm(draft, name, "CPUUtilization", 80)
    _alarm(draft, name, "MemoryUtilization", 80)
    _alarm(draft, name, "ActiveInstances", 9)
    golden_watch.probe(draft, name, PAGING)
    shown = ("Requests", "5xxStatusResponses", "RequestLatency", "CPUUtilization", "MemoryUtilization")
    _watched(draft, name, ("CPUUtilization", "5xxStatusResponses"), shown)


def _express(draft: Draft, tier: Tier) -> None:
    name = EXPRESS
    days = LOG_RETENTION_DAYS[tier]
    draft.add(f"{name}-logs", kinds.LOG_GROUP, name, name=f"/onramp/prod/{name}", retentionInDays=days, tags=TAGS)
    roles = ("executionRoleArn", "infrastructureRoleArn", "taskRoleArn")
    draft.add(
        f"{name}-service",
        kinds.EXPRESS_GATEWAY,
        name,
        {
            **dict.fromkeys(roles, f"{name}-role"),
            "networkConfigurations": f"vpc private-1 {name}-group",
        },
        **dict.fromkeys(roles, UNKNOWN),
        healthCheckPath="/health",
        waitForSteadyState=True,
        networkConfigurations=[{"subnets": UNKNOWN, "securityGroups": [UNKNOWN]}],
        primaryContainer={
            "image": f"{_REGISTRY}/{name}/prod{_DIGEST}",
            "environments": [{"name": "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "value": "https://xray"}],
            "secrets": [{"name": "API_TOKEN", "valueFrom": _SECRET}],
            "awsLogsConfigurations": [{"logGroup": f"/onramp/prod/{name}", "logStreamPrefix": name}],
        },
        tags=TAGS,
    )
    _alarm(draft, name, "CPUUtilization", 80)
    _alarm(draft, name, "MemoryUtilization", 80)
    _alarm(draft, name, "RunningTaskCount", 2, comparisonOperator="LessThanThreshold")
    _watched(
        draft,
        name,
        ("CPUUtilization", "RunningTaskCount"),
        ("CPUUtilization", "MemoryUtilization", "RunningTaskCount"),
    )
