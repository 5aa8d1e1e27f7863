"""What stands before the public entry points, and who asks them whether they answer."""

from collections.abc import Iterator
from typing import Final

from policies import alarms, kinds
from policies.expect import unknown, unless_unknown
from policies.graph import Graph, Resource, Service
from policies.rule import ADVICE, Fail, Levels, Meta, NotApplicable, Outcome, service_rule, stack_rule
from policies.values import MISSING, UNKNOWN, Value, get, has_unknown, number, objects
from stacks.routing import is_pattern, split_route
from stacks.standards import ALARM_PROBE_SUCCESS_PERCENT, FIREWALL_GROUPS, FIREWALL_RATE, FIREWALL_RATE_SECONDS

_OUTSIDE_DEV: Final = Levels(dev="disabled", staging="advisory", prod="mandatory")
_PUBLIC_UNLESS: Final = {
    kinds.LOAD_BALANCER: ("internal", True),
    kinds.APP_RUNNER: ("networkConfiguration.ingressConfiguration.isPubliclyAccessible", False),
}
"""Entry points that WAF can guard, and the input with which each says that it is no public one."""
_GROUP: Final = "statement.managedRuleGroupStatement.name"
_RATE: Final = "statement.rateBasedStatement"
_SUCCESS: Final = "SuccessPercent"
_WAF_URL: Final = "https://docs.aws.amazon.com/waf/latest/developerguide/how-aws-waf-works-resources.html"
_PROBE_URL: Final = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries.html"


@stack_rule(
    Meta(
        id="firewall-attached",
        item=None,
        title="A web firewall stands before every public entry point",
        why="Whoever scans the internet finds a new address within minutes; most of what comes then needs no answer.",
        fix=(
            "leave `firewall` out of onramp:environment in staging and prod, or write true; a WebAclAssociation "
            "then names the entry"
        ),
        severity="high",
        url=_WAF_URL,
        levels=_OUTSIDE_DEV,
        frameworks=("SEC05-BP03", "ELB.16"),
    ),
    about=tuple(_PUBLIC_UNLESS),
)
def firewall_attached(graph: Graph) -> Iterator[Outcome]:
    """Every public load balancer and App Runner service has an association with a web ACL."""
    associations = graph.of(kinds.WEB_ACL_ASSOCIATION)
    guarded = {
        entry.urn
        for association in associations
        for entry in graph.refers(association, "resourceArn", *_PUBLIC_UNLESS)
        if graph.is_set(association, "webAclArn", kinds.WEB_ACL, kinds.STACK_REFERENCE)
    }
    for kind, (path, private) in _PUBLIC_UNLESS.items():
        for entry in graph.of(kind):
            if entry.get(path) is not private and entry.urn not in guarded:
                yield Fail(resource=entry, message=f"{entry.name} is public and has no web ACL before it")


@stack_rule(
    Meta(
        id="firewall-rules",
        item=None,
        title="The web firewall limits rates and has AWS's four groups of rules",
        why="A web ACL without rules lets everything through, and looks like a firewall.",
        fix="add the rule or group that is named to rules of the web ACL (stacks/standards.py, FIREWALL_*)",
        severity="high",
        url="https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html",
        frameworks=("SEC05-BP03", "WAF.10"),
    ),
    about=(kinds.WEB_ACL,),
)
def firewall_rules(graph: Graph) -> Iterator[Outcome]:
    """Each web ACL blocks by the managed groups, and by the rate of requests of one address."""
    for acl in graph.of(kinds.WEB_ACL):
        rules = acl.get("rules")
        if rules is UNKNOWN:
            yield unknown(acl, "rules")
            continue
        groups = {str(get(rule, _GROUP)) for rule in objects(rules) if get(rule, "overrideAction.count") is MISSING}
        missing = [group for group in FIREWALL_GROUPS if group not in groups]
        if not any(_limits(rule) for rule in objects(rules)):
            missing.append(f"limit of {FIREWALL_RATE} requests in {FIREWALL_RATE_SECONDS} seconds")
        if missing and has_unknown(rules):
            yield unknown(acl, "rules")
        elif missing:
            yield Fail(resource=acl, path="rules", message=f"{acl.name} has no {' and no '.join(missing)}")


@stack_rule(
    Meta(
        id="firewall-logs",
        item=None,
        title="The web firewall logs what it blocks",
        why="A user who is blocked by mistake can only be helped by whoever sees which rule did it.",
        fix="add a WebAclLoggingConfiguration whose resourceArn is the web ACL",
        severity="medium",
        url="https://docs.aws.amazon.com/waf/latest/developerguide/logging.html",
        levels=ADVICE,
        frameworks=("SEC04-BP01", "WAF.11"),
    ),
    about=(kinds.WEB_ACL,),
)
def firewall_logs(graph: Graph) -> Iterator[Outcome]:
    """Each web ACL has a logging configuration."""
    logged = {
        acl.urn
        for logging in graph.of(kinds.WEB_ACL_LOGGING)
        for acl in graph.refers(logging, "resourceArn", kinds.WEB_ACL)
    }
    for acl in graph.of(kinds.WEB_ACL):
        if acl.urn not in logged:
            yield Fail(resource=acl, message=f"nobody logs what {acl.name} blocks")


@service_rule(
    Meta(
        id="probe-missing",
        item=None,
        title="A public route is asked from the internet",
        why="A service can be well and its name, its certificate or its listener rule broken; only users notice then.",
        fix="leave `probe` out of the stack file in prod, or write `probe: {enabled: true}`",
        severity="medium",
        url=_PROBE_URL,
        levels=Levels(dev="disabled", staging="disabled", prod="advisory"),
        frameworks=("OPS04-BP03",),
    )
)
def probe_missing(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """A service with a route has a canary that runs."""
    is_runner = service.compute == "apprunner" and service.stated("public") and not service.stated("unreleased")
    route = service.component.text("route") or ("/" if is_runner else "")
    if not route:
        yield NotApplicable(because="nothing outside reaches it")
    elif is_pattern(split_route(route)[0] or ""):
        yield NotApplicable(because=f"{route} stands for many hosts, and none of them is known")
    elif not any(canary.get("startCanary") is True for canary in service.of(kinds.CANARY)):
        fail = Fail(message=f"nobody asks from the internet whether {service.name} answers at {route}")
        yield from unless_unknown(fail, service.of(kinds.CANARY), "startCanary")


@service_rule(
    Meta(
        id="probe-alarm",
        item=None,
        title="A probe that fails raises an alarm",
        why="A probe that nobody is told of is only a cost.",
        fix="add a MetricAlarm on SuccessPercent below 90 or more, with the canary's name as dimension",
        severity="medium",
        url=_PROBE_URL,
        levels=ADVICE,
        frameworks=("OPS08-BP04", "REL06-BP03"),
    )
)
def probe_alarm(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """Each canary has an alarm on its success that is at least as strict as the standard."""
    for canary in service.of(kinds.CANARY):
        if not any(_watches(alarm, canary) for alarm in service.of(kinds.METRIC_ALARM)):
            message = f"no alarm below {ALARM_PROBE_SUCCESS_PERCENT} % success watches {canary.name}"
            on_success = [alarm for alarm in service.of(kinds.METRIC_ALARM) if _SUCCESS in alarms.metrics(alarm)]
            inputs = ("threshold", "comparisonOperator", "dimensions")
            yield from unless_unknown(Fail(resource=canary, message=message), on_success, *inputs)


def _limits(rule: Value) -> bool:
    limit = number(get(rule, f"{_RATE}.limit"))
    seconds = number(get(rule, f"{_RATE}.evaluationWindowSec"))
    return (
        isinstance(limit, float)
        and limit <= FIREWALL_RATE
        and seconds in (None, FIREWALL_RATE_SECONDS)
        and get(rule, "action.block") is not MISSING
    )


def _watches(alarm: Resource, canary: Resource) -> bool:
    threshold = number(alarm.get("threshold"))
    return (
        _SUCCESS in alarms.metrics(alarm)
        and alarm.get("dimensions.CanaryName") == canary.physical_name
        and alarm.text("comparisonOperator").startswith("LessThan")
        and isinstance(threshold, float)
        and threshold >= ALARM_PROBE_SUCCESS_PERCENT
    )
