"""What the rules of SageMaker must see."""

from typing import Any, Final

from tests.components.acceptance.looking import SCALING_TARGET
from tests.components.acceptance.mutation import GONE, Mutation
from tests.components.acceptance.rules_models import CONFIG, ENDPOINT, MODEL, SCHEDULE

_ROUTING: Final = "deploymentConfig.blueGreenUpdatePolicy.trafficRoutingConfiguration"
_VARIANT: Final = "productionVariants.0"


def _of(kind: str, rule: str, *changes: tuple[str, Any], name: str = "", stack: str = "models") -> list[Mutation]:
    return [Mutation(rule=rule, kind=kind, path=path, value=value, name=name, stack=stack) for path, value in changes]


MUTATIONS_MODELS: Final = [
    *_of(
        MODEL,
        "models_are_consistent",
        ("primaryContainer", None),
        ("primaryContainer.image", "000000000000.dkr.ecr.us-east-1.amazonaws.com/x:1"),
        ("primaryContainer.modelPackageName", GONE),
        name="xy",
    ),
    *_of(
        MODEL,
        "models_are_consistent",
        ("primaryContainer.modelDataUrl", "s3://models/m.tar.gz"),
        ("primaryContainer.mode", "SingleModel"),
        name="xb",
    ),
    *_of(
        MODEL,
        "models_are_consistent",
        ("containers.0.containerHostname", "step-2"),
        ("containers.0.containerHostname", GONE),
        name="xc",
    ),
    *_of(
        CONFIG,
        "configs_are_consistent",
        (f"{_VARIANT}.modelName", "none"),
        (f"{_VARIANT}.instanceType", "ml.g5.xlarge"),
        (f"{_VARIANT}.instanceType", None),
        (f"{_VARIANT}.initialVariantWeight", 0),
        name="xy",
    ),
    *_of(
        CONFIG,
        "configs_are_consistent",
        (f"{_VARIANT}.serverlessConfig.memorySizeInMb", 1_500),
        (f"{_VARIANT}.serverlessConfig.provisionedConcurrency", 201),
        ("dataCaptureConfig", {"enableCapture": True}),
        name="xe",
    ),
    *_of(MODEL, "configs_are_consistent", ("enableNetworkIsolation", True), name="xe"),
    *_of(CONFIG, "configs_are_consistent", ("productionVariants.1.variantName", "own"), name="xd"),
    *_of(
        ENDPOINT,
        "guardrails_fit",
        ("endpointConfigName", "none"),
        (f"{_ROUTING}.type", "CANARY"),
        (f"{_ROUTING}.linearStepSize.value", 51),
        (f"{_ROUTING}.linearStepSize.value", 10),
        ("deploymentConfig.autoRollbackConfiguration.alarms.0.alarmName", "none"),
        ("deploymentConfig.blueGreenUpdatePolicy.maximumExecutionTimeoutInSeconds", 28_800),
        ("deploymentConfig.blueGreenUpdatePolicy", None),
        name="xy-endpoint",
    ),
    *_of(
        ENDPOINT,
        "guardrails_fit",
        ("deploymentConfig.rollingUpdatePolicy.maximumBatchSize.value", 4),
        name="xc-endpoint",
    ),
    *_of(ENDPOINT, "guardrails_fit", ("deploymentConfig", {"x": 1}), name="xe-endpoint"),
    *_of(
        SCALING_TARGET,
        "variants_scale",
        ("resourceId", "endpoint/none/variant/main"),
        ("minCapacity", 1_001),
        name="xy-scaling",
    ),
    *_of(
        SCHEDULE,
        "transform_jobs_are_accepted",
        ("target.input.TransformJobName", "always-the-same"),
        ("target.input.ModelName", "none"),
        ("target.input.MaxPayloadInMB", 2),
        ("target.input.TransformInput.SplitType", "None"),
        ("target.input.TransformResources.InstanceType", "ml.mars.large"),
        ("target.input.TransformResources.VolumeKmsKeyId", "key"),
        ("target.input.Colour", "red"),
    ),
]
"""At least one for each rule."""
