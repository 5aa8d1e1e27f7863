"""Where each effective value of a stack comes from."""

from dataclasses import dataclass
from typing import Final, Literal

from stacks.defaults import Filled
from stacks.load import ENVIRONMENT_KEY, SERVICES_KEY, Stack
from stacks.source import Json, flatten

OriginKind = Literal["file", "tier", "derived", "default"]
_DERIVED: Final = "other keys"


@dataclass(frozen=True, kw_only=True, slots=True)
class Effective:
    """One value in effect: what, and a line of the stack file, the tier, other keys, or the default of its kind."""

    path: str
    value: Json
    kind: OriginKind
    where: str


def environment_values(stack: Stack) -> tuple[Effective, ...]:
    """Every effective value of the environment."""
    effective = stack.environment.model_dump(mode="json", by_alias=True)
    return _effective(stack, effective, f"config.{ENVIRONMENT_KEY}", stack.filled[""])


def service_values(stack: Stack, service: str) -> tuple[Effective, ...]:
    """Every effective value of the service called `service`."""
    effective = stack.services[service].model_dump(mode="json", by_alias=True)
    return _effective(stack, effective, f"config.{SERVICES_KEY}.{service}", stack.filled[service])


def _effective(stack: Stack, values: Json, written_at: str, filled: Filled) -> tuple[Effective, ...]:
    found: list[Effective] = []
    kind: OriginKind
    for path, value in flatten(values):
        line = stack.source.lines.get(f"{written_at}.{path}")
        if line is not None:
            kind, where = "file", f"{stack.file}:{line}"
        else:
            kind = filled.kinds.get(path, "default")
            where = {"tier": f"tier {stack.environment.tier}", "derived": _DERIVED}.get(kind, "default")
        found.append(Effective(path=path, value=value, kind=kind, where=where))
    return tuple(found)
