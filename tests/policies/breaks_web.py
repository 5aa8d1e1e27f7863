"""Breakages of App Runner and Express services."""

from typing import Final

from stacks.standards import Tier
from tests.policies.breaks import OFF, ON, Break, gone, put, without
from tests.policies.draft import Change, Draft
from tests.policies.golden_web import EXPRESS, RUNNER, automatic, before_prod, in_prod, with_web

_RUN: Final = f"{RUNNER}-service"
_TASKS: Final = f"{EXPRESS}-service"
_IMAGE: Final = "sourceConfiguration.imageRepository"
_VARIABLES: Final = f"{_IMAGE}.imageConfiguration"
_EGRESS: Final = "networkConfiguration.egressConfiguration"
_REPOSITORY: Final = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/prod"


def _of(rule: str, service: str, *changes: Change, tier: Tier = "prod") -> list[Break]:
    return [Break(rule, service, change, tier, with_web) for change in changes]


def refers(name: str, key: str, to: str) -> Change:
    def change(draft: Draft) -> None:
        draft.nodes[name].refers[key] = to.split()

    return change


def other_tags_move(draft: Draft) -> None:
    draft.nodes[f"{RUNNER}-repository"].inputs["imageTagMutabilityExclusionFilters"].append({"filter": "*"})


def plain_setting(draft: Draft) -> None:
    draft.nodes[_TASKS].inputs["primaryContainer"]["environments"].append({"name": "LOG_LEVEL", "value": "debug"})


def in_public_subnet(draft: Draft) -> None:
    draft.nodes[_TASKS].refers["networkConfigurations"] = ["public-1", f"{EXPRESS}-group"]


BREAKS_WEB: Final = (
    *_of(
        "runner-network",
        RUNNER,
        put(_RUN, f"{_EGRESS}.egressType", "DEFAULT"),
        without(_RUN, f"{_EGRESS}.vpcConnectorArn"),
        put(f"{RUNNER}-connector", "securityGroups", []),
    ),
    *_of(
        "express-network",
        EXPRESS,
        without(_TASKS, "networkConfigurations.0.subnets"),
        put(_TASKS, "networkConfigurations.0.securityGroups", []),
    ),
    *_of("web-private-subnet", EXPRESS, in_public_subnet),
    *_of("web-private-subnet", RUNNER, refers(f"{RUNNER}-connector", "subnets", "public-1")),
    *_of("own-role", RUNNER, refers(_RUN, "instanceConfiguration", f"{EXPRESS}-role")),
    *_of("own-role", EXPRESS, refers(_TASKS, "infrastructureRoleArn", f"{RUNNER}-role")),
    *_of("image-repository", RUNNER, gone(f"{RUNNER}-keep")),
    *_of("image-tags-immutable", EXPRESS, put(f"{EXPRESS}-repository", "imageTagMutability", "MUTABLE")),
    *_of("image-tags-immutable", RUNNER, put(f"{RUNNER}-repository", "imageTagMutability", "IMMUTABLE_WITH_EXCLUSION")),
    Break("image-tags-immutable", RUNNER, other_tags_move, "prod", automatic),
    Break("web-image-released", RUNNER, in_prod, "prod", before_prod),
    *_of("web-image-pinned", EXPRESS, put(_TASKS, "primaryContainer.image", "host/catalog/prod:latest")),
    *_of("web-image-pinned", RUNNER, put(_RUN, f"{_IMAGE}.imageIdentifier", f"{_REPOSITORY}:latest")),
    *_of(
        "runner-deployment",
        RUNNER,
        without(_RUN, "sourceConfiguration.autoDeploymentsEnabled"),
        put(_RUN, "sourceConfiguration.autoDeploymentsEnabled", ON),
    ),
    *_of("express-deployment", EXPRESS, put(_TASKS, "waitForSteadyState", OFF)),
    *_of("deployment-failure-notice", RUNNER, put(f"{RUNNER}-failed", "eventPattern.detail.operationStatus", ["Done"])),
    *_of("serves-health-endpoints", RUNNER, put(RUNNER, "attest.HLTH-1.on", "2026-01-01")),
    *_of("web-health-check", RUNNER, put(_RUN, "healthCheckConfiguration.path", "/")),
    *_of("web-health-check", EXPRESS, without(_TASKS, "healthCheckPath")),
    *_of(
        "runner-health-check",
        RUNNER,
        put(_RUN, "healthCheckConfiguration.protocol", "TCP"),
        put(_RUN, "healthCheckConfiguration.interval", 21),
        put(_RUN, "healthCheckConfiguration.timeout", 0),
    ),
    *_of("web-cloud-map", RUNNER, gone(f"{RUNNER}-instance")),
    *_of("web-cloud-map", EXPRESS, without(f"{EXPRESS}-instance", "serviceId")),
    *_of(
        "runner-tracing",
        RUNNER,
        put(_RUN, "observabilityConfiguration.observabilityEnabled", OFF),
        put(f"{RUNNER}-traces", "traceConfiguration", {}),
    ),
    *_of("express-tracing", EXPRESS, put(_TASKS, "primaryContainer.environments", [])),
    *_of(
        "runner-log-retention",
        RUNNER,
        gone(f"{RUNNER}-ends-service"),
        put(f"{RUNNER}-ends-service", "state", "DISABLED"),
        put(f"{RUNNER}-ends-application", "target.input", '{"RetentionInDays": 30}'),
    ),
    *_of("express-log-group", EXPRESS, without(_TASKS, "primaryContainer.awsLogsConfigurations")),
    *_of("log-retention", EXPRESS, put(f"{EXPRESS}-logs", "retentionInDays", 7)),
    *_of("no-plain-config", EXPRESS, plain_setting),
    *_of(
        "web-plain-secret",
        RUNNER,
        put(_RUN, f"{_VARIABLES}.runtimeEnvironmentVariables.OTEL_PASSWORD", "postgres://ada:hunter2@host/shop"),
    ),
    *_of(
        "web-secret-reference",
        RUNNER,
        put(_RUN, f"{_VARIABLES}.runtimeEnvironmentSecrets", {}),
        put(_RUN, f"{_VARIABLES}.runtimeEnvironmentSecrets.API_TOKEN", "abc"),
    ),
    *_of("web-secret-reference", EXPRESS, put(_TASKS, "primaryContainer.secrets", [])),
    *_of("alarm-missing", RUNNER, gone(f"{RUNNER}-ActiveInstances")),
    *_of("alarm-missing", EXPRESS, gone(f"{EXPRESS}-MemoryUtilization")),
    *_of("alarm-looser", RUNNER, put(f"{RUNNER}-RequestLatency", "threshold", 1001)),
    *_of("composite-alarm", RUNNER, gone(f"{RUNNER}-composite")),
    *_of("dashboard", RUNNER, put(f"{RUNNER}-dashboard", "dashboardBody.widgets", [])),
    *_of("firewall-attached", RUNNER, gone(f"{RUNNER}-firewall")),
    *_of("required-tags", RUNNER, without(f"{RUNNER}-connector", "tags")),
)
