"""A breakage of one service, or of one item, leaves everything else as it was."""

from typing import Final

from policies.judge import judge
from tests.policies.cases.case import TODAY, VERDICT_CASES, Case, each

OF_ONE_SERVICE: Final = tuple(case for case in VERDICT_CASES if case.service)
OF_ALL: Final = tuple(case for case in VERDICT_CASES if not case.service)


@each(OF_ONE_SERVICE)
def test_the_other_services_do_not_notice(case: Case) -> None:
    before, after = case.judged_good().verdicts, judge(case.bad().graph(), TODAY).verdicts

    others = set(before) - {case.service}
    assert others, case.name
    for name in others:
        assert after[name] == before[name], f"{case.name} changes what is said of {name}"


@each(OF_ALL)
def test_what_all_share_breaks_one_item_alone(case: Case) -> None:
    before, after = case.judged_good().verdicts, judge(case.bad().graph(), TODAY).verdicts

    assert set(after) == set(before), case.name
    for name, items in after.items():
        fails = {item for item, verdict in items.items() if verdict.verdict == "fail"}
        assert fails <= {case.meta.item}, f"{case.name} breaks other items of {name}"
