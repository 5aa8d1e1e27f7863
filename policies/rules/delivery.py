"""How new versions arrive (CICD-2, CICD-4, CICD-5)."""

from collections.abc import Iterator
from typing import Final

from policies import containers, kinds, web
from policies.expect import expect, expect_equal, expect_true, only, unknown, unless_unknown
from policies.functions import is_unreleased
from policies.graph import Graph, Resource, Service
from policies.rule import (
    CONTAINERS,
    FUNCTIONS,
    RUNNERS,
    WITH_IMAGES,
    Fail,
    Meta,
    NotApplicable,
    Outcome,
    Remedy,
    Undecided,
    service_rule,
)
from policies.values import MISSING, UNKNOWN, Value, has_unknown, number, objects, texts, walk
from stacks.standards import IMAGE_UNRELEASED

_SHIFTING: Final = ("BLUE_GREEN", "CANARY", "LINEAR")
_ALL_AT_ONCE: Final = ("AllAtOnce", "LambdaAllAtOnce")
_FAILURES: Final = ("SERVICE_DEPLOYMENT_FAILED", "FAILURE", "FAILED", "Failed", "DeploymentFailed", "TaskFailedToStart")
_SUBJECTS: Final = ("eployment", "ECS Task State Change", "Transform Job State Change")
"""What a rule about failures is about: deployments, or the runs of what starts by the clock."""
_ECS_DEPLOYMENTS_URL: Final = (
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-blue-green.html"
)


@service_rule(
    Meta(
        id="image-tags-immutable",
        item="CICD-2",
        title="Image tags are immutable",
        why="A tag that can move runs code that nobody reviewed, and a rollback that is none.",
        fix="set imageTagMutability of the repository to IMMUTABLE",
        severity="high",
        url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
        frameworks=("REL08-BP04", "SEC06-BP04", "ECR.2"),
        applies=WITH_IMAGES,
    ),
    # Of App Runner one tag may move, which its service decides.
    Remedy(types=(kinds.REPOSITORY,), path="imageTagMutability", value="IMMUTABLE", not_for=RUNNERS),
)
def image_tags_immutable(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """Every repository of the service refuses to move a tag."""
    if service.fact("ownRepository") is False:
        yield NotApplicable(because="the images of its models are pushed to repositories of others")
        return
    followed = {tag for workload in web.workloads(service) if (tag := web.follows(workload))}
    for repository in service.of(kinds.REPOSITORY):
        message = f"tags of {repository.name} can be moved"
        if followed and repository.get("imageTagMutability") == "IMMUTABLE_WITH_EXCLUSION":
            yield from _moves_only(followed, repository)
        else:
            yield from expect_equal(repository, "imageTagMutability", "IMMUTABLE", message)


def _moves_only(followed: set[str], repository: Resource) -> Iterator[Outcome]:
    """The one tag that App Runner deploys when it moves may move, and no other."""
    path = "imageTagMutabilityExclusionFilters"
    filters = repository.get(path)
    tags = {str(each.get("filter")) for each in objects(filters)}
    if has_unknown(filters):
        yield unknown(repository, path)
    elif not tags <= followed:
        message = f"tags of {repository.name} other than {', '.join(sorted(followed))} can be moved"
        yield Fail(resource=repository, path=path, message=message)


@service_rule(
    Meta(
        id="image-pinned",
        item="CICD-2",
        title="Every container names its image by digest or by a tag that stands still",
        why="`latest` is whatever was pushed last: two tasks of one service may run different code.",
        fix="write the digest under onramp:images (the pipeline does), and a version tag for side images",
        severity="high",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-considerations.html",
        frameworks=("REL08-BP04", "SEC06-BP04"),
        applies=CONTAINERS,
    )
)
def image_pinned(service: Service, graph: Graph) -> Iterator[Outcome]:
    """No image is untagged or `latest`."""
    for task in service.of(kinds.TASK_DEFINITION):
        found = containers.containers(task, graph)
        if found is None:
            yield unknown(task, "containerDefinitions")
            continue
        for container in found:
            path = f"containerDefinitions.{container.get('name')}.image"
            problem = containers.image_problem(container.get("image"))
            if container.get("image") is UNKNOWN:
                yield unknown(task, path)
            elif problem:
                yield Fail(resource=task, path=path, message=f"the image of {container.get('name')} {problem}")


@service_rule(
    Meta(
        id="image-released",
        item="CICD-2",
        title="An image of the service has been released",
        why="A container service without an image runs no task at all.",
        fix="run the pipeline once: it pushes the first image and writes its digest under onramp:images",
        severity="high",
        url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/docker-push-ecr-image.html",
        frameworks=("OPS05-BP04",),
        applies=CONTAINERS,
    )
)
def image_released(service: Service, graph: Graph) -> Iterator[Outcome]:
    """The image of the service's own container is a real one; before the first push only prod is refused."""
    for task, container in containers.main_containers(service, graph):
        image = container.get("image") if container else None
        if not isinstance(image, str) or not image.endswith(f":{IMAGE_UNRELEASED}"):
            continue
        if service.tier == "prod":
            path = f"containerDefinitions.{service.name}.image"
            yield Fail(resource=task, path=path, message=f"no image of {service.name} has been released")
        else:
            yield Undecided(because="no image has been released yet")


@service_rule(
    Meta(
        id="deployment-strategy",
        item="CICD-4",
        title="A new version is tried before the old one goes",
        why="Without a bake or a circuit breaker a broken version replaces a working one and stays.",
        fix=(
            "write `rollout.strategy: blue-green`, canary or linear with `rollout.bakeMinutes`; rolling needs its "
            "circuit breaker on"
        ),
        severity="high",
        url=_ECS_DEPLOYMENTS_URL,
        frameworks=("OPS06-BP03", "OPS06-BP04"),
        applies=CONTAINERS,
    ),
    Remedy(types=(kinds.ECS_SERVICE,), path="deploymentCircuitBreaker.*", value=True),
)
def deployment_strategy(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """From staging on routed services shift with a bake; what rolls has a circuit breaker that rolls back."""
    if service.is_scheduled:
        yield NotApplicable(because="nothing is shifted: the next run takes the new version")
        return
    for workload in service.of(kinds.ECS_SERVICE):
        if containers.by_codedeploy(workload):
            yield from _driven_by_codedeploy(workload, service)
            continue
        yield from expect(
            workload,
            "deploymentController.type",
            lambda value: value in (MISSING, "ECS"),
            "the deployment is driven neither by ECS itself nor by CodeDeploy",
        )
        path = "deploymentConfiguration.strategy"
        strategy = workload.get(path)
        if strategy is UNKNOWN:
            yield unknown(workload, path)
        elif strategy in _SHIFTING:
            yield from _bakes(workload)
        elif service.stated("route") and service.tier != "dev" and not service.is_stepped:
            yield Fail(resource=workload, path=path, message=f"{workload.name} replaces tasks without blue/green")
        else:
            yield from _breaks_circuit(workload)


def _driven_by_codedeploy(workload: Resource, service: Service) -> Iterator[Outcome]:
    """A deployment group shifts between two target groups, and keeps the old tasks for a while."""
    groups = service.of(kinds.DEPLOYMENT_GROUP)
    if not groups:
        message = f"{workload.name} waits for CodeDeploy, and no deployment group deploys it"
        yield Fail(resource=workload, path="deploymentController.type", message=message)
    for group in groups:
        message = f"{group.name} replaces tasks without blue/green"
        yield from expect_equal(group, "deploymentStyle.deploymentType", "BLUE_GREEN", message)
        path = "blueGreenDeploymentConfig.terminateBlueInstancesOnDeploymentSuccess.terminationWaitTimeInMinutes"
        minutes = number(group.get(path))
        if minutes is UNKNOWN:
            yield unknown(group, path)
        elif (minutes or 0) <= 0:
            yield Fail(resource=group, path=path, message=f"{group.name} has no bake time")


def _bakes(workload: Resource) -> Iterator[Outcome]:
    path = "deploymentConfiguration.bakeTimeInMinutes"
    minutes = number(workload.get(path))
    if minutes is UNKNOWN:
        yield unknown(workload, path)
    elif (minutes or 0) <= 0:
        yield Fail(resource=workload, path=path, message=f"{workload.name} has no bake time")


def _breaks_circuit(workload: Resource) -> Iterator[Outcome]:
    for key in ("enable", "rollback"):
        path = f"deploymentCircuitBreaker.{key}"
        yield from expect_true(workload, path, f"the circuit breaker of {workload.name} has no {key}")


@service_rule(
    Meta(
        id="alias-shift",
        item="CICD-4",
        title="The alias `live` moves to a new version by CodeDeploy, in steps from staging on",
        why="An alias moved by hand sends every invocation to code that no alarm has watched.",
        fix=(
            "set publish on the function; add the Alias live, and a DeploymentGroup with canary or linear and "
            "autoRollbackConfiguration"
        ),
        severity="high",
        url="https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html",
        frameworks=("OPS06-BP03",),
        applies=FUNCTIONS,
    ),
    Remedy(types=(kinds.FUNCTION,), path="publish", value=True),
)
def alias_shift(service: Service, graph: Graph) -> Iterator[Outcome]:
    """The function publishes versions, has an alias, and a deployment group that shifts it."""
    for function in service.of(kinds.FUNCTION):
        yield from expect_true(function, "publish", f"{function.name} publishes no versions")
    if is_unreleased(service):
        yield Undecided(because="no image has been released yet, so there is no alias to move")
    else:
        yield from only(service.of(kinds.ALIAS), service, "alias")
    groups = service.of(kinds.DEPLOYMENT_GROUP)
    if not service.is_stepped:
        yield from only(groups, service, "CodeDeploy deployment group")
    for group in groups:
        yield from _shifts_in_steps(group, service, graph)
        path = "autoRollbackConfiguration"
        if has_unknown(group.get(path)):
            yield unknown(group, path)
        elif "DEPLOYMENT_FAILURE" not in texts(group.get(f"{path}.events")) or group.get(f"{path}.enabled") is not True:
            yield Fail(resource=group, path=path, message=f"{group.name} does not roll back a failed deployment")


def _shifts_in_steps(group: Resource, service: Service, graph: Graph) -> Iterator[Outcome]:
    path = "deploymentConfigName"
    name = group.text(path)
    configs = graph.refers(group, path, kinds.DEPLOYMENT_CONFIG)
    types: list[Value] = [config.get("trafficRoutingConfig.type") for config in configs]
    types += [name.removeprefix("CodeDeployDefault.")] if name.startswith("CodeDeployDefault.") else []
    waiting = [config for config in configs if config.get("trafficRoutingConfig.type") is UNKNOWN]
    if not types:
        yield unknown(group, path)
    elif waiting and service.tier != "dev":
        yield unknown(waiting[0], "trafficRoutingConfig.type")
    elif service.tier != "dev" and any(kind in _ALL_AT_ONCE for kind in types):
        yield Fail(resource=group, path=path, message=f"{group.name} shifts all invocations at once")


@service_rule(
    Meta(
        id="deployment-failure-notice",
        item="CICD-5",
        title="A failed deployment notifies somebody",
        why="A rollback that nobody hears of is found days later, as a fix that is not live.",
        fix="add an EventRule on failed deployments of the service, and an EventTarget whose arn is the paging topic",
        severity="medium",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html",
        frameworks=("OPS08-BP04",),
    )
)
def deployment_failure_notice(service: Service, graph: Graph) -> Iterator[Outcome]:
    """A rule of the service matches failed deployments and sends them to a topic."""
    if service.is_stepped and service.compute in FUNCTIONS:
        yield NotApplicable(because="`onramp rollout` tells the paging topic how each of its steps ended")
        return
    rules = [rule for rule in service.of(kinds.EVENT_RULE) if _about_failures(graph.parsed(rule, "eventPattern"))]
    if not rules:
        fail = Fail(message=f"{service.name} has no event rule about failed deployments")
        yield from unless_unknown(fail, service.of(kinds.EVENT_RULE), "eventPattern")
    targets = service.of(kinds.EVENT_TARGET)
    for rule in rules:
        mine = [target for target in targets if rule in graph.refers(target, "rule", kinds.EVENT_RULE)]
        if not any(_is_topic(target, graph) for target in mine):
            yield Fail(resource=rule, message=f"{rule.name} tells no SNS topic about failed deployments")
        if rule.get("state") == "DISABLED":
            yield Fail(resource=rule, path="state", message=f"{rule.name} is off")


def _about_failures(pattern: Value) -> bool:
    words = {part for part in walk(pattern) if isinstance(part, str)}
    return any(subject in word for word in words for subject in _SUBJECTS) and bool(words & set(_FAILURES))


def _is_topic(target: Resource, graph: Graph) -> bool:
    return ":sns:" in target.text("arn") or bool(graph.refers(target, "arn", kinds.TOPIC, kinds.STACK_REFERENCE))
