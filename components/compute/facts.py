"""What a service component says about itself: plain facts, so that rules can judge the graph without our code."""

from components.foundation.interface import Foundation
from components.scope import Scope
from stacks.models import FargateSpec, FunctionSpec
from stacks.source import Json

DATABASE_KIND = "postgres"


def facts(name: str, spec: FargateSpec | FunctionSpec, scope: Scope, foundation: Foundation) -> dict[str, Json]:
    """The inputs of a service component; what does not apply is absent."""
    secrets = spec.secret_refs(name)
    found: dict[str, Json] = {
        "service": name,
        "compute": spec.compute,
        "tier": scope.tier,
        "environment": scope.env,
        "route": spec.route,
        "secrets": [f"{secret.owner}/{secret.name}" for secret in secrets],
        "databaseSecrets": [f"{secret.owner}/{secret.name}" for secret in secrets if secret.kind == DATABASE_KIND],
        "config": list[Json](sorted(spec.config)),
        "consumes": [*spec.consumes],
        "queue": spec.queue is not None,
        "calls": [*spec.calls],
        "healthPath": spec.health.path,
        "serviceConnect": spec.discovery.service_connect,
        "cloudMap": spec.discovery.cloud_map,
        "foundation": foundation.owner,
        "attest": {item: statement.model_dump(mode="json") for item, statement in spec.attest.items()},
    }
    if isinstance(spec, FargateSpec):
        found["port"] = spec.port
    else:
        found["timeout"] = spec.timeout
    return {key: value for key, value in found.items() if value is not None}
