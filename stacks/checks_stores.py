"""What one service's model cannot see of the stores that it uses: whose they are, and whether it can reach them."""

from collections.abc import Iterator, Mapping
from typing import Final

from stacks.models import Service, Store, TableStore
from stacks.models.stores import variable_of
from stacks.problems import Problem, show
from stacks.source import Source

_SERVICES: Final = "config.onramp:services"


def stores(source: Source, services: Mapping[str, Service]) -> Iterator[Problem]:
    """Every problem between services and the stores that they use; that a store exists is checked elsewhere."""
    for user, spec in services.items():
        own = {f"stores.{name}": (f"{user}/{name}", store) for name, store in spec.stores.items()}
        used = {f"uses.{index}": (entry, _store(services, entry)) for index, entry in enumerate(spec.uses)}
        variables = {name.rpartition("/")[2]: name for name in (*spec.secrets, *spec.config)}
        for key, (entry, store) in {**own, **used}.items():
            path = f"{_SERVICES}.{user}.{key}"
            if key in used and entry.startswith(f"{user}/"):
                yield source.problem(
                    path, "is its own store", got=show(entry), fix="remove it: a service has its own stores anyway"
                )
            elif store is not None:
                variable = variable_of(entry.rpartition("/")[2], store)
                if variables.setdefault(variable, entry) != entry:
                    message = f"would be given to the process as {variable}, as {variables[variable]} is"
                    yield source.problem(path, message, got=show(entry), fix="rename one of them")
                if spec.why_no_database is not None and not isinstance(store, TableStore):
                    message = f"is a database, and {user} {spec.why_no_database}"
                    yield source.problem(path, message, got=show(entry), fix="use a table, or another compute type")


def _store(services: Mapping[str, Service], entry: str) -> Store | None:
    owner, _, name = entry.partition("/")
    return services[owner].stores.get(name) if owner in services else None
