"""App Runner and Express services as rules see them: their image, variables and secrets, however each spells them."""

from collections.abc import Iterator, Mapping
from typing import Final

from policies import kinds
from policies.graph import Resource, Service
from policies.values import UNKNOWN, Value, objects, texts

_RUNNER_IMAGE: Final = "sourceConfiguration.imageRepository"
IMAGE_PATHS: Final[Mapping[str, str]] = {
    kinds.APP_RUNNER: f"{_RUNNER_IMAGE}.imageIdentifier",
    kinds.EXPRESS_GATEWAY: "primaryContainer.image",
}
SECRET_PATHS: Final[Mapping[str, str]] = {
    kinds.APP_RUNNER: f"{_RUNNER_IMAGE}.imageConfiguration.runtimeEnvironmentSecrets",
    kinds.EXPRESS_GATEWAY: "primaryContainer.secrets",
}
VARIABLE_PATHS: Final[Mapping[str, str]] = {
    kinds.APP_RUNNER: f"{_RUNNER_IMAGE}.imageConfiguration.runtimeEnvironmentVariables",
    kinds.EXPRESS_GATEWAY: "primaryContainer.environments",
}
_FOLLOWS: Final = "sourceConfiguration.autoDeploymentsEnabled"


def workloads(service: Service) -> tuple[Resource, ...]:
    """What runs: nothing before the first image."""
    return service.of(kinds.APP_RUNNER, kinds.EXPRESS_GATEWAY)


def is_unreleased(service: Service) -> bool:
    """Whether AWS has no such service yet, because there is no image that it could start."""
    return service.stated("unreleased")


def follows(workload: Resource) -> str:
    """The tag that the workload deploys whenever a push moves it; empty when nothing deploys by itself."""
    image = workload.text(IMAGE_PATHS[workload.type])
    if workload.get(_FOLLOWS) is not True or "@" in image:
        return ""
    return image.rpartition("/")[2].partition(":")[2]


def given(workload: Resource, paths: Mapping[str, str]) -> Iterator[tuple[str, str, Value]]:
    """Path, name and value of each variable or secret reference that the process is given."""
    path = paths[workload.type]
    entries = workload.get(path)
    if isinstance(entries, Mapping):
        for name, value in entries.items():
            yield f"{path}.{name}", name, value
    for entry in objects(entries) if not isinstance(entries, Mapping) else ():
        for name in texts(entry.get("name")):
            yield f"{path}.{name}", name, entry.get("valueFrom", entry.get("value", UNKNOWN))
