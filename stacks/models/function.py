"""A Lambda function: from a zip or an image, invoked by events, streams, a schedule, a queue, or requests."""

from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from stacks import limits, standards
from stacks.models.base import Model, UrlPath
from stacks.models.common import Name, Service, TopicEntry
from stacks.models.function_events import AsyncInvocation, EventPattern, Stream, WebSocket, Window
from stacks.models.function_rollout import FunctionRollout
from stacks.models.function_scaling import FunctionInstances, FunctionScaling
from stacks.models.schedule import Schedule
from stacks.source import Json

_ONLY_IN_A_ZIP: Final[dict[str, Json]] = {
    "if": {"properties": {"package": {"const": "image"}}, "required": ["package"]},
    "else": {"required": ["handler", "runtime", "source"]},
}


class FunctionHealth(Model):
    """How the load balancer finds out that the function answers (functions with a route)."""

    path: UrlPath = standards.HEALTH_PATH
    interval_seconds: Annotated[
        int, Field(ge=limits.ELB_HEALTH_INTERVAL_SECONDS[0], le=limits.ELB_HEALTH_INTERVAL_SECONDS[1])
    ] = 35
    """Each check is an invocation; 35 seconds is what AWS takes by default for functions."""
    timeout_seconds: Annotated[
        int, Field(ge=limits.ELB_HEALTH_TIMEOUT_SECONDS[0], le=limits.ELB_HEALTH_TIMEOUT_SECONDS[1])
    ] = standards.HEALTH_TIMEOUT_SECONDS


class FunctionSpec(Service):
    """A Lambda function."""

    model_config = ConfigDict(json_schema_extra=_ONLY_IN_A_ZIP)

    compute_type: ClassVar[str] = "lambda"
    watched: ClassVar[tuple[str, ...]] = (
        "durationPercent",
        "errorPercent",
        "http5xx",
        "latencyP99Ms",
        "queueAgeSeconds",
    )
    can_be_behind_the_api: ClassVar[bool] = True

    compute: Literal["lambda"]
    package: Literal["zip", "image"] = "zip"
    """`zip` is made of a folder; `image` comes from the service's repository, and `onramp:images` says which.

    AWS has no layers in an image: it brings the collector and the extensions for secrets and Lambda Insights itself.
    """
    handler: Annotated[
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_./:-]+$", max_length=128)] | None,
        Field(validate_default=True),
    ] = None
    """Module and function, such as app.handler (zip)."""
    runtime: Annotated[
        str | None,
        Field(validate_default=True, json_schema_extra={"enum": [*limits.LAMBDA_RUNTIMES, None]}),
    ] = None
    """A Lambda runtime, such as python3.13 (zip)."""
    source: Annotated[Annotated[str, StringConstraints(min_length=1)] | None, Field(validate_default=True)] = None
    """Folder of the code, relative to the project; it becomes the zip."""
    memory: Annotated[int, Field(ge=limits.LAMBDA_MEMORY_MIB_MIN, le=limits.LAMBDA_MEMORY_MIB_MAX)]
    """Memory in MiB; CPU grows with it."""
    timeout: Annotated[int, Field(ge=1, le=limits.LAMBDA_TIMEOUT_SECONDS_MAX)]
    """Seconds until an invocation is ended."""
    ephemeral_mib: Annotated[int, Field(ge=limits.LAMBDA_EPHEMERAL_MIB_MIN, le=limits.LAMBDA_EPHEMERAL_MIB_MAX)] = (
        limits.LAMBDA_EPHEMERAL_MIB_MIN
    )
    """Size of /tmp in MiB."""
    snap_start: bool = False
    """Start from a snapshot of the initialised process: seconds become milliseconds (Python from 3.12 on, Java)."""
    instances: FunctionInstances | None = None
    """Run on managed EC2 instances instead of on demand; `{}` takes the defaults."""
    schedule: Schedule | None = None
    """rate(5 minutes) or cron(0 3 * * ? *)."""
    events: EventPattern | None = None
    """Events that invoke it."""
    streams: dict[Name, Stream] = Field(default_factory=dict[Name, Stream])
    """DynamoDB and Kinesis streams that invoke it, each under a name of yours."""
    notified_by: tuple[TopicEntry, ...] = ()
    """Topics of services that invoke it once for each message, without a queue between; `consumes` has one."""
    batch: Annotated[int, Field(ge=1, le=limits.LAMBDA_BATCH_MAX)] = 10
    """Messages per invocation (functions with a queue)."""
    batch_window_seconds: Window
    """How long to wait for a full batch (functions with a queue); at least 1 above ten messages."""
    asynchronous: Annotated[AsyncInvocation, Field(alias="async")]
    function_url: bool = False
    """An HTTPS address of its own, for callers that sign with IAM."""
    web_socket: WebSocket | None = None
    """A WebSocket API of its own; `{}` takes the defaults."""
    scaling: FunctionScaling
    health: FunctionHealth
    rollout: FunctionRollout

    @field_validator("handler", "runtime", "source")
    @classmethod
    def _of_its_package(cls, value: str | None, info: ValidationInfo) -> str | None:
        package = info.data.get("package")
        if package == "zip" and value is None:
            raise PydanticCustomError("missing", "is missing")
        if package == "image" and value is not None:
            raise ValueError("an image brings it; remove it, or write package: zip")
        return value

    @field_validator("runtime")
    @classmethod
    def _known_runtime(cls, value: str | None) -> str | None:
        if value is not None and value not in limits.LAMBDA_RUNTIMES:
            raise ValueError(f"allowed: {', '.join(limits.LAMBDA_RUNTIMES)}")
        return value

    @field_validator("source")
    @classmethod
    def _inside_the_project(cls, value: str | None) -> str | None:
        if value is not None and (value.startswith("/") or ".." in value.split("/")):
            raise ValueError("must be a folder inside the project, such as ./services/thumbnails")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.queue is not None:
            least = limits.SQS_LAMBDA_VISIBILITY_FACTOR * self.timeout
            if self.queue.visibility_seconds < least:
                raise ValueError(
                    f"queue.visibilitySeconds ({self.queue.visibility_seconds}) must be at least six times the "
                    f"timeout: {least}"
                )
        if self.batch > limits.SQS_BATCH_WITHOUT_WINDOW and self.batch_window_seconds < 1:
            raise ValueError(
                f"batch {self.batch} needs a batchWindowSeconds of 1 to {limits.LAMBDA_BATCH_WINDOW_SECONDS_MAX}: "
                f"without one, SQS hands out {limits.SQS_BATCH_WITHOUT_WINDOW} messages at most"
            )
        if self.discovery.cloud_map:
            raise ValueError("discovery.cloudMap is for containers; a function is called by its ARN")
        if self.is_behind_the_api and self.timeout > limits.HTTP_API_TIMEOUT_SECONDS:
            raise ValueError(
                f"timeout {self.timeout} is longer than the {limits.HTTP_API_TIMEOUT_SECONDS} seconds that an HTTP API "
                "waits; shorten it, or use ingress: load-balancer"
            )
        if self.asynchronous.on_success is not None and self.asynchronous.on_success not in self.publishes:
            raise ValueError(f"async.onSuccess names {self.asynchronous.on_success}, which is not under publishes")
        return self

    @model_validator(mode="after")
    def _starts_fast_in_one_way(self) -> Self:
        if not self.snap_start:
            return self
        obstacles = {
            "package image": self.is_image,
            "scaling.provisioned": self.scaling.provisioned is not None,
            "instances": self.instances is not None,
            f"ephemeralMib above {limits.LAMBDA_EPHEMERAL_MIB_MIN}": (
                self.ephemeral_mib > limits.LAMBDA_EPHEMERAL_MIB_MIN
            ),
            f"runtime {self.runtime}": not (self.runtime or "").startswith(limits.SNAP_START_RUNTIMES),
        }
        for what, stands in obstacles.items():
            if stands:
                raise ValueError(f"snapStart does not go with {what} in AWS; remove one of them")
        return self

    @model_validator(mode="after")
    def _fits_on_instances(self) -> Self:
        if self.instances is None:
            return self
        if self.scaling.provisioned is not None:
            raise ValueError("instances are always warm; remove scaling.provisioned")
        if self.memory < limits.LAMBDA_INSTANCE_MEMORY_MIB_MIN:
            raise ValueError(f"instances take a memory of {limits.LAMBDA_INSTANCE_MEMORY_MIB_MIN} or more")
        if self.runtime is not None and not self.runtime.startswith(limits.LAMBDA_INSTANCE_RUNTIMES):
            raise ValueError(f"instances run {', '.join(limits.LAMBDA_INSTANCE_RUNTIMES)}, not {self.runtime}")
        return self

    @property
    def has_target_groups(self) -> bool:
        """Whether a load balancer invokes it; the HTTP API does so itself."""
        return self.route is not None and not self.is_behind_the_api

    @property
    def is_image(self) -> bool:
        """Whether its code is a container image."""
        return self.package == "image"

    @property
    def has_image(self) -> bool:
        """Whether `onramp:images` says which version of it runs."""
        return self.is_image

    @property
    def waits_for_rollout(self) -> bool:
        """Where Onramp shifts; CodeDeploy is started by a pipeline itself."""
        return self.rollout.is_stepped

    @property
    def rollout_minutes(self) -> int:
        """All steps."""
        return self.rollout.least_minutes(0)

    @property
    def why_no_database(self) -> str | None:
        """On instances, all functions share one security group."""
        return None if self.instances is None else "runs on instances that share one security group with all functions"
