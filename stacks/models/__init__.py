"""The typed models of a stack file. `SERVICES` is the closed set of compute types; a new one is a line here."""

from collections.abc import Mapping
from typing import Final

from stacks.models.common import Alarms, Attestation, Discovery, Queue, SecretRef, Service, Telemetry
from stacks.models.environment import Environment, FoundationReference, NetworkPlan, Paging
from stacks.models.fargate import FargateHealth, FargateRollout, FargateScaling, FargateSpec
from stacks.models.function import EventPattern, FunctionHealth, FunctionRollout, FunctionScaling, FunctionSpec

SERVICES: Final[Mapping[str, type[Service]]] = {model.compute_type: model for model in (FargateSpec, FunctionSpec)}

__all__ = [
    "SERVICES",
    "Alarms",
    "Attestation",
    "Discovery",
    "Environment",
    "EventPattern",
    "FargateHealth",
    "FargateRollout",
    "FargateScaling",
    "FargateSpec",
    "FoundationReference",
    "FunctionHealth",
    "FunctionRollout",
    "FunctionScaling",
    "FunctionSpec",
    "NetworkPlan",
    "Paging",
    "Queue",
    "SecretRef",
    "Service",
    "Telemetry",
]
