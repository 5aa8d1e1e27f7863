"""What the rules of App Runner and Express must see."""

from typing import Any, Final

from tests.components.acceptance.mutation import GONE, Mutation
from tests.components.acceptance.rules_web import APP_RUNNER, EXPRESS, INSTANCE, SCALING

_SOURCE: Final = "sourceConfiguration"
_IMAGE: Final = f"{_SOURCE}.imageRepository.imageConfiguration"


def _of(kind: str, rule: str, *changes: tuple[str, Any]) -> list[Mutation]:
    return [Mutation(rule=rule, kind=kind, path=path, value=value, stack="web-longest") for path, value in changes]


MUTATIONS_WEB: Final = [
    *_of(
        APP_RUNNER,
        "app_runner_sizes_exist",
        ("instanceConfiguration.memory", "512"),
        ("instanceConfiguration.cpu", "3072"),
    ),
    *_of(
        APP_RUNNER,
        "app_runner_pulls_with_a_role",
        (f"{_SOURCE}.authenticationConfiguration", GONE),
        (f"{_SOURCE}.autoDeploymentsEnabled", True),
    ),
    *_of(SCALING, "app_runner_scales_within_its_bounds", ("minSize", 26), ("maxSize", 26)),
    *_of(APP_RUNNER, "web_secrets_are_references", (f"{_IMAGE}.runtimeEnvironmentSecrets", {"KEY": "value"})),
    *_of(EXPRESS, "web_secrets_are_references", ("primaryContainer.secrets.0.valueFrom", "value")),
    *_of(
        EXPRESS,
        "express_services_fit",
        ("cpu", "8192"),
        ("memory", "12288"),
        ("scalingTargets.0.autoScalingMetric", "CPU"),
        ("scalingTargets.0.maxTaskCount", 1),
        ("healthCheckPath", "health"),
    ),
    *_of(INSTANCE, "instances_have_attributes", ("attributes", {}), ("instanceId", "a b"), ("instanceId", "i" * 65)),
]
