"""A pull request on a screen: every stack that it touches, with what is wrong with it, the new before the known."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape

from onramp.formats.annotations import annotations_text, problems_text
from onramp.formats.comment import NOTHING, Part
from onramp.report import Report
from onramp.screens.preview import show_violations, show_waived
from onramp.screens.words import plural
from simulator.graph import Json


def show_review(console: Console, parts: Sequence[Part]) -> None:
    """What a reviewer should know."""
    if not parts:
        console.print(NOTHING.strip())
    for part in parts:
        if part.report is None:
            console.print(f"[bold]{part.stack}[/]  [bold red]cannot be previewed[/]")
            console.print(escape(part.said))
        else:
            _show(console, part.report)
        console.print()


def review_document(parts: Sequence[Part]) -> dict[str, Json]:
    """The JSON contract of `onramp review --json`: for each stack its violations, or why it cannot be previewed."""
    return {"stacks": {part.stack: _document(part) for part in parts}}


def annotations_of(parts: Iterable[Part]) -> str:
    """The annotations of all stacks: of their violations, or of what is wrong with their files."""
    return "".join(
        problems_text(part.problems) if part.report is None else annotations_text(part.report) for part in parts
    )


def _document(part: Part) -> Json:
    if part.report is None:
        return {"ok": False, "problem": part.said}
    found = part.report.document()
    return {key: found[key] for key in ("ok", "against", "violations", "waived", "checklist")}


def _show(console: Console, report: Report) -> None:
    result = "[bold green]The rules hold.[/]" if report.ok else "[bold red]The rules say no.[/]"
    ratchet = report.ratchet
    ages = (
        f"{len(ratchet.new)} new, {len(ratchet.known)} known, {ratchet.gone} gone since {ratchet.file}"
        if ratchet
        else ""
    )
    services = plural(len(report.judgement.verdicts), "service")
    console.print(f"[bold]{report.stack.name}[/]  {services}: {result} {escape(ages)}")
    show_violations(console, report)
    show_waived(console, report)
