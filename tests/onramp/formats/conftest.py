"""Reports to format: a real stack with whatever verdicts, violations and names a test wants."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, get_args

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from onramp.ratchet import Ratchet
from onramp.report import Report
from policies.catalog import CATALOG
from policies.checklist import CHECKLIST
from policies.rule import Severity
from policies.verdicts import WORST_FIRST, Judgement, Verdict, Violation, Waived

TAME: Final = "tame"
HOSTILE: Final = st.one_of(
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            "</title><img src=x onerror=alert(1)>",
            "a|b",
            "one\ntwo\r\nthree",
            "`code` **bold** _it_ [x](javascript:alert(1)) ![i](http://e.example/x)",
            "-->",
            "@everyone #1 GH-1",
            "\\|",
            "&lt;b&gt; &#124;",
            '" onclick="x',
            "' x='",
            "{{ 7 * 7 }} {% raw %}",
            "::error::x%0Ay",
            "]]>",
            "\x00\x07\x1b[31m\x7f\ufffe",
            "$x$ ~~y~~",
        ]
    ),
    st.text(min_size=1),
).filter(lambda text: bool(text.strip()))
"""Names and words as nobody should write them."""
PROPERTY: Final = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def violation(number: int, service: str | None, word: str = TAME) -> Violation:
    """One that breaks the rule with that number in the catalog, with `word` wherever there are words."""
    meta = CATALOG[number % len(CATALOG)]
    severities: tuple[Severity, ...] = get_args(Severity)
    return Violation(
        rule=meta.id,
        item=meta.item,
        level="advisory" if number % 3 == 2 else "mandatory",
        severity=severities[number % 4],
        service=service,
        urn=f"urn:pulumi:prod::onramp::aws:ecs/service:Service::{word}",
        path=f"inputs.{word}",
        message=f"is {word} and {number}",
        fix=f"make it {word}",
        url=meta.url,
    )


def waived(found: Violation, word: str = TAME) -> Waived:
    """A violation that does not count for a while, because of `word`."""
    return Waived(violation=found, reason=word, owner=word, approver=word, ticket=word, expires="2027-01-31")


def judged(base: Report, by_service: Mapping[str | None, Sequence[Violation]], let_be: Sequence[Waived] = ()) -> Report:
    """`base` with these services, violations and waived violations; the verdicts take turns."""
    verdicts = {
        service: {
            item: Verdict(verdict=WORST_FIRST[place % len(WORST_FIRST)], because=f"{service} says so")
            for place, item in enumerate(CHECKLIST)
        }
        for service in by_service
        if service is not None
    }
    found = tuple(each for violations in by_service.values() for each in violations)
    return replace(base, judgement=Judgement(verdicts=verdicts, violations=found, waived=tuple(let_be)))


def against(report: Report, *new: Violation, newly_waived: Sequence[Violation] = ()) -> Report:
    """`report` held against a baseline that has all but what is named, and one more that is gone."""
    known = frozenset(report.judgement.violations) - set(new)
    ratchet = Ratchet(
        file="baseline.json", new=frozenset(new), known=known, gone=1, newly_waived=frozenset(newly_waived)
    )
    return replace(report, ratchet=ratchet)


def hostile(base: Report, word: str) -> Report:
    """A report with `word` wherever a person could have written it."""
    return judged(
        base,
        {
            word: [violation(number, word, word) for number in range(6)],
            "calm": [],
            None: [violation(number, None, word) for number in range(6, 9)],
        },
        [waived(violation(9, word, word), word), waived(violation(10, None, word), word)],
    )


@pytest.fixture
def broken(prod: Report) -> Report:
    """The repository's prod environment with violations of one service, and of none."""
    service = "news-api"
    services: dict[str | None, list[Violation]] = {name: [] for name in prod.judgement.verdicts}
    services[service] = [violation(number, service) for number in range(len(CATALOG))]
    services[None] = [violation(number, None) for number in range(3)]
    return judged(prod, services)
