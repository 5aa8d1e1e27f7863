"""What auditors ask (COMP-1, COMP-4, COMP-5)."""

from collections.abc import Iterator, Mapping
from typing import Final

from policies import exposure, kinds
from policies.expect import foundation_missing, unknown
from policies.graph import Graph, Resource, Service
from policies.rule import Fail, Meta, Outcome, service_rule, stack_rule
from policies.rules.identity import statements
from policies.values import UNKNOWN, Value, has_unknown, objects, texts
from stacks.standards import ENDPOINT_SERVICES_GATEWAY, ENDPOINT_SERVICES_INTERFACE

_ENDPOINTS: Final = (*ENDPOINT_SERVICES_INTERFACE, *ENDPOINT_SERVICES_GATEWAY)
_SECRETS_EVENTS: Final = "secretsmanager.amazonaws.com"
_PUBLIC_URL: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-resources.html"


@stack_rule(
    Meta(
        id="vpc-endpoints",
        item="COMP-1",
        title="Secrets, images and logs are reached through VPC endpoints",
        why="Without endpoints, secrets and images go through the NAT gateway: more cost, and a way out for data.",
        fix="let the foundation's network make the endpoints of stacks/standards.py (ENDPOINT_SERVICES_*)",
        severity="medium",
        url="https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html",
        frameworks=("AWS FSBP EC2.55", "AWS FSBP EC2.56", "AWS FSBP EC2.57"),
    )
)
def vpc_endpoints(graph: Graph) -> Iterator[Outcome]:
    """Every service of the standard has an endpoint in the foundation."""
    endpoints = graph.of(kinds.VPC_ENDPOINT)
    if not endpoints and graph.foreign_foundation:
        yield from foundation_missing(graph, "the VPC endpoints")
        return
    names = {endpoint.text("serviceName").split(".", 3)[-1] for endpoint in endpoints}
    waiting = next((each for each in endpoints if each.get("serviceName") is UNKNOWN), None)
    for wanted in _ENDPOINTS:
        if wanted in names:
            continue
        if waiting is not None:
            yield unknown(waiting, "serviceName")
        else:
            yield Fail(message=f"there is no VPC endpoint for {wanted}")


@stack_rule(
    Meta(
        id="access-analyzer",
        item="COMP-4",
        title="IAM Access Analyzer is on",
        why="It finds what is shared outside the account after the preview, by whatever means.",
        fix="let the foundation's audit make the analyzer",
        severity="medium",
        url="https://docs.aws.amazon.com/IAM/latest/UserGuide/what-is-access-analyzer.html",
        frameworks=("AWS FSBP IAM.28",),
    )
)
def access_analyzer(graph: Graph) -> Iterator[Outcome]:
    """The foundation has an analyzer."""
    if not graph.of(kinds.ANALYZER):
        yield from foundation_missing(graph, "an IAM Access Analyzer")


@stack_rule(
    Meta(
        id="no-public-policy",
        item="COMP-4",
        title="No resource policy lets everybody in",
        why="A principal `*` without a condition is the whole internet with an AWS account.",
        fix="name the principal, or add a condition on aws:SourceArn, aws:SourceAccount or the organization",
        severity="critical",
        url=_PUBLIC_URL,
        frameworks=("AWS FSBP S3.2", "AWS FSBP SNS.4", "AWS FSBP SQS.3"),
    )
)
def no_public_policy(graph: Graph) -> Iterator[Outcome]:
    """No statement of any resource policy allows principal `*` without a condition."""
    for kind, path in exposure.POLICY_INPUTS.items():
        for resource in graph.of(kind):
            if any(exposure.is_public(statement) for statement in statements(graph.parsed(resource, path))):
                yield Fail(resource=resource, path=path, message=f"the policy of {resource.name} lets everybody in")


@stack_rule(
    Meta(
        id="no-public-function",
        item="COMP-4",
        title="No function can be called by everybody",
        why="Whoever finds the address runs our code on our bill.",
        fix="use AWS_IAM for the function URL; name a principal and a source in the permission",
        severity="critical",
        url="https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
        frameworks=("AWS FSBP Lambda.1",),
    )
)
def no_public_function(graph: Graph) -> Iterator[Outcome]:
    """No URL without authorization, no permission for principal `*` without a source."""
    for resource, path in exposure.open_functions(graph):
        yield Fail(resource=resource, path=path, message=f"{resource.name} lets everybody call the function")


@service_rule(
    Meta(
        id="no-open-ingress",
        item="COMP-4",
        title="No network rule of the service lets the whole internet in",
        why="The load balancer is the door; a second one has no TLS, no log and no lock.",
        fix="allow the load balancer's security group, or those of the callers, instead of a range of addresses",
        severity="critical",
        url="https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-18",
        frameworks=("AWS FSBP EC2.18",),
    )
)
def no_open_ingress(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """No ingress from 0.0.0.0/0 or ::/0 on a security group of the service."""
    for resource, path in exposure.open_ingress(service):
        yield Fail(resource=resource, path=path, message=f"{resource.name} lets the whole internet in")


@stack_rule(
    Meta(
        id="trail-records-secrets",
        item="COMP-5",
        title="CloudTrail records the calls to Secrets Manager",
        why="After a leak the first question is who read the secret.",
        fix="let the foundation's audit make the trail, with all management events and no exclusion",
        severity="high",
        url="https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-cloudtrail.html",
        frameworks=("AWS FSBP CloudTrail.1",),
    )
)
def trail_records_secrets(graph: Graph) -> Iterator[Outcome]:
    """A trail that is on records management events, those of Secrets Manager among them."""
    trails = graph.of(kinds.TRAIL)
    if not trails:
        yield from foundation_missing(graph, "a CloudTrail trail")
    problems = [(trail, _why_not(trail)) for trail in trails]
    if any(problem is None for _, problem in problems):
        return
    for trail, problem in problems:
        yield Fail(resource=trail, message=f"{trail.name} {problem}")


def _why_not(trail: Resource) -> str | None:
    if trail.get("enableLogging") is False:
        return "is off"
    selectors = objects(trail.get("eventSelectors"))
    advanced = objects(trail.get("advancedEventSelectors"))
    if has_unknown(list(selectors)) or has_unknown(list(advanced)) or not (selectors or advanced):
        return None  # without selectors a trail records all management events
    recording = [each for each in selectors if _records(each)] + [each for each in advanced if _records_advanced(each)]
    return None if recording else "does not record the management events of Secrets Manager"


def _records(selector: Mapping[str, Value]) -> bool:
    everything = selector.get("includeManagementEvents") is not False
    both = selector.get("readWriteType", "All") == "All"
    return everything and both and _SECRETS_EVENTS not in texts(selector.get("excludeManagementEventSources"))


def _records_advanced(selector: Mapping[str, Value]) -> bool:
    fields = {str(each.get("field")): each for each in objects(selector.get("fieldSelectors"))}
    management = "Management" in texts(fields.get("eventCategory", {}).get("equals"))
    source = fields.get("eventSource", {})
    included = not texts(source.get("equals")) or _SECRETS_EVENTS in texts(source.get("equals"))
    return (
        management and included and _SECRETS_EVENTS not in texts(source.get("notEquals")) and "readOnly" not in fields
    )
