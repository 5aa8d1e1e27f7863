"""Filling in what a stack file does not write: from the tier, and from values that are written elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from stacks import limits, tiers
from stacks.source import Json, flatten
from stacks.standards import QUEUE_VISIBILITY_SECONDS, TIERS, Tier

FillKind = Literal["tier", "derived"]
DERIVED_FROM: Final = {"org": "domain", "runbooks": "domain"}
"""Keys of the environment that follow from another one, so that one mistake is not reported three times."""
_INHERITED: Final = ("owner", "costCenter", "dataClass")


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """Written values with the rest filled in, and by dotted path what was filled in from where."""

    values: dict[str, Json]
    kinds: Mapping[str, FillKind]


def fill_environment(stack: str, written: dict[str, Json]) -> Filled:
    """The environment of the stack called `stack`, complete apart from what has no default."""
    domain = written.get("domain")
    derived: dict[str, Json] = {"name": _environment_name(stack, written)}
    if isinstance(domain, str):
        derived |= {"org": domain.partition(".")[0], "runbooks": f"https://runbooks.{domain}"}
    return _fill(written, tiers.ENVIRONMENT[_tier(written)], derived)


def _environment_name(stack: str, written: Mapping[str, Json]) -> str:
    """The stack's own name, or that of the stack whose foundation it shares: both are one environment."""
    foundation = written.get("foundation")
    reference = foundation.get("stack") if isinstance(foundation, dict) else None
    return reference.rpartition("/")[2] if isinstance(reference, str) else stack


def fill_service(written: dict[str, Json], environment: Mapping[str, Json]) -> Filled:
    """A service of a known compute type, complete apart from what has no default."""
    tier = _tier(environment)
    by_tier = tiers.COMPUTE[str(written["compute"])]
    common, own = tiers.COMMON[tier], by_tier[tier]
    derived: dict[str, Json] = {key: environment.get(key, "unknown") for key in _INHERITED}
    derived["dataClass"] = environment.get("dataClass", "internal")
    derived |= _derived_queue(written, own)
    if written["compute"] == "fargate" and "route" not in written:
        # Blue/green shifts a load balancer's traffic; a service without a route has none to shift.
        derived["rollout"] = {"strategy": "rolling", "bakeMinutes": 0}
    return _fill(written, _merge(common, own), derived)


def _tier(environment: Mapping[str, Json]) -> Tier:
    """The tier as written; dev while it is missing or wrong, which is reported elsewhere."""
    tiers_by_name: dict[str, Tier] = {tier: tier for tier in TIERS}
    written = environment.get("tier")
    return tiers_by_name.get(written, "dev") if isinstance(written, str) else "dev"


def _derived_queue(written: dict[str, Json], own: Json) -> dict[str, Json]:
    queue = written.get("queue")
    if not written.get("consumes") and not isinstance(queue, dict):
        return {}
    timeout = written.get("timeout", own.get("timeout") if isinstance(own, dict) else None)
    if written["compute"] == "lambda" and isinstance(timeout, int):
        least = min(limits.SQS_LAMBDA_VISIBILITY_FACTOR * timeout, limits.SQS_VISIBILITY_SECONDS_MAX)
        return {"queue": {"visibilitySeconds": max(QUEUE_VISIBILITY_SECONDS, least)}}
    return {"queue": {}}


def _fill(written: dict[str, Json], tier: Json, derived: dict[str, Json]) -> Filled:
    base = _merge(tier, derived)
    kinds: dict[str, FillKind] = {path: "tier" for path, _ in flatten(tier)}
    kinds |= {path: "derived" for path, _ in flatten(derived)}
    values = _merge(base, written)
    assert isinstance(values, dict)  # noqa: S101 - a mapping merged with mappings
    return Filled(values=values, kinds=kinds)


def _merge(base: Json, over: Json) -> Json:
    """`over` laid on `base`: mappings key by key, everything else as a whole."""
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    return {
        **base,
        **{key: _merge(base[key], value) if key in base else value for key, value in over.items()},
    }
