"""Logs, alarms, events, audit, certificates and roles."""

from collections.abc import Mapping
from typing import Final

from simulator.shapes.shape import Shape, by_arn, named
from stacks import limits

_STARTED: Final = "2026-01-01T00:00:00Z"

WATCH: Final[Mapping[str, Shape]] = {
    "aws:accessanalyzer/analyzer:Analyzer": named("access-analyzer", "analyzer/{analyzerName}", "analyzerName"),
    "aws:acm/certificate:Certificate": by_arn("acm", "certificate/{uuid}", domainValidationOptions=[], status="ISSUED"),
    "aws:acm/certificateValidation:CertificateValidation": Shape(id="{certificateArn}"),
    "aws:cloudtrail/trail:Trail": by_arn("cloudtrail", "trail/{name}", name="name", homeRegion="{region}"),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": named(
        "cloudwatch", "alarm:{alarmName}", "alarmName", limits.NAME_ALARM
    ),
    "aws:cloudwatch/dashboard:Dashboard": Shape(
        id="{dashboardName}",
        computed={"dashboardArn": "arn:{partition}:cloudwatch::{account}:dashboard/{dashboardName}"},
        unique=("dashboardName",),
        limit=limits.NAME_DASHBOARD,
    ),
    "aws:cloudwatch/eventRule:EventRule": named("events", "rule/{name}", "name", limits.NAME_EVENTBRIDGE_RULE),
    "aws:cloudwatch/eventTarget:EventTarget": Shape(id="{rule}-{targetId}", unique=("rule", "targetId")),
    "aws:cloudwatch/logGroup:LogGroup": named("logs", "log-group:{name}"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": named("cloudwatch", "alarm:{name}", "name", limits.NAME_ALARM),
    "aws:cloudwatch/queryDefinition:QueryDefinition": Shape(id="{uuid}", computed={"queryDefinitionId": "{id}"}),
    "aws:iam/role:Role": Shape(
        id="{name}",
        computed={
            "arn": "arn:{partition}:iam::{account}:role/{name}",
            "createDate": _STARTED,
            "uniqueId": "AROA{alnum17}",
        },
        name="name",
        limit=limits.NAME_IAM_ROLE,
        is_global=True,
    ),
    "aws:iam/rolePolicy:RolePolicy": Shape(id="{role}:{name}", name="name", unique=("role", "name"), is_global=True),
    "aws:xray/samplingRule:SamplingRule": named("xray", "sampling-rule/{ruleName}", "ruleName", limits.NAME_XRAY_RULE),
}
