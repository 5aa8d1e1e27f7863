"""Logs with an end, traces with a rate, saved questions, and one page with the golden signals."""

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.concern import Concern
from components.foundation.interface import Foundation
from components.scope import ServiceScope
from components.signals.widget import Widget, body
from stacks import limits
from stacks.models import Service

SAMPLING_PRIORITY: Final = 1_000
"""Before X-Ray's own default rule (10,000), and with room for exceptions before it."""
FIRST_EACH_SECOND: Final = 1
"""One request a second is traced whatever the rate, so that a quiet service is seen too."""

QUERIES: Final = {
    "errors": r"fields @timestamp, @message | filter @message like /(?i)error|exception|5\d\d / | sort @timestamp desc",
    "slow": "fields @timestamp, @message, duration_ms | filter duration_ms > 1000 | sort duration_ms desc",
    "lines": "stats count(*) as lines by bin(5m)",
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
    ) -> None:
        super().__init__("Observability", scope, opts)
        self.log_group = aws.cloudwatch.LogGroup(
            f"{self.name}-logs",
            name=scope.log_group,
            retention_in_days=spec.telemetry.retention_days,
            kms_key_id=foundation.logs_key_arn,
            tags=self.tags,
            opts=self.child,
        )
        aws.xray.SamplingRule(
            f"{self.name}-sampling",
            rule_name=scope.name(limits.NAME_XRAY_RULE),
            priority=SAMPLING_PRIORITY,
            version=1,
            reservoir_size=FIRST_EACH_SECOND,
            fixed_rate=spec.telemetry.sampling_percent / 100,
            service_name=scope.service,
            service_type="*",
            host="*",
            http_method="*",
            url_path="*",
            resource_arn="*",
            tags=self.tags,
            opts=self.child,
        )
        for question, query in QUERIES.items():
            aws.cloudwatch.QueryDefinition(
                f"{self.name}-query-{question}",
                name=f"{scope.scope.env}/{scope.service}/{question}",
                log_group_names=[scope.log_group],
                query_string=query,
                opts=self.after(self.log_group),
            )
        aws.cloudwatch.Dashboard(
            f"{self.name}-dashboard",
            dashboard_name=scope.name(limits.NAME_DASHBOARD),
            dashboard_body=body(scope.scope.region, widgets),
            opts=self.child,
        )
        self.register_outputs({"logGroup": self.log_group.name})
