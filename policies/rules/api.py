"""The public HTTP API: how it leads to services (NET-4, NET-5), and how it stands towards the internet."""

from collections.abc import Iterator
from typing import Final

from policies import kinds
from policies.expect import expect, expect_set, expect_true, only, unknown
from policies.graph import Graph, Service
from policies.rule import (
    ADVICE,
    ALWAYS,
    PROD_FORBIDS,
    ROUTED,
    Fail,
    Meta,
    NotApplicable,
    Outcome,
    Remedy,
    service_rule,
    stack_rule,
)
from policies.values import UNKNOWN, Value, has_unknown, number, texts
from stacks.standards import API_BURST, API_RATE, API_TLS_POLICY

_NO_API: Final = NotApplicable(because="no API Gateway stands before the service")
_OLD_TLS: Final = ("TLS_1_0", "TLS_1_1")
_PRIVATE_URL: Final = (
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-private.html"
)


@service_rule(
    Meta(
        id="api-route",
        item="NET-4",
        title="A route of the HTTP API leads to the service",
        why="An integration that no route leads to gets no request.",
        fix=(
            "write `route` and `ingress: api-gateway` in the stack file; components/concerns/api_routes.py makes "
            "the routes"
        ),
        severity="high",
        url="https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html",
        frameworks=("REL02-BP01",),
        applies=ROUTED,
    )
)
def api_route(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Every route of the service targets an integration of the service, and there is at least one."""
    if service.fact("ingress") != "api-gateway":
        yield _NO_API
        return
    routes = service.of(kinds.API_ROUTE)
    yield from only(routes, service, "route of the HTTP API")
    for route in routes:
        if not graph.refers(route, "target", kinds.API_INTEGRATION):
            yield Fail(resource=route, path="target", message=f"{route.name} leads to no integration of the service")


@service_rule(
    Meta(
        id="api-balancer-internal",
        item="NET-5",
        title="The load balancer behind the HTTP API is internal",
        why="A public one is a second door to the same service, without the API's throttling, authorization and log.",
        fix="set internal of the load balancer behind the integration to true",
        severity="critical",
        url=_PRIVATE_URL,
        levels=ALWAYS,
        frameworks=("SEC05-BP01",),
    )
)
def api_balancer_internal(service: Service, graph: Graph) -> Iterator[Outcome]:
    """The listener that each private integration names belongs to an internal load balancer."""
    integrations = [each for each in service.of(kinds.API_INTEGRATION) if each.get("connectionType") == "VPC_LINK"]
    if not integrations:
        yield _NO_API
    for integration in integrations:
        for listener in graph.refers(integration, "integrationUri", kinds.LISTENER):
            for balancer in graph.refers(listener, "loadBalancerArn", kinds.LOAD_BALANCER):
                yield from expect_true(balancer, "internal", f"{balancer.name} is open to the internet")


@service_rule(
    Meta(
        id="api-integration-encrypted",
        item="NET-5",
        title="The way from the HTTP API to the load balancer is encrypted, and the balancer proves who it is",
        why="Without a server name to verify, a private integration speaks plain HTTP.",
        fix="set tlsConfig.serverNameToVerify of the integration to a name that the listener's certificate has",
        severity="high",
        url=_PRIVATE_URL,
        frameworks=("SEC09-BP02", "SEC09-BP03", "APIGateway.10"),
    )
)
def api_integration_encrypted(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Private integrations name the server that they verify."""
    integrations = [each for each in service.of(kinds.API_INTEGRATION) if each.get("connectionType") == "VPC_LINK"]
    if not integrations:
        yield _NO_API
    for integration in integrations:
        message = f"{integration.name} speaks plain HTTP"
        yield from expect_set(graph, integration, "tlsConfig.serverNameToVerify", (), message)


@stack_rule(
    Meta(
        id="api-access-log",
        item=None,
        title="The HTTP API logs every request",
        why="Requests that the API turns away itself are in no service's log.",
        fix="set accessLogSettings of the stage: destinationArn of a log group, and a format",
        severity="medium",
        url="https://docs.aws.amazon.com/securityhub/latest/userguide/apigateway-controls.html#apigateway-9",
        frameworks=("SEC04-BP01", "APIGateway.9", "CIS 7.0.0/4.10"),
    )
)
def api_access_log(graph: Graph) -> Iterator[Outcome]:
    """Every stage has a destination and a format."""
    for stage in graph.of(kinds.API_STAGE):
        message = f"{stage.name} writes no access log"
        yield from expect_set(graph, stage, "accessLogSettings.destinationArn", (kinds.LOG_GROUP,), message)
        yield from expect_set(graph, stage, "accessLogSettings.format", (), message)


@stack_rule(
    Meta(
        id="api-throttled",
        item=None,
        title="The HTTP API turns away more requests than it is made for",
        why="Without a limit of its own it can use up the account's, and all services scale out on somebody's loop.",
        fix="leave `api.rate` and `api.burst` of onramp:environment out, or write more than 0",
        severity="high",
        url="https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html",
        frameworks=("REL05-BP02",),
    ),
    Remedy(types=(kinds.API_STAGE,), path="defaultRouteSettings.throttlingRateLimit", value=API_RATE),
    Remedy(types=(kinds.API_STAGE,), path="defaultRouteSettings.throttlingBurstLimit", value=API_BURST),
)
def api_throttled(graph: Graph) -> Iterator[Outcome]:
    """Rate and burst of every stage's routes are more than nothing."""
    for stage in graph.of(kinds.API_STAGE):
        for key in ("throttlingRateLimit", "throttlingBurstLimit"):
            path = f"defaultRouteSettings.{key}"
            allowed = number(stage.get(path))
            if allowed is UNKNOWN:
                yield unknown(stage, path)
            elif (allowed or 0) <= 0:
                yield Fail(resource=stage, path=path, message=f"{stage.name} takes as many requests as there are")


@stack_rule(
    Meta(
        id="api-cors",
        item=None,
        title="Only named sites may call the HTTP API of prod from a browser",
        why="With `*`, every page on the internet can read what the API answers to the person who looks at it.",
        fix="name the sites in `api.corsOrigins` of onramp:environment, as https://www.example.com, and no *",
        severity="high",
        url="https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html",
        levels=PROD_FORBIDS,
    )
)
def api_cors(graph: Graph) -> Iterator[Outcome]:
    """No origin is `*`."""
    for api in graph.of(kinds.API):
        path = "corsConfiguration.allowOrigins"
        if has_unknown(api.get(path)):
            yield unknown(api, path)
        elif "*" in texts(api.get(path)):
            yield Fail(resource=api, path=path, message=f"{api.name} lets pages of every site call it")


@stack_rule(
    Meta(
        id="api-tls",
        item=None,
        title="The HTTP API speaks TLS 1.2 or newer",
        why="TLS 1.0 and 1.1 are broken, and no client of ours needs them.",
        fix=f"set domainNameConfiguration.securityPolicy of the domain name to {API_TLS_POLICY}",
        severity="high",
        url="https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-custom-domain-tls-version.html",
        frameworks=("SEC09-BP02",),
    ),
    Remedy(types=(kinds.API_DOMAIN,), path="domainNameConfiguration.securityPolicy", value=API_TLS_POLICY),
)
def api_tls(graph: Graph) -> Iterator[Outcome]:
    """The security policy of every domain is stated, and not an old one."""

    def is_new(policy: Value) -> bool:
        return isinstance(policy, str) and policy not in _OLD_TLS

    for domain in graph.of(kinds.API_DOMAIN):
        message = f"{domain.name} speaks TLS older than 1.2"
        yield from expect(domain, "domainNameConfiguration.securityPolicy", is_new, message)


@stack_rule(
    Meta(
        id="api-one-address",
        item=None,
        title="The HTTP API answers at its own domain alone",
        why="The address that AWS gives passes by whatever is bound to the domain: its certificate and its firewall.",
        fix="set disableExecuteApiEndpoint of the API to true",
        severity="medium",
        url="https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-disable-default-endpoint.html",
        levels=ADVICE,
        frameworks=("SEC05-BP02",),
    ),
    Remedy(types=(kinds.API,), path="disableExecuteApiEndpoint", value=True),
)
def api_one_address(graph: Graph) -> Iterator[Outcome]:
    """The default endpoint of every HTTP API is off."""
    for api in graph.of(kinds.API):
        if api.get("protocolType") == "HTTP":
            yield from expect_true(
                api, "disableExecuteApiEndpoint", f"{api.name} also answers at the address AWS gives"
            )
