"""How many cases each rule has: at least LEAST, and at least AVERAGE over all. Counted from what the tests run over."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from tests.policies.cases import (
    test_absent,
    test_analyzer,
    test_levels,
    test_malformed,
    test_neighbours,
    test_places,
    test_raising,
    test_secrets,
    test_spared,
    test_thresholds,
    test_unknowns,
    test_waived,
)
from tests.policies.cases.case import CASES, FIRST, RULE, Case
from tests.policies.cases.test_references import REFERENCES

LEAST: Final = 16
AVERAGE: Final = 28

KINDS: Final[Mapping[str, Iterable[Case]]] = {
    "spared": [case for case, _ in test_spared.SPARED],
    "counted in its tier": [case for case, _ in test_levels.IN_TIERS],
    "pointing at a place": [case for case in CASES if case.meta.id not in test_places.OPTIONS],
    "through the analyzer": [case for batch in test_analyzer.BATCHES for case in batch.cases],
    "unknown": [case for case, _, _ in test_unknowns.FORMS],
    "referring": test_unknowns.REFERRING,
    "judged as a secret": [case for batch in test_secrets.BATCHES for case in batch.cases],
    "not telling a secret": test_secrets.SETTING,
    "unnoticed by other services": test_neighbours.OF_ONE_SERVICE,
    "unnoticed by other items": test_neighbours.OF_ALL,
    "without its resources": test_absent.ABOUT_RESOURCES,
    "without its service": test_absent.OF_A_SERVICE,
    "without anything": FIRST,
    "waived": test_waived.WAIVABLE,
    "waived by the resource": test_waived.WAIVABLE,
    "waived until yesterday": test_waived.WAIVABLE,
    "waived elsewhere": test_waived.WAIVABLE,
    "raising": test_raising.RAISING,
    "malformed": test_malformed.CHANGING,
    "in another order": FIRST,
    "made by our components": FIRST,
}
"""The tests of this folder with what each runs over; what is tried with several values counts once."""


def cases_by_rule() -> Counter[str]:
    counted = Counter(case.meta.id for cases in KINDS.values() for case in cases)
    counted.update(threshold.rule for threshold in (*test_thresholds.THRESHOLDS, *test_thresholds.EXACT))
    counted.update(reference.rule for reference in REFERENCES)
    return counted


def test_every_rule_has_cases() -> None:
    counted = cases_by_rule()

    few = {rule: counted[rule] for rule in RULE if counted[rule] < LEAST}
    assert few == {}, f"rules with fewer than {LEAST} cases"


def test_there_are_enough_cases_on_average() -> None:
    counted = cases_by_rule()

    assert set(counted) == set(RULE)
    assert counted.total() / len(RULE) >= AVERAGE, f"{counted.total()} cases for {len(RULE)} rules"
