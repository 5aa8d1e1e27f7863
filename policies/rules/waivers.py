"""Waivers themselves: in time, agreed by somebody else, short, and needed. Nobody can waive these rules."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from policies.rule import ALWAYS, Fail, Meta, Severity, WaiverCase, waiver_rule
from policies.waivers import Waiver

WAIVER_DAYS: Final[Mapping[Severity, int]] = {"critical": 30, "high": 60, "medium": 90, "low": 180}
"""How far away the end of a waiver may be, by the severity of its rule: our own; a low one as long as a statement."""

_URL: Final = "https://docs.aws.amazon.com/wellarchitected/latest/operational-excellence-pillar/ops_priorities_eval_tradeoffs.html"


def is_in_force(waiver: Waiver, severity: Severity | None, today: date) -> bool:
    """Whether it counts today; one that is refused waives nothing. `severity` is that of its rule, if there is one."""
    return not (_is_expired(waiver, today) or _is_self_approved(waiver) or _is_too_long(waiver, severity, today))


@waiver_rule(
    Meta(
        id="waiver-expired",
        item=None,
        title="No waiver is past its last day",
        why="A waiver is a promise with a date; past it, the risk is back and nobody has agreed to it.",
        fix="mend what it waived and remove it, or have it approved again with a new day in expires",
        severity="high",
        url=_URL,
        levels=ALWAYS,
        frameworks=("OPS01-BP06", "OPS02-BP05"),
    )
)
def waiver_expired(case: WaiverCase) -> Iterator[Fail]:
    """Its last day is today or later."""
    if _is_expired(case.waiver, case.today):
        last = case.waiver.expires
        yield case.fail(f"its last day was {last}" if last else "it ends on no day such as 2026-01-31")


@waiver_rule(
    Meta(
        id="waiver-self-approved",
        item=None,
        title="Every waiver is approved by somebody else than its owner",
        why="Whoever has to mend something is not the one to say that it can wait.",
        fix="write in approver who has agreed to the risk, somebody else than owner",
        severity="high",
        url=_URL,
        levels=ALWAYS,
        frameworks=("OPS01-BP06", "OPS02-BP05"),
    )
)
def waiver_self_approved(case: WaiverCase) -> Iterator[Fail]:
    """Owner and approver differ."""
    if _is_self_approved(case.waiver):
        yield case.fail(f"{case.waiver.approver or 'nobody'} approved it, and {case.waiver.owner or 'nobody'} owns it")


@waiver_rule(
    Meta(
        id="waiver-too-long",
        item=None,
        title="No waiver ends later than its rule's severity allows",
        why="The worse what is waived, the sooner somebody has to look at it again.",
        fix="write a day in expires within 30 days (critical), 60 (high), 90 (medium) or 180 (low) from today",
        severity="medium",
        url=_URL,
        levels=ALWAYS,
        frameworks=("OPS01-BP06", "OPS02-BP05"),
    )
)
def waiver_too_long(case: WaiverCase) -> Iterator[Fail]:
    """Its last day is within the term (WAIVER_DAYS)."""
    if case.meta is not None and _is_too_long(case.waiver, case.meta.severity, case.today):
        severity = case.meta.severity
        yield case.fail(f"it lasts until {case.waiver.expires}; {severity} rules take {WAIVER_DAYS[severity]} days")


@waiver_rule(
    Meta(
        id="waiver-unused",
        item=None,
        title="Every waiver waives something",
        why="A waiver that waives nothing will hide the next one who breaks the rule.",
        fix="remove it; if something is still broken, write rule and component as the violation has them",
        severity="low",
        url=_URL,
        frameworks=("OPS01-BP06", "OPS02-BP05"),
    )
)
def waiver_unused(case: WaiverCase) -> Iterator[Fail]:
    """It covers a violation, or the graph cannot tell; one that is refused anyway is not asked."""
    if case.is_used or not is_in_force(case.waiver, case.meta.severity if case.meta else None, case.today):
        return
    yield case.fail("it waives nothing" if case.meta else "there is no such rule")


def _is_expired(waiver: Waiver, today: date) -> bool:
    return waiver.expires is None or waiver.expires < today


def _is_self_approved(waiver: Waiver) -> bool:
    approver = waiver.approver.strip().casefold()
    return not approver or approver == waiver.owner.strip().casefold()


def _is_too_long(waiver: Waiver, severity: Severity | None, today: date) -> bool:
    if severity is None or waiver.expires is None:
        return False
    return waiver.expires - today > timedelta(days=WAIVER_DAYS[severity])
