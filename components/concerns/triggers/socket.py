"""A WebSocket API of a function's own: messages in by their `action`, answers out by the connection's id."""

from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.ingress import Ingress
from components.concerns.triggers.permission import permit
from components.foundation.interface import Foundation
from components.iam import Statement
from components.scope import ServiceScope, compact_json
from stacks import limits
from stacks.models import FunctionSpec, WebSocket

CONNECT: Final = "$connect"
"""The only route that API Gateway authorizes: later messages belong to a connection that it let in."""
ACCESS_LOG: Final = compact_json(
    {
        "requestId": "$context.requestId",
        "time": "$context.requestTime",
        "ip": "$context.identity.sourceIp",
        "route": "$context.routeKey",
        "connection": "$context.connectionId",
        "status": "$context.status",
        "error": "$context.error.message",
    }
)


def stage_name(scope: ServiceScope) -> str:
    """The API's stage. Its id is generated, so this name is what policies know it by."""
    return scope.name(limits.NAME_API_STAGE)


def web_socket(
    ingress: Ingress, alias: aws.lambda_.Alias, spec: FunctionSpec, foundation: Foundation
) -> pulumi.Output[str] | None:
    """The API (1 USD per million messages) with its routes, its throttle and its access log; the answer is its URL."""
    plan, scope = spec.web_socket, ingress.scope
    if plan is None:
        return None
    api = aws.apigatewayv2.Api(
        f"{ingress.name}-socket",
        name=scope.name(limits.NAME_HTTP_API, "socket"),
        description=f"WebSocket API of {scope.service}",
        protocol_type="WEBSOCKET",
        route_selection_expression="$request.body.action",
        tags=ingress.tags,
        opts=ingress.child,
    )
    source = pulumi.Output.concat(api.execution_arn, f"/{stage_name(scope)}/*")
    permission = permit(ingress, alias, "socket", "apigateway.amazonaws.com", source)
    integration = aws.apigatewayv2.Integration(
        f"{ingress.name}-socket-function",
        api_id=api.id,
        description=f"{scope.service}, whatever version is live",
        integration_type="AWS_PROXY",
        integration_method="POST",
        integration_uri=alias.invoke_arn,
        timeout_milliseconds=min(spec.timeout, limits.SOCKET_TIMEOUT_SECONDS) * 1_000,
        opts=ingress.after(permission),
    )
    return _stage(ingress, plan, api, _routes(ingress, plan, api, integration), foundation)


def _routes(
    ingress: Ingress, plan: WebSocket, api: aws.apigatewayv2.Api, integration: aws.apigatewayv2.Integration
) -> list[aws.apigatewayv2.Route]:
    return [
        aws.apigatewayv2.Route(
            f"{ingress.name}-socket-{key.removeprefix('$')}",
            api_id=api.id,
            route_key=key,
            authorization_type="AWS_IAM" if key == CONNECT else "NONE",
            target=pulumi.Output.concat("integrations/", integration.id),
            opts=ingress.child,
        )
        for key in plan.routes
    ]


def _stage(
    ingress: Ingress,
    plan: WebSocket,
    api: aws.apigatewayv2.Api,
    routes: list[aws.apigatewayv2.Route],
    foundation: Foundation,
) -> pulumi.Output[str]:
    scope = ingress.scope
    # A deployment is a copy of the routes at its time; other routes take another one.
    deployment = aws.apigatewayv2.Deployment(
        f"{ingress.name}-socket-deployment",
        api_id=api.id,
        description=f"Routes of {scope.service}",
        triggers={"routes": " ".join(plan.routes)},
        opts=ingress.after(*routes),
    )
    log_group = scope.scope.arn("logs", f"log-group:{scope.log_group}")
    stage = aws.apigatewayv2.Stage(
        f"{ingress.name}-socket-stage",
        api_id=api.id,
        name=stage_name(scope),
        deployment_id=deployment.id,
        default_route_settings={
            "throttling_rate_limit": float(plan.rate),
            "throttling_burst_limit": plan.burst,
            "detailed_metrics_enabled": True,
        },
        access_log_settings={
            # API Gateway takes no log before the account has given it a role.
            "destination_arn": foundation.socket_logs_role_arn.apply(lambda _: log_group),
            "format": ACCESS_LOG,
        },
        tags=ingress.tags,
        opts=ingress.child,
    )
    return stage.invoke_url


def socket_statements(scope: ServiceScope, spec: FunctionSpec) -> list[Statement]:
    """May answer and close the connections of the function's own API."""
    if spec.web_socket is None:
        return []
    stage = stage_name(scope)
    calls = [scope.scope.arn("execute-api", f"*/{stage}/{verb}/@connections/*") for verb in ("POST", "DELETE")]
    return [Statement(sid="Answer", actions=["execute-api:ManageConnections"], resources=calls)]
