"""What a stack tells whoever rolls its services out: by which means traffic moves, and the names in AWS.

The program exports one of these for each service that can be rolled out; whoever rolls out reads nothing else of it.
"""

from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter

from stacks.models.base import Model
from stacks.models.gates import Gates

OUTPUT_NAME: Final = "rollouts"
"""The stack's output: a target for each service."""
BEGUN_BY_UPDATE: Final = frozenset({"apprunner", "ecs", "express", "guardrails"})
"""Drivers of services that `pulumi up` itself takes to another version; elsewhere it only builds one."""


class Common(Model):
    """What all targets have."""

    service: str
    """Its name in the stack file."""
    compute: str
    """Its compute type."""
    region: str
    """Where it runs."""
    route: str = ""
    """Which requests reach it, as the stack file writes it; empty for what has no route."""
    revision: str
    """What the program has built last, in the terms of the compute type; a rollout makes it the one that is live."""
    alarms: tuple[str, ...] = ()
    """Alarms that must be quiet before a rollout and while it goes on."""
    topic: str = ""
    """ARN of the SNS topic that hears of every change; empty when nobody does."""
    repository: str = ""
    """Name of the repository in ECR that its images come from; empty for what is not an image."""
    image: str = ""
    """Digest or tag of the image that the program has built last, as the stack file writes it."""
    release: str = ""
    """What `onramp:images` of the stack file named then: an image, or a version of a model; empty when nothing."""
    gates: Gates
    """What judges it."""


class Colors(Model):
    """The two sides of a driven container service."""

    blue: str
    green: str


class BalancerTarget(Common):
    """Two ECS services behind one listener rule; Onramp moves the weights of their target groups."""

    driver: Literal["balancer"]
    cluster: str
    services: Colors
    """Names of the two ECS services."""
    rule: str
    """ARN of the listener rule."""
    groups: Colors
    """ARNs of the two target groups."""
    balancer: str
    """The load balancer's ARN suffix, as CloudWatch knows it."""
    tasks: Annotated[int, Field(ge=0)]
    """Tasks that the live side keeps at least."""
    steps: tuple[int, ...]
    """Shares in percent, the last one 100."""
    step_minutes: int
    keep_minutes: int
    """How long the old side stays after the last step."""


class AliasTarget(Common):
    """A function behind an alias; Onramp moves the weight of its second version."""

    driver: Literal["alias"]
    function: str
    alias: str
    steps: tuple[int, ...]
    step_minutes: int


class VariantsTarget(Common):
    """A SageMaker endpoint; Onramp adds the candidate as a second variant and moves the weights."""

    driver: Literal["variants"]
    endpoint: str
    variant: str
    """Name of the only production variant, the same in every configuration that the stack makes."""
    steps: tuple[int, ...]
    step_minutes: int
    keep_minutes: int


class EcsTarget(Common):
    """An ECS service that ECS itself shifts, or replaces task by task; with gates it asks before each shift."""

    driver: Literal["ecs"]
    cluster: str
    ecs_service: str
    strategy: Literal["blue-green", "canary", "linear", "rolling"]
    percent: float
    interval_minutes: int
    bake_minutes: int
    balancer: str = ""
    """The load balancer's ARN suffix; empty for a worker."""
    groups: Colors | None = None
    """ARNs of the two target groups; none where nothing shifts."""
    asks: bool
    """Whether ECS waits for an answer before each shift."""


class CodeDeployTarget(Common):
    """A function or a container service whose deployments CodeDeploy runs."""

    driver: Literal["codedeploy"]
    application: str
    group: str
    platform: Literal["lambda", "ecs"]
    function: str = ""
    alias: str = ""
    cluster: str = ""
    ecs_service: str = ""
    container: str = ""
    port: int = 0
    balancer: str = ""
    groups: Colors | None = None
    """ARNs of the two target groups of a container service."""
    hooks: Annotated[dict[str, str], Field(default_factory=dict)]
    """Functions that CodeDeploy asks, by lifecycle event."""
    strategy: Literal["canary", "linear", "all-at-once", "blue-green"]
    percent: float
    interval_minutes: int


class EndpointTarget(Common):
    """A SageMaker endpoint that SageMaker itself updates, with its guardrails."""

    driver: Literal["guardrails"]
    endpoint: str
    variants: tuple[str, ...]
    strategy: Literal["canary", "linear", "all-at-once", "rolling"]
    percent: float
    interval_minutes: int
    brake: str = ""
    """Alarm that nothing but a rollout sets, among those of the endpoint's `auto_rollback_configuration`: it has a
    metric without data, ignores missing data, and notifies nobody. In ALARM it makes SageMaker go back, which has no
    other stop. It is none of `alarms`; empty when there is none."""


class RunnerTarget(Common):
    """An App Runner service: all instances are replaced at once."""

    driver: Literal["apprunner"]
    service_arn: str
    service_name: str


class ExpressTarget(Common):
    """An ECS Express service: ECS shifts 5 percent for three minutes, then all."""

    driver: Literal["express"]
    cluster: str
    ecs_service: str


Target = Annotated[
    BalancerTarget
    | AliasTarget
    | VariantsTarget
    | EcsTarget
    | CodeDeployTarget
    | EndpointTarget
    | RunnerTarget
    | ExpressTarget,
    Field(discriminator="driver"),
]
TARGETS: Final[TypeAdapter[dict[str, Target]]] = TypeAdapter(dict[str, Target])
"""Reads the stack's output."""
