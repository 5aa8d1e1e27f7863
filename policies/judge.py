"""Judges a graph: one verdict per service and checklist item, and every violation, in an order that never changes."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from traceback import extract_tb
from typing import TypeAlias

from policies import kinds
from policies.attestation import Attested, attested
from policies.catalog import RULES, place
from policies.checklist import CHECKLIST, Item
from policies.graph import Graph, Resource, Service
from policies.rule import (
    AttestedRule,
    Fail,
    Meta,
    NotApplicable,
    Outcome,
    Rule,
    ServiceRule,
    Severity,
    StackRule,
    Undecided,
    WaiverCase,
    WaiverRule,
)
from policies.rules.waivers import is_in_force
from policies.verdicts import Judgement, Verdict, Violation, Waived, worst
from policies.waivers import Waiver, stated

_Vote: TypeAlias = Outcome | Attested | Waived | None
"""What one rule says about one service; None when it holds."""


def judge(graph: Graph, today: date | None = None, rules: Iterable[Rule] = RULES) -> Judgement:
    """Ask every rule of every service.

    Args:
        graph: what the preview found.
        today: the day on which statements of people are judged; by default the real one.
        rules: which rules to ask.
    """
    day = today or date.today()  # noqa: DTZ011 - a statement carries a day without a zone, and expires by the local one
    asked = tuple(rules)
    tally = _Tally(graph, {rule.meta.id: rule.meta for rule in asked}, day)
    for rule in asked:
        match rule:
            case StackRule():
                _ask_stack(rule, graph, tally)
            case ServiceRule() | AttestedRule():
                _ask_services(rule, graph, day, tally)
            case WaiverRule():
                pass  # when all others have spoken
    for rule in asked:
        if isinstance(rule, WaiverRule):
            _ask_waivers(rule, tally)
    return tally.judgement()


class _Tally:
    """What the rules have said so far."""

    def __init__(self, graph: Graph, metas: Mapping[str, Meta], today: date) -> None:
        self._graph = graph
        self._metas = metas
        self._today = today
        self._waivers = stated(graph)
        self._in_force: defaultdict[tuple[str, str | None], list[Waiver]] = defaultdict(list)
        for each in self._waivers:
            if is_in_force(each, self._severity(each), today):
                self._in_force[each.rule, each.service].append(each)
        self._used: set[tuple[str, str]] = set()
        self._undecided: set[tuple[str, str | None]] = set()
        self._votes: defaultdict[tuple[str, str | None], list[Verdict]] = defaultdict(list)
        self._violations: set[Violation] = set()
        self._waived: set[Waived] = set()

    def vote(self, meta: Meta, service: Service, vote: _Vote) -> None:
        """Count what a rule says for the service's checklist item."""
        self._votes[service.name, meta.item].append(_as_verdict(meta, vote))
        if isinstance(vote, Undecided):
            self._undecided.add((meta.id, service.name))

    def settle(self, meta: Meta, service: Service | None, vote: _Vote) -> _Vote:
        """Report a failure, unless waivers cover it: then that is what the rule has to say."""
        if isinstance(vote, Undecided) and service is None:
            self._undecided.add((meta.id, None))
        if not isinstance(vote, Fail):
            return vote
        violation = self._violation(meta, service, vote)
        in_force = self._in_force.get((meta.id, violation.service), ())
        covering = [each for each in in_force if each.covers(violation.urn)]
        if not covering:
            self._violations.add(violation)
            return vote
        self._used |= {(each.place.urn, each.path) for each in covering}
        waived = _waived(violation, covering[0])
        self._waived.add(waived)
        return waived

    def report(self, meta: Meta, service: Service | None, fail: Fail) -> None:
        """Keep a violation that cannot be waived."""
        self._violations.add(self._violation(meta, service, fail))

    def cases(self) -> Iterator[tuple[Service | None, WaiverCase]]:
        """Every waiver as the rules about them are asked of it, with the service that states it."""
        for waiver in self._waivers:
            is_open = (waiver.rule, waiver.service) in self._undecided
            case = WaiverCase(
                waiver=waiver,
                meta=self._metas.get(waiver.rule),
                today=self._today,
                is_used=is_open or (waiver.place.urn, waiver.path) in self._used,
            )
            yield self._graph.service(waiver.service) if waiver.service else None, case

    def _severity(self, waiver: Waiver) -> Severity | None:
        meta = self._metas.get(waiver.rule)
        return meta.severity if meta else None

    def _violation(self, meta: Meta, service: Service | None, fail: Fail) -> Violation:
        """Without a resource it is the service's, or the stack's."""
        component = service.component if service else _stack(self._graph)
        resource = fail.resource or component
        return Violation(
            rule=meta.id,
            item=meta.item,
            level=meta.levels.of(service.tier if service else self._graph.tier),
            severity=meta.severity,
            service=service.name if service else None,
            urn=resource.urn if resource else "",
            path=fail.path,
            message=fail.message,
            fix=meta.fix,
            url=meta.url,
        )

    def judgement(self) -> Judgement:
        """Everything said, in order."""
        verdicts = {
            service.name: {
                item.id: _item_verdict(item, service, self._votes[service.name, item.id]) for item in CHECKLIST.values()
            }
            for service in self._graph.services
        }
        return Judgement(
            verdicts=verdicts,
            violations=tuple(sorted(self._violations, key=_order)),
            waived=tuple(sorted(self._waived, key=lambda each: _order(each.violation))),
        )


def _ask_services(rule: ServiceRule | AttestedRule, graph: Graph, today: date, tally: _Tally) -> None:
    meta = rule.meta
    for service in graph.services:
        if not meta.concerns(service.compute):
            continue
        for vote in _votes_of(rule, service, graph, today):
            tally.vote(meta, service, tally.settle(meta, service, vote))


def _votes_of(rule: ServiceRule | AttestedRule, service: Service, graph: Graph, today: date) -> list[_Vote]:
    if rule.meta.levels.of(service.tier) == "disabled":
        return [NotApplicable(because=f"not asked in {service.tier}")]
    if isinstance(rule, AttestedRule):
        return [attested(service, rule.meta.item or "", today)]
    check = rule.check
    return list(_guarded(lambda: check(service, graph))) or [None]


def _ask_stack(rule: StackRule, graph: Graph, tally: _Tally) -> None:
    """What the rule finds on a service's resource is that service's; everything else concerns all services."""
    meta = rule.meta
    concerned = [
        service
        for service in graph.services
        if meta.concerns(service.compute) and (not rule.about or service.of(*rule.about))
    ]
    if meta.levels.of(graph.tier) == "disabled":
        for service in concerned:
            tally.vote(meta, service, NotApplicable(because=f"not asked in {graph.tier}"))
        return
    spared = {service.name for service in concerned}
    for outcome in _guarded(lambda: rule.check(graph)):
        resource = outcome.resource if isinstance(outcome, Fail) else None
        owner = graph.service_of(resource.urn) if resource is not None else None
        vote = tally.settle(meta, owner, outcome)
        for service in [owner] if owner else concerned:
            tally.vote(meta, service, vote)
            spared.discard(service.name)
    for service in concerned:
        if service.name in spared:
            tally.vote(meta, service, None)


def _ask_waivers(rule: WaiverRule, tally: _Tally) -> None:
    for service, case in tally.cases():
        for outcome in _guarded(partial(rule.check, case)):
            if isinstance(outcome, Fail):
                tally.report(rule.meta, service, outcome)


def _guarded(check: Callable[[], Iterator[Outcome]]) -> Iterator[Outcome]:
    """Run a rule; where it fails itself, that is what it finds.

    The text of the exception is left out: it may quote a secret.
    """
    try:
        yield from check()
    except Exception as error:  # noqa: BLE001 - whatever a rule does, the other rules must be heard
        frame = extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
        yield Fail(message=f"the rule itself failed: {where}; report it")


def _as_verdict(meta: Meta, vote: _Vote) -> Verdict:
    match vote:
        case None:
            return Verdict(verdict="pass", because=meta.title)
        case Fail():
            return Verdict(verdict="fail", because=vote.message)
        case Undecided():
            return Verdict(verdict="undecided", because=vote.because)
        case NotApplicable():
            return Verdict(verdict="not-applicable", because=vote.because)
        case Waived():
            return Verdict(verdict="waived", because=vote.because)
        case Attested():
            return Verdict(verdict="attested", because=vote.because)


def _item_verdict(item: Item, service: Service, votes: list[Verdict]) -> Verdict:
    if votes:
        return worst(votes)
    if service.compute not in item.applies:
        computes = ", ".join(item.applies)
        return Verdict(verdict="not-applicable", because=f"asked of {computes}; this service is {service.compute}")
    return Verdict(verdict="undecided", because="no rule decides it yet")


def _waived(violation: Violation, waiver: Waiver) -> Waived:
    return Waived(
        violation=violation,
        reason=waiver.reason,
        owner=waiver.owner,
        approver=waiver.approver,
        ticket=waiver.ticket,
        expires=str(waiver.expires),
    )


def _stack(graph: Graph) -> Resource | None:
    return next(iter(graph.of(kinds.STACK)), None)


def _order(violation: Violation) -> tuple[str, int, str, str, str, str]:
    return (
        violation.service or "",
        place(violation.item),
        violation.rule,
        violation.urn,
        violation.path,
        violation.message,
    )
