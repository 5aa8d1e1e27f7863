"""An update on a screen: what it changed, what the stack now tells others, and what to do when it stopped."""

import json

from rich.console import Console
from rich.markup import escape

from onramp.adopt import Takeover
from onramp.real import Deployment
from onramp.screens.preview import show_violations
from simulator.graph import Json
from stacks.source import flatten

UNCHANGED = "same"


def show_deployment(console: Console, done: Deployment) -> None:
    """Everything about an update that has ended."""
    name = done.report.stack.name
    console.print(f"[bold]{name}[/]  {done.title}, {sum(done.report.timings.values()):.1f} s")
    changed = {kind: count for kind, count in done.changes.items() if kind != UNCHANGED and count}
    console.print(", ".join(f"{kind} {count}" for kind, count in changed.items()) or "nothing changed")
    show_violations(console, done.report)
    for error in done.errors if done.report.ok else ():  # otherwise the violations say it
        console.print(f"[red]error[/] {escape(error)}")
    for key, value in flatten(_plain(done)) if done.outputs else ():
        shown = value if isinstance(value, str) else json.dumps(value)
        console.print(f"  [dim]{key}[/] {escape(shown)}", soft_wrap=True)
    if done.succeeded:
        console.print(f"[bold green]Up to date.[/] Next: onramp checklist {name}")
    elif not done.report.ok and not changed:
        console.print(f"[bold red]The rules say no[/]; nothing was changed. Next: onramp preview {name}")
    else:
        console.print(f"[bold red]It stopped.[/] What was done is kept; correct it, then onramp deploy {name} goes on.")


def show_unlocked(console: Console, name: str, found: Takeover) -> None:
    """What was taken over from an update that was killed, what is not known of it, and how to go on."""
    console.print(f"[bold]{name}[/] is no longer locked. Next: onramp deploy {name} goes on where it stopped")
    for urn in found.adopted:
        console.print(f"  [dim]taken over, if it was made[/] {escape(urn)}", soft_wrap=True)
    if found.unknown:
        console.print("When the update was killed it was at work on these; whether AWS has done it is not known:")
    for urn in found.unknown:
        console.print(f"  {escape(urn)}", soft_wrap=True)
    if found.unknown:
        console.print(
            "  [dim]fix[/]   deploy; what AWS then says exists already, delete there, or adopt: pulumi import"
        )


def deployment_document(done: Deployment) -> dict[str, Json]:
    """An update for a program: the document of a preview, with what was done."""
    return {
        **done.report.document(),
        "succeeded": done.succeeded,
        "changes": dict(done.changes),
        "outputs": _plain(done),
        "errors": [*done.errors],
    }


def _plain(done: Deployment) -> dict[str, Json]:
    """The outputs as JSON has them, whatever the SDK made of them."""
    return json.loads(json.dumps(done.outputs))
