"""What a SageMaker endpoint is made of: where its models come from, how many serve, and how a new one arrives."""

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator

from stacks import limits, standards
from stacks.instances import HOSTING
from stacks.models.base import Model, Range
from stacks.models.schedule import Schedule
from stacks.models.watched import WatchedRollout

_REPOSITORY: Final = r"[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/[a-z0-9][a-z0-9._/-]*"
_MINUTE: Final = 60
_WHOLE: Final = 100

S3Uri = Annotated[
    str, StringConstraints(pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[A-Za-z0-9!_.*'()/=-]*$", max_length=512)
]
"""A bucket and what is in it, such as s3://models/churn/; a slash at the end means all below it."""
Package = Annotated[
    str,
    StringConstraints(
        pattern=r"^(arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:model-package-group/)?[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$"
    ),
]
Repository = Annotated[str, StringConstraints(pattern=rf"^{_REPOSITORY}$", max_length=255)]
Image = Annotated[
    str, StringConstraints(pattern=rf"^{_REPOSITORY}(:[\w][\w.-]{{0,127}}|@sha256:[0-9a-f]{{64}})$", max_length=255)
]


def _known_instance(value: str) -> str:
    if value not in HOSTING:
        raise ValueError("is no instance type of SageMaker hosting, such as ml.m5.large or ml.g5.xlarge")
    return value


Instance = Annotated[str, AfterValidator(_known_instance), Field(json_schema_extra={"enum": list(HOSTING)})]
VariantName = Annotated[str, StringConstraints(pattern=limits.SERVICE_NAME_PATTERN, max_length=20)]


class ModelSource(Model):
    """One model: a package of the registry, an image of somebody else's, or an image of the service's repository."""

    package: Package | None = None
    """Model package group of the registry, by name or ARN."""
    version: Annotated[int, Field(ge=1)] | None = None
    """Version of the package that stays; unset, the approved one that the pipeline writes under onramp:images."""
    repository: Repository | None = None
    """ECR repository of the package's image; unset, the service's own."""
    image: Image | None = None
    """Image by address, with tag or digest; unset and without a package, that of the service's own repository."""
    data: S3Uri | None = None
    """Artifacts in S3: an archive, or the prefix where those of the package or of all models lie."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.package is None and (self.version is not None or self.repository is not None):
            raise ValueError("version and repository belong to a package of the registry; name it under package")
        if self.package is not None and self.image is not None:
            raise ValueError("a package brings its image along; remove image, and name its repository under repository")
        if self.package is not None and self.data is None:
            raise ValueError("a package needs data: where its artifacts lie, so that the role may read no other place")
        if self.image is not None and self.image.endswith(":latest"):
            raise ValueError("image has the tag latest, which moves; write a version or a digest")
        return self

    @property
    def is_released(self) -> bool:
        """Whether the pipeline says which version runs."""
        return self.version is None and self.image is None

    @property
    def group(self) -> str:
        """The name of its model package group; empty without one."""
        return (self.package or "").rpartition("/")[2]

    @property
    def has_own_repository(self) -> bool:
        """Whether its image is pushed to the service's own repository."""
        return self.image is None and self.repository is None


class Variant(Model):
    """One of several models behind one endpoint."""

    weight: Annotated[float, Field(ge=0)]
    """Its share of the requests, relative to the weights of the others."""
    model: ModelSource
    """What it runs; keys that are not written are those of the service's `model`."""
    instance: Instance | None = None
    """Its instance type; the service's unless written."""


class EndpointScaling(Range):
    """How many instances serve each variant, and what makes it more or fewer."""

    min: Annotated[int, Field(ge=1, le=limits.SAGEMAKER_INSTANCES_MAX)]
    """Instances that always run; two or more in prod."""
    max: Annotated[int, Field(ge=1, le=limits.SAGEMAKER_INSTANCES_MAX)]
    """Instances at most."""
    invocations_per_instance: Annotated[int, Field(ge=1)] = standards.SCALE_REQUESTS_PER_TARGET
    """Requests per minute and instance to keep."""
    out_seconds: Annotated[int, Field(ge=0, le=3600)] = standards.SCALE_OUT_SECONDS
    """Pause after adding instances."""
    in_seconds: Annotated[int, Field(ge=0, le=3600)] = standards.SCALE_IN_SECONDS
    """Pause after removing instances."""


class ServerlessPlan(Model):
    """An endpoint without instances: memory, and how many requests at once."""

    memory: Annotated[int, Field(json_schema_extra={"enum": list(limits.SAGEMAKER_SERVERLESS_MIB)})]
    """Memory in MiB; CPU grows with it."""
    concurrency: Annotated[int, Field(ge=1, le=limits.SAGEMAKER_SERVERLESS_CONCURRENCY_MAX)]
    """Requests at once, at most."""
    provisioned: Annotated[int, Field(ge=1, le=limits.SAGEMAKER_SERVERLESS_CONCURRENCY_MAX)] | None = None
    """Of these, how many never start cold."""

    @field_validator("memory")
    @classmethod
    def _a_step(cls, value: int) -> int:
        if value not in limits.SAGEMAKER_SERVERLESS_MIB:
            raise ValueError(f"allowed: {', '.join(map(str, limits.SAGEMAKER_SERVERLESS_MIB))}")
        return value

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.provisioned is not None and self.provisioned > self.concurrency:
            raise ValueError(f"provisioned ({self.provisioned}) is greater than concurrency ({self.concurrency})")
        return self


class Capture(Model):
    """Requests and answers that are kept, to look at what a model was asked and said."""

    percent: Annotated[int, Field(ge=1, le=100)]
    """Share of the requests that is kept."""


class EndpointHealth(Model):
    """SageMaker asks /ping of each container by itself; only the patience is ours."""

    start_seconds: Annotated[int, Field(ge=limits.SAGEMAKER_START_SECONDS[0], le=limits.SAGEMAKER_START_SECONDS[1])] = (
        standards.ENDPOINT_START_SECONDS
    )
    """How long a container may take to load its model before it counts as failed."""
    download_seconds: Annotated[
        int, Field(ge=limits.SAGEMAKER_START_SECONDS[0], le=limits.SAGEMAKER_START_SECONDS[1])
    ] = standards.ENDPOINT_START_SECONDS
    """How long the artifacts may take to arrive from S3."""


class EndpointRollout(WatchedRollout):
    """How a new version replaces the old one: SageMaker shifts, and shifts back when an alarm says so, or Onramp."""

    strategy: Literal["canary", "linear", "all-at-once", "rolling", "stepped"]  # pyright: ignore[reportIncompatibleVariableOverride] - models do not change
    """`canary` in two steps, `linear` in equal ones, `all-at-once` between two fleets, `rolling` batch by batch: by
    SageMaker. `stepped`: Onramp shifts between two variants, in `steps` (`onramp rollout`)."""
    percent: Annotated[int, Field(ge=1, le=limits.SAGEMAKER_SHIFT_PERCENT_MAX)] = 50
    """Share of the fleet in the first step (canary) or in every step (linear, rolling)."""
    interval_minutes: Annotated[int, Field(ge=0, le=limits.SAGEMAKER_WAIT_SECONDS_MAX // _MINUTE)] = 5
    """How long alarms are watched after each step."""
    termination_minutes: Annotated[int, Field(ge=0, le=limits.SAGEMAKER_WAIT_SECONDS_MAX // _MINUTE)] = 0
    """How long the old fleet stays after the last step."""

    @model_validator(mode="after")
    def _within_guardrails(self) -> Self:
        if self.is_stepped:
            return self
        least = limits.SAGEMAKER_SHIFT_PERCENT_MIN.get(self.strategy, 1)
        if self.percent < least:
            raise ValueError(
                f"percent is {self.percent}; SageMaker takes {least} to {limits.SAGEMAKER_SHIFT_PERCENT_MAX} for "
                f"{self.strategy}"
            )
        if self.seconds > limits.SAGEMAKER_DEPLOYMENT_SECONDS_MAX:
            raise ValueError(
                f"waits {self.seconds // _MINUTE} minutes in all; a deployment may take "
                f"{limits.SAGEMAKER_DEPLOYMENT_SECONDS_MAX // _MINUTE}: write a greater percent or a smaller "
                "intervalMinutes"
            )
        return self

    @property
    def looks(self) -> int:
        """After how many steps alarms are watched."""
        by_strategy = {"canary": 2, "all-at-once": 1}
        return by_strategy.get(self.strategy, -(-_WHOLE // self.percent))

    @property
    def seconds(self) -> int:
        """How long a deployment waits in all."""
        return (self.looks * self.interval_minutes + self.termination_minutes) * _MINUTE


class BatchPlan(Model):
    """A transform job by schedule: it reads a prefix, asks the model about each record, and writes the answers."""

    schedule: Schedule
    """rate(1 day) or cron(0 3 * * ? *), in UTC."""
    input: S3Uri
    """What it reads: all below this prefix."""
    strategy: Literal["SingleRecord", "MultiRecord"] = "SingleRecord"
    """One record in a request, or as many as maxPayloadMib holds."""
    split: Literal["Line", "None", "RecordIO", "TFRecord"] = "Line"
    """What separates the records of a file."""
    content_type: Annotated[str, StringConstraints(pattern=r"^[a-z]+/[a-z0-9.+-]+$", max_length=256)] = (
        "application/json"
    )
    """Media type of a request."""
    instances: Annotated[int, Field(ge=1, le=limits.SAGEMAKER_INSTANCES_MAX)] = 1
    """Instances that share the files."""
    max_concurrent: Annotated[int, Field(ge=1, le=limits.SAGEMAKER_TRANSFORM_MIB_MAX)] = 1
    """Requests to one instance at once."""
    max_payload_mib: Annotated[int, Field(ge=1, le=limits.SAGEMAKER_TRANSFORM_MIB_MAX)] = 6
    """Size of a request at most, in MiB."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.strategy == "MultiRecord" and self.split == "None":
            raise ValueError("strategy MultiRecord puts several records into a request; split must say what parts them")
        if self.max_concurrent * self.max_payload_mib > limits.SAGEMAKER_TRANSFORM_MIB_MAX:
            raise ValueError(
                f"maxConcurrent ({self.max_concurrent}) times maxPayloadMib ({self.max_payload_mib}) is more than "
                f"{limits.SAGEMAKER_TRANSFORM_MIB_MAX} MiB, which is what SageMaker takes"
            )
        return self
