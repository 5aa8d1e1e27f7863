"""A small good environment with a container service and a function."""

from policies import kinds
from stacks.standards import (
    ALARM_LATENCY_P99_MS,
    ECR_KEEP_IMAGES,
    ENDPOINT_SERVICES_GATEWAY,
    ENDPOINT_SERVICES_INTERFACE,
    LOG_RETENTION_DAYS,
    REQUIRED_TAGS,
    SECRET_CACHE_SECONDS,
    TLS_POLICY,
    Tier,
)
from tests.policies import golden_api, golden_base, golden_endpoint, golden_functions, golden_stores, golden_watch
from tests.policies.draft import Draft, Json, Text

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
PAGING = "arn:aws:sns:eu-west-1:111122223333:paging"
ACCOUNT = "eu-west-1:111122223333"
TAGS: dict[str, Json] = dict.fromkeys(REQUIRED_TAGS, "news")
STACK = "stack"
FARGATE = "news-api"
LAMBDA = "thumbnails"


def good(tier: Tier = "prod", *, foundation: str = "own") -> Draft:
    """An environment with one routed container service and one function, in which nothing is wrong."""
    draft = Draft()
    draft.add(STACK, kinds.STACK, "")
    if foundation == "own":
        _foundation(draft, tier)
        golden_api.foundation(draft, TAGS)
        golden_base.front(draft, "balancer")
    else:
        draft.add(foundation, kinds.STACK_REFERENCE, STACK, name=foundation)
    _fargate(draft, tier, foundation)
    _lambda(draft, tier, foundation)
    golden_api.container(draft, FARGATE)
    golden_api.function(draft, LAMBDA, PAGING)
    golden_stores.stores(draft, FARGATE)
    golden_endpoint.endpoint(draft, tier, foundation, PAGING)
    golden_functions.function(draft, LAMBDA, PAGING)
    golden_base.messages(draft, FARGATE)
    golden_base.scaled(draft, FARGATE)
    return golden_base.complete(draft, tier)


def _foundation(draft: Draft, tier: Tier) -> None:
    draft.add("base", kinds.FOUNDATION, STACK)
    draft.add("network", "onramp:foundation:Network", "base")
    draft.add("vpc", kinds.VPC_COMPONENT, "network")
    golden_base.network(draft, tier)
    draft.add("flow-log", kinds.FLOW_LOG, "network", tags=TAGS)
    for name in (*ENDPOINT_SERVICES_INTERFACE, *ENDPOINT_SERVICES_GATEWAY):
        service = f"com.amazonaws.eu-west-1.{name}"
        draft.add(f"endpoint-{name}", kinds.VPC_ENDPOINT, "network", serviceName=service, tags=TAGS)
    insights = [{"name": "containerInsights", "value": "enhanced"}]
    draft.add("cluster", kinds.CLUSTER, "base", name="prod", settings=insights, tags=TAGS)
    draft.add(
        "balancer",
        kinds.LOAD_BALANCER,
        "base",
        dropInvalidHeaderFields=True,
        enableDeletionProtection=True,
        tags=TAGS,
    )
    draft.add("https", kinds.LISTENER, "base", protocol="HTTPS", sslPolicy=TLS_POLICY, tags=TAGS)
    redirect = [{"type": "redirect", "redirect": {"protocol": "HTTPS"}}]
    draft.add("http", kinds.LISTENER, "base", protocol="HTTP", defaultActions=redirect, tags=TAGS)
    draft.add("paging", kinds.TOPIC, "base", name="paging", tags=TAGS)
    draft.add("pager", kinds.TOPIC_SUBSCRIPTION, "base", protocol="https", topic=PAGING, endpoint=UNKNOWN)
    draft.add("analyzer", kinds.ANALYZER, "base", tags=TAGS)
    draft.add("trail", kinds.TRAIL, "base", tags=TAGS)
    golden_watch.guards(draft, "balancer", PAGING)
    rules = [
        {"scanFrequency": "CONTINUOUS_SCAN", "repositoryFilters": [{"filter": "*/prod", "filterType": "WILDCARD"}]}
    ]
    draft.add("registry", kinds.REGISTRY_SCANNING, "base", scanType="ENHANCED", rules=rules)


def _common(draft: Draft, name: str, tier: Tier, principal: str) -> None:
    """What every service has, whatever it runs on."""
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": principal}, "Action": "sts:AssumeRole"}]}
    draft.add(f"{name}-role", kinds.ROLE, name, name=f"prod-{name}", assumeRolePolicy=Text(trust), tags=TAGS)
    statements = [
        {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": [f"arn:aws:sqs:{ACCOUNT}:{name}"]},
        {"Effect": "Allow", "Action": ["xray:PutTraceSegments"], "Resource": ["*"]},
    ]
    draft.add(f"{name}-policy", kinds.ROLE_POLICY, name, policy=Text({"Statement": statements}))
    draft.add(f"{name}-group", kinds.SECURITY_GROUP, name, tags=TAGS)
    draft.add(f"{name}-ingress", kinds.INGRESS_RULE, name, referencedSecurityGroupId=UNKNOWN, tags=TAGS)
    days = LOG_RETENTION_DAYS[tier]
    draft.add(f"{name}-logs", kinds.LOG_GROUP, name, name=f"/onramp/prod/{name}", retentionInDays=days, tags=TAGS)
    draft.add(f"{name}-sampling", kinds.SAMPLING_RULE, name, serviceName=name, fixedRate=0.05, tags=TAGS)
    draft.add(f"{name}-level", kinds.PARAMETER, name, name=f"/news/{name}/prod/LOG_LEVEL", type="String", tags=TAGS)
    pattern = {"detail-type": ["ECS Deployment State Change"], "detail": {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]}}
    draft.add(f"{name}-failed", kinds.EVENT_RULE, name, name=f"{name}-failed", eventPattern=Text(pattern), tags=TAGS)
    draft.add(f"{name}-failed-target", kinds.EVENT_TARGET, name, rule=f"{name}-failed", arn=PAGING)


def _alarm(draft: Draft, service: str, metric: str, threshold: float, **inputs: Json) -> None:
    name = f"{service}-{metric}"
    given = {"comparisonOperator": "GreaterThanThreshold", "metricName": metric, **inputs}
    draft.add(
        name, kinds.METRIC_ALARM, service, name=name, threshold=threshold, alarmActions=[PAGING], tags=TAGS, **given
    )


def _composite(draft: Draft, service: str, *metrics: str) -> None:
    rule = " OR ".join(f'ALARM("{service}-{metric}")' for metric in metrics)
    name = f"{service}-composite"
    draft.add(name, kinds.COMPOSITE_ALARM, service, alarmName=name, alarmRule=rule, alarmActions=[PAGING], tags=TAGS)


def _statement() -> dict[str, str]:
    return {"by": "ada", "on": "2026-06-01", "evidence": "pull request 7 of news-api"}


def _fargate(draft: Draft, tier: Tier, foundation: str) -> None:
    name = FARGATE
    draft.add(
        name,
        kinds.FARGATE_SERVICE,
        STACK,
        service=name,
        compute="fargate",
        tier=tier,
        environment="prod",
        route="/news/*",
        port=8000,
        secrets=["news-api/DATABASE_URL", "news-api/API_TOKEN"],
        databaseSecrets=["news-api/DATABASE_URL"],
        config=["LOG_LEVEL"],
        serviceConnect=True,
        cloudMap=True,
        queue=True,
        tools=["search", "quote"],
        healthPath="/health",
        foundation=foundation,
        attest={item: _statement() for item in ("HLTH-1", "OBS-4", "SECR-6")},
    )
    _common(draft, name, tier, "ecs-tasks.amazonaws.com")
    _fargate_workload(draft, name)
    _fargate_images(draft, name, tier)
    _fargate_secrets(draft, name)
    golden_watch.probe(draft, name, PAGING)
    for metric, threshold in (
        ("CPUUtilization", 80),
        ("MemoryUtilization", 80),
        ("ApproximateAgeOfOldestMessage", 900),
    ):
        _alarm(draft, name, metric, threshold)
    _alarm(draft, name, "RunningTaskCount", 2, comparisonOperator="LessThanThreshold")
    _alarm(draft, name, "HTTPCode_Target_5XX_Count", 10, period=300, statistic="Sum")
    _alarm(draft, name, "TargetResponseTime", ALARM_LATENCY_P99_MS / 1000, period=300, extendedStatistic="p99")
    _composite(draft, name, "CPUUtilization", "HTTPCode_Target_5XX_Count")
    shown = ("CPUUtilization", "MemoryUtilization", "RequestCount", "HTTPCode_Target_5XX_Count", "TargetResponseTime")
    body = {"widgets": [{"properties": {"metrics": [["AWS/ECS", metric] for metric in shown]}}]}
    draft.add(f"{name}-dashboard", kinds.DASHBOARD, name, dashboardName=name, dashboardBody=Text(body))


def _fargate_workload(draft: Draft, name: str) -> None:
    logs = {"logDriver": "awslogs", "options": {"awslogs-group": f"/onramp/prod/{name}"}}
    main = {
        "name": name,
        "image": f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/{name}/prod@sha256:{'0' * 64}",
        "user": "1001:1001",
        "readonlyRootFilesystem": True,
        "healthCheck": {"command": ["CMD", "true"], "startPeriod": 60},
        "environment": [{"name": "OTEL_SERVICE_NAME", "value": name}],
        "secrets": [{"name": each, "valueFrom": "arn:aws:x"} for each in ("DATABASE_URL", "API_TOKEN", "LOG_LEVEL")],
        "logConfiguration": logs,
    }
    adot = {
        "name": "adot",
        "image": "public.ecr.aws/aws-observability/aws-otel-collector:v0.43",
        "logConfiguration": logs,
    }
    agent = {"name": "cloudwatch-agent", "image": "public.ecr.aws/cloudwatch-agent/cloudwatch-agent:1.3"}
    draft.add(
        f"{name}-task",
        kinds.TASK_DEFINITION,
        name,
        {"executionRoleArn": f"{name}-role"},
        family=name,
        taskRoleArn=f"arn:aws:iam::111122223333:role/prod-{name}",
        executionRoleArn=UNKNOWN,
        containerDefinitions=Text([main, adot, {**agent, "logConfiguration": logs}]),
        tags=TAGS,
    )
    draft.add(
        f"{name}-service",
        kinds.ECS_SERVICE,
        name,
        {
            "networkConfiguration": f"vpc private-1 {name}-group prod",
            "serviceConnectConfiguration": "cluster",
            "serviceRegistries": f"{name}-entry",
        },
        name=name,
        desiredCount=2,
        networkConfiguration={"assignPublicIp": False, "subnets": UNKNOWN, "securityGroups": [UNKNOWN]},
        deploymentController={"type": "ECS"},
        deploymentConfiguration={"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "15"},
        deploymentCircuitBreaker={"enable": True, "rollback": True},
        alarms={"enable": True, "rollback": True, "alarmNames": [f"{name}-HTTPCode_Target_5XX_Count"]},
        healthCheckGracePeriodSeconds=60,
        serviceConnectConfiguration={"enabled": True, "namespace": UNKNOWN, "services": [{"portName": "http"}]},
        serviceRegistries={"registryArn": UNKNOWN},
        tags=TAGS,
    )
    draft.add(f"{name}-entry", kinds.DISCOVERY_SERVICE, name, name=name, tags=TAGS)
    check = {"path": "/health", "interval": 30}
    draft.add(f"{name}-target", kinds.TARGET_GROUP, name, targetType="ip", healthCheck=check, tags=TAGS)
    draft.add(
        f"{name}-rule",
        kinds.LISTENER_RULE,
        name,
        {"listenerArn": "https", "actions": f"{name}-target"},
        listenerArn=UNKNOWN,
        priority=10,
        conditions=[{"pathPattern": {"values": ["/news/*"]}}],
        actions=[{"type": "forward", "forward": {"targetGroups": [{"arn": UNKNOWN}]}}],
        tags=TAGS,
    )


def _fargate_images(draft: Draft, name: str, tier: Tier) -> None:
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


def _fargate_secrets(draft: Draft, name: str) -> None:
    application = "arn:aws:serverlessrepo:us-east-1:297356227824:applications/SecretsManagerRDSPostgreSQLRotation"
    administrator = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:administrator"
    parameters = {"functionName": "rotate-database", "masterSecretArn": administrator}
    draft.add(
        "rotator",
        kinds.ROTATION_APPLICATION,
        name,
        applicationId=f"{application}MultiUser",
        parameters=parameters,
        tags=TAGS,
    )
    for key, function in (("DATABASE_URL", "rotate-database"), ("API_TOKEN", "rotate-token")):
        draft.add(key, kinds.SECRET, name, name=f"/news/{name}/prod/{key}", tags=TAGS)
        draft.add(
            f"{key}-rotation",
            kinds.SECRET_ROTATION,
            name,
            {"secretId": key},
            secretId=UNKNOWN,
            rotationLambdaArn=f"arn:aws:lambda:{ACCOUNT}:function:{function}",
            rotationRules={"automaticallyAfterDays": 30},
        )


def _lambda(draft: Draft, tier: Tier, foundation: str) -> None:
    name = LAMBDA
    draft.add(
        name,
        kinds.LAMBDA_FUNCTION,
        STACK,
        service=name,
        compute="lambda",
        tier=tier,
        environment="prod",
        secrets=[],
        databaseSecrets=[],
        config=["LOG_LEVEL"],
        timeout=30,
        healthPath="/health",
        foundation=foundation,
        attest={"OBS-4": _statement()},
    )
    _common(draft, name, tier, "lambda.amazonaws.com")
    account = "arn:aws:lambda:eu-west-1:901920570463:layer:aws-otel-python-arm64-ver-1-32-0:2"
    extension = "arn:aws:lambda:eu-west-1:015030872274:layer:AWS-Parameters-and-Secrets-Lambda-Extension-Arm64:12"
    draft.add(
        f"{name}-function",
        kinds.FUNCTION,
        name,
        {"vpcConfig": f"vpc private-1 {name}-group prod", "role": f"{name}-role"},
        name=f"prod-{name}",
        role=UNKNOWN,
        publish=True,
        layers=[account, extension],
        environment={"variables": {"SECRETS_MANAGER_TTL": str(SECRET_CACHE_SECONDS)}},
        tracingConfig={"mode": "Active"},
        vpcConfig={"subnetIds": UNKNOWN, "securityGroupIds": [UNKNOWN]},
        reservedConcurrentExecutions=50,
        loggingConfig={"logGroup": f"/onramp/prod/{name}"},
        tags=TAGS,
    )
    draft.add(f"{name}-alias", kinds.ALIAS, name, name="live")
    routing = {"type": "TimeBasedCanary"}
    draft.add(
        f"{name}-steps", kinds.DEPLOYMENT_CONFIG, name, deploymentConfigName="steps", trafficRoutingConfig=routing
    )
    draft.add(
        f"{name}-shift",
        kinds.DEPLOYMENT_GROUP,
        name,
        deploymentGroupName=name,
        deploymentConfigName="steps",
        alarmConfiguration={"enabled": True, "alarms": [f"{name}-Errors"]},
        autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]},
        tags=TAGS,
    )
    queries = [
        {"id": "rate", "expression": "100 * errors / invocations", "returnData": True},
        {"id": "errors", "metric": {"metricName": "Errors", "stat": "Sum", "period": 300}},
        {"id": "invocations", "metric": {"metricName": "Invocations", "stat": "Sum", "period": 300}},
    ]
    _alarm(draft, name, "Errors", 1, metricName="", metricQueries=queries)
    _alarm(draft, name, "Duration", 24_000, extendedStatistic="p99")
    _alarm(draft, name, "Throttles", 0)
    _alarm(draft, name, "ConcurrentExecutions", 40)
    _alarm(draft, name, "ApproximateNumberOfMessagesVisible", 0)
    _composite(draft, name, "Errors", "Throttles")
    body = {
        "widgets": [
            {"properties": {"metrics": [["AWS/Lambda", each] for each in ("Invocations", "Errors", "Duration")]}}
        ]
    }
    draft.add(f"{name}-dashboard", kinds.DASHBOARD, name, dashboardName=name, dashboardBody=Text(body))
