"""The border between a stand-in component and whoever registers its children."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from simulator.graph import Json


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """An input that comes from other resources: its value now (maybe unknown) and the URNs it comes from."""

    value: Json
    sources: tuple[str, ...]


Value: TypeAlias = "Json | Given"
"""An input of a child: plain JSON, or given by other resources."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Registered:
    """A resource the engine has taken. At preview a new one has an unknown id, and unknown computed outputs."""

    urn: str
    id: str
    outputs: Mapping[str, Json]

    def output(self, name: str) -> Given:
        """The output `name` as an input for another resource; absent when the resource has none of that name."""
        return Given(value=self.outputs.get(name), sources=(self.urn,))


@dataclass(frozen=True, kw_only=True, slots=True)
class Registration:
    """A child to register, ordered after `needs`."""

    type: str
    name: str
    parent: str
    inputs: Mapping[str, Value]
    needs: tuple[str, ...] = ()

    def values(self) -> dict[str, Json]:
        """The inputs as JSON, without the absent ones."""
        plain = {key: one.value if isinstance(one, Given) else one for key, one in self.inputs.items()}
        return {key: value for key, value in plain.items() if value is not None}

    def property_dependencies(self) -> dict[str, tuple[str, ...]]:
        """By input name, the URNs that its value comes from."""
        return {key: one.sources for key, one in self.inputs.items() if isinstance(one, Given)}

    def dependencies(self) -> tuple[str, ...]:
        """Every URN this child must wait for, sorted."""
        return tuple(sorted({*self.needs, *(urn for urns in self.property_dependencies().values() for urn in urns)}))


class Registrar(Protocol):
    """Whoever takes the children: the embedded engine, or a provider plugin that talks to the real one."""

    def register(self, registration: Registration) -> Registered:
        """Register one child and say what is known about it."""
        ...


def id_of(resource: Registered) -> Given:
    """The id of one resource as an input for another."""
    return Given(value=resource.id, sources=(resource.urn,))


def ids_of(resources: Sequence[Registered]) -> Given:
    """The ids of several resources as one list input."""
    return Given(value=[one.id for one in resources], sources=tuple(one.urn for one in resources))
