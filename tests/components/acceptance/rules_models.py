"""SageMaker: what its models do not say of models, endpoints, guardrails and transform jobs."""

import re
from collections.abc import Iterator
from typing import Any, Final

from simulator.graph import Graph
from tests.components.acceptance.looking import ALARM, SCALING_POLICY, SCALING_TARGET, document, known, listed, of, one
from tests.components.acceptance.shapes import Call

MODEL: Final = "aws:sagemaker/model:Model"
CONFIG: Final = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
ENDPOINT: Final = "aws:sagemaker/endpoint:Endpoint"
SCHEDULE: Final = "aws:scheduler/schedule:Schedule"
CREATE_JOB: Final = "aws-sdk:sagemaker:createTransformJob"
CONTAINERS_MIN, CONTAINERS_MAX = 2, 15
STEP_MAX: Final = 50
STEP_MIN: Final = {"LINEAR": 10, "CANARY": 1}
PROVIDER_TIMEOUT: Final = (600, 14_400)
PAYLOAD_MAX_MIB: Final = 100
SERVERLESS_STEPS: Final = range(1_024, 6_145, 1_024)
LOCAL_DISK: Final = re.compile(r"ml\.([a-z]\d[a-z]*d[a-z]*|g\d\w*|p[4-6][\w-]*|trn\w+|dl1)\.")
EXECUTION_CHARS: Final = 36


def models_are_consistent(graph: Graph) -> Iterator[str]:
    """SageMaker API, CreateModel: one container, or 2 to 15; an image or a package; for many models a prefix."""
    for resource, inputs in of(graph, MODEL):
        containers = listed(inputs.get("containers"))
        if bool(containers) == bool(inputs.get("primaryContainer")):
            yield f"{resource.name}: exactly one of containers and primaryContainer"
            continue
        if containers and not CONTAINERS_MIN <= len(containers) <= CONTAINERS_MAX:
            yield f"{resource.name}: {len(containers)} containers"
        for container in containers or [one(inputs["primaryContainer"])]:
            if ("image" in container) == ("modelPackageName" in container):
                yield f"{resource.name}: exactly one of image and modelPackageName"
            data = container.get("modelDataUrl")
            if container.get("mode") == "MultiModel" and not str(data).endswith("/"):
                yield f"{resource.name}: many models at {data}"
            if container.get("mode") == "SingleModel" and data and not data.endswith(".tar.gz"):
                yield f"{resource.name}: the archive {data}"
        direct = one(inputs.get("inferenceExecutionConfig") or {}).get("mode") == "Direct"
        names = [container.get("containerHostname") for container in containers]
        if direct and (None in names or len(set(names)) != len(names)):
            yield f"{resource.name}: hostnames {names}"


def configs_are_consistent(graph: Graph) -> Iterator[str]:
    """SageMaker API, CreateEndpointConfig: models that exist; instances or serverless; no key for local disks."""
    models = {inputs["name"]: inputs for _, inputs in of(graph, MODEL)}
    for resource, inputs in of(graph, CONFIG):
        variants = listed(inputs["productionVariants"])
        names = [variant["variantName"] for variant in variants]
        if len(names) != len(set(names)):
            yield f"{resource.name}: variants {names}"
        if all(variant.get("initialVariantWeight") == 0 for variant in variants):
            yield f"{resource.name}: no variant has a weight"
        for variant in variants:
            yield from (f"{resource.name}: {problem}" for problem in _variant_problems(variant, inputs, models))


def _variant_problems(variant: Any, config: Any, models: dict[str, Any]) -> Iterator[str]:
    model = models.get(variant["modelName"])
    serverless = variant.get("serverlessConfig")
    if model is None:
        yield f"no model {variant['modelName']}"
    if bool(serverless) == bool(variant.get("instanceType")):
        yield "exactly one of instances and serverless"
    if config.get("kmsKeyArn") and LOCAL_DISK.match(variant.get("instanceType") or ""):
        yield f"a key for {variant['instanceType']}, whose disks are its own"
    if not serverless:
        return
    plan = one(serverless)
    if plan["memorySizeInMb"] not in SERVERLESS_STEPS or plan.get("provisionedConcurrency", 0) > plan["maxConcurrency"]:
        yield f"serverless {plan}"
    if config.get("dataCaptureConfig") or config.get("kmsKeyArn"):
        yield "a serverless endpoint captures nothing and has no volumes"
    if model is not None and (model.get("vpcConfig") or model.get("enableNetworkIsolation")):
        yield "a serverless endpoint is in no VPC, and is not isolated"


def guardrails_fit(graph: Graph) -> Iterator[str]:
    """SageMaker developer guide, deployment guardrails: sizes, waits, alarms that exist; instances only."""
    alarms = {inputs["name"] for _, inputs in of(graph, ALARM)}
    configs = {inputs["name"]: inputs for _, inputs in of(graph, CONFIG)}
    for resource, inputs in of(graph, ENDPOINT):
        config = configs.get(inputs["endpointConfigName"])
        if config is None:
            yield f"{resource.name}: no configuration {inputs['endpointConfigName']}"
            continue
        variants = listed(config["productionVariants"])
        plan = inputs.get("deploymentConfig")
        if plan is None:
            continue
        if any(variant.get("serverlessConfig") for variant in variants):
            yield f"{resource.name}: guardrails without instances"
            continue
        names = {alarm["alarmName"] for alarm in listed(plan["autoRollbackConfiguration"]["alarms"])}
        if not names <= alarms:
            yield f"{resource.name}: alarms {sorted(names - alarms)}"
        fewest = min(variant["initialInstanceCount"] for variant in variants)
        yield from (f"{resource.name}: {problem}" for problem in _policy_problems(plan, fewest, len(variants)))


def _policy_problems(plan: Any, fewest: int, variants: int) -> Iterator[str]:
    rolling, blue_green = plan.get("rollingUpdatePolicy"), plan.get("blueGreenUpdatePolicy")
    if bool(rolling) == bool(blue_green):
        yield "exactly one policy"
        return
    policy = rolling or blue_green
    least, most = PROVIDER_TIMEOUT
    if not least <= policy["maximumExecutionTimeoutInSeconds"] <= most:
        yield f"timeout {policy['maximumExecutionTimeoutInSeconds']}"
    if rolling:
        size = rolling["maximumBatchSize"]["value"]
        if not 5 <= size <= STEP_MAX or size * fewest < 100 or variants > 1:
            yield f"batches of {size} % of {fewest} for {variants} variants"
        return
    routing = blue_green["trafficRoutingConfiguration"]
    sizes = {"CANARY": routing.get("canarySize"), "LINEAR": routing.get("linearStepSize")}
    given = {kind for kind, size in sizes.items() if size}
    if given != {routing["type"]} - {"ALL_AT_ONCE"}:
        yield f"sizes of {sorted(given)} for {routing['type']}"
        return
    for kind in given:
        size = sizes[kind]["value"]
        if not STEP_MIN[kind] <= size <= STEP_MAX or size * fewest < 100:
            yield f"steps of {size} % of {fewest}"


def variants_scale(graph: Graph) -> Iterator[str]:
    """Application Auto Scaling API: endpoint/name/variant/name that exist, minimum and maximum."""
    variants = {
        f"endpoint/{inputs['name']}/variant/{variant['variantName']}"
        for _, inputs in of(graph, ENDPOINT)
        for _, config in of(graph, CONFIG)
        if config["name"] == inputs["endpointConfigName"]
        for variant in listed(config["productionVariants"])
    }
    for resource, inputs in of(graph, SCALING_TARGET, SCALING_POLICY):
        if inputs["serviceNamespace"] != "sagemaker":
            continue
        if inputs["resourceId"] not in variants:
            yield f"{resource.name}: no variant {inputs['resourceId']}"
        if resource.type == SCALING_TARGET and not 1 <= inputs["minCapacity"] <= inputs["maxCapacity"]:
            yield f"{resource.name}: {inputs['minCapacity']} to {inputs['maxCapacity']}"


def transform_jobs_are_accepted(graph: Graph) -> Iterator[str]:
    """SageMaker API, CreateTransformJob: the input that the schedule sends, with a name that no two starts share."""
    call = Call("sagemaker", "CreateTransformJob")
    models = {inputs["name"] for _, inputs in of(graph, MODEL)}
    for resource, inputs in of(graph, SCHEDULE):
        target = inputs["target"]
        if not target["arn"].endswith(CREATE_JOB) or not known(target["input"]):
            continue
        job = document(target["input"])
        name, placeholder, rest = job["TransformJobName"].partition("<aws.scheduler.execution-id>")
        if not placeholder or rest:
            yield f"{resource.name}: two jobs would be called {job['TransformJobName']}"
        sent = {**job, "TransformJobName": name + "0" * EXECUTION_CHARS}
        yield from (f"{resource.name}: no parameter {key}" for key in sent if call.member(key) is None)
        yield from (f"{resource.name}{problem}" for problem in call.problems(sent))
        if job["ModelName"] not in models:
            yield f"{resource.name}: no model {job['ModelName']}"
        if job["MaxConcurrentTransforms"] * job["MaxPayloadInMB"] > PAYLOAD_MAX_MIB:
            yield f"{resource.name}: {job['MaxConcurrentTransforms']} times {job['MaxPayloadInMB']} MiB"
        if job["BatchStrategy"] == "MultiRecord" and job["TransformInput"]["SplitType"] == "None":
            yield f"{resource.name}: several records that nothing parts"
        if "VolumeKmsKeyId" in job["TransformResources"] and LOCAL_DISK.match(
            job["TransformResources"]["InstanceType"]
        ):
            yield f"{resource.name}: a key for disks of its own"


RULES: Final = (
    models_are_consistent,
    configs_are_consistent,
    guardrails_fit,
    variants_scale,
    transform_jobs_are_accepted,
)
