"""The models of an endpoint: what each container is, and a name that Pulumi ends.

Models and endpoint configurations cannot be changed. A new one is made beside the old one, which stays, so it needs a
name that none has had: Pulumi appends seven random digits, and others whenever it makes the resource anew. A name made
of what is in it would come back with a former version, and SageMaker refuses what exists already.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import pulumi
import pulumi_aws as aws

from components.compute.endpoint_role import OwnRole
from components.concerns.calls import call_variables
from components.concerns.images import image_uri
from components.concerns.secrets import process_references
from components.scope import ServiceScope
from stacks import limits
from stacks.models import EndpointSpec
from stacks.models.endpoint import MAIN
from stacks.models.endpoint_parts import ModelSource

_Container: TypeAlias = aws.sagemaker.ModelContainerArgsDict
_EXECUTION: Final[Mapping[str, str]] = {"serial": "Serial", "direct": "Direct"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Network:
    """Where the containers of a model have their addresses."""

    subnets: pulumi.Input[Sequence[str]]
    group_id: pulumi.Input[str]


def stem(scope: ServiceScope, *parts: str) -> str:
    """What Pulumi makes a physical name of: the logical name of a model or a configuration."""
    return scope.name(limits.NAME_SAGEMAKER - limits.AUTONAME_CHARS, *parts)


def build_model(  # noqa: PLR0913 - what, as whom, where, and the options of Pulumi
    scope: ServiceScope,
    spec: EndpointSpec,
    variant: str,
    *,
    released: str | None,
    role: OwnRole,
    network: Network | None,
    opts: pulumi.ResourceOptions,
) -> aws.sagemaker.Model:
    """The model behind one variant."""
    containers = _containers(scope, spec, variant, released)
    single = len(containers) == 1
    return aws.sagemaker.Model(
        stem(scope, "model") if variant == MAIN else stem(scope, "model", variant),
        execution_role_arn=role.role.arn,
        primary_container=containers[0] if single else None,
        containers=None if single else containers,
        inference_execution_config=None if single else {"mode": _EXECUTION[spec.execution]},
        enable_network_isolation=spec.isolated,
        vpc_config={"subnets": network.subnets, "security_group_ids": [network.group_id]} if network else None,
        tags=dict(scope.tags),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[role.policy])),
    )


def _containers(scope: ServiceScope, spec: EndpointSpec, variant: str, released: str | None) -> list[_Container]:
    variables = {
        "ONRAMP_ENVIRONMENT": scope.scope.env,
        **call_variables(scope, spec),
        **{f"ONRAMP_REF_{name}": arn for name, arn in process_references(scope, spec).items()},
    }
    found: list[_Container] = []
    for place, source in enumerate(spec.by_variant[variant], start=1):
        container = _container(scope, spec, source, released)
        container["environment"] = variables
        if spec.execution == "direct":
            container["container_hostname"] = f"step-{place}"
        found.append(container)
    return found


def _container(scope: ServiceScope, spec: EndpointSpec, source: ModelSource, released: str | None) -> _Container:
    if source.package is not None:
        return {"model_package_name": package_version(scope, source, released)}
    found: _Container = {
        "image": source.image or image_uri(scope, released),
        "mode": "MultiModel" if spec.form == "multi-model" else "SingleModel",
    }
    if source.data is not None:
        found["model_data_url"] = source.data
    return found


def package_version(scope: ServiceScope, source: ModelSource, released: str | None) -> str:
    """The ARN of the model package that runs: the pinned version, or the one that was released last.

    The pipeline may write the version's number or its ARN.
    """
    version = str(source.version) if source.version is not None else released or ""
    if version.startswith("arn:"):
        return version
    package = source.package or ""
    if package.startswith("arn:"):
        return f"{package.replace(':model-package-group/', ':model-package/', 1)}/{version}"
    return scope.scope.arn("sagemaker", f"model-package/{package}/{version}")
