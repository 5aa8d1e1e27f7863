"""What auditors ask (COMP-1, COMP-4, COMP-5)."""

from collections.abc import Iterator, Mapping
from typing import Final

from policies import exposure, kinds
from policies.expect import foundation_missing, unknown
from policies.graph import Graph, Resource, Service
from policies.rule import ALWAYS, Fail, Meta, Outcome, Remedy, service_rule, stack_rule
from policies.rules.identity import statements
from policies.values import UNKNOWN, Value, has_unknown, objects, texts
from stacks.standards import ENDPOINT_SERVICES_GATEWAY, ENDPOINT_SERVICES_INTERFACE

_ENDPOINTS: Final = (*ENDPOINT_SERVICES_INTERFACE, *ENDPOINT_SERVICES_GATEWAY)
_RECORDING: Final = ("enableLogging", "eventSelectors", "advancedEventSelectors")
_SECRETS_EVENTS: Final = "secretsmanager.amazonaws.com"
_PUBLIC_URL: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-resources.html"


@stack_rule(
    Meta(
        id="vpc-endpoints",
        item="COMP-1",
        title="Secrets, images and logs are reached through VPC endpoints",
        why="Without endpoints, secrets and images go through the NAT gateway: more cost, and a way out for data.",
        fix=(
            "add a VpcEndpoint of the service that is named to the foundation's network (stacks/standards.py, "
            "ENDPOINT_SERVICES_*)"
        ),
        severity="medium",
        url="https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html",
        frameworks=("SEC05-BP02", "COST08-BP03", "EC2.55", "EC2.56", "EC2.57", "CIS 7.0.0/6.8"),
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
        fix="add an accessanalyzer Analyzer of type ACCOUNT to the foundation (components/foundation/audit.py)",
        severity="medium",
        url="https://docs.aws.amazon.com/IAM/latest/UserGuide/what-is-access-analyzer.html",
        frameworks=("SEC03-BP07", "IAM.28", "CIS 7.0.0/2.18"),
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
        fix="name the principal, or add a Condition on aws:SourceArn, aws:SourceAccount or aws:PrincipalOrgID",
        severity="critical",
        url=_PUBLIC_URL,
        levels=ALWAYS,
        frameworks=("SEC03-BP07", "KMS.5", "S3.2", "S3.3", "SNS.4", "SQS.3", "CIS 7.0.0/2.21"),
    )
)
def no_public_policy(graph: Graph) -> Iterator[Outcome]:
    """No statement of any resource policy allows principal `*` without a condition."""
    for kind, path in exposure.POLICY_INPUTS.items():
        for resource in graph.of(kind):
            if resource.get(path) is UNKNOWN:
                yield unknown(resource, path)
            elif any(exposure.is_public(statement) for statement in statements(graph.parsed(resource, path))):
                yield Fail(resource=resource, path=path, message=f"the policy of {resource.name} lets everybody in")


@stack_rule(
    Meta(
        id="no-public-function",
        item="COMP-4",
        title="No function can be called by everybody",
        why="Whoever finds the address runs our code on our bill.",
        fix="set authorizationType of the function URL to AWS_IAM; set principal and sourceArn of the permission",
        severity="critical",
        url="https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
        levels=ALWAYS,
        frameworks=("SEC03-BP07", "Lambda.1"),
    ),
    Remedy(types=(kinds.FUNCTION_URL,), path="authorizationType", value="AWS_IAM"),
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
        fix="replace cidrIpv4 or cidrIpv6 of the rule by referencedSecurityGroupId: the load balancer's, or a caller's",
        severity="critical",
        url="https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-18",
        levels=ALWAYS,
        frameworks=("SEC05-BP02", "EC2.18", "EC2.19", "CIS 7.0.0/6.3", "CIS 7.0.0/6.4"),
    )
)
def no_open_ingress(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """No ingress from 0.0.0.0/0 or ::/0 on a security group of the service."""
    for resource, path in exposure.unknown_ingress(service):
        yield unknown(resource, path)
    for resource, path in exposure.open_ingress(service):
        yield Fail(resource=resource, path=path, message=f"{resource.name} lets the whole internet in")


@stack_rule(
    Meta(
        id="trail-records-secrets",
        item="COMP-5",
        title="CloudTrail records the calls to Secrets Manager",
        why="After a leak the first question is who read the secret.",
        fix="add a Trail with all management events to the foundation, and take secretsmanager out of its exclusions",
        severity="high",
        url="https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-cloudtrail.html",
        frameworks=("SEC04-BP01", "CloudTrail.3"),
    )
)
def trail_records_secrets(graph: Graph) -> Iterator[Outcome]:
    """A trail that is on records management events, those of Secrets Manager among them."""
    trails = graph.of(kinds.TRAIL)
    if not trails:
        yield from foundation_missing(graph, "a CloudTrail trail")
    for trail in trails:
        for path in _RECORDING:
            if has_unknown(trail.get(path)):
                yield unknown(trail, path)
                return
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
    if not (selectors or advanced):
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
