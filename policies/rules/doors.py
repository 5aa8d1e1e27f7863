"""Who gets in at the load balancer, who from there to the services, and what leaves. Not on the checklist."""

from collections.abc import Iterator
from typing import Final

from policies import exposure, kinds
from policies.expect import expect_equal, expect_set, unknown
from policies.graph import Graph, Resource, Service
from policies.rule import ADVICE, ALWAYS, CONTAINERS, Fail, Meta, Outcome, Remedy, service_rule, stack_rule
from policies.values import MISSING, UNKNOWN
from stacks.standards import HTTPS_PORT

_GROUPS_URL: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html"
_BALANCER_URL: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/elb-controls.html"
_ADDRESSES: Final = ("cidrIpv4", "cidrIpv6", "prefixListId")
_FRONT_PORTS: Final = (80, HTTPS_PORT)
_DATABASES: Final = (kinds.DATABASE, kinds.DATABASE_CLUSTER)


@stack_rule(
    Meta(
        id="front-door",
        item=None,
        title="The whole internet gets in at the load balancer alone, on ports 80 and 443",
        why="Every other way in is one that no firewall, certificate or log stands at.",
        fix="remove the rule, or replace its range by referencedSecurityGroupId of whoever needs it",
        severity="critical",
        url=f"{_GROUPS_URL}#ec2-18",
        levels=ALWAYS,
        frameworks=("SEC05-BP02", "EC2.18", "EC2.19", "CIS 7.0.0/6.3", "CIS 7.0.0/6.4"),
    )
)
def front_door(graph: Graph) -> Iterator[Outcome]:
    """What is open to all, beside the services, leads to a load balancer that faces the internet."""
    for rule, path in exposure.unknown_ingress(graph):
        if graph.service_of(rule.urn) is None:
            yield unknown(rule, path)
    for rule, path in exposure.open_ingress(graph):
        if graph.service_of(rule.urn) is not None:
            continue
        groups = graph.refers(rule, "securityGroupId", kinds.SECURITY_GROUP)
        waiting = [(rule, key) for key in ("fromPort", "toPort") if rule.get(key) is UNKNOWN]
        waiting += [(each, "internal") for each in _behind(groups, graph) if each.get("internal") is UNKNOWN]
        loose = graph.loose(kinds.LOAD_BALANCER, "securityGroups", kinds.SECURITY_GROUP)
        waiting += [(each, "securityGroups") for each in loose if not _behind(groups, graph)]
        if waiting:
            yield unknown(*waiting[0])
        elif not _is_front_port(rule):
            yield Fail(resource=rule, path=path, message=f"{rule.name} opens more than the ports of the front door")
        elif not groups and rule.get("securityGroupId") is UNKNOWN:
            yield unknown(rule, "securityGroupId")
        elif not any(each.get("internal") in (False, MISSING) for each in _behind(groups, graph)):
            yield Fail(resource=rule, path=path, message=f"{rule.name} lets the whole internet in to no load balancer")


def _is_front_port(rule: Resource) -> bool:
    first, last = rule.get("fromPort"), rule.get("toPort")
    return first == last and first in _FRONT_PORTS


def _behind(groups: tuple[Resource, ...], graph: Graph) -> list[Resource]:
    """The load balancers of security groups."""
    return [each for group in groups for each in graph.referring(group, kinds.LOAD_BALANCER, "securityGroups")]


@service_rule(
    Meta(
        id="ingress-from-groups",
        item=None,
        title="Only security groups get in to the service: the load balancer's, and those of its callers",
        why="A range of addresses lets in whatever else gets an address there tomorrow.",
        fix="set referencedSecurityGroupId of the rule, and remove its range of addresses",
        severity="high",
        url="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
        frameworks=("SEC05-BP02",),
    )
)
def ingress_from_groups(service: Service, graph: Graph) -> Iterator[Outcome]:
    """No rule names addresses; the groups of databases, and what is open to all, have rules of their own."""
    for rule in service.of(kinds.INGRESS_RULE):
        path = next((path for path in _ADDRESSES if rule.get(path) is not MISSING), None)
        if path is None or rule.get(path) in exposure.EVERYWHERE or _guards_a_database(rule, graph):
            continue
        if rule.get(path) is UNKNOWN:
            yield unknown(rule, path)
        else:
            yield Fail(resource=rule, path=path, message=f"{rule.name} lets addresses in, not a group")


def _guards_a_database(rule: Resource, graph: Graph) -> bool:
    groups = graph.refers(rule, "securityGroupId", kinds.SECURITY_GROUP)
    return any(graph.referring(group, kind, "vpcSecurityGroupIds") for group in groups for kind in _DATABASES)


@stack_rule(
    Meta(
        id="egress-https",
        item=None,
        title="What leaves for the whole internet is HTTPS",
        why="Whoever breaks in calls home on the port that is open; one port can be watched.",
        fix=(
            "set fromPort and toPort of the rule to 443, or replace its range by the group or the addresses that "
            "it is for"
        ),
        severity="medium",
        url="https://docs.aws.amazon.com/wellarchitected/latest/framework/sec_network_protection_create_layers.html",
        levels=ADVICE,
        frameworks=("SEC05-BP02",),
    ),
)
def egress_https(graph: Graph) -> Iterator[Outcome]:
    """Rules to everywhere name port 443 and nothing else."""
    for rule in graph.of(kinds.EGRESS_RULE):
        to = [path for path in _ADDRESSES if rule.get(path) in exposure.EVERYWHERE]
        ports = (rule.get("fromPort"), rule.get("toPort"))
        if not to or ports == (HTTPS_PORT, HTTPS_PORT):
            continue
        if UNKNOWN in ports:
            yield unknown(rule, "fromPort")
        else:
            yield Fail(resource=rule, path=to[0], message=f"{rule.name} lets more than HTTPS out to everywhere")


@stack_rule(
    Meta(
        id="load-balancer-logs",
        item=None,
        title="Every load balancer logs its requests into a bucket of the stack",
        why="Of a request that never reached a service, nothing else knows.",
        fix="set accessLogs of the load balancer: enabled, and the bucket of the foundation",
        severity="medium",
        url=f"{_BALANCER_URL}#elb-5",
        levels=ADVICE,
        frameworks=("SEC04-BP01", "ELB.5", "CIS 7.0.0/4.10"),
    ),
)
def load_balancer_logs(graph: Graph) -> Iterator[Outcome]:
    """Access logs are on, and their bucket is there."""
    for balancer in graph.of(kinds.LOAD_BALANCER):
        path = "accessLogs.enabled"
        if balancer.get(path) is UNKNOWN:
            yield unknown(balancer, path)
        elif balancer.get(path) is not True:
            yield Fail(resource=balancer, path=path, message=f"{balancer.name} logs no requests")
        elif not graph.refers(balancer, "accessLogs.bucket", kinds.BUCKET):
            message = f"{balancer.name} logs into no bucket of this stack"
            yield from expect_set(graph, balancer, "accessLogs.bucket", (), message)


@stack_rule(
    Meta(
        id="redirect-to-https",
        item=None,
        title="A redirect of plain HTTP leads to HTTPS",
        why="A redirect to another plain address asks for the same credentials in clear again.",
        fix="set protocol of the listener's redirect to HTTPS",
        severity="high",
        url=f"{_BALANCER_URL}#elb-1",
        frameworks=("SEC09-BP02", "ELB.1"),
    ),
    Remedy(types=(kinds.LISTENER,), path="defaultActions.0.redirect.protocol", value="HTTPS"),
)
def redirect_to_https(graph: Graph) -> Iterator[Outcome]:
    """Where a listener of plain HTTP redirects, the protocol becomes HTTPS."""
    for listener in graph.of(kinds.LISTENER):
        if listener.get("protocol") == "HTTP" and listener.get("defaultActions.type") in ("redirect", UNKNOWN):
            path = "defaultActions.0.redirect.protocol"
            yield from expect_equal(listener, path, "HTTPS", f"{listener.name} redirects to another plain address")


@service_rule(
    Meta(
        id="target-by-address",
        item=None,
        title="The load balancer sends requests to the tasks themselves",
        why="Fargate has no instances; a target group of instances never gets a target.",
        fix="set targetType of the target group to ip",
        severity="high",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb.html",
        levels=ALWAYS,
        frameworks=("PERF04-BP04",),
        applies=CONTAINERS,
    ),
    Remedy(types=(kinds.TARGET_GROUP,), path="targetType", value="ip"),
)
def target_by_address(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """Targets are addresses."""
    for group in service.of(kinds.TARGET_GROUP):
        yield from expect_equal(group, "targetType", "ip", f"{group.name} has no tasks as targets")
