"""The typed models of a stack file. `SERVICES` is the closed set of compute types; a new one is a line here."""

from collections.abc import Mapping
from typing import Final

from stacks.models.apprunner import AppRunnerHealth, AppRunnerRollout, AppRunnerScaling, AppRunnerSpec
from stacks.models.common import Alarms, Attestation, Discovery, ProbePlan, Queue, Service, Telemetry
from stacks.models.endpoint import EndpointSpec
from stacks.models.environment import ApiPlan, CapacityPlan, Environment, FoundationReference, NetworkPlan, Paging
from stacks.models.express import ExpressHealth, ExpressScaling, ExpressSpec
from stacks.models.fargate import FargateHealth, FargateScaling, FargateSpec, Spot
from stacks.models.fargate_rollout import FargateRollout, Hook
from stacks.models.function import FunctionHealth, FunctionSpec
from stacks.models.function_events import AsyncInvocation, EventPattern, Stream, WebSocket
from stacks.models.function_rollout import FunctionHooks, FunctionRollout
from stacks.models.function_scaling import FunctionInstances, FunctionScaling, Provisioned
from stacks.models.pipeline import PipelinePlan
from stacks.models.secrets import SecretRef
from stacks.models.stores import AuroraStore, Database, InstanceStore, Store, TableStore
from stacks.models.waivers import Waiver

SERVICES: Final[Mapping[str, type[Service]]] = {
    model.compute_type: model for model in (FargateSpec, FunctionSpec, EndpointSpec, AppRunnerSpec, ExpressSpec)
}

__all__ = [
    "SERVICES",
    "Alarms",
    "ApiPlan",
    "AppRunnerHealth",
    "AppRunnerRollout",
    "AppRunnerScaling",
    "AppRunnerSpec",
    "AsyncInvocation",
    "Attestation",
    "AuroraStore",
    "CapacityPlan",
    "Database",
    "Discovery",
    "EndpointSpec",
    "Environment",
    "EventPattern",
    "ExpressHealth",
    "ExpressScaling",
    "ExpressSpec",
    "FargateHealth",
    "FargateRollout",
    "FargateScaling",
    "FargateSpec",
    "FoundationReference",
    "FunctionHealth",
    "FunctionHooks",
    "FunctionInstances",
    "FunctionRollout",
    "FunctionScaling",
    "FunctionSpec",
    "Hook",
    "InstanceStore",
    "NetworkPlan",
    "Paging",
    "PipelinePlan",
    "ProbePlan",
    "Provisioned",
    "Queue",
    "SecretRef",
    "Service",
    "Spot",
    "Store",
    "Stream",
    "TableStore",
    "Telemetry",
    "Waiver",
    "WebSocket",
]
