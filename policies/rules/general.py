"""What the design asks of every stack beyond the checklist: tags, hardened containers, a safe front door."""

from collections.abc import Iterator
from typing import Final

from policies import containers, kinds
from policies.expect import expect_equal, expect_true, unknown
from policies.graph import Graph, Service
from policies.rule import ADVICE, CONTAINERS, ONLY_PROD, Fail, Meta, Outcome, Remedy, service_rule, stack_rule
from policies.taggable import TAGGABLE
from policies.values import MISSING, UNKNOWN, Value
from stacks.standards import CONTAINER_USER, REQUIRED_TAGS, TLS_POLICY

_OLD_TLS_MARKS: Final = ("TLS-1-0", "TLS-1-1", "TLS13-1-0", "TLS13-1-1", "2015-05", "2016-08")
"""Parts of the names of ELB policies that still speak TLS 1.0 or 1.1 (ELB user guide, security policies)."""
_DEFAULT_TLS_POLICY: Final = "ELBSecurityPolicy-2016-08"
"""What a listener gets through the API when it names no policy; it speaks TLS 1.0."""
_ENCRYPTED: Final = ("HTTPS", "TLS")


@stack_rule(
    Meta(
        id="required-tags",
        item=None,
        title="Every taggable resource has the seven tags",
        why="What has no owner and no cost centre is nobody's, until it costs or breaks.",
        fix=(
            "set App, Env, Owner, CostCenter, DataClass, Service and ManagedBy in tags of the resource: "
            "Scope.tags() has them"
        ),
        severity="medium",
        url="https://docs.aws.amazon.com/whitepapers/latest/tagging-best-practices/tagging-best-practices.html",
        frameworks=("OPS02-BP01", "COST03-BP02"),
    )
)
def required_tags(graph: Graph) -> Iterator[Outcome]:
    """Each required tag is there and not empty."""
    for resource in graph.resources():
        if resource.type not in TAGGABLE:
            continue
        tags = resource.get("tags")
        if tags is UNKNOWN:
            yield unknown(resource, "tags")
            continue
        absent = [tag for tag in REQUIRED_TAGS if resource.get(f"tags.{tag}") in (MISSING, "")]
        if absent:
            yield Fail(resource=resource, path="tags", message=f"{resource.name} lacks the tags {', '.join(absent)}")


@service_rule(
    Meta(
        id="container-not-root",
        item=None,
        title="The service's container does not run as root",
        why="Root in the container is one kernel flaw away from root on the host.",
        fix="set user of the container definition to one that is not 0 or root (stacks/standards.py, CONTAINER_USER)",
        severity="high",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-tasks-containers.html",
        frameworks=("SEC03-BP02", "ECS.20"),
        applies=CONTAINERS,
    ),
    Remedy(types=(kinds.TASK_DEFINITION,), path="containerDefinitions.*.user", value=CONTAINER_USER),
)
def container_not_root(service: Service, graph: Graph) -> Iterator[Outcome]:
    """A user is set and is not root."""
    for task, container in containers.main_containers(service, graph):
        path = f"containerDefinitions.{service.name}.user"
        if container is None:
            yield unknown(task, path)
        elif str(container.get("user") or "").partition(":")[0] in ("", "0", "root"):
            yield Fail(resource=task, path=path, message=f"the container {service.name} runs as root")


@service_rule(
    Meta(
        id="container-read-only-root",
        item=None,
        title="The root file system of the service's container is read-only",
        why="What an intruder cannot write does not stay.",
        fix="set readonlyRootFilesystem of the container to true, and write to the volume at /tmp",
        severity="medium",
        url="https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-5",
        frameworks=("SEC06-BP02", "ECS.5"),
        applies=CONTAINERS,
    ),
    Remedy(types=(kinds.TASK_DEFINITION,), path="containerDefinitions.*.readonlyRootFilesystem", value=True),
)
def container_read_only_root(service: Service, graph: Graph) -> Iterator[Outcome]:
    """ReadonlyRootFilesystem is true."""
    for task, container in containers.main_containers(service, graph):
        path = f"containerDefinitions.{service.name}.readonlyRootFilesystem"
        if container is None:
            yield unknown(task, path)
        elif container.get("readonlyRootFilesystem") is not True:
            yield Fail(resource=task, path=path, message=f"the container {service.name} can write to its root")


@stack_rule(
    Meta(
        id="listener-tls",
        item=None,
        title="Encrypted listeners speak TLS 1.2 or newer",
        why="TLS 1.0 and 1.1 are broken, and no client of ours needs them.",
        fix=f"set sslPolicy of the listener to {TLS_POLICY}",
        severity="high",
        url="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html",
        frameworks=("SEC09-BP02", "ELB.17"),
    ),
    Remedy(types=(kinds.LISTENER,), path="sslPolicy", value=TLS_POLICY),
)
def listener_tls(graph: Graph) -> Iterator[Outcome]:
    """The security policy of every HTTPS or TLS listener has no older protocol."""
    for listener in graph.of(kinds.LISTENER):
        if listener.get("protocol") not in _ENCRYPTED:
            continue
        policy = listener.get("sslPolicy")
        if policy is UNKNOWN:
            yield unknown(listener, "sslPolicy")
        elif _is_old(policy):
            message = f"{listener.name} speaks TLS older than 1.2"
            yield Fail(resource=listener, path="sslPolicy", message=message)


def _is_old(policy: Value) -> bool:
    name = _DEFAULT_TLS_POLICY if policy is MISSING else str(policy)
    return any(mark in name for mark in _OLD_TLS_MARKS)


@stack_rule(
    Meta(
        id="listener-encrypted",
        item=None,
        title="Plain HTTP is only redirected",
        why="A listener that forwards plain HTTP carries credentials in clear.",
        fix="set the HTTP listener's only default action to a redirect to HTTPS",
        severity="high",
        url="https://docs.aws.amazon.com/securityhub/latest/userguide/elb-controls.html#elb-1",
        frameworks=("SEC09-BP02", "ELB.1"),
    )
)
def listener_encrypted(graph: Graph) -> Iterator[Outcome]:
    """The default action of every HTTP listener redirects."""
    for listener in graph.of(kinds.LISTENER):
        if listener.get("protocol") == "HTTP":
            path = "defaultActions.type"
            yield from expect_equal(listener, path, "redirect", f"{listener.name} does not redirect to HTTPS")


@stack_rule(
    Meta(
        id="load-balancer-headers",
        item=None,
        title="The load balancer drops invalid headers",
        why="Invalid headers are how requests are smuggled past one server to the next.",
        fix="set dropInvalidHeaderFields of the load balancer to true",
        severity="medium",
        url="https://docs.aws.amazon.com/securityhub/latest/userguide/elb-controls.html#elb-4",
        levels=ADVICE,
        frameworks=("SEC05-BP03", "ELB.4"),
    ),
    Remedy(types=(kinds.LOAD_BALANCER,), path="dropInvalidHeaderFields", value=True),
)
def load_balancer_headers(graph: Graph) -> Iterator[Outcome]:
    """DropInvalidHeaderFields is true on every load balancer."""
    for balancer in graph.of(kinds.LOAD_BALANCER):
        message = f"{balancer.name} passes invalid headers on"
        yield from expect_true(balancer, "dropInvalidHeaderFields", message)


@stack_rule(
    Meta(
        id="load-balancer-protected",
        item=None,
        title="The load balancer of prod cannot be deleted by mistake",
        why="With it goes the address of every service.",
        fix="set enableDeletionProtection of the load balancer to true in prod",
        severity="high",
        url="https://docs.aws.amazon.com/securityhub/latest/userguide/elb-controls.html#elb-6",
        frameworks=("ELB.6",),
        levels=ONLY_PROD,
    ),
    Remedy(types=(kinds.LOAD_BALANCER,), path="enableDeletionProtection", value=True),
)
def load_balancer_protected(graph: Graph) -> Iterator[Outcome]:
    """Deletion protection is on."""
    for balancer in graph.of(kinds.LOAD_BALANCER):
        message = f"{balancer.name} can be deleted by mistake"
        yield from expect_true(balancer, "enableDeletionProtection", message)


@stack_rule(
    Meta(
        id="flow-logs",
        item=None,
        title="The network writes flow logs",
        why="Without them nobody can say what an intruder talked to.",
        fix="add a FlowLog on the VPC to the foundation (components/foundation/network.py)",
        severity="medium",
        url="https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-6",
        frameworks=("SEC04-BP01", "EC2.6", "CIS 7.0.0/4.7"),
    )
)
def flow_logs(graph: Graph) -> Iterator[Outcome]:
    """The foundation of this stack has a flow log."""
    if graph.of(kinds.FOUNDATION) and not graph.of(kinds.FLOW_LOG):
        yield Fail(message="the network has no flow log")
