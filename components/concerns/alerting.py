"""The alarms of a service, one that joins them, and who is called."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.concern import Concern
from components.scope import ServiceScope
from components.signals.alarm import Alarm
from components.stores.watch import store_alarms
from stacks import limits

_PERCENTILE: Final = re.compile(r"p\d+")


class Alerting(Concern):
    """Metric alarms (0.10 USD a month each) and a composite alarm (0.50 USD), all to the environment's paging topic."""

    rollback_alarms: tuple[aws.cloudwatch.MetricAlarm, ...]
    rollback_names: tuple[str, ...]
    """Alarms that end a deployment, known by name before they exist."""

    def __init__(self, scope: ServiceScope, alarms: Sequence[Alarm], opts: pulumi.ResourceOptions) -> None:
        alarms = [*alarms, *store_alarms(scope)]
        self.rollback_names = tuple(alarm_name(scope, alarm.key) for alarm in alarms if alarm.rollback)
        super().__init__("Alerting", scope, opts, {"rollback": [*self.rollback_names]})
        built = {alarm.key: self._alarm(alarm) for alarm in alarms}
        self._composite(alarms, built)
        self.rollback_alarms = tuple(built[alarm.key] for alarm in alarms if alarm.rollback)
        self.register_outputs({})

    def _alarm(self, alarm: Alarm) -> aws.cloudwatch.MetricAlarm:
        only = alarm.metrics[0] if alarm.expression is None else None
        is_percentile = only is not None and _PERCENTILE.fullmatch(only.stat) is not None
        return aws.cloudwatch.MetricAlarm(
            f"{self.name}-{alarm.key}",
            name=alarm_name(self.scope, alarm.key),
            alarm_description=alarm_description(self.scope, alarm.key, alarm.summary),
            comparison_operator=alarm.comparison,
            threshold=alarm.threshold,
            evaluation_periods=alarm.periods,
            treat_missing_data="notBreaching",
            alarm_actions=[self.scope.paging_topic_arn],
            ok_actions=[self.scope.paging_topic_arn],
            namespace=only.namespace if only else None,
            metric_name=only.name if only else None,
            dimensions=(only.dimensions or None) if only else None,
            period=only.period if only else None,
            statistic=only.stat if only and not is_percentile else None,
            extended_statistic=only.stat if only and is_percentile else None,
            metric_queries=None if only else _queries(alarm),
            tags=self.tags,
            opts=self.child,
        )

    def _composite(self, alarms: Sequence[Alarm], built: Mapping[str, aws.cloudwatch.MetricAlarm]) -> None:
        """An infrastructure symptom and an application symptom together: users feel it, and this is why."""

        def any_of(symptom: str) -> str:
            names = [alarm_name(self.scope, alarm.key) for alarm in alarms if alarm.symptom == symptom]
            return " OR ".join(f'ALARM("{name}")' for name in names)

        aws.cloudwatch.CompositeAlarm(
            f"{self.name}-composite",
            alarm_name=alarm_name(self.scope, "composite"),
            alarm_description=alarm_description(
                self.scope, "composite", "users notice, and the service is short of something"
            ),
            alarm_rule=f"({any_of('infrastructure')}) AND ({any_of('application')})",
            alarm_actions=[self.scope.paging_topic_arn],
            ok_actions=[self.scope.paging_topic_arn],
            tags=self.tags,
            opts=self.after(*built.values()),
        )


def alarm_name(scope: ServiceScope, key: str) -> str:
    """The name of one of the service's alarms."""
    return scope.name(limits.NAME_ALARM, key)


def alarm_description(scope: ServiceScope, key: str, summary: str) -> str:
    """What one of the service's alarms says, and where to read on."""
    runbook = f"{scope.scope.environment.runbooks}/{scope.service}#{key}"
    return f"{scope.service} in {scope.scope.env}: {summary}. Runbook: {runbook}"


def _queries(alarm: Alarm) -> list[aws.cloudwatch.MetricAlarmMetricQueryArgsDict]:
    expression: aws.cloudwatch.MetricAlarmMetricQueryArgsDict = {
        "id": "result",
        "expression": alarm.expression or "",
        "label": alarm.summary,
        "return_data": True,
    }
    metrics: list[aws.cloudwatch.MetricAlarmMetricQueryArgsDict] = [
        {
            "id": metric.id,
            "metric": {
                "namespace": metric.namespace,
                "metric_name": metric.name,
                "dimensions": metric.dimensions,
                "period": metric.period,
                "stat": metric.stat,
            },
        }
        for metric in alarm.metrics
    ]
    return [expression, *metrics]
