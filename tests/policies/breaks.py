"""One-change breakages of the good environment: which rule must see each, and whose item it fails."""

from collections.abc import Callable
from typing import NamedTuple

from policies import kinds
from stacks.standards import LOG_RETENTION_DAYS, Tier
from tests.policies.draft import Change, Draft, Json, Text
from tests.policies.golden import FARGATE, LAMBDA, TAGS, good
from tests.policies.golden_base import complete

ON, OFF = True, False
TASK, SERVICE, FUNCTION = f"{FARGATE}-task", f"{FARGATE}-service", f"{LAMBDA}-function"
SHIFT = f"{LAMBDA}-shift"
MAIN = "containerDefinitions.0"
STATEMENT = "policy.Statement.0"


class Break(NamedTuple):
    """One change of `start`, the rule that must see it, and the service that it counts for (None: all services)."""

    rule: str
    service: str | None
    change: Change
    tier: Tier = "prod"
    start: Callable[[Tier], Draft] = good


def put(name: str, path: str, value: Json) -> Change:
    return lambda draft: draft.set(name, path, value)


def without(name: str, path: str) -> Change:
    return lambda draft: draft.unset(name, path)


def gone(*names: str) -> Change:
    return lambda draft: draft.drop(*names)


def plain(name: str, value: str) -> Change:
    return put(TASK, f"{MAIN}.environment", [{"name": name, "value": value}])


def parameter(key: str, value: str) -> Change:
    """One more parameter of the container service, in clear."""
    name = f"/example/{FARGATE}/prod/{key}"
    return lambda draft: draft.add("plain", kinds.PARAMETER, FARGATE, name=name, type="String", value=value, tags=TAGS)


def policy(kind: str, path: str = "policy") -> Change:
    """A resource policy that lets everybody in."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sqs:SendMessage", "Resource": "x"}
    inputs: dict[str, Json] = {path: Text({"Statement": [statement]}), "tags": TAGS}
    return lambda draft: draft.add("open", kind, FARGATE, **inputs)


def second_rule(priority: int, path: str) -> Change:
    """A listener rule of the function, at the same listener as that of the container service."""
    conditions = [{"pathPattern": {"values": [path]}}]
    return lambda draft: draft.add(
        "zz-rule",
        kinds.LISTENER_RULE,
        LAMBDA,
        {"listenerArn": "https"},
        priority=priority,
        conditions=conditions,
        tags=TAGS,
    )


def extra(kind: str, parent: str = FARGATE, **inputs: Json) -> Change:
    return lambda draft: draft.add("extra", kind, parent, **inputs, tags=TAGS)


def added(kind: str, parent: str = FARGATE, **inputs: Json) -> Change:
    """As `extra`, with what all resources of that type have in the good environment."""

    def change(draft: Draft) -> None:
        extra(kind, parent, **inputs)(draft)
        complete(draft, "prod")

    return change


def shares_role(draft: Draft) -> None:
    draft.nodes[FUNCTION].refers["role"] = [f"{FARGATE}-role"]


def public_subnet(draft: Draft) -> None:
    draft.nodes[SERVICE].refers["networkConfiguration"] = [f"{FARGATE}-group", "public-1"]


def without_layer(place: int) -> Change:
    def change(draft: Draft) -> None:
        del draft.nodes[FUNCTION].inputs["layers"][place]

    return change


def rolls_without_rollback(draft: Draft) -> None:
    draft.set(SERVICE, "deploymentConfiguration", {"strategy": "ROLLING"})
    draft.set(SERVICE, "deploymentCircuitBreaker.rollback", OFF)


def slower_latency(draft: Draft) -> None:
    draft.set(f"{FARGATE}-TargetResponseTime", "threshold", 1.5)


def tolerates_a_missing_task(draft: Draft) -> None:
    names = {"running": "RunningTaskCount", "desired": "DesiredTaskCount"}
    queries = [{"id": key, "metric": {"metricName": name, "stat": "Average"}} for key, name in names.items()]
    draft.set(
        f"{FARGATE}-RunningTaskCount", "metricQueries", [{"id": "r", "expression": "running - desired"}, *queries]
    )
    draft.set(f"{FARGATE}-RunningTaskCount", "threshold", -1)


def no_second_symptom(draft: Draft) -> None:
    draft.set(
        f"{FARGATE}-composite", "alarmRule", 'ALARM("news-api-CPUUtilization") OR ALARM("news-api-MemoryUtilization")'
    )


def excluded_by_advanced_selector(draft: Draft) -> None:
    fields = [
        {"field": "eventCategory", "equals": ["Management"]},
        {"field": "eventSource", "notEquals": ["secretsmanager.amazonaws.com"]},
    ]
    draft.set("trail", "advancedEventSelectors", [{"fieldSelectors": fields}])


BREAKS = (
    # pre-onboarding
    Break("compute-type-supported", LAMBDA, put(LAMBDA, "compute", "ec2")),
    Break("service-in-network", LAMBDA, without(FUNCTION, "vpcConfig.subnetIds")),
    Break("service-in-network", FARGATE, put(SERVICE, "networkConfiguration.securityGroups", [])),
    Break("no-public-ip", FARGATE, put(SERVICE, "networkConfiguration.assignPublicIp", ON)),
    Break("no-public-subnet", FARGATE, public_subnet),
    Break("own-role", LAMBDA, shares_role),
    Break("own-role", FARGATE, without(TASK, "taskRoleArn")),
    Break("no-wildcard-action", FARGATE, put(f"{FARGATE}-policy", f"{STATEMENT}.Action", "*")),
    Break("no-wildcard-action", FARGATE, put(f"{FARGATE}-policy", f"{STATEMENT}.Action", ["sqs:SendMessage", "s3:*"])),
    Break("no-wildcard-action", LAMBDA, put(f"{LAMBDA}-policy", f"{STATEMENT}.NotAction", ["iam:PassRole"])),
    Break("no-wildcard-resource", FARGATE, put(f"{FARGATE}-policy", f"{STATEMENT}.Resource", "*")),
    Break("no-wildcard-resource", LAMBDA, put(f"{LAMBDA}-policy", "policy.Statement.1.Action", ["xray:GetTraces"])),
    Break(
        "no-admin-policy",
        FARGATE,
        put(f"{FARGATE}-role", "managedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"]),
    ),
    Break(
        "no-admin-policy",
        FARGATE,
        extra(kinds.ROLE_ATTACHMENT, policyArn="arn:aws:iam::aws:policy/PowerUserAccess"),
    ),
    Break("image-repository", FARGATE, gone(f"{FARGATE}-keep")),
    Break("image-keep-count", FARGATE, put(f"{FARGATE}-keep", "policy.rules.0.selection.countNumber", 29)),
    Break("image-scan", FARGATE, put("registry", "scanType", "BASIC")),
    Break("image-scan", FARGATE, put("registry", "rules.0.scanFrequency", "SCAN_ON_PUSH")),
    Break("image-scan", FARGATE, put("registry", "rules.0.repositoryFilters.0.filter", "other/*")),
    Break("image-scan", FARGATE, put(f"{FARGATE}-repository", "imageScanningConfiguration.scanOnPush", OFF), "dev"),
    Break("secret-in-secrets-manager", FARGATE, gone("API_TOKEN", "API_TOKEN-rotation")),
    Break("parameter-plain-secret", FARGATE, parameter("SMTP_PASSWORD", "x")),
    Break("parameter-plain-secret", FARGATE, parameter("BROKER", "amqp://guest:guest@mq")),
    Break("secret-rotation", FARGATE, gone("API_TOKEN-rotation")),
    Break("secret-rotation", FARGATE, gone("DATABASE_URL-rotation")),
    Break("secret-rotation", FARGATE, put("API_TOKEN-rotation", "rotationRules.automaticallyAfterDays", 31)),
    Break("function-plain-secret", LAMBDA, put(FUNCTION, "environment.variables.DB_PASSWORD", "x")),
    Break("config-in-parameter-store", FARGATE, gone(f"{FARGATE}-level")),
    Break("no-plain-config", FARGATE, plain("LOG_LEVEL", "debug")),
    Break("no-plain-config", LAMBDA, put(FUNCTION, "environment.variables.LOG_LEVEL", "debug")),
    # delivery
    Break("image-tags-immutable", FARGATE, put(f"{FARGATE}-repository", "imageTagMutability", "MUTABLE")),
    Break("image-pinned", FARGATE, put(TASK, f"{MAIN}.image", "host:443/news-api/prod:latest")),
    Break("image-pinned", FARGATE, put(TASK, f"{MAIN}.image", "host:443/news-api/prod")),
    Break("image-pinned", FARGATE, put(TASK, "containerDefinitions.1.image", "x/aws-otel-collector:latest")),
    Break("image-released", FARGATE, put(TASK, f"{MAIN}.image", "host/news-api/prod:unreleased")),
    Break("deployment-strategy", FARGATE, put(SERVICE, "deploymentConfiguration.strategy", "ROLLING")),
    Break("deployment-strategy", FARGATE, put(SERVICE, "deploymentConfiguration.bakeTimeInMinutes", "0")),
    Break("deployment-strategy", FARGATE, put(SERVICE, "deploymentController.type", "CODE_DEPLOY")),
    Break(
        "deployment-strategy",
        FARGATE,
        rolls_without_rollback,
        "dev",
    ),
    Break("alias-shift", LAMBDA, gone(f"{LAMBDA}-alias")),
    Break("alias-shift", LAMBDA, put(FUNCTION, "publish", OFF)),
    Break("alias-shift", LAMBDA, put(f"{LAMBDA}-steps", "trafficRoutingConfig.type", "AllAtOnce")),
    Break("alias-shift", LAMBDA, put(SHIFT, "deploymentConfigName", "CodeDeployDefault.LambdaAllAtOnce")),
    Break("alias-shift", LAMBDA, put(SHIFT, "autoRollbackConfiguration.events", ["DEPLOYMENT_STOP_ON_ALARM"])),
    Break("deployment-failure-notice", FARGATE, gone(f"{FARGATE}-failed", f"{FARGATE}-failed-target")),
    Break("deployment-failure-notice", LAMBDA, gone(f"{LAMBDA}-failed-target")),
    # health
    Break("target-health-check", FARGATE, put(f"{FARGATE}-target", "healthCheck.path", "/")),
    Break("target-health-check", FARGATE, put(f"{FARGATE}-target", "healthCheck.enabled", OFF)),
    Break("container-health-check", FARGATE, without(TASK, f"{MAIN}.healthCheck")),
    Break("container-health-check", FARGATE, put(TASK, f"{MAIN}.healthCheck.command", ["NONE"])),
    Break("container-start-period", FARGATE, without(TASK, f"{MAIN}.healthCheck.startPeriod")),
    Break("grace-period", FARGATE, without(SERVICE, "healthCheckGracePeriodSeconds")),
    # discovery and network
    Break("service-connect", FARGATE, put(SERVICE, "serviceConnectConfiguration.enabled", OFF)),
    Break("cloud-map", FARGATE, without(SERVICE, "serviceRegistries")),
    Break("no-app-mesh", FARGATE, extra("aws:appmesh/virtualNode:VirtualNode")),
    Break("no-app-mesh", None, extra("aws:appmesh/mesh:Mesh", "base")),
    Break("listener-rule", FARGATE, put(f"{FARGATE}-rule", "conditions", [{"httpHeader": {"values": ["x"]}}])),
    Break("listener-rule", FARGATE, put(f"{FARGATE}-rule", "conditions.0.pathPattern.values", [])),
    Break("listener-priority-unique", LAMBDA, second_rule(10, "/thumbnails/*")),
    Break("listener-pattern-unique", LAMBDA, second_rule(20, "/news/*")),
    Break("vpc-link", FARGATE, extra(kinds.API_INTEGRATION, integrationType="HTTP_PROXY", connectionType="INTERNET")),
    # observability
    Break("adot", FARGATE, put(TASK, "containerDefinitions.1.image", "envoy:1.2")),
    Break("adot", LAMBDA, without_layer(0)),
    Break("active-tracing", LAMBDA, put(FUNCTION, "tracingConfig.mode", "PassThrough")),
    Break("sampling-rule", LAMBDA, put(f"{LAMBDA}-sampling", "serviceName", "other")),
    Break("log-group", FARGATE, without(TASK, "containerDefinitions.1.logConfiguration")),
    Break("log-group", LAMBDA, put(FUNCTION, "loggingConfig.logGroup", "/aws/lambda/other")),
    Break("log-retention", FARGATE, put(f"{FARGATE}-logs", "retentionInDays", LOG_RETENTION_DAYS["prod"] - 1)),
    Break("log-retention", LAMBDA, put(f"{LAMBDA}-logs", "retentionInDays", LOG_RETENTION_DAYS["dev"] + 1), "dev"),
    Break("log-retention", LAMBDA, without(f"{LAMBDA}-logs", "retentionInDays")),
    Break("cloudwatch-agent", FARGATE, put(TASK, "containerDefinitions.2.image", "fluent-bit:3.0")),
    Break("container-insights", None, put("cluster", "settings.0.value", "disabled")),
    # secrets
    Break("container-plain-secret", FARGATE, plain("PASSWORD", "x")),
    Break("container-plain-secret", FARGATE, plain("API_TOKEN", "x")),
    Break("container-plain-secret", FARGATE, plain("SIGNING_KEY", "x")),
    Break("container-plain-secret", FARGATE, plain("OTEL_ENDPOINT", "postgres://user:pass@host/db")),
    Break("container-plain-secret", FARGATE, plain("AWS_IDENTITY", "AKIA" + "A" * 16)),
    Break("container-secret-reference", FARGATE, put(TASK, f"{MAIN}.secrets.1.name", "OTHER")),
    Break("secrets-extension", LAMBDA, without_layer(1)),
    Break("secrets-extension", LAMBDA, without(FUNCTION, "environment.variables.SECRETS_MANAGER_TTL")),
    Break(
        "database-rotation",
        FARGATE,
        put("rotator", "applicationId", "arn:x/SecretsManagerRDSPostgreSQLRotationSingleUser"),
    ),
    # alerting
    Break("alarm-missing", FARGATE, gone(f"{FARGATE}-MemoryUtilization")),
    Break("alarm-missing", LAMBDA, gone(f"{LAMBDA}-Duration")),
    Break("alarm-looser", FARGATE, put(f"{FARGATE}-CPUUtilization", "threshold", 81)),
    Break("alarm-looser", FARGATE, put(f"{FARGATE}-RunningTaskCount", "threshold", 1)),
    Break("alarm-looser", FARGATE, tolerates_a_missing_task),
    Break("alarm-looser", FARGATE, put(f"{FARGATE}-HTTPCode_Target_5XX_Count", "period", 60)),
    Break("alarm-looser", FARGATE, put(f"{FARGATE}-TargetResponseTime", "extendedStatistic", "p90")),
    Break("alarm-looser", FARGATE, slower_latency),
    Break("alarm-looser", LAMBDA, put(f"{LAMBDA}-Errors", "metricQueries.0.expression", "errors / invocations")),
    Break("alarm-looser", LAMBDA, put(f"{LAMBDA}-ConcurrentExecutions", "threshold", 41)),
    Break("alarm-looser", LAMBDA, put(f"{LAMBDA}-Throttles", "comparisonOperator", "LessThanThreshold")),
    Break("composite-alarm", FARGATE, gone(f"{FARGATE}-composite")),
    Break("composite-alarm", FARGATE, no_second_symptom),
    Break(
        "composite-alarm-names",
        LAMBDA,
        put(
            f"{LAMBDA}-composite", "alarmRule", "ALARM(thumbnails-Errors) OR ALARM(thumbnails-Throttles) OR ALARM(lost)"
        ),
    ),
    Break("alarm-action", FARGATE, put(f"{FARGATE}-CPUUtilization", "alarmActions", [])),
    Break("alarm-action", FARGATE, without(f"{FARGATE}-CPUUtilization", "alarmActions")),
    Break("alarm-action", LAMBDA, put(f"{LAMBDA}-composite", "actionsEnabled", OFF)),
    Break("foundation-alarm-action", None, added(kinds.METRIC_ALARM, "base", name="nat-errors")),
    Break("paging-subscription", None, put("pager", "protocol", "email")),
    Break("paging-subscription", None, gone("pager")),
    Break("rollback-alarm", FARGATE, put(SERVICE, "alarms.enable", OFF)),
    Break("rollback-alarm", FARGATE, put(SERVICE, "alarms.alarmNames", [])),
    Break("rollback-alarm", FARGATE, put(SERVICE, "alarms.alarmNames", ["lost"])),
    Break("rollback-alarm", FARGATE, without(SERVICE, "alarms")),
    Break("shift-rollback-alarm", LAMBDA, put(SHIFT, "alarmConfiguration.alarms", ["lost"])),
    Break("shift-rollback-alarm", LAMBDA, put(SHIFT, "autoRollbackConfiguration.events", ["DEPLOYMENT_FAILURE"])),
    Break("dashboard", FARGATE, gone(f"{FARGATE}-dashboard")),
    Break("dashboard", FARGATE, put(f"{FARGATE}-dashboard", "dashboardBody.widgets", [])),
    # compliance
    Break("vpc-endpoints", None, gone("endpoint-secretsmanager")),
    Break("vpc-endpoints", None, gone("endpoint-s3")),
    Break("access-analyzer", None, gone("analyzer")),
    *(
        Break("no-public-policy", FARGATE, policy(kind))
        for kind in (
            "aws:s3/bucketPolicy:BucketPolicy",
            "aws:sqs/queuePolicy:QueuePolicy",
            "aws:sns/topicPolicy:TopicPolicy",
            "aws:ecr/repositoryPolicy:RepositoryPolicy",
        )
    ),
    Break("no-public-policy", FARGATE, put(f"{FARGATE}-role", "assumeRolePolicy.Statement.0.Principal", "*")),
    Break("no-public-function", LAMBDA, extra(kinds.FUNCTION_URL, LAMBDA, authorizationType="NONE", qualifier="live")),
    Break("no-public-function", LAMBDA, extra(kinds.FUNCTION_PERMISSION, LAMBDA, principal="*")),
    Break("no-open-ingress", FARGATE, put(f"{FARGATE}-ingress", "cidrIpv4", "0.0.0.0/0")),
    Break("no-open-ingress", FARGATE, put(f"{FARGATE}-group", "ingress", [{"ipv6CidrBlocks": ["::/0"]}])),
    Break(
        "no-open-ingress", LAMBDA, extra(kinds.SECURITY_GROUP_RULE, LAMBDA, type="ingress", cidrBlocks=["0.0.0.0/0"])
    ),
    Break("trail-records-secrets", None, gone("trail")),
    Break("trail-records-secrets", None, put("trail", "enableLogging", OFF)),
    Break("trail-records-secrets", None, put("trail", "eventSelectors", [{"readWriteType": "WriteOnly"}])),
    Break("trail-records-secrets", None, excluded_by_advanced_selector),
    # beyond the checklist
    Break("required-tags", FARGATE, put(f"{FARGATE}-logs", "tags", {**TAGS, "Owner": ""})),
    Break("required-tags", None, without("cluster", "tags")),
    Break("container-not-root", FARGATE, put(TASK, f"{MAIN}.user", "0:0")),
    Break("container-not-root", FARGATE, without(TASK, f"{MAIN}.user")),
    Break("container-read-only-root", FARGATE, without(TASK, f"{MAIN}.readonlyRootFilesystem")),
    Break("listener-tls", None, put("https", "sslPolicy", "ELBSecurityPolicy-TLS-1-1-2017-01")),
    Break("listener-tls", None, without("https", "sslPolicy")),
    Break("listener-encrypted", None, put("http", "defaultActions.0.type", "forward")),
    Break("load-balancer-headers", None, without("balancer", "dropInvalidHeaderFields")),
    Break("load-balancer-protected", None, put("balancer", "enableDeletionProtection", OFF)),
    Break("flow-logs", None, gone("flow-log")),
    # statements of people
    Break("serves-health-endpoints", FARGATE, put(FARGATE, "attest.HLTH-1.on", "2026-01-01")),
    Break("business-metrics", LAMBDA, put(LAMBDA, "attest.OBS-4.evidence", "")),
    Break("client-side-cache", FARGATE, put(FARGATE, "attest.SECR-6.on", "2026-07-02")),
)
