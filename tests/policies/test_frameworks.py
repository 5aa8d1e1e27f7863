"""The published practices and controls that rules name."""

import re

import pytest

from policies.catalog import CATALOG
from policies.frameworks import CONTROLS, Control
from policies.rule import Meta

UNMATCHED = {
    "api-cors": "no practice and no control speaks of what browsers may call",
    "agent-tools": "published practices of agents have no ids yet, only the lens that its url names",
    "agent-tools-many": "published practices of agents have no ids yet, only the lens that its url names",
}
"""Rules that nothing published asks for, and why."""

FORMS = {
    "AWS Well-Architected Framework": r"(COST|OPS|PERF|REL|SEC|SUS)\d\d-BP\d\d",
    "AWS Security Hub CSPM controls": r"[A-Z][A-Za-z0-9]+\.\d+",
    "CIS AWS Foundations Benchmark v7.0.0": r"CIS 7\.0\.0/[2-6](\.\d+)+",
}


@pytest.mark.parametrize("meta", CATALOG, ids=lambda meta: meta.id)
def test_a_rule_names_only_what_is_published(meta: Meta) -> None:
    assert [each for each in meta.frameworks if each not in CONTROLS] == []
    assert len(set(meta.frameworks)) == len(meta.frameworks)


def test_nothing_is_listed_that_no_rule_names() -> None:
    assert set(CONTROLS) == {each for meta in CATALOG for each in meta.frameworks}


def test_every_rule_matches_something_or_says_why_not() -> None:
    assert {meta.id for meta in CATALOG if not meta.frameworks} == set(UNMATCHED)


@pytest.mark.parametrize("control", CONTROLS.values(), ids=lambda control: control.id)
def test_a_control_has_the_form_of_its_framework_and_a_title(control: Control) -> None:
    assert re.fullmatch(FORMS[control.framework], control.id)
    assert control.title[0].isupper()
    assert not control.title.endswith(".")
    assert control.source.startswith("https://")


def test_controls_stand_in_order_so_that_a_new_one_has_its_place() -> None:
    def parts(control: Control) -> list[tuple[int, str]]:
        return [(int(part or 0), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", control.id)]

    for framework in FORMS:
        listed = [each for each in CONTROLS.values() if each.framework == framework]
        assert listed == sorted(listed, key=parts)


def test_a_control_of_security_hub_is_named_where_its_page_is() -> None:
    """A rule whose page is that of a control is about that control."""
    page = re.compile(r"securityhub/latest/userguide/[a-z0-9]+-controls\.html#([a-z0-9]+)-(\d+)$")
    pages = {meta.id: page.search(meta.url) for meta in CATALOG}
    about = {rule: ".".join(found.groups()) for rule, found in pages.items() if found}
    named = {meta.id: {each.lower() for each in meta.frameworks} for meta in CATALOG}

    assert about
    assert {rule: control for rule, control in about.items() if control not in named[rule]} == {}
