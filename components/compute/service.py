"""What the components of all compute types have in common."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.compute.targets import About, Facts
from components.concerns.alerting import Alerting
from components.concerns.delivery.pipeline_kinds import deliver
from components.concerns.discovery import Discovery
from components.concerns.doors import Doors
from components.foundation.interface import Foundation
from components.foundation.pipelines import PipelineParts
from components.scope import Scope, ServiceScope
from components.stores.stores import Stores
from stacks.models import Service, Store
from stacks.source import Json

DATABASE_KIND = "postgres"


@dataclass(frozen=True, kw_only=True, slots=True)
class Placement:
    """Where a service stands in its environment.

    `released` is the digest or tag of its image, None before the first push; `priority` that of its listener rule,
    None without one; `callees` are the services that it calls; `stores` those of others that it uses, as owner/store;
    `judges` are the services whose rollouts ask it as a hook;
    `asked` are the components of the functions that ECS asks while it deploys this one;
    `is_rolled_out` is whether a rollout of it is open: then that begins the deployment, and watches it from the start.
    """

    released: str | None
    priority: int | None
    callees: Mapping[str, Service]
    stores: Mapping[str, Store]
    judges: tuple[str, ...] = ()
    asked: tuple[pulumi.Resource, ...] = ()
    is_rolled_out: bool = False


class ServiceComponent(pulumi.ComponentResource):
    """One service. Its inputs are plain facts about it, so that rules can judge the graph without our code."""

    discovery: Discovery
    doors: Doors
    target: Facts | None = None
    """What whoever rolls the service out is told; None where nothing is released, or no version takes the traffic."""

    def __init__(  # noqa: PLR0913, PLR0917 - name, where, what, on what, among whom, and the two of its kind
        self,
        name: str,
        scope: Scope,
        spec: Service,
        foundation: Foundation,
        placement: Placement,
        own: Mapping[str, Json],
        opts: pulumi.ResourceOptions | None,
    ) -> None:
        self._scope = ServiceScope.of(scope, name, spec, placement.callees, placement.stores)
        found = {
            **_facts(self._scope, spec, foundation),
            **{key: value for key, value in own.items() if value is not None},
        }
        super().__init__(f"onramp:compute:{type(self).__name__}", name, found, opts)
        self.name = name
        self._foundation = foundation
        self._placement = placement
        self._child = pulumi.ResourceOptions(parent=self)
        stores = Stores(self._scope, spec, foundation, self._child) if spec.stores else None
        self.streams: Mapping[str, pulumi.Output[str]] = stores.streams if stores else {}
        """The ARN of the stream of each of its tables that has one."""
        self.databases: Mapping[str, pulumi.Output[str]] = stores.groups if stores else {}
        """The security group of each of its databases."""

    def _about(self, alerting: Alerting) -> About:
        return About(scope=self._scope, alerting=alerting, released=self._placement.released)

    def reach(self, databases: Mapping[str, pulumi.Output[str]]) -> None:
        """Open the ways to the databases that it uses; `databases` are the groups of all, as owner/store."""
        for entry in self._scope.stores:
            if entry in databases:
                self.doors.reach(entry, databases[entry])

    def deliver(self, spec: Service, parts: PipelineParts) -> None:
        """Make the pipeline that delivers the service."""
        deliver(self._scope, spec, parts, self._child)

    def follow(self, streams: Mapping[str, pulumi.Output[str]]) -> None:
        """Read the streams of tables; `streams` are those of all, as owner/store. Only functions do."""

    def subscribe(self, topics: Mapping[str, aws.sns.Topic]) -> None:
        """Deliver what the service consumes; `topics` are those of all services. Most compute types consume none."""


def _facts(scope: ServiceScope, spec: Service, foundation: Foundation) -> dict[str, Json]:
    """What is asked of every compute type; what does not apply is absent."""
    secrets, pipeline = scope.credentials, scope.scope.environment.pipeline
    found: dict[str, Json] = {
        "service": scope.service,
        "compute": spec.compute_type,
        "tier": scope.scope.tier,
        "environment": scope.scope.env,
        "route": spec.route,
        "ingress": spec.ingress if spec.route is not None else None,
        "secrets": [f"{secret.owner}/{secret.name}" for secret in secrets],
        "databaseSecrets": [f"{secret.owner}/{secret.name}" for secret in secrets if secret.kind == DATABASE_KIND],
        "config": list[Json](sorted(spec.config)),
        "consumes": [*spec.consumes],
        "queue": spec.queue is not None,
        "calls": [*spec.calls],
        "tools": [*spec.tools],
        "stores": [*scope.stores],
        "serviceConnect": spec.discovery.service_connect,
        "cloudMap": spec.discovery.cloud_map,
        "signedImages": True if pipeline is not None and pipeline.signing_profile is not None else None,
        "foundation": foundation.owner,
        "attest": {item: statement.model_dump(mode="json") for item, statement in spec.attest.items()},
        "waive": [waiver.model_dump(mode="json", exclude_none=True) for waiver in spec.waive],
    }
    return {key: value for key, value in found.items() if value is not None}
