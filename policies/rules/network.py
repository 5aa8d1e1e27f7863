"""How others reach the service (NET-1 to NET-5)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from policies import containers, kinds
from policies.expect import expect_equal, expect_set, expect_true, only, unless_unknown
from policies.graph import Graph, Resource, Service
from policies.rule import ALWAYS, CONTAINERS, ROUTED, Fail, Meta, NotApplicable, Outcome, service_rule, stack_rule
from policies.values import MISSING, Value, has_unknown, items, number, objects, texts

_SERVICE_CONNECT: Final = "serviceConnectConfiguration"
_NO_ROUTE: Final = NotApplicable(because="no load balancer sends requests to the service")
_INVOKED: Final = NotApplicable(because="the HTTP API invokes the function itself")
_LISTENER_URL: Final = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-update-rules.html"


@service_rule(
    Meta(
        id="service-connect",
        item="NET-1",
        title="Service Connect is on",
        why="It is how services of one cluster find each other, with retries and metrics; App Mesh is gone.",
        fix=(
            "leave `discovery.serviceConnect` out of the stack file, or write true; ECS then has "
            "serviceConnectConfiguration.enabled"
        ),
        severity="medium",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect.html",
        frameworks=("REL04-BP02", "REL05-BP03"),
        applies=CONTAINERS,
    )
)
def service_connect(service: Service, graph: Graph) -> Iterator[Outcome]:
    """On wherever the service calls or can be called."""
    if service.is_scheduled or any(containers.by_codedeploy(each) for each in service.of(kinds.ECS_SERVICE)):
        yield NotApplicable(because="Service Connect is for tasks that ECS itself keeps running and deploys")
        return
    if service.name not in graph.called and not service.names("calls") and not service.stated("serviceConnect"):
        yield NotApplicable(because="the service neither calls others nor is called within the cluster")
        return
    for workload in service.of(kinds.ECS_SERVICE):
        message = f"Service Connect of {workload.name} is off"
        yield from expect_true(workload, f"{_SERVICE_CONNECT}.enabled", message)
        if workload.get(f"{_SERVICE_CONNECT}.enabled") is True and service.stated("port"):
            yield from expect_set(
                graph,
                workload,
                f"{_SERVICE_CONNECT}.services",
                (),
                f"{workload.name} offers nothing in Service Connect",
            )


@service_rule(
    Meta(
        id="cloud-map",
        item="NET-2",
        title="The service is registered in Cloud Map where callers outside the cluster need it",
        why="Without an entry, callers of other clusters hard-code addresses that change with every task.",
        fix=(
            "add a Cloud Map service and name it in serviceRegistries.registryArn, or write `discovery.cloudMap: "
            "false` if nobody outside calls"
        ),
        severity="medium",
        url="https://docs.aws.amazon.com/cloud-map/latest/dg/what-is-cloud-map.html",
        frameworks=("REL04-BP02",),
        applies=CONTAINERS,
    )
)
def cloud_map(service: Service, graph: Graph) -> Iterator[Outcome]:
    """A registry of the ECS service points at an entry that exists."""
    if not service.stated("cloudMap"):
        yield NotApplicable(because="no caller outside the cluster needs the service")
        return
    yield from only(service.of(kinds.DISCOVERY_SERVICE), service, "Cloud Map service")
    for workload in service.of(kinds.ECS_SERVICE):
        message = f"{workload.name} registers nowhere in Cloud Map"
        yield from expect_set(graph, workload, "serviceRegistries.registryArn", (kinds.DISCOVERY_SERVICE,), message)


@stack_rule(
    Meta(
        id="no-app-mesh",
        item="NET-3",
        title="App Mesh is not used",
        why="AWS has ended App Mesh (2026-09-30).",
        fix="remove the resources of App Mesh; write `discovery.serviceConnect: true`, which does the same within ECS",
        severity="critical",
        url="https://docs.aws.amazon.com/app-mesh/latest/userguide/migrate-app-mesh.html",
        levels=ALWAYS,
        frameworks=("PERF05-BP06",),
    )
)
def no_app_mesh(graph: Graph) -> Iterator[Outcome]:
    """No resource of App Mesh, and no task that proxies through it."""
    for resource in graph.resources():
        if resource.type.startswith("aws:appmesh/"):
            yield Fail(resource=resource, message=f"{resource.name} is an App Mesh resource")
        elif resource.type == kinds.TASK_DEFINITION and resource.get("proxyConfiguration.type") == "APPMESH":
            yield Fail(resource=resource, path="proxyConfiguration", message=f"{resource.name} uses an App Mesh proxy")


@service_rule(
    Meta(
        id="listener-rule",
        item="NET-4",
        title="A listener rule sends requests to the service by path or host",
        why="Without a rule of its own the service gets nothing, or everything.",
        fix=(
            "write `route: /news/*` or `route: news.example.com` in the stack file; "
            "components/concerns/ingress.py makes the rule"
        ),
        severity="high",
        url=_LISTENER_URL,
        frameworks=("PERF04-BP04",),
        applies=ROUTED,
    )
)
def listener_rule(service: Service, graph: Graph) -> Iterator[Outcome]:
    """A rule with a path or a host forwards to a target group of the service."""
    if not service.stated("route"):
        yield _NO_ROUTE
        return
    if service.is_invoked_by_the_api:
        yield _INVOKED
        return
    rules = service.of(kinds.LISTENER_RULE)
    yield from only(rules, service, "listener rule")
    for rule in rules:
        if not any(field in ("pathPattern", "hostHeader") for field, _ in _conditions(rule)):
            fail = Fail(resource=rule, path="conditions", message=f"{rule.name} matches neither a path nor a host")
            yield from unless_unknown(fail, [rule], "conditions")
        if not graph.refers(rule, "actions", kinds.TARGET_GROUP):
            message = f"{rule.name} forwards to no target group of the service"
            yield Fail(resource=rule, path="actions", message=message)


@stack_rule(
    Meta(
        id="listener-priority-unique",
        item="NET-4",
        title="No two rules of a listener have the same priority",
        why="AWS refuses the second one in the middle of a deployment.",
        fix="set priority of the rule to a number that no other rule of this listener has",
        severity="high",
        url=_LISTENER_URL,
        levels=ALWAYS,
        frameworks=("OPS05-BP02",),
        applies=ROUTED,
    ),
    about=(kinds.LISTENER_RULE,),
)
def listener_priority_unique(graph: Graph) -> Iterator[Outcome]:
    """Known priorities are unique per listener."""
    for rules in _by_listener(graph):
        first: dict[float, Resource] = {}
        for rule in rules:
            priority = number(rule.get("priority"))
            if isinstance(priority, float):
                other = first.setdefault(priority, rule)
                if other is not rule:
                    message = f"{rule.name} has priority {priority:g}, as {other.name} has"
                    yield Fail(resource=rule, path="priority", message=message)


@stack_rule(
    Meta(
        id="listener-pattern-unique",
        item="NET-4",
        title="No two rules of a listener match the same requests",
        why="The second rule never matches, so its service gets no request.",
        fix="write another path or host as `route` of one of the two services in the stack file",
        severity="high",
        url=_LISTENER_URL,
        frameworks=("OPS05-BP02",),
        applies=ROUTED,
    ),
    about=(kinds.LISTENER_RULE,),
)
def listener_pattern_unique(graph: Graph) -> Iterator[Outcome]:
    """Known conditions are unique per listener."""
    for rules in _by_listener(graph):
        first: dict[frozenset[tuple[str, tuple[str, ...]]], Resource] = {}
        for rule in rules:
            pattern = frozenset(_conditions(rule))
            if not pattern or has_unknown(rule.get("conditions")):
                continue
            other = first.setdefault(pattern, rule)
            if other is not rule:
                message = f"{rule.name} matches the same requests as {other.name}"
                yield Fail(resource=rule, path="conditions", message=message)


def _by_listener(graph: Graph) -> Iterator[list[Resource]]:
    groups: defaultdict[str, list[Resource]] = defaultdict(list)
    for rule in graph.of(kinds.LISTENER_RULE):
        groups[_listener(rule)].append(rule)
    yield from groups.values()


def _listener(rule: Resource) -> str:
    """Which listener a rule belongs to: a known ARN, or what the unknown one comes from."""
    return rule.text("listenerArn") or " ".join(rule.property_dependencies.get("listenerArn", ()))


def _conditions(rule: Resource) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each condition as its field and its values in order."""
    for condition in objects(rule.get("conditions")):
        for field, body in condition.items():
            values: Value = body.get("values", MISSING) if isinstance(body, Mapping) else body
            name = body.get("httpHeaderName") if isinstance(body, Mapping) else None
            if items(values):
                yield f"{field} {name}".lower() if name else field, tuple(sorted(texts(values)))


@service_rule(
    Meta(
        id="vpc-link",
        item="NET-5",
        title="A service behind the public API layer goes through a VPC Link",
        why="An integration over the internet needs a public address for the service.",
        fix="set connectionType of the integration to VPC_LINK, with the environment's link as connectionId",
        severity="high",
        url="https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vpc-links.html",
        frameworks=("SEC05-BP01", "SEC05-BP02"),
    )
)
def vpc_link(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Every HTTP integration of the service is private, through a VPC link of the second version."""
    integrations = service.of(kinds.API_INTEGRATION)
    if not integrations and service.fact("ingress") != "api-gateway":
        yield NotApplicable(because="no API Gateway stands before the service")
        return
    yield from only(integrations, service, "integration with the HTTP API")
    for integration in integrations:
        if integration.text("integrationType") != "HTTP_PROXY":
            continue
        message = f"{integration.name} goes over the internet"
        if integration.get("connectionType") == "VPC_LINK":
            links = (kinds.VPC_LINK, kinds.STACK_REFERENCE)
            yield from expect_set(graph, integration, "connectionId", links, f"{integration.name} names no VPC link")
        else:
            yield from expect_equal(integration, "connectionType", "VPC_LINK", message)
