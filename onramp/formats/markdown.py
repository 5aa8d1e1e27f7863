"""Markdown for the pull request: the scorecard, then what is broken, within what GitHub takes as one comment."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from onramp.formats.findings import SIGNS, by_service, owner, place
from onramp.report import Report
from onramp.screens.words import plural
from policies.checklist import CHECKLIST
from policies.verdicts import Verdict, Violation

COMMENT_CHARS_MAX: Final = 65_536
"""GitHub refuses a longer comment: "Body is too long (maximum is 65536 characters)"."""
_CUT_CHARS_MAX: Final = 2_000
"""Kept free for the sentence that says what was left out, with the longest name that a stack's file can have."""
_SCORECARD_SHARE_MAX: Final = 0.75
"""200 services with every kind of verdict in every group take two thirds of a comment."""
_GROUPS: Final = tuple(dict.fromkeys(item.group for item in CHECKLIST.values()))
_SPECIAL: Final = re.compile(r"[\\`*_\[\]|~$&<>\"]")
_MENTION: Final = re.compile(r"(?<=[@#])")
"""Where GitHub would see a person or an issue; a space of no width in between prevents it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Section:
    service: str | None
    verdicts: Mapping[str, Verdict]
    violations: Sequence[Violation]

    @property
    def broken(self) -> tuple[int, int]:
        """How many violations are mandatory, and how many advisory."""
        mandatory = sum(1 for found in self.violations if found.level == "mandatory")
        return mandatory, len(self.violations) - mandatory


def markdown_text(report: Report) -> str:
    """The report as one comment, its first line a mark by which the comment is found again."""
    sections = sorted(
        (
            _Section(
                service=service,
                verdicts=report.judgement.verdicts.get(service or "", {}),
                violations=violations,
            )
            for service, violations in by_service(report).items()
        ),
        key=lambda section: [-count for count in section.broken],
    )
    head = _head(report)
    room = COMMENT_CHARS_MAX - _CUT_CHARS_MAX - len(head)
    rows = [_row(section) for section in sections]
    shown_rows = _fitting(rows, int(room * _SCORECARD_SHARE_MAX))
    room -= sum(len(row) for row in shown_rows)
    folded, left_out = _folded(report, sections, room)
    return head + "".join(shown_rows) + "\n" + folded + _cut(report, len(rows) - len(shown_rows), left_out)


def _head(report: Report) -> str:
    levels = Counter(found.level for found in report.judgement.violations)
    name = escape(report.stack.name)
    result = "✗ The rules say no." if not report.ok else "✓ The rules hold."
    legend = ", ".join(f"{sign} {verdict}" for verdict, sign in SIGNS.items())
    ratchet = report.ratchet
    ages = "" if ratchet is None else f"{len(ratchet.new)} new, {len(ratchet.known)} known, {ratchet.gone} gone; "
    return (
        f"<!-- onramp {name} -->\n## Onramp: {name}\n\n"
        f"**{result}** {levels['mandatory']} mandatory and {levels['advisory']} advisory violations; {ages}"
        f"{len(report.judgement.verdicts)} services, tier {escape(report.stack.environment.tier)}, "
        f"{len(report.graph.resources)} resources.\n\n{legend}\n\n"
        f"| service | mandatory | advisory | {' | '.join(group.replace('-', ' ') for group in _GROUPS)} |\n"
        f"| --- | ---: | ---: | {' | '.join('---' for _ in _GROUPS)} |\n"
    )


def _row(section: _Section) -> str:
    mandatory, advisory = section.broken
    counts = [Counter(verdict.verdict for verdict in _of_group(section.verdicts, group)) for group in _GROUPS]
    cells = [" ".join(f"{SIGNS[name]}{count[name]}" for name in SIGNS if count[name]) for count in counts]
    return f"| {escape(owner(section.service))} | {mandatory} | {advisory} | {' | '.join(cells)} |\n"


def _of_group(verdicts: Mapping[str, Verdict], group: str) -> Iterable[Verdict]:
    return (verdict for item, verdict in verdicts.items() if CHECKLIST[item].group == group)


def _folded(report: Report, sections: Sequence[_Section], room: int) -> tuple[str, Counter[str | None]]:
    """The violations folded under their services, as many as there is room for, and how many are left out of which."""
    text = ""
    left_out: Counter[str | None] = Counter()
    for section in sections:
        mandatory, advisory = section.broken
        name = escape(owner(section.service))
        start = f"<details><summary><b>{name}</b>: {mandatory} mandatory, {advisory} advisory</summary>\n\n"
        end = "\n</details>\n\n"
        ordered = sorted(
            section.violations, key=lambda found: (_age(report, found) == "known", found.level != "mandatory")
        )
        entries = _fitting([_entry(report, found) for found in ordered], room - len(start) - len(end))
        if entries:
            folded = start + "".join(entries) + end
            text += folded
            room -= len(folded)
        left_out[section.service] += len(ordered) - len(entries)
    return text, +left_out


def _age(report: Report, found: Violation) -> str:
    """What is not known from before is new."""
    return "known" if report.ratchet is not None and found in report.ratchet.known else "new"


def _entry(report: Report, found: Violation) -> str:
    file, line = report.source_of(found)
    item = f" ({escape(found.item)})" if found.item else ""
    age = f"{_age(report, found)}, " if report.ratchet is not None else ""
    more = f" [More]({quote(found.url, safe=':/?#&=%')})" if found.url.startswith("https://") else ""
    return (
        f"- **{escape(found.rule)}**{item}, {age}{found.level}, {found.severity}: {escape(found.message)}<br>\n"
        f"  **Fix**: {escape(found.fix)}.{more}<br>\n"
        f"  <sub>{escape(file)}:{line}, {escape(place(found))}</sub>\n"
    )


def _fitting(blocks: Iterable[str], room: int) -> list[str]:
    """The blocks, in order, that fit into `room` characters together; one that is too long is passed over."""
    taken: list[str] = []
    for block in blocks:
        if len(block) <= room:
            taken.append(block)
            room -= len(block)
    return taken


def _cut(report: Report, rows: int, left_out: Counter[str | None]) -> str:
    said: list[str] = []
    if left_out:
        said.append(f"{plural(left_out.total(), 'violation')} of {plural(len(left_out), 'service')}")
    if rows:
        said.append(f"{plural(rows, 'row')} of the scorecard")
    if not said:
        return ""
    name = escape(report.stack.name)
    return f"**Left out, because a comment has its limit:** {' and '.join(said)}. All of it: `onramp preview` {name}.\n"


def escape(text: str) -> str:
    """`text` on one line, without a meaning in Markdown or HTML, and without calling anybody."""
    one_line = " ".join(text.split())
    return _SPECIAL.sub(lambda found: f"&#{ord(found.group())};", _MENTION.sub("\u200b", one_line))
