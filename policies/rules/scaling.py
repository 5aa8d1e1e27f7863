"""How containers grow, shrink and are billed. None of it is on the checklist."""

from collections.abc import Iterator
from typing import Final

from policies import kinds
from policies.expect import expect, expect_equal, unknown
from policies.graph import Graph, Service
from policies.rule import ADVICE, CONTAINERS, ONLY_PROD, Fail, Meta, NotApplicable, Outcome, Remedy, service_rule
from policies.values import UNKNOWN, number
from stacks.standards import TASKS_MIN_PROD

_SCALING_URL: Final = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html"
_TASKS: Final = "ecs:service:DesiredCount"
_ALL_HEALTHY: Final = 100
_PLATFORMS: Final = ("LATEST", "1.4.0")


@service_rule(
    Meta(
        id="scaling",
        item=None,
        title="The number of tasks follows the load",
        why="A fixed number is too small at noon and paid for all night.",
        fix=(
            "add an appautoscaling Target and a Policy for the ECS service; `scaling.min` and `scaling.max` are "
            "its bounds"
        ),
        severity="medium",
        url=_SCALING_URL,
        levels=ADVICE,
        frameworks=("PERF02-BP05", "COST09-BP03", "REL07-BP03"),
        applies=CONTAINERS,
    )
)
def scaling(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """Every ECS service has a target, and a policy for the same."""
    if service.is_scheduled:
        yield NotApplicable(because="a task that starts by the clock does not scale")
        return
    scaled = {policy.text("resourceId") for policy in service.of(kinds.SCALING_POLICY)}
    targets = {target.text("resourceId") for target in service.of(kinds.SCALING_TARGET)}
    names = {each.rpartition("/")[2] for each in scaled & targets}
    places = [(each, "resourceId") for each in service.of(kinds.SCALING_TARGET, kinds.SCALING_POLICY)]
    for workload in service.of(kinds.ECS_SERVICE):
        if workload.physical_name in names:
            continue
        waiting = [(each, path) for each, path in ((workload, "name"), *places) if each.get(path) is UNKNOWN]
        yield unknown(*waiting[0]) if waiting else Fail(resource=workload, message=f"nothing scales {workload.name}")


@service_rule(
    Meta(
        id="scaling-minimum",
        item=None,
        title=f"In prod, {TASKS_MIN_PROD} tasks run at any time",
        why="One task is an outage whenever it is replaced, and whenever its zone is lost.",
        fix=f"write `scaling.min: {TASKS_MIN_PROD}` or more in the stack file, or leave it to the tier",
        severity="high",
        url=_SCALING_URL,
        levels=ONLY_PROD,
        frameworks=("REL10-BP01",),
        applies=CONTAINERS,
    ),
    Remedy(types=(kinds.SCALING_TARGET,), path="minCapacity", value=TASKS_MIN_PROD),
)
def scaling_minimum(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """The least capacity of every ECS service is two or more; of two sides, that of the one with the traffic."""
    path = "minCapacity"
    if service.is_stepped:
        tasks = number(service.fact("tasks"))
        if tasks is not UNKNOWN and (tasks or 0) < TASKS_MIN_PROD:
            yield Fail(message=f"the live side of {service.name} goes down to {tasks or 0:g} tasks")
        return
    for target in service.of(kinds.SCALING_TARGET):
        least = number(target.get(path))
        if target.get("scalableDimension") != _TASKS:
            continue
        if least is UNKNOWN:
            yield unknown(target, path)
        elif (least or 0) < TASKS_MIN_PROD:
            yield Fail(resource=target, path=path, message=f"{target.name} goes down to {least or 0:g} tasks")


@service_rule(
    Meta(
        id="deployment-capacity",
        item=None,
        title="In prod, a deployment never takes tasks away before others answer",
        why="Half of the tasks at noon is an outage that everybody approved.",
        fix="set deploymentMinimumHealthyPercent of the ECS service to 100",
        severity="high",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html",
        levels=ONLY_PROD,
        frameworks=("OPS06-BP03",),
        applies=CONTAINERS,
    ),
    Remedy(types=(kinds.ECS_SERVICE,), path="deploymentMinimumHealthyPercent", value=_ALL_HEALTHY),
)
def deployment_capacity(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """All tasks stay; that is what ECS does unless it is told otherwise."""
    path = "deploymentMinimumHealthyPercent"
    for workload in service.of(kinds.ECS_SERVICE):
        percent = number(workload.get(path))
        if percent is UNKNOWN:
            yield unknown(workload, path)
        elif percent is not None and percent < _ALL_HEALTHY:
            message = f"{workload.name} runs on {percent:g} percent of its tasks during a deployment"
            yield Fail(resource=workload, path=path, message=message)


@service_rule(
    Meta(
        id="task-arm64",
        item=None,
        title="The tasks run on Graviton",
        why="The same work costs a fifth less on arm64, and the images of this stack are built for it.",
        fix="set runtimePlatform.cpuArchitecture of the task definition to ARM64, and build the image for it",
        severity="low",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-arm64.html",
        levels=ADVICE,
        frameworks=("COST06-BP02", "SUS05-BP02"),
        applies=CONTAINERS,
    )
)
def task_arm64(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """The processor is ARM64."""
    for task in service.of(kinds.TASK_DEFINITION):
        path = "runtimePlatform.cpuArchitecture"
        yield from expect_equal(task, path, "ARM64", f"{task.name} does not run on arm64")


@service_rule(
    Meta(
        id="task-tags",
        item=None,
        title="Tasks carry the tags of their service",
        why="The bill is for tasks; without tags of their own nobody knows whose they are.",
        fix="set propagateTags of the ECS service to SERVICE",
        severity="low",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html",
        levels=ADVICE,
        frameworks=("COST03-BP02",),
        applies=CONTAINERS,
    ),
    Remedy(types=(kinds.ECS_SERVICE,), path="propagateTags", value="SERVICE"),
)
def task_tags(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """Tags are propagated, from the service or from the task definition."""
    for workload in service.of(kinds.ECS_SERVICE):
        message = f"the tasks of {workload.name} have no tags"
        yield from expect(workload, "propagateTags", lambda value: value in ("SERVICE", "TASK_DEFINITION"), message)


@service_rule(
    Meta(
        id="platform-version",
        item=None,
        title="Tasks run on the newest platform of Fargate",
        why="An old platform gets no patches, and lacks what newer task definitions ask for.",
        fix="set platformVersion of the ECS service to LATEST",
        severity="medium",
        url="https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-10",
        levels=ADVICE,
        frameworks=("PERF05-BP06", "ECS.10"),
        applies=CONTAINERS,
    ),
    Remedy(types=(kinds.ECS_SERVICE,), path="platformVersion", value="LATEST"),
)
def platform_version(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """The platform is the latest; so it is when nothing is said."""
    for workload in service.of(kinds.ECS_SERVICE):
        if "platformVersion" in workload.inputs:
            message = f"{workload.name} runs on an old platform"
            yield from expect(workload, "platformVersion", lambda value: value in _PLATFORMS, message)
