"""What does not stop a preview, and would stop or spoil an update; said once, at preview."""

from pathlib import Path

import pulumi

from stacks.load import Stack
from stacks.models import AppRunnerSpec, EndpointSpec, ExpressSpec, FunctionSpec
from stacks.quotas import broken
from stacks.standards import APP_RUNNER_CLOSED


def warn(stack: Stack) -> None:
    """Everything to say of a stack."""
    for quota in broken(stack.environment, stack.services):
        pulumi.log.warn(
            f"AWS quota {quota.title}: this stack needs {quota.wanted}, allowed are {quota.allowed}. {quota.fix}"
        )
    on_app_runner = [name for name, spec in stack.services.items() if isinstance(spec, AppRunnerSpec)]
    if on_app_runner:
        pulumi.log.warn(
            f"App Runner takes no new customers since {APP_RUNNER_CLOSED}: {', '.join(on_app_runner)} can only be "
            "created in an account that used it before. Its successor is Express, under the same keys "
            "(`compute: express`); docs/move-from-app-runner.md says how to move."
        )
    for name, spec in stack.services.items():
        if isinstance(spec, FunctionSpec):
            _warn_of_function(name, spec, has_image=name in stack.images)
        elif isinstance(spec, EndpointSpec) and spec.has_image and name not in stack.images:
            pulumi.log.warn(f"{name}: no version in onramp:images yet, so there is no endpoint and no job")
        elif isinstance(spec, AppRunnerSpec | ExpressSpec) and name not in stack.images:
            pulumi.log.warn(
                f"{name}: no image in onramp:images yet, so there is no service; its repository is made, to push to"
            )
        elif spec.has_image and name not in stack.images:
            pulumi.log.warn(f"{name}: no image in onramp:images yet, so it runs no task")


def _warn_of_function(name: str, spec: FunctionSpec, *, has_image: bool) -> None:
    warm = spec.scaling.provisioned
    if spec.source is not None and not Path(spec.source).is_dir():
        pulumi.log.warn(f"{name}: there is no folder {spec.source}; `pulumi up` will not find the code")
    if spec.is_image and not has_image:
        pulumi.log.warn(
            f"{name}: no image in onramp:images yet, so there is no function; everything around it is made, "
            "and nothing invokes it"
        )
    if warm is not None and 2 * warm.max > spec.scaling.max:
        pulumi.log.warn(
            f"{name}: while a rollout shifts, both versions keep up to {warm.max} executions warm, and pay for them; "
            f"scaling.max {spec.scaling.max} leaves no room for twice as many"
        )
