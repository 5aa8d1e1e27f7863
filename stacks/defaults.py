"""Filling in what a stack file does not write: from the tier, and from values that are written elsewhere."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from stacks import limits, tiers
from stacks.models.endpoint import BLOCKS
from stacks.models.watched import STEPPED
from stacks.routing import REQUEST_PATTERN, is_pattern, matching, split_route
from stacks.source import Json, flatten
from stacks.standards import (
    BATCH_WINDOW_SECONDS,
    PROBE_STATUS_SERVER_ERROR,
    PROBE_STATUS_SUCCESS_END,
    QUEUE_VISIBILITY_SECONDS,
    TIERS,
    Tier,
)

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
    common, own = tiers.COMMON[tier], _of_its_form(written, by_tier[tier])
    derived: dict[str, Json] = {key: environment.get(key, "unknown") for key in _INHERITED}
    derived["dataClass"] = environment.get("dataClass", "internal")
    derived |= _derived_statements(written, environment)
    derived |= _derived_queue(written, own)
    derived |= _derived_probe(written, environment)
    if written["compute"] == "lambda":
        derived["batchWindowSeconds"] = _derived_window(written.get("batch"))
    if written["compute"] == "sagemaker":
        derived |= _derived_endpoint(written)
    if written["compute"] == "fargate":
        derived |= _derived_fargate(written)
    return _fill(written, _merge(common, own), derived)


def _of_its_form(written: dict[str, Json], own: Json) -> Json:
    """An endpoint's defaults without the blocks that its form does not have."""
    form = written.get("form", "real-time")
    if written["compute"] != "sagemaker" or not isinstance(own, dict) or form not in BLOCKS:
        return own
    return {key: value for key, value in own.items() if key == "isolated" or key in BLOCKS[str(form)]}


def _derived_endpoint(written: dict[str, Json]) -> dict[str, Json]:
    """Isolated unless it must reach something; each variant's model is the service's, as far as it is not its own."""
    reaches = any(written.get(key) for key in ("secrets", "config", "calls", "stores", "uses"))
    derived: dict[str, Json] = {"isolated": False} if reaches or written.get("form") == "serverless" else {}
    variants, model = written.get("variants"), written.get("model")
    if isinstance(variants, dict) and isinstance(model, dict):
        derived["variants"] = {name: {"model": model} for name, each in variants.items() if isinstance(each, dict)}
    return derived


def _tier(environment: Mapping[str, Json]) -> Tier:
    """The tier as written; dev while it is missing or wrong, which is reported elsewhere."""
    tiers_by_name: dict[str, Tier] = {tier: tier for tier in TIERS}
    written = environment.get("tier")
    return tiers_by_name.get(written, "dev") if isinstance(written, str) else "dev"


def _derived_fargate(written: dict[str, Json]) -> dict[str, Json]:
    derived: dict[str, Json] = {}
    if "route" not in written:
        # Blue/green shifts a load balancer's traffic; a service without a route has none to shift.
        derived["rollout"] = {"strategy": "rolling", "bakeMinutes": 0}
    rollout = written.get("rollout")
    by_others = isinstance(rollout, dict) and (
        rollout.get("controller") == "codedeploy" or rollout.get("strategy") == STEPPED
    )
    if "schedule" in written or by_others:
        # Service Connect is part of a service that ECS itself shifts.
        derived["discovery"] = {"serviceConnect": False}
    return derived


def _derived_window(batch: Json) -> int:
    large = isinstance(batch, int) and batch > limits.SQS_BATCH_WITHOUT_WINDOW
    return BATCH_WINDOW_SECONDS if large else 0


def _derived_probe(written: dict[str, Json], environment: Mapping[str, Json]) -> dict[str, Json]:
    """A probe of the public address; none of a host with a wildcard, because nobody knows which one to ask."""
    has_own_address = written["compute"] == "apprunner" and written.get("public", True) is True
    route, probe = written.get("route", "/" if has_own_address else None), written.get("probe")
    if not isinstance(route, str):
        return {}
    host, path = split_route(route)
    has_own_path = isinstance(probe, dict) and "path" in probe
    return {
        "probe": {
            "enabled": environment.get("probes") is True and not is_pattern(host or ""),
            # A route that is wrong is reported once, and not again as the path of its probe.
            "path": matching(path) if re.match(REQUEST_PATTERN, matching(path)) else "/",
            "statusBelow": PROBE_STATUS_SUCCESS_END if has_own_path else PROBE_STATUS_SERVER_ERROR,
        }
    }


def _derived_statements(written: dict[str, Json], environment: Mapping[str, Json]) -> dict[str, Json]:
    """What is stated for all services, as far as the service makes no statement of its own about it."""
    shared, own = environment.get("attest"), written.get("attest", {})
    if not isinstance(shared, dict) or not isinstance(own, dict):
        return {}
    others = {item: statement for item, statement in shared.items() if item not in own}
    return {"attest": others} if others else {}


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
