"""What runs: the containers of a task definition and the plain environment variables of containers and functions."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from policies import kinds, web
from policies.graph import Graph, Resource, Service
from policies.values import SECRET, UNKNOWN, Value, get, objects
from stacks.sensitive import is_secret_name, is_secret_value
from stacks.standards import TECHNICAL_VARIABLES

CODE_DEPLOY: Final = "CODE_DEPLOY"
"""The deployment controller of an ECS service that CodeDeploy deploys."""
_NO_CONTAINER: Final[Mapping[str, Value]] = {}
_REFERENCE: Final = re.compile(r"^arn:aws[a-z-]*:(secretsmanager|ssm):")


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """One plain environment variable: its value is never shown, because it may be a secret."""

    resource: Resource
    path: str
    process: str
    name: str
    value: Value

    @property
    def is_technical(self) -> bool:
        """Whether it only wires the process up."""
        return self.name.startswith(TECHNICAL_VARIABLES)

    def looks_secret(self, service: Service) -> bool:
        """Whether its name or its value is one of a secret; an ARN of a secret is a reference, not a secret."""
        if isinstance(self.value, str) and (is_secret_value(self.value) or self.value == SECRET):
            return True
        if self.is_technical or (isinstance(self.value, str) and _REFERENCE.match(self.value)):
            return False
        declared = {entry.rpartition("/")[2] for entry in service.names("secrets")}
        return self.name in declared or is_secret_name(self.name)


def by_codedeploy(workload: Resource) -> bool:
    """Whether CodeDeploy deploys this ECS service, and ECS itself watches no alarm and has no Service Connect."""
    return workload.get("deploymentController.type") == CODE_DEPLOY


def containers(task: Resource, graph: Graph) -> Sequence[Mapping[str, Value]] | None:
    """The containers of a task definition; None while they are unknown."""
    definitions = graph.parsed(task, "containerDefinitions")
    return None if definitions is UNKNOWN else objects(definitions)


def main_containers(service: Service, graph: Graph) -> Iterator[tuple[Resource, Mapping[str, Value] | None]]:
    """Each task definition with the container of the service itself; None while the containers are unknown.

    A task definition without such a container has an empty one, so that every rule about it is broken.
    """
    for task in service.of(kinds.TASK_DEFINITION):
        found = containers(task, graph)
        if found is None:
            yield task, None
        else:
            yield task, next((each for each in found if each.get("name") == service.name), _NO_CONTAINER)


def variables(service: Service, graph: Graph) -> Iterator[Variable]:
    """All plain variables of the service's processes."""
    for task in service.of(kinds.TASK_DEFINITION):
        for container in containers(task, graph) or ():
            process = str(container.get("name", ""))
            for entry in objects(container.get("environment")):
                name = str(entry.get("name", ""))
                path = f"containerDefinitions.{process}.environment.{name}"
                yield Variable(resource=task, path=path, process=process, name=name, value=entry.get("value"))
    for function in service.of(kinds.FUNCTION):
        values = get(function.inputs, "environment.variables")
        for name, value in values.items() if isinstance(values, Mapping) else ():
            path = f"environment.variables.{name}"
            yield Variable(resource=function, path=path, process=function.name, name=name, value=value)
    for workload in web.workloads(service):
        for path, name, value in web.given(workload, web.VARIABLE_PATHS):
            yield Variable(resource=workload, path=path, process=workload.name, name=name, value=value)


def unknown_variables(service: Service, graph: Graph) -> Iterator[tuple[Resource, str]]:
    """The processes of which nobody knows yet what variables they have, with the input that will say it."""
    for task in service.of(kinds.TASK_DEFINITION):
        if containers(task, graph) is None:
            yield task, "containerDefinitions"
    places = [(function, "environment.variables") for function in service.of(kinds.FUNCTION)]
    places += [(workload, web.VARIABLE_PATHS[workload.type]) for workload in web.workloads(service)]
    yield from ((workload, path) for workload, path in places if workload.get(path) is UNKNOWN)


def image_problem(image: Value) -> str | None:
    """What is wrong with the way an image is named, if anything: it must be a digest or a tag that stands still."""
    if not isinstance(image, str):
        return "names no image"
    if "@sha256:" in image:
        return None
    tag = image.rpartition("/")[2].partition(":")[2]
    if not tag:
        return "has no tag"
    return "has the moving tag latest" if tag == "latest" else None
