"""How much of AWS's quotas the pipelines of a stack take."""

from collections import Counter
from collections.abc import Mapping

from stacks.models import EndpointSpec, Environment, FunctionSpec, Service


def of_pipelines(environment: Environment, services: Mapping[str, Service]) -> Counter[str]:
    """Roles and event rules; nothing where nothing is delivered by a pipeline."""
    total: Counter[str] = Counter()
    if environment.pipeline is None or not services:
        return total
    promotes = environment.pipeline.promotes_from is not None
    total["iam-roles"] = 1 + (environment.tier == "prod")  # deploys, and asks Security Hub
    for service in services.values():
        if isinstance(service, FunctionSpec) or service.has_image:
            started = promotes or _has_released_model(service)
            # The pipeline's, that of what builds or tests or promotes, what shifts, and what starts it by an event.
            shifts = isinstance(service, FunctionSpec) and not service.rollout.is_stepped
            total["iam-roles"] += 2 + shifts + started
            total["eventbridge-rules"] += 1 + started  # failures, and what can be promoted or was approved
    return total


def _has_released_model(service: Service) -> bool:
    """Whether approvals in the model registry start its pipeline."""
    return isinstance(service, EndpointSpec) and service.released_package is not None
