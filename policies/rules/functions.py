"""How a function runs: on what, how many at once, from which code. None of it is on the checklist."""

from collections.abc import Iterator
from typing import Final

from policies import alarms, kinds
from policies.expect import expect, expect_equal, only, unknown, unless_unknown
from policies.functions import is_image, is_on_instances, is_unreleased
from policies.graph import Graph, Service
from policies.rule import ADVICE, ALWAYS, FUNCTIONS, Fail, Meta, NotApplicable, Outcome, Undecided, service_rule
from policies.values import MISSING, UNKNOWN, has_unknown, number, texts
from stacks.standards import (
    ALARM_FUNCTION_MEMORY_PERCENT,
    ALARM_FUNCTION_MEMORY_WARNING_PERCENT,
    SCALE_PROVISIONED_UTILIZATION,
)

_MEMORY_METRICS: Final = ("memory_utilization", "ExecutionEnvironmentMemoryUtilization")
_WARM_METRIC: Final = "LambdaProvisionedConcurrencyUtilization"


@service_rule(
    Meta(
        id="function-arm64",
        item=None,
        title="The function runs on Graviton",
        why="The same work costs a fifth less on arm64, and the layers of this stack are built for it.",
        fix="set architectures of the function to arm64; build native parts and images for it",
        severity="low",
        url="https://docs.aws.amazon.com/lambda/latest/dg/foundation-arch.html",
        levels=ADVICE,
        frameworks=("COST06-BP02", "SUS05-BP02"),
        applies=FUNCTIONS,
    )
)
def function_arm64(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """The one architecture is arm64."""
    for function in service.of(kinds.FUNCTION):
        path = "architectures"
        value = function.get(path)
        if has_unknown(value):
            yield unknown(function, path)
        elif list(texts(value)) != ["arm64"]:
            yield Fail(resource=function, path=path, message=f"{function.name} does not run on arm64")


@service_rule(
    Meta(
        id="function-concurrency-reserved",
        item=None,
        title="The function states how many executions it may have",
        why="One function without a bound can take all executions of the account from the others.",
        fix="write `scaling.max` in the stack file",
        severity="medium",
        url="https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html",
        levels=ADVICE,
        frameworks=("REL10-BP03",),
        applies=FUNCTIONS,
    )
)
def function_concurrency_reserved(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """Reserved concurrency is more than nothing; on shared instances the capacity provider is the bound."""
    for function in service.of(kinds.FUNCTION):
        path = "reservedConcurrentExecutions"
        reserved = number(function.get(path))
        if is_on_instances(function):
            continue
        if reserved is UNKNOWN:
            yield unknown(function, path)
        elif not isinstance(reserved, float) or reserved < 1:
            yield Fail(resource=function, path=path, message=f"{function.name} reserves no executions")


@service_rule(
    Meta(
        id="provisioned-scales",
        item=None,
        title="Executions that are kept warm follow the use of them",
        why="A fixed number is paid for all night, and too small at noon.",
        fix="write `scaling.provisioned: {min: 1, max: 10}` in the stack file; its autoscaling follows",
        severity="medium",
        url="https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html",
        levels=ADVICE,
        frameworks=("PERF02-BP05", "COST09-BP03"),
        applies=FUNCTIONS,
    )
)
def provisioned_scales(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """A scaling policy holds their utilization at 70 percent, or lets them idle more."""
    warm = service.of(kinds.PROVISIONED_CONCURRENCY)
    if not warm:
        yield NotApplicable(because="nothing is kept warm")
        return
    tracking = "targetTrackingScalingPolicyConfiguration"
    metric = f"{tracking}.predefinedMetricSpecification.predefinedMetricType"
    policies = [policy for policy in service.of(kinds.SCALING_POLICY) if policy.get(metric) == _WARM_METRIC]
    if not policies:
        fail = Fail(resource=warm[0], message=f"nothing scales what {service.name} keeps warm")
        yield from unless_unknown(fail, service.of(kinds.SCALING_POLICY), metric)
    for policy in policies:
        path = f"{tracking}.targetValue"
        target = number(policy.get(path))
        if target is UNKNOWN:
            yield unknown(policy, path)
        elif not isinstance(target, float) or target > SCALE_PROVISIONED_UTILIZATION:
            message = f"{policy.name} waits until more than {SCALE_PROVISIONED_UTILIZATION:.0%} is in use"
            yield Fail(resource=policy, path=path, message=message)


@service_rule(
    Meta(
        id="snap-start-published",
        item=None,
        title="SnapStart is on for published versions, and nothing else warms them",
        why="AWS takes snapshots of versions alone, and none beside executions that are kept warm.",
        fix="write `snapStart: true` in the stack file, and remove `scaling.provisioned`",
        severity="medium",
        url="https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html",
        levels=ALWAYS,
        frameworks=("PERF02-BP02",),
        applies=FUNCTIONS,
    )
)
def snap_start_published(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """Where there is SnapStart it applies to versions, one is published, and no execution is provisioned."""
    functions = [each for each in service.of(kinds.FUNCTION) if each.get("snapStart") is not MISSING]
    if not functions:
        yield NotApplicable(because="the function starts without a snapshot")
    for function in functions:
        path = "snapStart.applyOn"
        yield from expect_equal(function, path, "PublishedVersions", f"{function.name} has no snapshot of its versions")
        if service.of(kinds.PROVISIONED_CONCURRENCY) and function.get(path) is not UNKNOWN:
            message = f"{function.name} has SnapStart and executions kept warm; AWS takes one of them"
            yield Fail(resource=function, path="snapStart", message=message)


@service_rule(
    Meta(
        id="function-memory-alarms",
        item=None,
        title="Two alarms watch the memory of the function: at 70 percent and at 90",
        why="A function that runs out of memory ends without a word, in the middle of an invocation.",
        fix=(
            "add MetricAlarms on memory_utilization at 70 and at 90; an image brings the Lambda Insights "
            "extension itself"
        ),
        severity="medium",
        url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Lambda-Insights.html",
        levels=ADVICE,
        frameworks=("OPS08-BP04", "PERF02-BP03"),
        applies=FUNCTIONS,
    )
)
def function_memory_alarms(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """One alarm on the memory metric is at 90 percent or lower, another one at 70 or lower."""
    watching = [alarm for alarm in service.of(kinds.METRIC_ALARM) if alarms.metrics(alarm) & frozenset(_MEMORY_METRICS)]
    waiting = [unknown(alarm, path) for alarm in watching if (path := alarms.waits_for(alarm))]
    if waiting:
        yield waiting[0]
        return
    found = [number(alarm.get("threshold")) for alarm in watching]
    percents = sorted(percent for percent in found if isinstance(percent, float))
    wanted = (ALARM_FUNCTION_MEMORY_WARNING_PERCENT, ALARM_FUNCTION_MEMORY_PERCENT)
    if len(percents) < len(wanted) or any(have > want for have, want in zip(percents, wanted, strict=False)):
        message = f"{service.name} has no alarms on its memory at {wanted[0]} and {wanted[1]} percent"
        yield Fail(message=message)


@service_rule(
    Meta(
        id="function-image",
        item=None,
        title="A function from an image runs one that stands still, from a repository that Lambda may read",
        why="A tag that can move runs code that nobody reviewed; the checklist asks for this of containers alone.",
        fix="write the digest under onramp:images, and let lambda.amazonaws.com pull in the repository's policy",
        severity="high",
        url="https://docs.aws.amazon.com/lambda/latest/dg/images-create.html",
        frameworks=("REL08-BP04", "SEC06-BP04"),
        applies=FUNCTIONS,
    )
)
def function_image(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """The image has a digest or a fixed tag; its repository has immutable tags, a lifecycle, and lets Lambda in."""
    functions = [each for each in service.of(kinds.FUNCTION) if is_image(each)]
    repositories = service.of(kinds.REPOSITORY)
    for function in service.of(kinds.FUNCTION):
        if function.get("packageType") is UNKNOWN:
            yield unknown(function, "packageType")
            return
    if not functions and not is_unreleased(service):
        yield NotApplicable(because="the function is a zip")
        return
    if is_unreleased(service):
        yield from _unreleased(service)
    for function in functions:
        yield from expect(function, "imageUri", _stands_still, f"{function.name} names no digest and no fixed tag")
    for repository in repositories:
        message = f"tags of {repository.name} can be moved"
        yield from expect_equal(repository, "imageTagMutability", "IMMUTABLE", message)
    yield from only(repositories, service, "ECR repository")
    yield from only(service.of(kinds.LIFECYCLE_POLICY), service, "lifecycle policy for its images")
    yield from only(service.of(kinds.REPOSITORY_POLICY), service, "policy that lets Lambda read its images")


def _stands_still(value: object) -> bool:
    return isinstance(value, str) and not (value.endswith(":latest") or ":" not in value.rpartition("/")[2])


def _unreleased(service: Service) -> Iterator[Outcome]:
    if service.tier == "prod":
        yield Fail(message=f"no image of {service.name} has been released, so there is no function")
    else:
        yield Undecided(because="no image has been released yet")
