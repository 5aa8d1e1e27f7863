"""What was changed is only known after the deployment: undecided with its cause, and never silently good or bad."""

from collections.abc import Iterable, Mapping
from typing import Final

import pytest

from policies.rule import Rule
from tests.policies.cases.case import RULE, VERDICT_CASES, Case, Place, ask, concerned, verdicts
from tests.policies.draft import Draft
from tests.policies.golden import UNKNOWN

PASSES: Final[Mapping[str, str]] = {
    "required-tags-1-leaf": "a tag that AWS fills in is there",
    "web-plain-secret-1-leaf": "what the variable wires up is known by its name",
}
"""Unknowns that are good all the same, and why."""

FAILS: Final[Mapping[str, str]] = {
    "no-plain-config-2-leaf": "a setting does not belong there, whatever its value",
    "model-isolated-1-leaf": "the isolation itself is known to be off",
    "web-image-released-1-leaf": "the component knows that nothing has been released",
}
"""Unknowns that are bad whatever they turn out to be, and why."""


def leaves(case: Case) -> list[Place]:
    """The inputs that the breakage changes. What our components state of themselves is never unknown."""
    return [(name, path) for name, path in case.changes if not case.touched[name].startswith("onramp:")]


def whole(places: Iterable[Place]) -> list[Place]:
    """The top-level inputs around them, each once."""
    return list(dict.fromkeys((name, path.partition(".")[0]) for name, path in places))


def unknown(case: Case, places: Iterable[Place], *, refers: bool) -> Draft:
    """The broken environment, with unknowns in the places; they refer to what the good ones do, or to nothing."""
    draft, good = case.bad(), case.good()
    for name, path in places:
        draft.replace(name, path, UNKNOWN)
        key = path.partition(".")[0]
        draft.nodes[name].refers.pop(key, None)
        if refers:
            draft.nodes[name].refers[key] = good.nodes[name].refers[key]
    return draft


def of_the_item(rule: Rule) -> list[Rule]:
    """The other rules of its checklist item: an item is as good as the worst of them."""
    return [other for other in RULE.values() if rule.meta.item and other.meta.item == rule.meta.item and other != rule]


CHANGING: Final = tuple(case for case in VERDICT_CASES if leaves(case))
FORMS: Final = tuple(
    (case, form, places)
    for case in CHANGING
    for form, places in (("leaf", leaves(case)), ("input", whole(leaves(case))))
    if form == "leaf" or places != leaves(case)
)
"""Each breakage with the value itself unknown, and with the whole input, as outputs are where a part of them is."""


@pytest.mark.parametrize(
    ("case", "form", "places"), [pytest.param(*each, id=f"{each[0].name}-{each[1]}") for each in FORMS]
)
def test_an_unknown_is_undecided_and_says_what_it_waits_for(case: Case, form: str, places: list[Place]) -> None:
    draft = unknown(case, places, refers=False)
    said = verdicts(draft, case.rule, *of_the_item(case.rule))
    about = [said[service] for service in concerned(case)]

    name = f"{case.name}-{form}"
    expected = next((verdict for verdict, known in (("pass", PASSES), ("fail", FAILS)) if name in known), "undecided")
    assert {verdict.verdict for verdict in about} <= {expected}, f"{case.name} with {form} unknown: {about}"
    if expected == "undecided":
        assert ask(draft, case.rule).violations == (), f"{case.name} with {form} unknown breaks the rule"
        causes = [verdict.because for verdict in about]
        assert all(" known " in cause for cause in causes), f"{case.name} waits for nothing: {causes}"
        assert all(any(name in cause for name, _ in places) for cause in causes), f"{case.name}: {causes}"


REFERRING: Final = tuple(
    case for case in CHANGING if all(case.good().get(*place) in (UNKNOWN, [UNKNOWN]) for place in leaves(case))
)
"""Breakages of inputs that are references in the good environment."""


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in REFERRING])
def test_an_unknown_that_refers_to_the_right_kind_of_resource_passes(case: Case) -> None:
    said = verdicts(unknown(case, leaves(case), refers=True), case.rule)

    assert {said[service].verdict for service in concerned(case)} == {"pass"}, f"{case.name}: {said}"
