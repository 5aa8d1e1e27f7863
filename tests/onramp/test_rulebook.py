"""What people read of rules: examples that tests break, waivers that load, and a page that is in step."""

import io
from collections.abc import Sequence
from datetime import date

import pytest
import yaml
from rich.console import Console

from onramp.exits import BadInputError
from onramp.reference import RULES_PAGE, rules_text
from onramp.rulebook import BEYOND, EXAMPLES_FILE, Entry, find_rules, rulebook
from onramp.screens.rules import show_rule, show_rules
from policies.catalog import CATALOG, WAIVABLE
from policies.checklist import CHECKLIST
from policies.config import REMEDY_POLICIES
from policies.rules.waivers import WAIVER_DAYS
from stacks.models.waivers import Waiver
from tests.onramp.conftest import ROOT
from tests.policies.examples import examples_text

TODAY = date(2026, 7, 1)
ENTRIES = {entry.meta.id: entry for entry in rulebook()}


def screen(entry: Entry) -> str:
    console = Console(record=True, width=160, highlight=False, file=io.StringIO())
    show_rule(console, entry, TODAY)
    return console.export_text()


def table(entries: Sequence[Entry]) -> str:
    console = Console(record=True, width=200, highlight=False, file=io.StringIO())
    show_rules(console, entries)
    return console.export_text()


def test_the_examples_are_what_the_tests_break() -> None:
    assert EXAMPLES_FILE.read_text(encoding="utf-8") == examples_text(), "run `make docs`"


def test_the_page_of_rules_is_in_step() -> None:
    assert (ROOT / RULES_PAGE).read_text(encoding="utf-8") == rules_text(), "run `make docs`"


def test_the_page_has_one_row_of_levels_for_each_rule() -> None:
    rows = [line for line in rules_text().splitlines() if line.startswith("| [")]
    for meta, row in zip(CATALOG, rows, strict=True):
        assert f"[{meta.id}](#{meta.id})" in row
        assert f"| {meta.levels.dev} | {meta.levels.staging} | {meta.levels.prod} |" in row


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_an_example_says_what_is_wrong_and_shows_what_changes(entry: Entry) -> None:
    assert entry.example.says
    assert any(line.startswith(("+", "-")) for line in entry.example.change.splitlines())


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_a_waiver_to_paste_is_one_that_loads_and_counts(entry: Entry) -> None:
    text = entry.waiver(TODAY)
    if not WAIVABLE[entry.meta.id]:
        assert text == ""
        return
    (waiver,) = [Waiver.model_validate(each) for each in yaml.safe_load(text)["waive"]]
    assert waiver.rule == entry.meta.id
    assert waiver.owner != waiver.approver
    assert (waiver.expires - TODAY).days == WAIVER_DAYS[entry.meta.severity]


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_a_rule_on_the_screen_is_complete(entry: Entry) -> None:
    meta, shown = entry.meta, screen(entry)
    words = " ".join(shown.split())
    for text in (meta.title, meta.why, meta.fix, entry.example.says):
        assert " ".join(text.split()) in words
    for tier in ("dev", "staging", "prod"):
        assert f"{tier} {meta.levels.of(tier)}" in shown
    for control in entry.controls:
        assert f"{control.id} {control.title}" in words
    assert meta.url in shown
    assert entry.example.change.splitlines()[0] in shown
    assert ("waive:" in shown) == entry.waivable


def test_a_rule_that_the_pack_can_mend_says_how_to_let_it() -> None:
    for entry in ENTRIES.values():
        policy = f"remedy-{entry.meta.id}"
        assert (policy in screen(entry)) == (policy in REMEDY_POLICIES)


def test_the_table_has_every_rule_in_its_group() -> None:
    shown = table(rulebook())
    places = [shown.index(f" {entry.meta.id} ") for entry in rulebook()]
    assert places == sorted(places)
    for group in {item.group for item in CHECKLIST.values()}:
        assert group in shown
    assert f"{BEYOND} the checklist" in shown


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("log-retention", {"log-retention"}),
        ("SECR-5", {"database-rotation", "rotation-administrator"}),
        ("health", {meta.id for meta in CATALOG if meta.item and meta.item.startswith("HLTH-")}),
        ("ECS.8", {"container-plain-secret"}),
    ],
)
def test_rules_are_found_by_id_item_group_or_control(wanted: str, expected: set[str]) -> None:
    assert {entry.meta.id for entry in find_rules(wanted)} == expected


@pytest.mark.parametrize(("wanted", "guess"), [("log-retentoin", "log-retention"), ("SECR5", "SECR-5")])
def test_what_is_called_otherwise_is_guessed_at(wanted: str, guess: str) -> None:
    with pytest.raises(BadInputError, match=f"did you mean `{guess}`"):
        find_rules(wanted)
