"""What the components of all compute types have in common."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.concerns.discovery import Discovery
from components.concerns.doors import Doors
from components.foundation.interface import Foundation
from components.scope import Scope, ServiceScope
from stacks.models import Service
from stacks.source import Json

DATABASE_KIND = "postgres"


@dataclass(frozen=True, kw_only=True, slots=True)
class Placement:
    """Where a service stands in its environment.

    `released` is the digest or tag of its image, None before the first push; `priority` that of its listener rule,
    None without one; `callees` are the services that it calls.
    """

    released: str | None
    priority: int | None
    callees: Mapping[str, Service]


class ServiceComponent(pulumi.ComponentResource):
    """One service. Its inputs are plain facts about it, so that rules can judge the graph without our code."""

    discovery: Discovery
    doors: Doors

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
        found = {
            **_facts(name, spec, scope, foundation),
            **{key: value for key, value in own.items() if value is not None},
        }
        super().__init__(f"onramp:compute:{type(self).__name__}", name, found, opts)
        self.name = name
        self._scope = ServiceScope.of(scope, name, spec, placement.callees)
        self._foundation = foundation
        self._placement = placement
        self._child = pulumi.ResourceOptions(parent=self)

    def subscribe(self, topics: Mapping[str, aws.sns.Topic]) -> None:
        """Deliver what the service consumes; `topics` are those of all services. Most compute types consume none."""


def _facts(name: str, spec: Service, scope: Scope, foundation: Foundation) -> dict[str, Json]:
    """What is asked of every compute type; what does not apply is absent."""
    secrets = spec.secret_refs(name)
    found: dict[str, Json] = {
        "service": name,
        "compute": spec.compute_type,
        "tier": scope.tier,
        "environment": scope.env,
        "route": spec.route,
        "secrets": [f"{secret.owner}/{secret.name}" for secret in secrets],
        "databaseSecrets": [f"{secret.owner}/{secret.name}" for secret in secrets if secret.kind == DATABASE_KIND],
        "config": list[Json](sorted(spec.config)),
        "consumes": [*spec.consumes],
        "queue": spec.queue is not None,
        "calls": [*spec.calls],
        "serviceConnect": spec.discovery.service_connect,
        "cloudMap": spec.discovery.cloud_map,
        "foundation": foundation.owner,
        "attest": {item: statement.model_dump(mode="json") for item, statement in spec.attest.items()},
    }
    return {key: value for key, value in found.items() if value is not None}
