"""A SageMaker endpoint in one of its forms, or a batch transform of the same model."""

from collections.abc import Mapping
from typing import ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from stacks import instances, limits
from stacks.models.common import Service
from stacks.models.endpoint_parts import (
    BatchPlan,
    Capture,
    EndpointHealth,
    EndpointRollout,
    EndpointScaling,
    Instance,
    ModelSource,
    ServerlessPlan,
    Variant,
    VariantName,
)

Form = Literal["real-time", "multi-model", "pipeline", "variants", "serverless", "batch"]
MAIN: Final = "main"
"""The only variant of an endpoint that has one; a new configuration must keep the name."""
_WHOLE: Final = 100

_ON_INSTANCES: Final = ("instance", "health", "scaling", "capture", "rollout")
BLOCKS: Final[Mapping[str, tuple[str, ...]]] = {
    "real-time": ("model", *_ON_INSTANCES),
    "multi-model": ("model", *_ON_INSTANCES),
    "pipeline": ("containers", *_ON_INSTANCES),
    "variants": ("variants", "model", *_ON_INSTANCES),
    "serverless": ("model", "serverless"),
    "batch": ("model", "batch", "instance"),
}
"""The keys that each form has; the rest of them mean nothing to it."""
_OPTIONAL: Final = {"variants": ("model",)}
_ALL_BLOCKS: Final = tuple(dict.fromkeys(block for blocks in BLOCKS.values() for block in blocks))
_NOT_SERVERLESS: Final = (
    "serverless inference has no instances, keeps no requests, and always switches all at once (SageMaker developer "
    "guide, serverless endpoints, feature exclusions)"
)
_WHY_NOT: Final[Mapping[str, str]] = {
    "serverless": _NOT_SERVERLESS,
    "batch": "a transform job runs by its schedule and ends: there is nothing to scale, to shift or to ask for health",
}
_REFUSED: Final[Mapping[str, str]] = {
    "route": "no load balancer reaches an endpoint: callers use sagemaker:InvokeEndpoint; put a function in front",
    "queue": "an endpoint takes no messages: let a worker or a function consume them and call it",
    "consumes": "an endpoint takes no messages: let a worker or a function consume them and call it",
    "publishes": "an endpoint answers and sends nothing: let its caller publish",
}


class EndpointSpec(Service):
    """A model on SageMaker."""

    compute_type: ClassVar[str] = "sagemaker"
    watched: ClassVar[tuple[str, ...]] = ("cpuPercent", "latencyP99Ms", "memoryPercent", "overheadMs")

    compute: Literal["sagemaker"]
    form: Form = "real-time"
    """One model on instances, many in one container, containers in a row, variants by weight, serverless, or batch."""
    model: ModelSource | None = None
    """What runs."""
    containers: tuple[ModelSource, ...] = ()
    """The containers of a pipeline, in order."""
    execution: Literal["serial", "direct"] = "serial"
    """Whether a request goes through all containers of a pipeline, or to the one that it names."""
    variants: dict[VariantName, Variant] = Field(default_factory=dict[VariantName, Variant])
    """Models behind one endpoint, each with its share of the requests."""
    instance: Instance | None = None
    """Instance type, such as ml.m5.large."""
    scaling: EndpointScaling | None = None
    serverless: ServerlessPlan | None = None
    batch: BatchPlan | None = None
    health: EndpointHealth | None = None
    capture: Capture | None = None
    rollout: EndpointRollout | None = None
    isolated: bool
    """Whether containers are cut off from every network; so unless they read secrets or config, or call services."""

    @model_validator(mode="after")
    def _no_front_door(self) -> Self:
        for key, reason in _REFUSED.items():
            if getattr(self, key):
                raise ValueError(f"{key}: {reason}")
        if self.discovery.cloud_map:
            raise ValueError("discovery.cloudMap is for containers; an endpoint is called by its name, with IAM")
        return self

    @model_validator(mode="after")
    def _blocks_of_its_form(self) -> Self:
        wanted = BLOCKS[self.form]
        for block in _ALL_BLOCKS:
            there = bool(getattr(self, block))
            if there and block not in wanted:
                reason = _WHY_NOT.get(self.form, f"it belongs to {' and '.join(_forms_with(block))}")
                raise ValueError(f"form {self.form} has no {block}: {reason}")
            if not there and block in wanted and block not in _OPTIONAL.get(self.form, ()):
                raise ValueError(f"form {self.form} needs {block}")
        if self.execution != "serial" and self.form != "pipeline":
            raise ValueError("execution is for form pipeline, whose requests go through several containers")
        return self

    @model_validator(mode="after")
    def _models_of_its_form(self) -> Self:
        released = 0
        for source in self.sources:
            released += source.is_released
            _check_data(self.form, source)
        if self.form == "pipeline":
            low, high = limits.SAGEMAKER_PIPELINE_CONTAINERS
            if not low <= len(self.containers) <= high:
                raise ValueError(f"a pipeline has {low} to {high} containers; {len(self.containers)} are written")
            if released > 1:
                raise ValueError("onramp:images releases one version; write version or image at the other containers")
        return self

    @model_validator(mode="after")
    def _weights(self) -> Self:
        if self.form != "variants":
            return self
        low, high = limits.SAGEMAKER_VARIANTS
        if not low <= len(self.variants) <= high:
            raise ValueError(
                f"{len(self.variants)} variants; {low} to {high} are possible: two alarms of each guard a deployment, "
                f"one more stops it, and SageMaker watches {limits.SAGEMAKER_ROLLBACK_ALARMS_MAX}"
            )
        if not any(variant.weight for variant in self.variants.values()):
            raise ValueError("all weights are 0, so no variant would get a request; give one a weight")
        return self

    @model_validator(mode="after")
    def _guardrails_apply(self) -> Self:
        rollout, scaling = self.rollout, self.scaling
        if rollout is None or scaling is None:
            return self
        if rollout.is_stepped and self.form != "real-time":
            raise ValueError(
                f"rollout.strategy stepped puts the new model beside the old one as a second variant, which form "
                f"{self.form} has no room for; use canary, linear or all-at-once"
            )
        if rollout.is_stepped:
            return self
        if rollout.strategy == "rolling" and self.form == "variants":
            raise ValueError("rollout.strategy rolling is not for several variants; use canary, linear or all-at-once")
        stepped = rollout.strategy != "all-at-once"
        inferentia = [each for each in self.instance_types if instances.family(each) == "inf1"]
        if stepped and inferentia:
            raise ValueError(
                f"on {inferentia[0]} SageMaker shifts all at once whatever it is told; write strategy all-at-once"
            )
        if stepped and rollout.percent * scaling.min < _WHOLE:
            raise ValueError(
                f"a step of {rollout.percent} % of scaling.min ({scaling.min}) is less than one instance; write "
                f"percent {-(-_WHOLE // scaling.min)} or more, a greater min, or rollout.strategy all-at-once"
            )
        return self

    @model_validator(mode="after")
    def _can_reach_what_it_names(self) -> Self:
        if self.isolated and (self.secrets or self.config or self.calls):
            raise ValueError(
                "isolated containers reach nothing, not even Secrets Manager; remove isolated, or secrets, config and "
                "calls"
            )
        if self.form == "serverless" and self.isolated:
            raise ValueError(f"isolated: {_NOT_SERVERLESS}; remove it")
        if self.form == "serverless" and (self.calls or self.stores or self.uses):
            raise ValueError(
                "a serverless endpoint is in no VPC, and reaches no service and no store; use form real-time"
            )
        return self

    @model_validator(mode="after")
    def _transforms(self) -> Self:
        families = instances.TRANSFORM_FAMILIES
        if self.form == "batch" and self.instance and instances.family(self.instance) not in families:
            raise ValueError(f"instance: a transform job takes the families {', '.join(families)}")
        return self

    @property
    def by_variant(self) -> Mapping[str, tuple[ModelSource, ...]]:
        """The containers of each variant."""
        if self.form == "variants":
            return {name: (variant.model,) for name, variant in self.variants.items()}
        if self.form == "pipeline":
            return {MAIN: self.containers}
        return {MAIN: (self.model,) if self.model is not None else ()}

    @property
    def sources(self) -> tuple[ModelSource, ...]:
        """All containers."""
        return tuple(source for sources in self.by_variant.values() for source in sources)

    def instance_of(self, variant: str) -> str | None:
        """The instance type of one variant; None when it is serverless."""
        own = self.variants[variant].instance if variant in self.variants else None
        return own or self.instance

    @property
    def instance_types(self) -> tuple[str, ...]:
        """Every instance type that it runs on, once."""
        found = (self.instance_of(variant) for variant in self.by_variant)
        return tuple(dict.fromkeys(each for each in found if each is not None))

    @property
    def is_stepped(self) -> bool:
        """Whether Onramp moves its traffic."""
        return self.rollout is not None and self.rollout.is_stepped

    @property
    def waits_for_rollout(self) -> bool:
        """Where Onramp shifts; an update waits for SageMaker's own guardrails."""
        return self.is_stepped

    @property
    def rollout_minutes(self) -> int:
        """All steps, and the time for which the former version stays."""
        return self.rollout.least_minutes(self.rollout.termination_minutes) if self.rollout is not None else 0

    @property
    def is_guarded(self) -> bool:
        """Whether SageMaker moves its traffic, between guardrails; they are for instances alone."""
        return self.rollout is not None and not self.rollout.is_stepped

    @property
    def is_endpoint(self) -> bool:
        """Whether something answers all the time; a transform job does not."""
        return self.form != "batch"

    @property
    def is_in_network(self) -> bool:
        """Whether its containers have addresses in the VPC; serverless inference has none."""
        return self.form != "serverless"

    @property
    def is_callable(self) -> bool:
        """Whether there is an endpoint to invoke."""
        return self.is_endpoint

    @property
    def has_image(self) -> bool:
        """Whether `onramp:images` says which version of it runs."""
        return any(source.is_released for source in self.sources)

    @property
    def released_package(self) -> str | None:
        """The model package group whose approved versions the pipeline releases; None when it releases images."""
        return next((each.package for each in self.sources if each.is_released and each.package is not None), None)

    @property
    def is_traced(self) -> bool:
        """SageMaker traces nothing inside an endpoint; the traces of its callers show their calls."""
        return False


def _check_data(form: Form, source: ModelSource) -> None:
    """Whether the artifacts are where the form looks for them.

    Raises:
        ValueError: with what it looks for.
    """
    if form == "multi-model":
        if source.package is not None:
            raise ValueError(
                "a multi-model endpoint loads models from an S3 prefix into one image; write image or data"
            )
        if source.data is None or not source.data.endswith("/"):
            raise ValueError("multi-model needs model.data: the prefix of all models, ending in a slash")
    elif source.package is None and source.data is not None and not source.data.endswith(".tar.gz"):
        raise ValueError("data of an image is an archive that ends in .tar.gz; a prefix is for form multi-model")


def _forms_with(block: str) -> list[str]:
    return [form for form, blocks in BLOCKS.items() if block in blocks]
