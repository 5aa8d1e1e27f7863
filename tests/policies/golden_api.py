"""The good environment's HTTP API: the container service is behind its VPC link, the function is invoked by it."""

from policies import kinds
from stacks.standards import API_BURST, API_RATE, API_TLS_POLICY, TLS_POLICY
from tests.policies import golden_watch
from tests.policies.draft import Draft, Json

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def foundation(draft: Draft, tags: dict[str, Json]) -> None:
    """The API, its stage and domain, and the way into the VPC."""
    origins = ["https://www.example.com"]
    draft.add(
        "api",
        kinds.API,
        "base",
        protocolType="HTTP",
        disableExecuteApiEndpoint=True,
        corsConfiguration={"allowOrigins": origins},
        tags=tags,
    )
    draft.add("api-logs", kinds.LOG_GROUP, "base", name="/onramp/prod/foundation/api", tags=tags)
    draft.add(
        "api-stage",
        kinds.API_STAGE,
        "base",
        {"apiId": "api", "accessLogSettings": "api-logs"},
        apiId=UNKNOWN,
        accessLogSettings={"destinationArn": UNKNOWN, "format": "{}"},
        defaultRouteSettings={"throttlingRateLimit": float(API_RATE), "throttlingBurstLimit": API_BURST},
        tags=tags,
    )
    configuration = {"certificateArn": UNKNOWN, "endpointType": "REGIONAL", "securityPolicy": API_TLS_POLICY}
    draft.add("api-domain", kinds.API_DOMAIN, "base", domainNameConfiguration=configuration, tags=tags)
    draft.add("api-link", kinds.VPC_LINK, "base", name="prod-api", tags=tags)
    draft.add(
        "inner",
        kinds.LOAD_BALANCER,
        "base",
        internal=True,
        dropInvalidHeaderFields=True,
        enableDeletionProtection=True,
        tags=tags,
    )
    draft.add(
        "inner-https",
        kinds.LISTENER,
        "base",
        {"loadBalancerArn": "inner"},
        loadBalancerArn=UNKNOWN,
        protocol="HTTPS",
        sslPolicy=TLS_POLICY,
        tags=tags,
    )


def container(draft: Draft, name: str) -> None:
    """A private integration of the container service, and the route to it."""
    draft.set(name, "ingress", "api-gateway")
    draft.add(
        f"{name}-integration",
        kinds.API_INTEGRATION,
        name,
        {"apiId": "api", "connectionId": "api-link", "integrationUri": "inner-https"},
        integrationType="HTTP_PROXY",
        integrationUri=UNKNOWN,
        connectionType="VPC_LINK",
        connectionId=UNKNOWN,
        tlsConfig={"serverNameToVerify": "api.example.com"},
    )
    _route(draft, name)


def function(draft: Draft, name: str, topic_arn: str) -> None:
    """The integration with which the API invokes the function, the route to it, and the probe that a route has."""
    draft.set(name, "route", f"/{name}/*")
    draft.set(name, "ingress", "api-gateway")
    draft.add(
        f"{name}-integration",
        kinds.API_INTEGRATION,
        name,
        {"apiId": "api", "integrationUri": f"{name}-alias"},
        integrationType="AWS_PROXY",
        integrationUri=UNKNOWN,
    )
    _route(draft, name)
    golden_watch.probe(draft, name, topic_arn)


def _route(draft: Draft, name: str) -> None:
    draft.add(
        f"{name}-api-route",
        kinds.API_ROUTE,
        name,
        {"apiId": "api", "target": f"{name}-integration"},
        routeKey=f"ANY /{name}",
        target=UNKNOWN,
    )
