"""Logs with an end, traces with a rate, saved questions, and one page with the golden signals."""

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.concern import Concern
from components.foundation.interface import Foundation
from components.scope import ServiceScope
from components.signals.widget import Widget, body
from components.stores.watch import store_widgets
from stacks import limits
from stacks.models import Service

SAMPLING_PRIORITY: Final = 1_000
"""Before X-Ray's own default rule (10,000), and with room for exceptions before it."""
FIRST_EACH_SECOND: Final = 1
"""One request a second is traced whatever the rate, so that a quiet service is seen too."""

QUERIES: Final = {
    "errors": r"fields @timestamp, @message | filter @message like /(?i)error|exception|5\d\d / | sort @timestamp desc",
    "endpoints": r"parse @message /(?<method>GET|POST|PUT|PATCH|DELETE) (?<endpoint>\/[^ ?\"]*)/"
    " | filter ispresent(endpoint) | stats count(*) as requests by method, endpoint | sort requests desc",
    "slow": r"fields @timestamp, @message | parse @message /took (?<took_ms>\d+) ?ms/"
    " | fields coalesce(duration_ms, took_ms) as ms | filter ms > 1000 | sort ms desc",
    "connections": "filter @message like /(?i)connection/ | stats count(*) as lines by bin(5m)",
}
"""Seed 004, Logs Insights: what is asked first, saved."""


class Observability(Concern):
    """An encrypted log group (0.50 USD per GB), a sampling rule, saved queries, and a dashboard (3 USD a month)."""

    log_group: aws.cloudwatch.LogGroup

    def __init__(
        self,
        scope: ServiceScope,
        spec: Service,
        foundation: Foundation,
        widgets: Sequence[Widget],
        opts: pulumi.ResourceOptions,
        *,
        log_group: str = "",
    ) -> None:
        """`log_group` is its name where the compute type decides it."""
        super().__init__("Observability", scope, opts)
        group = log_group or scope.log_group
        self.log_group = aws.cloudwatch.LogGroup(
            f"{self.name}-logs",
            name=group,
            retention_in_days=spec.telemetry.retention_days,
            kms_key_id=foundation.logs_key_arn,
            tags=self.tags,
            opts=self.child,
        )
        if spec.is_traced:
            make_sampling_rule(self, spec.telemetry.sampling_percent)
        save_queries(self, [group], self.after(self.log_group))
        make_dashboard(self, widgets)
        self.register_outputs({"logGroup": self.log_group.name})


def make_sampling_rule(concern: Concern, percent: float) -> None:
    """How many of the service's requests X-Ray keeps."""
    scope = concern.scope
    aws.xray.SamplingRule(
        f"{concern.name}-sampling",
        rule_name=scope.name(limits.NAME_XRAY_RULE),
        priority=SAMPLING_PRIORITY,
        version=1,
        reservoir_size=FIRST_EACH_SECOND,
        fixed_rate=percent / 100,
        service_name=scope.service,
        service_type="*",
        host="*",
        http_method="*",
        url_path="*",
        resource_arn="*",
        tags=concern.tags,
        opts=concern.child,
    )


def save_queries(concern: Concern, groups: Sequence[pulumi.Input[str]], opts: pulumi.ResourceOptions) -> None:
    """The saved questions to the log groups of a service."""
    scope = concern.scope
    for question, query in QUERIES.items():
        aws.cloudwatch.QueryDefinition(
            f"{concern.name}-query-{question}",
            name=f"{scope.scope.env}/{scope.service}/{question}",
            log_group_names=groups,
            query_string=query,
            opts=opts,
        )


def make_dashboard(concern: Concern, widgets: Sequence[Widget]) -> None:
    """The service's page of golden signals."""
    scope = concern.scope
    aws.cloudwatch.Dashboard(
        f"{concern.name}-dashboard",
        dashboard_name=scope.name(limits.NAME_DASHBOARD),
        dashboard_body=body(scope.scope.region, [*widgets, *store_widgets(scope)]),
        opts=concern.child,
    )
