"""Markdown for the pull request: the scorecard, what is new, what is known, what is waived, as long as GitHub takes."""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from onramp.formats.findings import SIGNS, age, by_service, owner, place
from onramp.report import Report
from onramp.screens.words import plural
from policies.checklist import CHECKLIST
from policies.verdicts import VerdictName, Violation, Waived

COMMENT_CHARS_MAX: Final = 65_536
"""GitHub refuses a longer comment: "Body is too long (maximum is 65536 characters)"."""
_CUT_CHARS_MAX: Final = 300
"""Kept free for the sentence that says what was left out, without the stack's name in it."""
_SCORECARD_SHARE_MAX: Final = 0.75
"""200 services with every kind of verdict in every group take two thirds of a comment."""
_GROUPS: Final = tuple(dict.fromkeys(item.group for item in CHECKLIST.values()))
_SCORED: Final[tuple[VerdictName, ...]] = ("fail", "waived", "undecided", "attested", "pass")
"""What is not applicable is left out of the scorecard: nothing follows from it."""
_SPECIAL: Final = re.compile(r"[\\`*_\[\]|~$&<>\"]")
_MENTION: Final = re.compile(r"(?<=[@#])")
"""Where GitHub would see a person or an issue; a space of no width in between prevents it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _List:
    """Entries between what opens and what closes them; without any, it is not there at all."""

    start: str
    entries: Sequence[str]
    end: str = "\n"


def markdown_text(report: Report) -> str:
    """The report as one comment, its first line a mark by which the comment is found again."""
    mark = f"<!-- onramp {escape(report.stack.name)} -->\n"
    return mark + stack_text(report, COMMENT_CHARS_MAX - len(mark))


def stack_text(report: Report, chars_max: int | None) -> str:
    """The report as a part of a comment, if need be cut to `chars_max` characters; its head is never cut."""
    whole = _text(report, sys.maxsize)
    if chars_max is None or len(whole) <= chars_max:
        return whole
    return _text(report, chars_max - _CUT_CHARS_MAX - len(escape(report.stack.name)))


def summary(report: Report) -> str:
    """Whether the rules hold and how many violations there are, in one line."""
    mandatory, advisory = _counts(report.judgement.violations)
    result = "✓ The rules hold." if report.ok else "✗ The rules say no."
    ratchet, waived = report.ratchet, len(report.judgement.waived)
    said = f"**{result}** {mandatory} mandatory and {advisory} advisory violations"
    if ratchet is not None:
        said += (
            f": {len(ratchet.new)} new, {len(ratchet.known)} known, {ratchet.gone} gone since {escape(ratchet.file)}"
        )
    if waived:
        said += f"; {waived} waived" + (f" ({len(ratchet.newly_waived)} new)" if ratchet else "")
    return f"{said}."


def escape(text: str) -> str:
    """`text` on one line, without a meaning in Markdown or HTML, and without calling anybody."""
    one_line = " ".join(text.split())
    return _SPECIAL.sub(lambda found: f"&#{ord(found.group())};", _MENTION.sub("\u200b", one_line))


def fitting(blocks: Iterable[str], room: int) -> list[str]:
    """The blocks, in order, that fit into `room` characters together; one that is too long is passed over."""
    taken: list[str] = []
    for block in blocks:
        if len(block) <= room:
            taken.append(block)
            room -= len(block)
    return taken


def _text(report: Report, room: int) -> str:
    violations = by_service(report)
    services = sorted(violations, key=lambda service: [-count for count in _counts(violations[service])])
    text = _head(report)
    room -= len(text)
    rows = [_row(report, service, violations[service]) for service in services]
    shown = fitting(rows, int(room * _SCORECARD_SHARE_MAX))
    text += "".join(shown) + "\n"
    room -= sum(map(len, shown))
    left_out = 0
    for each in _lists(report, [found for service in services for found in violations[service]]):
        entries = fitting(each.entries, room - len(each.start) - len(each.end))
        left_out += len(each.entries) - len(entries)
        if entries:
            listed = each.start + "".join(entries) + each.end
            text += listed
            room -= len(listed)
    return text + _cut(report, len(rows) - len(shown), left_out)


def _counts(violations: Iterable[Violation]) -> tuple[int, int]:
    """How many are mandatory, and how many advisory."""
    levels = Counter(found.level for found in violations)
    return levels["mandatory"], levels["advisory"]


def _head(report: Report) -> str:
    legend = ", ".join(f"{SIGNS[verdict]} {verdict}" for verdict in _SCORED)
    return (
        f"## Onramp: {escape(report.stack.name)}\n\n{summary(report)}\n\n"
        f"{plural(len(report.judgement.verdicts), 'service')}, {plural(len(report.graph.resources), 'resource')}, "
        f"tier {escape(report.stack.environment.tier)}. Items of the checklist: {legend}.\n\n"
        f"| service | mandatory | advisory | {' | '.join(group.replace('-', ' ') for group in _GROUPS)} |\n"
        f"| --- | ---: | ---: | {' | '.join('---' for _ in _GROUPS)} |\n"
    )


def _row(report: Report, service: str | None, violations: Iterable[Violation]) -> str:
    verdicts = report.judgement.verdicts.get(service or "", {})
    counted = Counter((CHECKLIST[item].group, found.verdict) for item, found in verdicts.items())
    cells = [
        " ".join(f"{SIGNS[name]}{counted[group, name]}" for name in _SCORED if counted[group, name])
        for group in _GROUPS
    ]
    mandatory, advisory = _counts(violations)
    return f"| {escape(owner(service))} | {mandatory} | {advisory} | {' | '.join(cells)} |\n"


def _lists(report: Report, violations: Sequence[Violation]) -> Iterator[_List]:
    """What is new, for all to see; what is not, folded under its services; what was waived before, folded as well."""
    ordered = sorted(violations, key=lambda found: found.level != "mandatory")
    waived = report.judgement.waived
    fresh = [_entry(report, found) for found in ordered if age(report, found) == "new"]
    fresh_waivers = [_waived(report, each) for each in waived if age(report, each.violation) == "new"]
    yield _List(start="### New\n\n", entries=[*fresh, *fresh_waivers])
    for service in dict.fromkeys(found.service for found in violations):
        rest = [found for found in ordered if found.service == service and age(report, found) != "new"]
        mandatory, advisory = _counts(rest)
        known = "known, " if report.ratchet else ""
        title = f"<b>{escape(owner(service))}</b>: {known}{mandatory} mandatory, {advisory} advisory"
        yield _folded(title, [_entry(report, found) for found in rest])
    old = [_waived(report, each) for each in waived if age(report, each.violation) != "new"]
    yield _folded(f"<b>waived</b>: {plural(len(old), 'violation')}", old)


def _folded(title: str, entries: Sequence[str]) -> _List:
    return _List(start=f"<details><summary>{title}</summary>\n\n", entries=entries, end="\n</details>\n\n")


def _entry(report: Report, found: Violation) -> str:
    return (
        f"- {SIGNS['fail']} **{escape(owner(found.service))}**: {escape(found.message)}<br>\n"
        f"  **Fix**: {escape(found.fix)}<br>\n{_details(report, found)}"
    )


def _waived(report: Report, each: Waived) -> str:
    found = each.violation
    return (
        f"- {SIGNS['waived']} **{escape(owner(found.service))}**: {escape(found.message)}<br>\n"
        f"  **Waived** until {escape(each.expires)} by {escape(each.approver)}: {escape(each.reason)} "
        f"({escape(each.ticket)}, {escape(each.owner)} mends it)<br>\n{_details(report, found)}"
    )


def _details(report: Report, found: Violation) -> str:
    file, line = report.source_of(found)
    rule = escape(found.rule)
    if found.url.startswith("https://"):
        rule = f"[{rule}]({quote(found.url, safe=':/?#&=%')})"
    item = f" ({escape(found.item)})" if found.item else ""
    return (
        f"  <sub>{rule}{item}, {found.level}, {found.severity}; {escape(file)}:{line}, {escape(place(found))}</sub>\n"
    )


def _cut(report: Report, rows: int, violations: int) -> str:
    said = [plural(violations, "violation")] if violations else []
    said += [f"{plural(rows, 'row')} of the scorecard"] if rows else []
    if not said:
        return ""
    name = escape(report.stack.name)
    return f"**Left out, because a comment has its limit:** {' and '.join(said)}. All of it: `onramp preview` {name}.\n"
