"""What a rollout needs: updates keep their hands off (CICD-4), and a pipeline waits for its end (CICD-1)."""

from collections.abc import Iterator, Mapping
from typing import Final

from policies import kinds
from policies.containers import by_codedeploy
from policies.expect import expect_true, unknown
from policies.graph import Graph, Resource, Service
from policies.rule import (
    CONTAINERS,
    ENDPOINTS,
    FUNCTIONS,
    Fail,
    Meta,
    NotApplicable,
    Outcome,
    Remedy,
    Undecided,
    service_rule,
)
from policies.stages import DEPLOYS, pipelines, steps
from policies.values import objects

_OWNED: Final[Mapping[str, tuple[str, ...]]] = {
    kinds.ECS_SERVICE: ("taskDefinition", "desiredCount"),
    kinds.LISTENER_RULE: ("actions",),
    kinds.ALIAS: ("functionVersion", "routingConfig"),
    kinds.ENDPOINT: ("endpointConfigName",),
}
"""The inputs that a rollout changes in AWS, by resource type."""
_FLOOR: Final = "minCapacity"
_OTHERS: Final = NotApplicable(because="Onramp moves no traffic of it")


@service_rule(
    Meta(
        id="rollout-owns",
        item="CICD-4",
        title="What a rollout moves, an update leaves alone",
        why="An update in the middle of a rollout puts weights back, and a version that was judged bad is live again.",
        fix=(
            "name the input under ignore_changes of the resource; a rollout moves it, and Pulumi reads it back when "
            "it has ended"
        ),
        severity="high",
        url="https://docs.aws.amazon.com/wellarchitected/latest/framework/ops_mit_deploy_risks_deploy_mgmt_sys.html",
        frameworks=("OPS06-BP03",),
        applies=(*CONTAINERS, *FUNCTIONS, *ENDPOINTS),
    )
)
def rollout_owns(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """Weights, versions and numbers of tasks are ignored wherever Onramp moves them."""
    if not service.is_stepped:
        yield _OTHERS
        return
    for resource, owned in _moved(service):
        if resource.ignores is None:
            yield Undecided(because=f"nobody says what updates of {resource.name} leave alone")
            continue
        for path in owned:
            if path not in resource.ignores:
                message = f"an update of {resource.name} puts back what a rollout has changed"
                yield Fail(resource=resource, path=path, message=message)


def _moved(service: Service) -> Iterator[tuple[Resource, tuple[str, ...]]]:
    for kind, owned in _OWNED.items():
        yield from ((resource, owned) for resource in service.of(kind))
    if service.compute in CONTAINERS:
        yield from ((target, (_FLOOR,)) for target in service.of(kinds.SCALING_TARGET))


@service_rule(
    Meta(
        id="rollout-keeps-versions",
        item=None,
        title="The task definition that a rollout may go back to stays registered",
        why="ECS starts no task of a definition that is gone: an abort would find nothing to start.",
        fix="set skipDestroy of the TaskDefinition",
        severity="high",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deregister-task-definition-v2.html",
        frameworks=("OPS06-BP01",),
        applies=CONTAINERS,
    ),
    Remedy(types=(kinds.TASK_DEFINITION,), path="skipDestroy", value=True),
)
def rollout_keeps_versions(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """A new definition does not deregister the one before it."""
    if service.is_scheduled:
        yield NotApplicable(because="a task that ends is not rolled out")
        return
    for task in service.of(kinds.TASK_DEFINITION):
        yield from expect_true(task, "skipDestroy", f"the next version of {task.name} deregisters this one")


@service_rule(
    Meta(
        id="pipeline-rolls-out",
        item="CICD-1",
        title="A pipeline of a service that waits for its rollout rolls it out",
        why="An update builds the new version and gives it no traffic: the pipeline is green, and nothing new is live.",
        fix=(
            "put ROLLOUT_MINUTES into the EnvironmentVariables of the action that deploys, and onramp rollout start "
            "into the buildspec of its project"
        ),
        severity="high",
        url="https://docs.aws.amazon.com/wellarchitected/latest/framework/ops_mit_deploy_risks_auto_testing_and_rollback.html",
        frameworks=("OPS06-BP03", "OPS06-BP04"),
        applies=(*CONTAINERS, *FUNCTIONS, *ENDPOINTS),
    )
)
def pipeline_rolls_out(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Where Onramp shifts, ECS asks, or CodeDeploy has to be asked, every action that deploys is a rollout."""
    found = pipelines(service)
    if not found or not _waits_for_rollout(service):
        yield NotApplicable(because="an update takes its versions live" if found else "it has no pipeline here")
        return
    for pipeline in found:
        walked = steps(pipeline, graph)
        if walked is None:
            yield unknown(pipeline, "stages")
        elif any(DEPLOYS in step.buildspec and not step.rolls_out for step in walked):
            message = f"{pipeline.name} builds new versions, and takes none of them live"
            yield Fail(resource=pipeline, path="stages", message=message)


def _waits_for_rollout(service: Service) -> bool:
    """Whether nobody but `onramp rollout` gives a new version its traffic."""
    hooks = "deploymentConfiguration.lifecycleHooks"
    return service.is_stepped or any(
        by_codedeploy(each) or any(hook.get("targetType") == "PAUSE" for hook in objects(each.get(hooks)))
        for each in service.of(kinds.ECS_SERVICE)
    )
