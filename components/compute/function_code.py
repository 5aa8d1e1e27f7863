"""The function itself: its code, what is around it, and the environment of its process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.calls import call_variables
from components.concerns.doors import Doors
from components.concerns.images import image_uri
from components.concerns.secrets import process_references
from components.foundation.interface import Foundation
from components.scope import ServiceScope, compact_json, within
from stacks import layers, limits
from stacks.models import FunctionInstances, FunctionSpec
from stacks.standards import SECRET_CACHE_SECONDS

ARCHITECTURE: Final = "arm64"


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What a function is built into.

    `released` is the digest or tag of its image, None for a zip; `failed` the ARN of the queue for failed events.
    """

    scope: ServiceScope
    foundation: Foundation
    doors: Doors
    role: aws.iam.Role
    failed: pulumi.Output[str]
    released: str | None


def function_of(
    name: str, spec: FunctionSpec, around: Surroundings, opts: pulumi.ResourceOptions
) -> aws.lambda_.Function:
    """A function on arm64, traced, in the VPC, that publishes a version with every change."""
    scope, foundation = around.scope, around.foundation
    on_demand = spec.instances is None
    return aws.lambda_.Function(
        name,
        name=scope.name(limits.NAME_LAMBDA_FUNCTION),
        role=around.role.arn,
        package_type="Image" if spec.is_image else None,
        image_uri=image_uri(scope, around.released) if spec.is_image else None,
        handler=spec.handler,
        runtime=spec.runtime,
        code=pulumi.FileArchive(spec.source) if spec.source is not None else None,
        architectures=[ARCHITECTURE],
        memory_size=spec.memory,
        timeout=spec.timeout,
        ephemeral_storage={"size": spec.ephemeral_mib},
        snap_start={"apply_on": "PublishedVersions"} if spec.snap_start else None,
        reserved_concurrent_executions=spec.scaling.max if on_demand else None,
        layers=function_layers(scope.scope.region, spec),
        environment={"variables": function_variables(scope, spec)},
        kms_key_arn=foundation.data_key_arn,
        tracing_config={"mode": "Active"},
        logging_config={"log_format": "JSON", "log_group": scope.log_group},
        dead_letter_config={"target_arn": around.failed},
        # On shared instances the network is that of the capacity provider.
        vpc_config={"subnet_ids": foundation.private_subnet_ids, "security_group_ids": [around.doors.group_id]}
        if on_demand
        else None,
        capacity_provider_config=_on_instances(spec.instances, foundation) if spec.instances is not None else None,
        publish=True,
        tags=dict(scope.tags),
        opts=opts,
    )


def _on_instances(
    plan: FunctionInstances, foundation: Foundation
) -> aws.lambda_.FunctionCapacityProviderConfigArgsDict:
    return {
        "lambda_managed_instances_capacity_provider_config": {
            "capacity_provider_arn": foundation.capacity_provider_arn,
            "execution_environment_memory_gib_per_vcpu": plan.memory_gib_per_vcpu,
            "per_execution_environment_max_concurrency": plan.concurrency,
        }
    }


def function_layers(region: str, spec: FunctionSpec) -> Sequence[str] | None:
    """Traces, secrets and memory metrics; an image brings its own, and on instances memory is a metric of AWS."""
    if spec.runtime is None:
        return None
    found = [layers.adot_layer(region, spec.runtime), layers.secrets_layer(region)]
    return found if spec.instances is not None else [*found, layers.insights_layer(region)]


def function_variables(scope: ServiceScope, spec: FunctionSpec) -> Mapping[str, str]:
    """How the process is wired up: tracing, the secrets extension, and under which name each secret is found.

    A function reads `ONRAMP_REF_DATABASE_URL` and asks the extension on localhost:2773 for what it names.
    """
    ttl = str(SECRET_CACHE_SECONDS)
    variables = {
        "ONRAMP_ENVIRONMENT": scope.scope.env,
        "OTEL_SERVICE_NAME": scope.service,
        "OTEL_PROPAGATORS": "xray,tracecontext,baggage",
        "PARAMETERS_SECRETS_EXTENSION_CACHE_ENABLED": "true",
        "SECRETS_MANAGER_TTL": ttl,
        "SSM_PARAMETER_STORE_TTL": ttl,
    }
    variables |= call_variables(scope, spec)
    variables |= {f"ONRAMP_REF_{name}": arn for name, arn in process_references(scope, spec).items()}
    wrapper = layers.ADOT_WRAPPERS.get(layers.language(spec.runtime)) if spec.runtime is not None else None
    if wrapper is not None:
        variables["AWS_LAMBDA_EXEC_WRAPPER"] = wrapper
    within(
        limits.LAMBDA_ENVIRONMENT_BYTES_MAX,
        f"the environment of the function {scope.service}",
        compact_json(variables),
        "give it fewer secrets and parameters, or split it",
    )
    return dict(sorted(variables.items()))
