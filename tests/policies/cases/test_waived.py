"""The breakage is waived: it does not count; or the waiver is not in order, and it counts with what is wrong."""

from typing import Final

from policies.graph import Graph
from policies.judge import judge
from policies.verdicts import Judgement
from tests.policies.breaks_waivers import FOUNDATION, waiver
from tests.policies.cases.case import FIRST, TODAY, WAIVER_RULES, Case, ask, concerned, each, verdicts_of

WAIVABLE: Final = tuple(case for case in FIRST if case.rule not in WAIVER_RULES)
"""One breakage of each rule that can be waived."""


def waived(case: Case, **other: str) -> Graph:
    """The broken environment, with a waiver of the rule where it counts."""
    draft = case.bad()
    draft.nodes[case.service or FOUNDATION].inputs["waive"] = [waiver(case.meta.id, **other)]
    return draft.graph()


def judged(case: Case, graph: Graph) -> Judgement:
    return judge(graph, TODAY, [case.rule, *WAIVER_RULES])


def verdict_names(case: Case, graph: Graph) -> set[str]:
    said = verdicts_of(graph, TODAY, case.rule)
    return {said[service].verdict for service in concerned(case)}


@each(WAIVABLE)
def test_a_waiver_takes_it_out_of_the_way(case: Case) -> None:
    graph = waived(case)
    judgement = judged(case, graph)

    assert judgement.violations == (), case.name
    assert judgement.ok, case.name
    assert [each.violation for each in judgement.waived] == list(ask(case.bad(), case.rule).violations), case.name
    assert verdict_names(case, graph) <= {"waived"}, case.name


@each(WAIVABLE)
def test_a_waiver_may_name_the_resource(case: Case) -> None:
    (first, *_) = ask(case.bad(), case.rule).violations
    judgement = judged(case, waived(case, component=first.urn.rpartition("::")[2]))

    assert first in [each.violation for each in judgement.waived], case.name
    assert first not in judgement.violations, case.name


@each(WAIVABLE)
def test_an_expired_waiver_waives_nothing(case: Case) -> None:
    graph = waived(case, expires="2026-06-30")
    judgement = judged(case, graph)

    assert {each.rule for each in judgement.violations} == {case.meta.id, "waiver-expired"}, case.name
    assert judgement.waived == (), case.name
    assert verdict_names(case, graph) <= {"fail"}, case.name


@each(WAIVABLE)
def test_a_waiver_of_another_component_waives_nothing_and_is_unused(case: Case) -> None:
    graph = waived(case, component="another-one")
    judgement = judged(case, graph)

    assert {each.rule for each in judgement.violations} == {case.meta.id, "waiver-unused"}, case.name
    assert judgement.waived == (), case.name
    assert verdict_names(case, graph) <= {"fail"}, case.name
