"""The public HTTP API of an environment, and the private way from it to containers: VPC link, internal balancer."""

from typing import Final

import pulumi
import pulumi_aws as aws

from components.foundation.interface import Api
from components.foundation.keys import Keys
from components.foundation.load_balancer import InternalLoadBalancer, LoadBalancer
from components.foundation.network import Network
from components.scope import Scope, compact_json, paging_topic_arn
from components.signals.alarm import FIVE_MINUTES
from stacks import limits
from stacks.models import ApiPlan
from stacks.standards import (
    ALARM_HTTP_5XX_COUNT,
    ALARM_LATENCY_P99_MS,
    API_TLS_POLICY,
    HTTPS_PORT,
    LOG_RETENTION_DAYS,
)

STAGE: Final = "$default"
"""The stage without a name in the path, so that a service sees the path that was asked for."""
CORS_METHODS: Final = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
CORS_HEADERS: Final = ("authorization", "content-type", "x-amz-date", "x-amz-security-token")
CORS_SECONDS: Final = 300
"""How long a browser remembers what it may do."""
_LOGGED: Final = {
    "requestId": "requestId",
    "time": "requestTime",
    "ip": "identity.sourceIp",
    "method": "httpMethod",
    "path": "path",
    "routeKey": "routeKey",
    "status": "status",
    "bytes": "responseLength",
    "milliseconds": "responseLatency",
    "integrationError": "integrationErrorMessage",
}
"""A line of the access log: our word, and API Gateway's variable (developer guide, logging variables of HTTP APIs)."""


def api_domain(scope: Scope) -> str:
    """Where the API answers."""
    return f"api.{scope.environment.domain}"


class ApiGateway(pulumi.ComponentResource):
    """An HTTP API at api.<domain>: 1 USD for a million requests, and 16 USD a month for the internal load balancer."""

    interface: Api

    def __init__(  # noqa: PLR0913, PLR0917 - name, where, what, and the three parts it stands on
        self,
        name: str,
        scope: Scope,
        plan: ApiPlan,
        network: Network,
        keys: Keys,
        public: LoadBalancer,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("onramp:foundation:ApiGateway", name, {}, opts)
        self._name = name
        self._scope = scope
        self._tags = scope.tags("foundation")
        self._child = pulumi.ResourceOptions(parent=self)
        api = self._api(plan)
        logs = self._logs(keys)
        stage = self._stage(api, plan, logs)
        self._address(api, stage, public)
        self._alarms(api)
        link_group, link = self._link(network)
        balancer = InternalLoadBalancer(f"{name}-load-balancer", scope, network, public, self._child)
        self._chain(link_group, balancer.security_group_id)
        self.interface = Api(
            id=api.id,
            execution_arn=api.execution_arn,
            log_group=logs.name,
            vpc_link_id=link.id,
            load_balancer_security_group_id=balancer.security_group_id,
            load_balancer_suffix=balancer.suffix,
            listener_arn=balancer.listener_arn,
        )
        self.register_outputs(self.interface.published())

    def _api(self, plan: ApiPlan) -> aws.apigatewayv2.Api:
        cors: aws.apigatewayv2.ApiCorsConfigurationArgsDict = {
            "allow_origins": [*plan.cors_origins],
            "allow_methods": [*CORS_METHODS],
            "allow_headers": [*CORS_HEADERS],
            "max_age": CORS_SECONDS,
        }
        return aws.apigatewayv2.Api(
            f"{self._name}-api",
            name=self._scope.name(limits.NAME_HTTP_API, "api"),
            description=f"The public API of {self._scope.env}",
            protocol_type="HTTP",
            # One address, with our certificate and in our logs; the one that AWS gives would be a second door.
            disable_execute_api_endpoint=True,
            cors_configuration=cors if plan.cors_origins else None,
            tags=self._tags,
            opts=self._child,
        )

    def _logs(self, keys: Keys) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            f"{self._name}-logs",
            name=f"/onramp/{self._scope.env}/foundation/api",  # no service has a name with a slash
            retention_in_days=LOG_RETENTION_DAYS[self._scope.tier],
            kms_key_id=keys.logs_arn,
            tags=self._tags,
            opts=self._child,
        )

    def _stage(self, api: aws.apigatewayv2.Api, plan: ApiPlan, logs: aws.cloudwatch.LogGroup) -> aws.apigatewayv2.Stage:
        line = {ours: f"$context.{theirs}" for ours, theirs in _LOGGED.items()}
        return aws.apigatewayv2.Stage(
            f"{self._name}-stage",
            api_id=api.id,
            name=STAGE,
            auto_deploy=True,
            access_log_settings={"destination_arn": logs.arn, "format": compact_json({**line})},
            default_route_settings={
                "throttling_rate_limit": float(plan.rate),
                "throttling_burst_limit": plan.burst,
                "detailed_metrics_enabled": True,
            },
            tags=self._tags,
            opts=self._child,
        )

    def _address(self, api: aws.apigatewayv2.Api, stage: aws.apigatewayv2.Stage, public: LoadBalancer) -> None:
        domain = aws.apigatewayv2.DomainName(
            f"{self._name}-domain",
            domain_name=api_domain(self._scope),
            domain_name_configuration={
                "certificate_arn": public.certificate_arn,
                "endpoint_type": "REGIONAL",
                "security_policy": API_TLS_POLICY,
            },
            tags=self._tags,
            opts=self._child,
        )
        aws.apigatewayv2.ApiMapping(
            f"{self._name}-mapping", api_id=api.id, domain_name=domain.id, stage=stage.name, opts=self._child
        )
        target = domain.domain_name_configuration
        aws.route53.Record(
            f"{self._name}-address",
            zone_id=public.zone_id,
            name=api_domain(self._scope),
            type="A",
            aliases=[
                {
                    "name": target.target_domain_name,
                    "zone_id": target.hosted_zone_id,
                    "evaluate_target_health": False,  # an API has no health that Route 53 could ask for
                }
            ],
            opts=self._child,
        )

    def _alarms(self, api: aws.apigatewayv2.Api) -> None:
        """What the API answers as a whole; each service has alarms of its own, which can end a deployment."""
        watched = (
            ("5xx", "Sum", ALARM_HTTP_5XX_COUNT, 1, f"more than {ALARM_HTTP_5XX_COUNT} server errors in five minutes"),
            ("Latency", "p99", ALARM_LATENCY_P99_MS, 2, f"p99 of the response time above {ALARM_LATENCY_P99_MS} ms"),
        )
        for metric, stat, threshold, periods, summary in watched:
            key = f"api-{metric.lower()}"
            aws.cloudwatch.MetricAlarm(
                f"{self._name}-{metric.lower()}",
                name=self._scope.name(limits.NAME_ALARM, f"foundation_{key}"),  # no service has an underscore
                alarm_description=(
                    f"The HTTP API of {self._scope.env}: {summary}. "
                    f"Runbook: {self._scope.environment.runbooks}/foundation#{key}"
                ),
                namespace="AWS/ApiGateway",
                metric_name=metric,
                dimensions={"ApiId": api.id},
                statistic=stat if stat == "Sum" else None,
                extended_statistic=stat if stat != "Sum" else None,
                period=FIVE_MINUTES,
                evaluation_periods=periods,
                threshold=threshold,
                comparison_operator="GreaterThanThreshold",
                treat_missing_data="notBreaching",
                alarm_actions=[paging_topic_arn(self._scope)],
                ok_actions=[paging_topic_arn(self._scope)],
                tags=self._tags,
                opts=self._child,
            )

    def _link(self, network: Network) -> tuple[pulumi.Output[str], aws.apigatewayv2.VpcLink]:
        group = aws.ec2.SecurityGroup(
            f"{self._name}-link-sg",
            name=self._scope.name(limits.NAME_SECURITY_GROUP, "vpc-link"),
            description="From the HTTP API into the VPC",
            vpc_id=network.vpc_id,
            tags=self._tags,
            opts=self._child,
        )
        link = aws.apigatewayv2.VpcLink(
            f"{self._name}-link",
            name=self._scope.name(limits.NAME_HTTP_API, "api"),
            subnet_ids=network.private_subnet_ids,
            security_group_ids=[group.id],
            tags=self._tags,
            opts=self._child,
        )
        return group.id, link

    def _chain(self, link: pulumi.Output[str], balancer: pulumi.Output[str]) -> None:
        """From the VPC link to the balancer and to nothing else: both ends name the other's group."""
        ends = (
            ("out", aws.vpc.SecurityGroupEgressRule, link, balancer, "To the internal load balancer"),
            ("in", aws.vpc.SecurityGroupIngressRule, balancer, link, "From the VPC link"),
        )
        for way, rule, here, there, description in ends:
            rule(
                f"{self._name}-link-{way}",
                security_group_id=here,
                referenced_security_group_id=there,
                description=description,
                ip_protocol="tcp",
                from_port=HTTPS_PORT,
                to_port=HTTPS_PORT,
                tags=self._tags,
                opts=self._child,
            )
