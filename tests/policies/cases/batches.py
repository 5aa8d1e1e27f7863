"""Many breakages in one environment, for what takes long: as long as none touches a resource of another one."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from policies.judge import judge
from policies.rule import WaiverRule
from stacks.standards import Tier
from tests.policies.cases.case import TODAY, Case
from tests.policies.draft import Draft

SIZE: Final = 10
"""Breakages of one batch: few enough to find the one that a failure is about."""


class Batch(NamedTuple):
    """Some cases that are broken at once."""

    cases: list[Case]

    @property
    def name(self) -> str:
        return f"{self.cases[0].name}-to-{self.cases[-1].name}"

    def bad(self) -> Draft:
        draft = self.cases[0].good()
        for case in self.cases:
            case.broken.change(draft)
        return draft

    def takes(self, case: Case) -> bool:
        """Whether the case may join."""
        first = self.cases[0]
        if _place(first) != _place(case) or len(self.cases) >= SIZE:
            return False
        return all(each.meta.id != case.meta.id and case.touched.keys().isdisjoint(each.touched) for each in self.cases)


def batches(cases: Iterable[Case]) -> list[Batch]:
    """The cases in as few batches as come easily."""
    found: list[Batch] = []
    for case in cases:
        batch = next((each for each in found if each.takes(case)), None)
        if batch is None:
            found.append(Batch([case]))
        else:
            batch.cases.append(case)
    return [each for batch in found for each in _apart(batch)]


def _apart(batch: Batch) -> Iterator[Batch]:
    """The batch without what another breakage hides, and that alone."""
    spoken = {each.rule for each in judge(batch.bad().graph(), TODAY).violations}
    hidden = [case for case in batch.cases if case.meta.id not in spoken]
    yield Batch([case for case in batch.cases if case not in hidden])
    yield from (Batch([case]) for case in hidden)


def _place(case: Case) -> tuple[Callable[[Tier], Draft], Tier, bool]:
    """Where it starts; waivers stay among themselves, because they speak of what others break."""
    return case.broken.start, case.broken.tier, isinstance(case.rule, WaiverRule)
