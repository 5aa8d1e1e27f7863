"""The rules as data."""

import sys
from pathlib import Path

import policies
from policies.catalog import CATALOG, RULES, find
from policies.checklist import CHECKLIST, NOT_ASKED
from policies.taggable import TAGGABLE, derive
from stacks.models import SERVICES


def test_ids_are_unique_and_found() -> None:
    ids = [meta.id for meta in CATALOG]

    assert len(set(ids)) == len(ids)
    assert find("log-retention") in CATALOG
    assert find("no-such-rule") is None


def test_every_item_of_both_compute_types_has_a_rule_or_a_cause() -> None:
    decided = {meta.item for meta in CATALOG}
    asked = {item.id for item in CHECKLIST.values() if {"fargate", "lambda"} & set(item.applies)}

    assert asked - decided == {*NOT_ASKED}


def test_rules_stand_in_the_order_of_the_checklist() -> None:
    items = [rule.meta.item for rule in RULES if rule.meta.item is not None]

    assert items == sorted(items, key=list(CHECKLIST).index)


def test_a_rule_is_asked_only_where_its_item_is() -> None:
    for meta in CATALOG:
        if meta.item is not None:
            assert set(meta.applies) <= set(SERVICES)
            assert set(meta.applies) & set(CHECKLIST[meta.item].applies) == set(meta.applies), meta.id


def test_texts_can_be_put_into_one_sentence() -> None:
    for meta in CATALOG:
        assert meta.url.startswith("https://")
        assert meta.why.endswith(".")
        for text in (meta.title, meta.fix):
            assert text
            assert not text.endswith("."), meta.id


def test_the_taggable_types_are_those_of_the_installed_provider() -> None:
    assert sorted(TAGGABLE) == derive()


def test_no_module_hides_one_of_python() -> None:
    folder = Path(policies.__path__[0])
    names = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}

    assert not (names - {"__init__", "__main__", "__pycache__"}) & sys.stdlib_module_names
