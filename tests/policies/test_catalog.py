"""The rules as data."""

import re
import sys
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from pydantic.alias_generators import to_camel

import policies
from policies.catalog import CATALOG, RULES, find
from policies.checklist import CHECKLIST
from policies.rule import ALWAYS, Meta
from policies.taggable import TAGGABLE, derive
from stacks.models import SERVICES
from stacks.models.environment import ApiPlan, Environment, NetworkPlan, Paging
from stacks.reference import keys_of
from stacks.standards import TIERS

ROOT: Final = Path(policies.__path__[0]).parent
DOCUMENTATION: Final = {"docs.aws.amazon.com", "aws-otel.github.io"}
VERBS: Final = frozenset(
    {
        *("add", "approve", "attest", "deny", "give", "leave", "list", "lower", "mend", "move", "name", "point", "put"),
        *("remove", "replace", "rotate", "run", "set", "split", "tighten", "write"),
    }
)
"""What a fix begins with: something to do, and nothing to see to."""
ENVIRONMENT_KEYS: Final = {to_camel(key) for key in Environment.model_fields} | {
    f"{block}.{to_camel(key)}"
    for block, model in {"api": ApiPlan, "network": NetworkPlan, "paging": Paging}.items()
    for key in model.model_fields
}

REFUSED: Final = {
    "compute-type-supported": "nothing can be made of it",
    "listener-priority-unique": "AWS refuses the second rule",
    "composite-alarm-names": "AWS refuses the alarm",
    "event-rule-targets": "AWS refuses the sixth target",
    "target-by-address": "AWS refuses the service",
    "snap-start-published": "AWS refuses the two together",
    "function-hooks": "the deployment fails",
    "deployment-hooks": "the deployment fails",
    "waiver-expired": "a waiver is a statement of people, and no less wrong in dev",
    "waiver-self-approved": "a waiver is a statement of people, and no less wrong in dev",
    "waiver-too-long": "a waiver is a statement of people, and no less wrong in dev",
}
"""Not critical, and mandatory in every tier, and why."""

STRICT: Final = {
    "api-access-log": "seed 003 denies stages without a log",
    "container-read-only-root": "Security Hub rates ECS.5 high",
    "flow-logs": "seed 003 denies networks without a log",
    "required-tags": "seed 001 calls them mandatory",
    "waiver-unused": "it hides the next one who breaks the rule",
}
"""Medium risks beyond the checklist that are mandatory in prod nevertheless, and why."""

LEFT_OUT: Final = {
    "approval-before-prod": "only prod is approved",
    "security-hub-gate": "only prod is gated",
    "endpoint-two-instances": "scaling.min is 1",
    "scaling-minimum": "scaling.min is 1",
    "deployment-capacity": "with one task, none answers while it is replaced",
    "spot-on-demand-base": "all tasks of dev may be on Spot",
    "firewall-attached": "firewall is off",
    "load-balancer-protected": "dev is deleted and made again",
    "database-last-copy": "dev is deleted and made again",
    "database-zones": "dev has one zone's database",
    "store-protected": "dev is deleted and made again",
    "nat-per-zone": "network.natPerZone is off",
}
"""What prod forbids and dev is not told of, because its defaults leave it out on purpose, and how."""


def test_ids_are_unique_and_found() -> None:
    ids = [meta.id for meta in CATALOG]

    assert len(set(ids)) == len(ids)
    assert find("log-retention") in CATALOG
    assert find("no-such-rule") is None


def test_every_item_has_a_rule_for_every_compute_type_that_it_is_asked_of() -> None:
    decided = {(meta.item, compute) for meta in CATALOG for compute in SERVICES if meta.concerns(compute)}
    asked = {(item.id, compute) for item in CHECKLIST.values() for compute in item.applies}

    assert asked - decided == set()


def test_rules_stand_in_the_order_of_the_checklist() -> None:
    items = [rule.meta.item for rule in RULES if rule.meta.item is not None]

    assert items == sorted(items, key=list(CHECKLIST).index)


def test_a_rule_is_asked_only_where_its_item_is() -> None:
    for meta in CATALOG:
        if meta.item is not None:
            assert set(meta.applies) <= set(SERVICES)
            assert set(meta.applies) & set(CHECKLIST[meta.item].applies) == set(meta.applies), meta.id


@pytest.mark.parametrize("meta", CATALOG, ids=lambda meta: meta.id)
def test_a_rule_reads_well(meta: Meta) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", meta.id)
    assert meta.item is None or meta.item in CHECKLIST
    assert re.fullmatch(r"https://[a-z0-9.-]+/\S+", meta.url)
    assert meta.url.split("/")[2] in DOCUMENTATION
    assert re.match(r"[A-Z]|`", meta.title)
    assert not re.search(r"\bshould\b|\.$", meta.title), "a title is what is true when the rule holds"
    assert re.match(r"[A-Z]|`", meta.why)
    assert meta.why.endswith(".")
    assert not meta.fix.endswith(".")
    assert len({meta.title, meta.why, meta.fix}) == 3


def test_no_two_rules_say_the_same() -> None:
    about = [(meta.title, meta.applies) for meta in CATALOG]
    assert len(set(about)) == len(about)


@cache
def service_keys(compute: str) -> frozenset[str]:
    return frozenset(key.path for key in keys_of(compute))


@pytest.mark.parametrize("meta", CATALOG, ids=lambda meta: meta.id)
def test_a_fix_says_what_to_write_and_where(meta: Meta) -> None:
    assert meta.fix.split()[0] in VERBS, "a fix begins with what to do"
    for path in re.findall(r"\b(?:components|stacks|policies|docs)/[\w./]*\w", meta.fix):
        assert (ROOT / path).exists(), path
    known = ENVIRONMENT_KEYS.union(*map(service_keys, meta.applies or SERVICES))
    for written in re.findall(r"`([^`]+)`", meta.fix):
        assert written.partition(":")[0] in known, f"`{written}` is no key of a stack file"


def test_what_is_critical_is_forbidden_in_every_tier() -> None:
    milder = {meta.id for meta in CATALOG if meta.severity == "critical" and meta.levels != ALWAYS}
    assert milder == {"store-protected"}, "a table of dev may be thrown away"


def test_what_else_is_forbidden_in_every_tier_is_refused_by_aws_or_about_people() -> None:
    assert {meta.id for meta in CATALOG if meta.levels == ALWAYS and meta.severity != "critical"} == set(REFUSED)


def test_dev_is_never_stricter_than_prod_but_about_what_only_dev_has() -> None:
    weight = {"disabled": 0, "advisory": 1, "mandatory": 2}
    for meta in CATALOG:
        steps = [weight[meta.levels.of(tier)] for tier in TIERS]
        assert steps == sorted(steps) or meta.id == "nat-single", meta.id


def test_dev_advises_where_prod_forbids_or_leaves_it_out_by_its_defaults() -> None:
    silent = {meta.id for meta in CATALOG if meta.levels.prod == "mandatory" and meta.levels.dev == "disabled"}
    assert silent == set(LEFT_OUT)


def test_a_high_risk_is_mandatory_in_prod() -> None:
    for meta in CATALOG:
        if meta.severity in ("critical", "high"):
            assert meta.levels.prod == "mandatory", meta.id


def test_a_medium_risk_beyond_the_checklist_is_advice() -> None:
    medium = {meta.id for meta in CATALOG if meta.severity in ("medium", "low") and meta.item is None}
    forbidden = {meta.id for meta in CATALOG if meta.id in medium and meta.levels.prod == "mandatory"}
    assert forbidden - set(REFUSED) == set(STRICT)


def test_what_the_checklist_asks_is_mandatory_in_prod() -> None:
    advised = {meta.id for meta in CATALOG if meta.item and meta.levels.prod != "mandatory"}
    assert advised == {"web-private-subnet"}, "AWS alone says where the tasks of a public Express service are"


def test_the_taggable_types_are_those_of_the_installed_provider() -> None:
    assert sorted(TAGGABLE) == derive()


def test_no_module_hides_one_of_python() -> None:
    folder = Path(policies.__path__[0])
    names = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}

    assert not (names - {"__init__", "__main__", "__pycache__"}) & sys.stdlib_module_names
