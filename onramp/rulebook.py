"""What people read of a rule, in one place: its words, an example of it broken, and a waiver to fill in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Final, TypedDict, cast

import yaml

from onramp.exits import BadInputError
from policies.catalog import RULES
from policies.checklist import CHECKLIST
from policies.config import remedy_policy
from policies.frameworks import CONTROLS, Control
from policies.rule import Meta, Remedy, Rule, ServiceRule, StackRule, WaiverRule
from policies.rules.waivers import WAIVER_DAYS
from simulator.graph import Json
from stacks.problems import did_you_mean

EXAMPLES_FILE: Final = Path(__file__).parent / "rule_examples.yaml"
BEYOND: Final = "beyond"
"""The group of the rules that belong to no item of the checklist."""


class _Example(TypedDict):
    says: str
    change: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """A way to break a rule: what it says then, and the resources before (-) and after (+) they are mended."""

    says: str
    change: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One rule, complete."""

    meta: Meta
    group: str
    controls: Sequence[Control]
    example: Example
    remedies: Sequence[Remedy]
    waivable: bool

    def waiver(self, today: date) -> str:
        """A waiver to paste into a stack file and to fill in; it ends when it must at the latest. Empty for none."""
        if not self.waivable:
            return ""
        expires = today + timedelta(days=WAIVER_DAYS[self.meta.severity])
        lines = (
            "waive:",
            f"  - rule: {self.meta.id}",
            "    component: RESOURCE  # as the violation names it; all of the service without this line",
            "    reason: WHY IT MAY STAY BROKEN",
            "    owner: WHO-MENDS-IT",
            "    approver: WHO-AGREED",
            "    ticket: TICKET",
            f"    expires: {expires.isoformat()}  # the last day that {self.meta.severity} rules allow",
        )
        return "\n".join(lines)

    def document(self, today: date) -> dict[str, Json]:
        """The rule for a program."""
        meta = self.meta
        return {
            "id": meta.id,
            "item": meta.item,
            "group": self.group,
            "title": meta.title,
            "why": meta.why,
            "example": {"says": self.example.says, "change": self.example.change},
            "fix": meta.fix,
            "remedy": remedy_policy(meta.id) if self.remedies else None,
            "severity": meta.severity,
            "levels": {"dev": meta.levels.dev, "staging": meta.levels.staging, "prod": meta.levels.prod},
            "frameworks": [{"id": each.id, "title": each.title, "framework": each.framework} for each in self.controls],
            "applies": [*meta.applies],
            "waiver": self.waiver(today) or None,
            "url": meta.url,
        }


def _entry(rule: Rule, examples: Mapping[str, Example]) -> Entry:
    meta = rule.meta
    return Entry(
        meta=meta,
        group=CHECKLIST[meta.item].group if meta.item else BEYOND,
        controls=[CONTROLS[each] for each in meta.frameworks],
        example=examples[meta.id],
        remedies=rule.remedies if isinstance(rule, ServiceRule | StackRule) else (),
        waivable=not isinstance(rule, WaiverRule),
    )


@cache
def rulebook() -> Sequence[Entry]:
    """Every rule, in the order of the checklist."""
    written = cast("Mapping[str, _Example]", yaml.safe_load(EXAMPLES_FILE.read_text(encoding="utf-8")))
    examples = {rule: Example(says=each["says"], change=each["change"]) for rule, each in written.items()}
    return tuple(_entry(rule, examples) for rule in RULES)


def find_rules(wanted: str | None) -> Sequence[Entry]:
    """All rules, or those of an id, a checklist item, a group of the checklist, or a control of a framework.

    Raises:
        BadInputError: when nothing is called so.
    """
    found = [each for each in rulebook() if wanted is None or wanted in _names(each)]
    if not found:
        guess = did_you_mean(str(wanted), sorted({name for each in rulebook() for name in _names(each)}))
        fix = f"did you mean `{guess}`?" if guess else "`onramp rule` lists them all"
        raise BadInputError(f"No rule, checklist item, group or control is called {wanted!r}.\n    fix: {fix}")
    return found


def _names(entry: Entry) -> set[str]:
    meta = entry.meta
    return {meta.id, entry.group, *([meta.item] if meta.item else []), *meta.frameworks}
