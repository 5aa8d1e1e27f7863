"""The ratchet: what is new since a baseline, an earlier preview or an exported stack, and what comes of it."""

import io
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from onramp.against import parse_baseline
from onramp.evaluate import evaluate
from onramp.exits import BadInputError
from onramp.ratchet import Baseline, baseline_text, compare, place_of
from onramp.report import Report
from onramp.screens.preview import show_preview
from policies.verdicts import Judgement, Violation, Waived
from simulator.graph import Resource
from tests.onramp.conftest import ROOT, MakeProject, document, onramp, services

OLD: Final = "api: {compute: fargate, port: 80, route: /api/*, alarms: {cpuPercent: 99}}\n"
WORSE: Final = OLD + "web: {compute: fargate, port: 80, route: /web/*, alarms: {cpuPercent: 99}}\n"
STACK_URN: Final = "urn:pulumi:dev::onramp::pulumi:pulumi:Stack::onramp-dev"


def violation(rule: str, name: str = "api", path: str = "", message: str = "is wrong") -> Violation:
    return Violation(
        rule=rule,
        item=None,
        level="mandatory",
        severity="high",
        service=name,
        urn=f"urn:pulumi:dev::onramp::onramp:compute:FargateService::{name}",
        path=path,
        message=message,
        fix="mend it",
        url="https://example.com",
    )


VIOLATIONS: Final = st.lists(
    st.builds(
        violation,
        rule=st.sampled_from("ab"),
        name=st.sampled_from(["api", "web"]),
        path=st.sampled_from(["", "name"]),
        message=st.text(max_size=3),
    ),
    unique=True,
    max_size=8,
)


def judgement_of(violations: list[Violation], waived: list[Violation]) -> Judgement:
    return Judgement(verdicts={}, violations=tuple(violations), waived=tuple(map(waive, waived)))


def waive(found: Violation) -> Waived:
    return Waived(
        violation=found, reason="it may", owner="news", approver="security", ticket="NEWS-7", expires="2026-01-31"
    )


def baseline_of(violations: list[Violation], waived: list[Violation] | None = None) -> Baseline:
    return parse_baseline(baseline_text("dev", judgement_of(violations, waived or [])).encode(), "base.json", "dev")


def places(violations: list[Violation]) -> Counter[object]:
    return Counter(place_of(found.rule, found.service, found.urn, found.path) for found in violations)


@given(VIOLATIONS)
def test_against_itself_nothing_is_new_and_nothing_is_gone(found: list[Violation]) -> None:
    ratchet = compare(found, baseline_of(found))
    assert (ratchet.new, ratchet.known, ratchet.gone, ratchet.ok) == (frozenset(), frozenset(found), 0, True)


@given(st.data(), VIOLATIONS, VIOLATIONS)
def test_order_does_not_matter(data: st.DataObject, old: list[Violation], now: list[Violation]) -> None:
    one = compare(now, baseline_of(old))
    assert compare(now, baseline_of(data.draw(st.permutations(old)))) == one
    other = compare(data.draw(st.permutations(now)), baseline_of(old))
    assert (other.gone, other.ok) == (one.gone, one.ok)
    assert places(list(other.new)) == places(list(one.new))


@given(VIOLATIONS, VIOLATIONS)
def test_every_violation_is_new_or_known_and_the_books_balance(old: list[Violation], now: list[Violation]) -> None:
    ratchet = compare(now, baseline_of(old))
    assert (ratchet.new | ratchet.known, ratchet.new & ratchet.known) == (frozenset(now), frozenset())
    assert places(list(ratchet.new)) == places(now) - places(old)
    assert ratchet.gone == (places(old) - places(now)).total()
    assert ratchet.ok is not bool(ratchet.new)


def test_other_words_and_another_stack_name_in_the_urn_are_the_same_violation() -> None:
    now = replace(violation("a", message="99 is above 90"), urn=violation("a").urn.replace(":dev:", ":renamed:"))
    ratchet = compare([now], baseline_of([violation("a", message="98 is above 90")]))
    assert (len(ratchet.known), ratchet.gone) == (1, 0)


@pytest.mark.parametrize("change", [{"rule": "b"}, {"name": "web"}, {"path": "name"}])
def test_another_rule_resource_or_input_is_another_violation(change: dict[str, str]) -> None:
    now = violation(**{"rule": "a", **change})
    ratchet = compare([now], baseline_of([violation("a")]))
    assert (ratchet.new, ratchet.gone) == (frozenset({now}), 1)


def test_the_same_fault_a_second_time_in_one_place_is_new() -> None:
    once, twice = violation("a", message="no endpoint for s3"), violation("a", message="no endpoint for logs")
    ratchet = compare([once, twice], baseline_of([once]))
    assert (len(ratchet.new), len(ratchet.known), ratchet.ok) == (1, 1, False)


def test_a_new_violation_that_only_advises_does_not_say_no() -> None:
    assert compare([replace(violation("a"), level="advisory")], baseline_of([])).ok


def test_a_waiver_that_was_there_before_is_not_new_and_another_one_is() -> None:
    before, after = violation("a"), violation("b")
    ratchet = compare([], baseline_of([], waived=[before]), [waive(before), waive(after)])
    assert (ratchet.newly_waived, ratchet.gone, ratchet.ok) == (frozenset({after}), 0, True)
    assert [ratchet.is_new(each) for each in (before, after)] == [False, True]


def test_what_was_wrong_and_is_waived_now_is_neither_new_nor_gone() -> None:
    ratchet = compare([], baseline_of([violation("a")]), [waive(violation("a"))])
    assert (ratchet.newly_waived, ratchet.gone) == (frozenset(), 0)


def test_what_is_not_waived_any_more_is_new() -> None:
    ratchet = compare([violation("a")], baseline_of([], waived=[violation("a")]))
    assert (ratchet.new, ratchet.ok) == (frozenset({violation("a")}), False)


@pytest.fixture
def old(project: MakeProject) -> Path:
    """A project whose one service is not as it should be."""
    return project(services(OLD, tier="prod"))


def worsen(folder: Path) -> None:
    """A second service with the same fault."""
    (folder / "Pulumi.dev.yaml").write_text(services(WORSE, tier="prod"), encoding="utf-8")


def names(found: list[dict[str, Any]], *, new: bool) -> set[str | None]:
    return {each["service"] for each in found if each["new"] is new}


@pytest.mark.parametrize("form", ["baseline", "json"])
def test_only_what_is_new_ends_with_one(old: Path, form: str) -> None:
    kept = old / "base.json"
    first = onramp("preview", "dev", "--project", old, "--json", *(["--baseline", kept] if form == "baseline" else []))
    assert first.exit_code == 1
    if form == "json":
        kept.write_text(first.stdout, encoding="utf-8")
    again = ("preview", "dev", "--project", old, "--against", kept, "--json")
    same = onramp(*again, "--only-new")
    assert same.exit_code == 0
    counts = {"new": 0, "known": len(document(first)["violations"]), "gone": 0}
    assert document(same)["against"] == {"file": str(kept), "ok": True, **counts}
    assert document(same)["ok"] is False
    assert onramp(*again).exit_code == 1

    worsen(old)
    worse = onramp(*again, "--only-new")
    assert worse.exit_code == 1
    found = document(worse)["violations"]
    assert (names(found, new=True), "api" in names(found, new=False)) == ({"web"}, True)
    assert len(found) == document(worse)["against"]["new"] + document(worse)["against"]["known"]


def test_what_was_mended_is_counted_as_gone(old: Path) -> None:
    kept = old / "base.json"
    onramp("preview", "dev", "--project", old, "--baseline", kept)
    before = len(json.loads(kept.read_bytes())["violations"])
    (old / "Pulumi.dev.yaml").write_text(services(OLD.replace("99", "80"), tier="prod"), encoding="utf-8")
    against = document(onramp("preview", "dev", "--project", old, "--against", kept, "--json"))["against"]
    assert (against["new"], against["known"] + against["gone"]) == (0, before)
    assert against["gone"] > 0


def test_without_against_no_violation_says_whether_it_is_new(old: Path) -> None:
    found = document(onramp("preview", "dev", "--project", old, "--json"))
    assert "against" not in found
    assert not [each for each in found["violations"] if "new" in each]


def test_a_screen_shows_the_new_ones_first_and_the_old_ones_too(old: Path) -> None:
    before = evaluate(old, "dev", print)
    worsen(old)
    after = evaluate(old, "dev", print)
    ratchet = compare(after.judgement.violations, baseline_of([*before.judgement.violations, violation("mended")]))
    console = Console(record=True, width=220, highlight=False, file=io.StringIO())
    show_preview(console, replace(after, ratchet=ratchet), "some engine")
    lines = console.export_text().splitlines()
    ages = [line.split()[0] for line in lines if line.split()[:1] in (["new"], ["known"])]
    assert ages == ["new"] * len(ratchet.new) + ["known"] * len(ratchet.known)
    assert set(ages) == {"new", "known"}
    assert f"Against base.json: {len(ratchet.new)} new, {len(ratchet.known)} known, 1 gone." in lines


def exported(report: Report, name: str = "dev") -> dict[str, Any]:
    """What `pulumi stack export` says of a stack that was built as previewed."""
    resources = [_deployed(found) for found in report.graph.resources]
    text = json.dumps({"version": 3, "deployment": {"manifest": {}, "resources": resources}})
    return json.loads(text.replace("urn:pulumi:dev::", f"urn:pulumi:{name}::"))


def _deployed(found: Resource) -> dict[str, Any]:
    dependencies = {key: [*urns] or None for key, urns in found.property_dependencies.items()}
    parent = {"parent": found.parent} if found.parent else {}
    return {
        "urn": found.urn,
        "type": found.type,
        "custom": found.custom,
        "inputs": dict(found.inputs),
        "dependencies": [*found.dependencies],
        "propertyDependencies": dependencies,
        **parent,
    }


def test_an_exported_stack_is_judged_and_what_is_wrong_with_it_is_old(old: Path) -> None:
    kept = old / "export.json"
    before = evaluate(old, "dev", print)
    kept.write_text(json.dumps(exported(before)), encoding="utf-8")
    same = onramp("preview", "dev", "--project", old, "--against", kept, "--only-new", "--json")
    against = document(same)["against"]
    assert (same.exit_code, against["new"], against["gone"]) == (0, 0, 0)
    assert against["known"] == len(before.judgement.violations) > 0
    worsen(old)
    worse = onramp("preview", "dev", "--project", old, "--against", kept, "--only-new", "--json")
    assert (worse.exit_code, names(document(worse)["violations"], new=True)) == (1, {"web"})


def test_what_waits_to_be_deleted_is_not_judged(old: Path) -> None:
    before = evaluate(old, "dev", print)
    export = exported(before)
    expected = parse_baseline(json.dumps(export).encode(), "export.json", "dev")
    export["deployment"]["resources"] += [
        {**each, "delete": True, "inputs": {}} for each in export["deployment"]["resources"]
    ]
    assert parse_baseline(json.dumps(export).encode(), "export.json", "dev") == expected


@pytest.mark.parametrize("resources", [{}, {"resources": []}])
def test_of_a_stack_with_nothing_in_it_nothing_is_old(resources: dict[str, Any]) -> None:
    text = json.dumps({"version": 3, "deployment": {"manifest": {}, **resources}})
    assert parse_baseline(text.encode(), "export.json", "dev").places == ()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_that_another_shell_has_redirected_is_read(encoding: str) -> None:
    text = baseline_text("dev", judgement_of([violation("a")], []))
    assert parse_baseline(text.encode(encoding), "base.json", "dev") == baseline_of([violation("a")])


def _export(version: object = 3, urn: str = STACK_URN) -> str:
    resource = {"urn": urn, "type": "pulumi:pulumi:Stack"}
    return json.dumps({"version": version, "deployment": {"resources": [resource]}})


BAD: Final = {
    "nothing": ("", "is not JSON"),
    "no JSON": ("resources:", "is not JSON"),
    "no text": ("\udcff", "is not JSON"),
    "nested without end": ("[" * 100_000, "is not JSON"),
    "a list": ("[]", "is no baseline, no JSON of a preview and no exported stack"),
    "what a preview says that failed": ('{"ok": false, "problems": []}', "is no baseline"),
    "a violation without a rule": (
        '{"stack": "dev", "violations": [{"service": null, "urn": "", "path": ""}]}',
        "violations.0.rule",
    ),
    "a baseline of another stack": (
        baseline_text("prod", judgement_of([], [])),
        "is of the stack prod, and this is dev",
    ),
    "an export of another stack": (
        _export(urn=STACK_URN.replace(":dev:", ":prod:")),
        "is of the stack prod, and this is dev",
    ),
    "a baseline of tomorrow": ('{"baseline": 2, "stack": "dev", "violations": []}', "version 2, and this onramp"),
    "an export of tomorrow": (_export(5), "has version 5, and this onramp reads 3 and 4"),
    "an export without a version": (_export(None), "has version None"),
    "an export whose URNs are none": (_export(urn="dev"), "deployment.resources.0.urn"),
    "a deployment that is none": ('{"version": 3, "deployment": []}', "deployment"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_baseline_is_refused_with_a_fix(name: str) -> None:
    text, expected = BAD[name]
    with pytest.raises(BadInputError, match=expected) as refused:
        parse_baseline(text.encode(errors="surrogateescape"), "base.json", "dev")
    assert "\n    fix: " in str(refused.value)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--against", "missing.json"], "missing.json cannot be read: No such file"),
        (["--against", "."], ". cannot be read: Is a directory"),
        (["--against", "README.md", "--only-new"], "README.md is not JSON"),
        (["--only-new"], "--only-new needs something to compare with"),
        (["--against", "a.json", "--baseline", "b.json"], "would accept what is new"),
        (["--baseline", "no/such/folder.json"], "there is no folder"),
    ],
)
def test_what_cannot_be_ends_with_two_and_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], expected: str
) -> None:
    monkeypatch.chdir(ROOT)
    result = onramp("preview", "dev", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert expected in result.stderr
    assert "fix: " in result.stderr
    assert not (ROOT / "b.json").exists()
