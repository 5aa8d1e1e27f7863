"""What can be seen of an App Runner service: traces by App Runner's own collector, and logs with an end.

App Runner writes into /aws/apprunner/<name>/<id>/, makes these groups itself, keeps them for ever, and makes the id up.
Declaring a group of that name would fail, because it exists by then. So a schedule sets the retention once a day.
"""

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.concern import Concern
from components.concerns.observability import make_dashboard, make_sampling_rule, save_queries
from components.iam import Statement, service_role
from components.scope import ServiceScope, compact_json
from components.signals.widget import Widget
from stacks import limits
from stacks.models import AppRunnerSpec

GROUPS: Final = ("application", "service")
"""What the process writes, and what App Runner writes about it (App Runner developer guide, logs)."""
DAILY: Final = "rate(1 day)"


class RunnerObservability(Concern):
    """X-Ray by App Runner's collector, a sampling rule, a dashboard (3 USD a month), retention and saved queries."""

    traces: aws.apprunner.ObservabilityConfiguration

    def __init__(
        self, scope: ServiceScope, spec: AppRunnerSpec, widgets: Sequence[Widget], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("Observability", scope, opts)
        self._days = spec.telemetry.retention_days
        self.traces = aws.apprunner.ObservabilityConfiguration(
            f"{self.name}-traces",
            observability_configuration_name=scope.name(limits.NAME_APP_RUNNER_CONFIGURATION, "traces"),
            trace_configuration={"vendor": "AWSXRAY"},
            tags=self.tags,
            opts=self.child,
        )
        make_sampling_rule(self, spec.telemetry.sampling_percent)
        make_dashboard(self, widgets)
        self.register_outputs({})

    def keep_logs(self, service: aws.apprunner.Service, name: str) -> None:
        """End the logs of `service`, which App Runner calls `name`, and save the questions to them."""
        scope = self.scope.scope
        role, policy = service_role(
            f"{self.name}-retention",
            scope=scope,
            role_name=self.scope.name(limits.NAME_IAM_ROLE, "retention"),
            principal="scheduler.amazonaws.com",
            statements=[
                Statement(
                    sid="EndLogs",
                    actions=["logs:PutRetentionPolicy"],
                    resources=[scope.arn("logs", f"log-group:/aws/apprunner/{name}/*")],
                )
            ],
            tags=self.tags,
            opts=self.child,
        )
        groups = {group: _group(service, name, group) for group in GROUPS}
        for role_of_group, group in groups.items():
            aws.scheduler.Schedule(
                f"{self.name}-retention-{role_of_group}",
                name=self.scope.name(limits.NAME_SCHEDULE, "logs", role_of_group),
                description=f"Ends the {role_of_group} logs of {self.scope.service} after {self._days} days",
                schedule_expression=DAILY,
                flexible_time_window={"mode": "OFF"},
                target={
                    "arn": f"arn:{scope.partition}:scheduler:::aws-sdk:cloudwatchlogs:putRetentionPolicy",
                    "role_arn": role.arn,
                    "input": group.apply(self._retention),
                },
                opts=self.after(policy),
            )
        save_queries(self, list(groups.values()), self.child)

    def _retention(self, group: str) -> str:
        return compact_json({"LogGroupName": group, "RetentionInDays": self._days})


def _group(service: aws.apprunner.Service, name: str, group: str) -> pulumi.Output[str]:
    return service.service_id.apply(lambda made_up: f"/aws/apprunner/{name}/{made_up}/{group}")
