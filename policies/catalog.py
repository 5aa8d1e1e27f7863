"""All rules, in the order of the checklist: what the judge runs and what `onramp rule` shows."""

from collections.abc import Mapping
from types import ModuleType
from typing import Final

from policies.checklist import CHECKLIST
from policies.rule import AttestedRule, Meta, Rule, ServiceRule, StackRule, WaiverRule
from policies.rules import (
    alarm_form,
    alerting,
    api,
    apprunner,
    audit,
    buckets,
    compliance,
    cost,
    delivery,
    doors,
    edge,
    encryption,
    endpoint_rollouts,
    endpoints,
    express,
    fargate,
    function_events,
    functions,
    general,
    health,
    identity,
    images,
    messaging,
    network,
    observability,
    perimeter,
    pipelines,
    pre_onboarding,
    rollbacks,
    rollouts,
    scaling,
    secrets,
    stepped,
    stores,
    upkeep,
    waivers,
    web,
    workloads,
)

_MODULES: Final = (
    pre_onboarding,
    images,
    identity,
    delivery,
    stepped,
    rollouts,
    pipelines,
    health,
    network,
    api,
    observability,
    secrets,
    alerting,
    rollbacks,
    compliance,
    edge,
    cost,
    endpoints,
    endpoint_rollouts,
    functions,
    function_events,
    fargate,
    web,
    apprunner,
    express,
    general,
    stores,
    upkeep,
    buckets,
    encryption,
    messaging,
    perimeter,
    doors,
    scaling,
    workloads,
    alarm_form,
    audit,
    waivers,
)
_ORDER: Final = {item: place for place, item in enumerate(CHECKLIST)}


def _rules_of(module: ModuleType) -> list[Rule]:
    forms = ServiceRule | StackRule | AttestedRule | WaiverRule
    return [value for value in vars(module).values() if isinstance(value, forms)]


def place(item: str | None) -> int:
    """Where an item stands on the checklist; rules without one come last."""
    return len(_ORDER) if item is None else _ORDER[item]


RULES: Final[tuple[Rule, ...]] = tuple(
    sorted((rule for module in _MODULES for rule in _rules_of(module)), key=lambda rule: place(rule.meta.item))
)
"""Every rule once, by checklist item."""

CATALOG: Final[tuple[Meta, ...]] = tuple(rule.meta for rule in RULES)
"""What people read about every rule."""

WAIVABLE: Final[Mapping[str, bool]] = {rule.meta.id: not isinstance(rule, WaiverRule) for rule in RULES}
"""Every rule by its id, and whether it can be waived."""


def find(rule_id: str) -> Meta | None:
    """The rule called `rule_id`."""
    return next((meta for meta in CATALOG if meta.id == rule_id), None)
