"""How the good environment's HTTP API is broken, one change at a time."""

from policies import kinds
from tests.policies.breaks import OFF, Break, extra, gone, put, without
from tests.policies.draft import Draft
from tests.policies.golden import FARGATE, LAMBDA

_PRIVATE = f"{FARGATE}-integration"
_LIMITS = "defaultRouteSettings"
_TLS = "domainNameConfiguration.securityPolicy"


def _misled(draft: Draft) -> None:
    draft.nodes[f"{LAMBDA}-api-route"].refers["target"] = []


def _at_the_public_balancer(draft: Draft) -> None:
    draft.nodes["inner-https"].refers["loadBalancerArn"] = ["balancer"]


BREAKS_API = (
    Break("api-route", FARGATE, gone(f"{FARGATE}-api-route")),
    Break("api-route", LAMBDA, _misled),
    Break("vpc-link", FARGATE, put(_PRIVATE, "connectionType", "INTERNET")),
    Break("vpc-link", FARGATE, put(_PRIVATE, "connectionId", "")),
    Break("vpc-link", LAMBDA, extra(kinds.API_INTEGRATION, LAMBDA, integrationType="HTTP_PROXY")),
    Break("api-balancer-internal", FARGATE, _at_the_public_balancer),
    Break("api-integration-encrypted", FARGATE, without(_PRIVATE, "tlsConfig")),
    Break("api-access-log", None, without("api-stage", "accessLogSettings")),
    Break("api-access-log", None, put("api-stage", "accessLogSettings.format", "")),
    Break("api-throttled", None, without("api-stage", _LIMITS)),
    Break("api-throttled", None, put("api-stage", f"{_LIMITS}.throttlingBurstLimit", 0)),
    Break("api-cors", None, put("api", "corsConfiguration.allowOrigins", ["*"])),
    Break("api-tls", None, put("api-domain", _TLS, "TLS_1_0")),
    Break("api-tls", None, without("api-domain", _TLS)),
    Break("api-one-address", None, put("api", "disableExecuteApiEndpoint", OFF)),
)
