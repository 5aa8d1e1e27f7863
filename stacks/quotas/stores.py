"""How much of AWS's quotas the tables and databases of a service need."""

from collections import Counter
from collections.abc import Mapping

from stacks.models import AuroraStore, InstanceStore, SecretRef, Service, TableStore
from stacks.standards import DATABASE_ZONES, Tier


def of_stores(service: Service, tier: Tier) -> dict[str, int]:
    """What the service's own stores are made of, each database with a rotation function and a reporting role."""
    stores = service.stores.values()
    tables = sum(isinstance(store, TableStore) for store in stores)
    clusters = sum(isinstance(store, AuroraStore) for store in stores)
    instances = sum(isinstance(store, InstanceStore) for store in stores)
    zones = DATABASE_ZONES[tier]
    return {
        # Throttles and errors of a table; connections, CPU, reads and writes of a database, with the lag of a second
        # instance in a cluster, or the disk of an instance.
        "cloudwatch-alarms": 2 * tables + (4 + (zones > 1)) * clusters + 5 * instances,
        "dynamodb-tables": tables,
        "iam-roles": int(clusters + instances > 0),
        "rds-clusters": clusters,
        # The standby of an instance is part of it; each instance of a cluster counts.
        "rds-instances": zones * clusters + instances,
        "security-groups": 2 * (clusters + instances),
    }


def rotation_functions(secrets: list[SecretRef], tier: Tier) -> int:
    """Rotation functions of a service's own secrets: one for each kind, and in prod one more for each database's.

    There two users alternate; the administrators' credentials share the function that changes one user's.
    """
    alternating = sum(secret.kind == "postgres" for secret in secrets) if tier == "prod" else 0
    return alternating + len({secret.kind for secret in secrets} - {None})


def ways_out(name: str, service: Service, services: Mapping[str, Service]) -> int:
    """Outbound rules of a service to what keeps data: by kind for the secrets it names, and one for each database."""
    kinds = {secret.kind for secret in service.secret_refs(name)} - {None}
    return len(kinds) + len(databases_of(name, service, services))


def users_of_databases(services: Mapping[str, Service]) -> Counter[str]:
    """How many groups each database (`owner/store`) lets in: its users, and the function that changes its password."""
    used = Counter(entry for name, spec in services.items() for entry in databases_of(name, spec, services))
    return used + Counter(used.keys())


def databases_of(name: str, service: Service, services: Mapping[str, Service]) -> list[str]:
    """The databases that a service uses, its own and those of others."""
    entries = [*(f"{name}/{store}" for store in service.stores), *service.uses]
    split = {entry: entry.partition("/") for entry in entries}
    known = {
        entry: services[owner].stores.get(store) for entry, (owner, _, store) in split.items() if owner in services
    }
    return [entry for entry, store in known.items() if store is not None and not isinstance(store, TableStore)]
