"""How the HTTP API sends requests to a service: an integration, and the routes that lead to it."""

from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.concern import Concern
from components.foundation.api_gateway import api_domain
from components.foundation.interface import Api
from components.scope import ServiceScope
from stacks import limits
from stacks.models import Service
from stacks.routing import api_route_keys, split_route

TIMEOUT_MS: Final = limits.HTTP_API_TIMEOUT_SECONDS * 1_000
"""As long as there is; the service's own timeout comes first."""
ERRORS: Final = "5xx"
"""The end of a metric's name: server errors that the API answered for one service, counted in its access log."""
_AUTHORIZATION: Final = {"none": "NONE", "iam": "AWS_IAM"}


def container_routes(concern: Concern, spec: Service, api: Api) -> None:
    """Send the service's requests through the VPC link to the internal load balancer, whose rule knows the service."""
    integration = aws.apigatewayv2.Integration(
        f"{concern.name}-api",
        api_id=api.id,
        description=f"{concern.scope.service} behind the internal load balancer",
        integration_type="HTTP_PROXY",
        integration_method="ANY",
        integration_uri=api.listener_arn,
        connection_type="VPC_LINK",
        connection_id=api.vpc_link_id,
        # Encrypted within the VPC too: the balancer's certificate must be that of the API's own domain.
        tls_config={"server_name_to_verify": api_domain(concern.scope.scope)},
        payload_format_version="1.0",
        timeout_milliseconds=TIMEOUT_MS,
        opts=concern.child,
    )
    _routes(concern, spec, api, integration)


def function_routes(concern: Concern, spec: Service, api: Api, alias: aws.lambda_.Alias) -> None:
    """Let the API invoke the function's alias, and count the errors that it answers for it."""
    permission = aws.lambda_.Permission(
        f"{concern.name}-api-permission",
        statement_id="api",
        action="lambda:InvokeFunction",
        function=alias.function_name,
        qualifier=alias.name,
        principal="apigateway.amazonaws.com",
        source_arn=pulumi.Output.concat(api.execution_arn, "/*/*"),
        opts=concern.child,
    )
    integration = aws.apigatewayv2.Integration(
        f"{concern.name}-api",
        api_id=api.id,
        description=f"{concern.scope.service}, whatever version is live",
        integration_type="AWS_PROXY",
        integration_method="POST",
        integration_uri=alias.invoke_arn,
        payload_format_version="2.0",
        timeout_milliseconds=TIMEOUT_MS,
        opts=concern.after(permission),
    )
    _routes(concern, spec, api, integration)
    aws.cloudwatch.LogMetricFilter(
        f"{concern.name}-api-errors",
        name=concern.scope.name(limits.NAME_METRIC_FILTER, ERRORS),
        log_group_name=api.log_group,
        pattern=_errors_of(_keys(spec)),
        metric_transformation={
            "namespace": errors_namespace(concern.scope),
            "name": errors_metric(concern.scope),
            "value": "1",
            "default_value": "0",
        },
        opts=concern.child,
    )


def errors_namespace(scope: ServiceScope) -> str:
    """Where the counted errors of all services of the environment are."""
    return f"Onramp/{scope.scope.env}"


def errors_metric(scope: ServiceScope) -> str:
    """The counted errors of one service."""
    return f"{scope.service}-{ERRORS}"


def _keys(spec: Service) -> tuple[str, ...]:
    return api_route_keys(split_route(spec.route or "/")[1])


def _routes(concern: Concern, spec: Service, api: Api, integration: aws.apigatewayv2.Integration) -> None:
    for role, key in zip(("route", "below"), _keys(spec), strict=False):
        aws.apigatewayv2.Route(
            f"{concern.name}-api-{role}",
            api_id=api.id,
            route_key=key,
            target=pulumi.Output.concat("integrations/", integration.id),
            authorization_type=_AUTHORIZATION[spec.auth],
            opts=concern.child,
        )


def _errors_of(keys: tuple[str, ...]) -> str:
    """A filter of access log lines: one of these routes, and a status of 500 and more."""
    routes = " || ".join(f'$.routeKey = "{key}"' for key in keys)
    return f'{{ ({routes}) && $.status = "5*" }}'
