"""Models on SageMaker: what they may read, how a version arrives, what is kept safe (CICD-4, SECR-4, ALRT-5)."""

import re
from collections.abc import Iterator
from typing import Final

from policies import alarms, kinds
from policies.expect import expect, expect_set, expect_true, only, unknown
from policies.graph import Graph, Resource, Service
from policies.rule import ENDPOINTS, ONLY_PROD, Fail, Meta, NotApplicable, Outcome, Undecided, service_rule
from policies.rules.identity import statements
from policies.values import UNKNOWN, Value, get, number, objects, texts, walk
from stacks.instances import family, has_local_disk

_READ_SECRET: Final = "secretsmanager:GetSecretValue"  # noqa: S105 - an action, not a password
_POLICY: Final = "deploymentConfig.blueGreenUpdatePolicy.trafficRoutingConfiguration"
_ROLLING: Final = "deploymentConfig.rollingUpdatePolicy"
_ALARMS: Final = "deploymentConfig.autoRollbackConfiguration.alarms"
_APPROVAL: Final = "SageMaker Model Package State Change"
_INSTANCES_MIN: Final = 2
_GUARDRAILS_URL: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html"
_NO_ENDPOINT: Final = NotApplicable(because="a transform job has no endpoint: the next job takes the new model")
_SERVERLESS: Final = NotApplicable(because="guardrails are for instances; a serverless endpoint switches all at once")
_UNRELEASED: Final = Undecided(because="no version has been released yet, so there is no endpoint")


@service_rule(
    Meta(
        id="endpoint-secrets",
        item="SECR-4",
        title="The execution role may read exactly the secrets that the service names",
        why="Code that comes with a model runs with this role; what the role may read, whoever trained it may read.",
        fix="let the compute component write the role; name each credential under `secrets` in the stack file",
        severity="high",
        url="https://docs.aws.amazon.com/secretsmanager/latest/userguide/integrating-sagemaker.html",
        applies=ENDPOINTS,
    )
)
def endpoint_secrets(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Each named secret is granted, and no other."""
    granted = list(_granted(service, graph))
    named = service.names("secrets")
    if not named and not granted:
        yield NotApplicable(because="the service reads no secrets")
    for entry in named:
        if not any(_is_secret(resource, entry) for _, resource in granted):
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
        yield _UNRELEASED


@service_rule(
    Meta(
        id="registry-approval",
        item="CICD-1",
        title="An approval in the model registry starts the pipeline",
        why="An approved model that nobody deploys is found weeks later, as an accuracy that never got better.",
        fix="let the delivery concern make the rule about the model package group, and its target, the pipeline",
        severity="medium",
        url="https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-deploy.html",
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
        yield Fail(message=f"no approval of {', '.join(groups)} starts the pipeline of {service.name}")


@service_rule(
    Meta(
        id="endpoint-guardrails",
        item="CICD-4",
        title="A new version is watched before the old fleet goes, in prod in steps",
        why="A model that answers nonsense answers it to everybody when all requests are moved at once.",
        fix="in prod use rollout.strategy canary, linear or rolling; from staging on an intervalMinutes of more than 0",
        severity="high",
        url=_GUARDRAILS_URL,
        applies=ENDPOINTS,
    )
)
def endpoint_guardrails(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """From staging on alarms are watched for a while; in prod the first step is a part of the fleet."""
    yield from _no_guardrails(service)
    for endpoint in _guarded(service):
        path = _ROLLING if endpoint.text(f"{_POLICY}.type") == "" else _POLICY
        if endpoint.get("deploymentConfig") is UNKNOWN or endpoint.get(f"{_POLICY}.type") is UNKNOWN:
            yield unknown(endpoint, "deploymentConfig")
            continue
        if service.tier != "dev" and not number(endpoint.get(f"{path}.waitIntervalInSeconds")):
            message = f"{endpoint.name} watches no alarm before the old fleet goes"
            yield Fail(resource=endpoint, path=f"{path}.waitIntervalInSeconds", message=message)
        at_once = endpoint.text(f"{_POLICY}.type") == "ALL_AT_ONCE"
        if service.tier == "prod" and at_once and not _always_at_once(service):
            yield Fail(resource=endpoint, path=f"{_POLICY}.type", message=f"{endpoint.name} moves all requests at once")


def _always_at_once(service: Service) -> bool:
    """Whether SageMaker shifts all at once whatever it is told (deployment guardrails, exclusions)."""
    return any(family(instance) == "inf1" for instance in service.names("instances"))


def _no_guardrails(service: Service) -> Iterator[Outcome]:
    if service.fact("form") == "batch":
        yield _NO_ENDPOINT
    elif service.fact("form") == "serverless":
        yield _SERVERLESS
    elif service.stated("unreleased") and not service.of(kinds.ENDPOINT):
        yield _UNRELEASED
    else:
        yield from only(service.of(kinds.ENDPOINT), service, "endpoint")


def _guarded(service: Service) -> tuple[Resource, ...]:
    return () if service.fact("form") == "serverless" else service.of(kinds.ENDPOINT)


@service_rule(
    Meta(
        id="endpoint-rollback-alarms",
        item="ALRT-5",
        title="Deployment guardrails bring the old version back on an alarm",
        why="Without alarms SageMaker watches nothing, and a bad version stays until a person is awake.",
        fix="let the delivery concern name the rollback alarms in deploymentConfig.autoRollbackConfiguration",
        severity="high",
        url="https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html",
        applies=ENDPOINTS,
    )
)
def endpoint_rollback_alarms(service: Service, graph: Graph) -> Iterator[Outcome]:
    """At least one alarm is named, and all of them exist."""
    yield from _no_guardrails(service)
    for endpoint in _guarded(service):
        found = [each.get("alarmName") for each in objects(endpoint.get(_ALARMS))]
        if endpoint.get(_ALARMS) is UNKNOWN or UNKNOWN in found:
            yield unknown(endpoint, _ALARMS)
        elif not found:
            yield Fail(resource=endpoint, path=_ALARMS, message=f"{endpoint.name} names no rollback alarm")
        for name in texts(found):
            if not graph.named(name, kinds.METRIC_ALARM, kinds.COMPOSITE_ALARM):
                message = f"{endpoint.name} names the alarm {name}, which is not in this stack"
                yield Fail(resource=endpoint, path=_ALARMS, message=message)


@service_rule(
    Meta(
        id="variant-alarms",
        item="ALRT-1",
        title="Every variant of the endpoint has its alarms",
        why="One variant that fails is a tenth of an average that looks well.",
        fix="let the alerting concern make the alarms, each with the variant's name among its dimensions",
        severity="high",
        url="https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html",
        applies=ENDPOINTS,
    )
)
def variant_alarms(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """For each variant and each line of the table there is an alarm with that variant as a dimension."""
    for config in service.of(kinds.ENDPOINT_CONFIG):
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
        fix="leave `capture` to the tier in the stack file",
        severity="medium",
        url="https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture.html",
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
        fix="let the compute component set kmsKeyArn of the endpoint configuration",
        severity="medium",
        url="https://docs.aws.amazon.com/sagemaker/latest/dg/encryption-at-rest.html",
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
        fix="leave `isolated` out in the stack file; it is on unless secrets, config, calls or stores need a network",
        severity="high",
        url="https://docs.aws.amazon.com/sagemaker/latest/dg/mkt-algo-model-internet-free.html",
        frameworks=("AWS FSBP SageMaker.5",),
        applies=ENDPOINTS,
    )
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
        fix="set scaling.min in the stack file to 2 or more, or leave it to the tier",
        severity="high",
        url="https://docs.aws.amazon.com/sagemaker/latest/dg/best-practices.html",
        frameworks=("AWS FSBP SageMaker.4",),
        levels=ONLY_PROD,
        applies=ENDPOINTS,
    )
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
        for index, variant in enumerate(objects(config.get("productionVariants"))):
            path = f"productionVariants.{index}.initialInstanceCount"
            message = f"{variant.get('variantName')} starts with fewer than {_INSTANCES_MIN} instances"
            yield from expect(config, path, enough, message)
    for target in service.of(kinds.SCALING_TARGET):
        message = f"{target.name} may go below {_INSTANCES_MIN} instances"
        yield from expect(target, "minCapacity", enough, message)
