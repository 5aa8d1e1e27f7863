"""Models on SageMaker: what they may read, which version runs, what is kept safe (CICD-1, CICD-4, SECR-4, ALRT-1)."""

import re
from collections.abc import Iterator
from typing import Final

from policies import alarms, kinds
from policies.expect import expect, expect_set, expect_true, unknown, unless_unknown
from policies.graph import Graph, Resource, Service
from policies.rule import (
    ADVICE,
    ENDPOINTS,
    ONLY_PROD,
    Fail,
    Meta,
    NotApplicable,
    Outcome,
    Remedy,
    Undecided,
    service_rule,
)
from policies.rules.identity import not_readable, statements
from policies.values import UNKNOWN, Value, get, has_unknown, number, objects, texts, walk
from stacks.instances import has_local_disk

_READ_SECRET: Final = "secretsmanager:GetSecretValue"  # noqa: S105 - an action, not a password
_APPROVAL: Final = "SageMaker Model Package State Change"
_INSTANCES_MIN: Final = 2
UNRELEASED: Final = Undecided(because="no version has been released yet, so there is no endpoint")


@service_rule(
    Meta(
        id="endpoint-secrets",
        item="SECR-4",
        title="The execution role may read exactly the secrets that the service names",
        why="Code that comes with a model runs with this role; what the role may read, whoever trained it may read.",
        fix="name the credential under `secrets` in the stack file, or take its ARN out of the execution role's policy",
        severity="high",
        url="https://docs.aws.amazon.com/secretsmanager/latest/userguide/integrating-sagemaker.html",
        frameworks=("SEC02-BP03", "SEC03-BP02"),
        applies=ENDPOINTS,
    )
)
def endpoint_secrets(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Each named secret is granted, and no other."""
    unreadable = list(not_readable(service, graph))
    yield from unreadable
    granted = list(_granted(service, graph))
    named = service.names("secrets")
    if not named and not granted:
        yield NotApplicable(because="the service reads no secrets")
    for entry in named:
        if not unreadable and not any(_is_secret(resource, entry) for _, resource in granted):
            yield Fail(message=f"the execution role may not read {entry}")
    for policy, resource in granted:
        if not any(_is_secret(resource, entry) for entry in named):
            message = f"{policy.name} may read {resource.rpartition(':')[2]}, which the service does not name"
            yield Fail(resource=policy, path="policy", message=message)


def _granted(service: Service, graph: Graph) -> Iterator[tuple[Resource, str]]:
    for policy in service.of(kinds.ROLE_POLICY):
        for statement in statements(graph.parsed(policy, "policy")):
            if statement.get("Effect") == "Allow" and _READ_SECRET in texts(statement.get("Action")):
                yield from ((policy, resource) for resource in texts(statement.get("Resource")))


def _is_secret(resource: str, entry: str) -> bool:
    """Whether an ARN is that of `owner/KEY`, with the six characters that AWS adds, and of no other secret."""
    owner, _, key = entry.rpartition("/")
    return re.search(rf":secret:[^/*?]+/{re.escape(owner)}/[^/*?]+/{re.escape(key)}-\?{{6}}$", resource) is not None


@service_rule(
    Meta(
        id="model-released",
        item="CICD-4",
        title="A version of the model has been released",
        why="Without one there is no endpoint, and whoever calls it fails.",
        fix="approve a model package in the registry; the pipeline writes its version under onramp:images",
        severity="high",
        url="https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-approve.html",
        frameworks=("OPS05-BP04",),
        applies=ENDPOINTS,
    )
)
def model_released(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """Before the first version only prod is refused."""
    if not service.stated("unreleased"):
        return
    if service.tier == "prod":
        yield Fail(message=f"no version of {service.name} has been released")
    else:
        yield UNRELEASED


@service_rule(
    Meta(
        id="registry-approval",
        item="CICD-1",
        title="An approval in the model registry starts the pipeline",
        why="An approved model that nobody deploys is found weeks later, as an accuracy that never got better.",
        fix=(
            "add an EventRule on the Approved packages of the group, and an EventTarget on it whose arn is the pipeline"
        ),
        severity="medium",
        url="https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-deploy.html",
        frameworks=("OPS05-BP10",),
        applies=ENDPOINTS,
    )
)
def registry_approval(service: Service, graph: Graph) -> Iterator[Outcome]:
    """For each package group a rule matches approvals and starts a pipeline of the service."""
    groups = service.names("packageGroups")
    if not groups:
        yield NotApplicable(because="the service runs images, and no model of the registry")
        return
    if not service.of(kinds.PIPELINE):
        yield Undecided(because="no pipeline of this stack delivers a registered model of the service")
        return
    rules = {rule.urn: graph.parsed(rule, "eventPattern") for rule in service.of(kinds.EVENT_RULE)}
    starting = [
        {part for part in walk(rules[rule.urn]) if isinstance(part, str)}
        for target in service.of(kinds.EVENT_TARGET)
        if ":codepipeline:" in target.text("arn") or graph.refers(target, "arn", kinds.PIPELINE)
        for rule in graph.refers(target, "rule", kinds.EVENT_RULE)
        if rule.urn in rules
    ]
    if not any({_APPROVAL, "Approved", group} <= words for words in starting for group in groups):
        fail = Fail(message=f"no approval of {', '.join(groups)} starts the pipeline of {service.name}")
        targets = graph.loose(kinds.EVENT_TARGET, "arn", kinds.PIPELINE)
        yield from unless_unknown(fail, (*service.of(kinds.EVENT_RULE), *targets), "eventPattern", "arn")


@service_rule(
    Meta(
        id="variant-alarms",
        item="ALRT-1",
        title="Every variant of the endpoint has its alarms",
        why="One variant that fails is a tenth of an average that looks well.",
        fix="add a MetricAlarm with the variant's name as VariantName among its dimensions",
        severity="high",
        url="https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html",
        frameworks=("OPS08-BP04", "REL06-BP01"),
        applies=ENDPOINTS,
    )
)
def variant_alarms(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """For each variant and each line of the table there is an alarm with that variant as a dimension."""
    for config in service.of(kinds.ENDPOINT_CONFIG):
        if has_unknown(config.get("productionVariants")):
            yield unknown(config, "productionVariants")
            continue
        for variant in _variants(config):
            for want in alarms.wanted(service):
                found = alarms.watching(service, want)
                # None at all is for `alarm-missing` to say.
                if found and not any(variant in _variants_of(alarm) for alarm in found):
                    yield Fail(resource=config, message=f"no alarm watches the {want.what} of the variant {variant}")


def _variants(config: Resource) -> list[str]:
    return [str(each.get("variantName")) for each in objects(config.get("productionVariants"))]


def _variants_of(alarm: Resource) -> set[str]:
    places: list[Value] = [alarm.get("dimensions.VariantName")]
    places += [get(each, "metric.dimensions.VariantName") for each in objects(alarm.get("metricQueries"))]
    return {place for place in places if isinstance(place, str)}


@service_rule(
    Meta(
        id="endpoint-capture",
        item=None,
        title="The endpoint keeps a share of its requests and answers",
        why="When a model goes wrong slowly, nobody can say since when without what it was asked and said.",
        fix="set dataCaptureConfig.enableCapture and kmsKeyId; `capture.percent` in the stack file says how much",
        severity="medium",
        url="https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture.html",
        levels=ADVICE,
        frameworks=("OPS04-BP02",),
        applies=ENDPOINTS,
    )
)
def endpoint_capture(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Capture is on and encrypted; serverless inference has none."""
    if service.fact("form") in ("serverless", "batch"):
        yield NotApplicable(because="SageMaker captures requests of endpoints on instances only")
        return
    for config in service.of(kinds.ENDPOINT_CONFIG):
        yield from expect_true(config, "dataCaptureConfig.enableCapture", f"{config.name} captures nothing")
        message = f"what {config.name} captures is encrypted with no key of ours"
        yield from expect_set(graph, config, "dataCaptureConfig.kmsKeyId", (kinds.KEY, kinds.STACK_REFERENCE), message)


@service_rule(
    Meta(
        id="endpoint-volume-key",
        item=None,
        title="The volumes of the instances are encrypted with the environment's key",
        why="Models and what they are asked lie on these volumes; a key of ours can be taken away.",
        fix="set kmsKeyArn of the endpoint configuration to the environment's data key",
        severity="medium",
        url="https://docs.aws.amazon.com/sagemaker/latest/dg/encryption-at-rest.html",
        levels=ADVICE,
        frameworks=("SEC08-BP01", "SEC08-BP02"),
        applies=ENDPOINTS,
    )
)
def endpoint_volume_key(service: Service, graph: Graph) -> Iterator[Outcome]:
    """A key is set, unless there are no volumes, or disks that their hardware encrypts."""
    for config in service.of(kinds.ENDPOINT_CONFIG):
        types = [each.get("instanceType") for each in objects(config.get("productionVariants"))]
        known = texts([each for each in types if each is not None])
        if not known or any(has_local_disk(each) for each in known):
            yield NotApplicable(because="SageMaker takes no key for instances without volumes of their own")
            continue
        message = f"the volumes of {config.name} are encrypted with no key of ours"
        yield from expect_set(graph, config, "kmsKeyArn", (kinds.KEY, kinds.STACK_REFERENCE), message)


@service_rule(
    Meta(
        id="model-isolated",
        item=None,
        title="A model that needs no network has none",
        why="An artifact is code of somebody else's: isolated, it can send nothing anywhere.",
        fix="leave `isolated` out of the stack file, or write true; enableNetworkIsolation of the model follows",
        severity="high",
        url="https://docs.aws.amazon.com/sagemaker/latest/dg/mkt-algo-model-internet-free.html",
        frameworks=("SEC05-BP02", "SageMaker.5"),
        applies=ENDPOINTS,
    ),
    Remedy(types=(kinds.MODEL,), path="enableNetworkIsolation", value=True),
)
def model_isolated(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """EnableNetworkIsolation is true."""
    if service.fact("form") == "serverless" or any(
        service.names(key) for key in ("secrets", "config", "calls", "stores")
    ):
        yield NotApplicable(because="it is serverless, or what it reads or calls takes a network")
        return
    for model in service.of(kinds.MODEL):
        yield from expect_true(model, "enableNetworkIsolation", f"the containers of {model.name} reach the network")


@service_rule(
    Meta(
        id="endpoint-two-instances",
        item=None,
        title="In prod every variant has two instances or more",
        why="SageMaker puts two instances into two zones; one goes with its zone.",
        fix="write `scaling.min: 2` or more in the stack file, or leave it to the tier",
        severity="high",
        url="https://docs.aws.amazon.com/sagemaker/latest/dg/best-practices.html",
        frameworks=("REL10-BP01", "SageMaker.4"),
        levels=ONLY_PROD,
        applies=ENDPOINTS,
    ),
    Remedy(types=(kinds.ENDPOINT_CONFIG,), path="productionVariants.*.initialInstanceCount", value=_INSTANCES_MIN),
    Remedy(types=(kinds.SCALING_TARGET,), path="minCapacity", value=_INSTANCES_MIN),
)
def endpoint_two_instances(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """Neither a new configuration nor autoscaling goes below two."""
    if service.fact("form") in ("serverless", "batch"):
        yield NotApplicable(because="it has no instances that serve all the time")
        return

    def enough(value: Value) -> bool:
        count = number(value)
        return isinstance(count, float) and count >= _INSTANCES_MIN

    for config in service.of(kinds.ENDPOINT_CONFIG):
        if config.get("productionVariants") is UNKNOWN:
            yield unknown(config, "productionVariants")
        for index, variant in enumerate(objects(config.get("productionVariants"))):
            path = f"productionVariants.{index}.initialInstanceCount"
            message = f"{variant.get('variantName')} starts with fewer than {_INSTANCES_MIN} instances"
            yield from expect(config, path, enough, message)
    for target in service.of(kinds.SCALING_TARGET):
        message = f"{target.name} may go below {_INSTANCES_MIN} instances"
        yield from expect(target, "minCapacity", enough, message)
