"""The commands of a rollout: `onramp rollout ...`. Each ends with one of the exit codes of `exits`."""

import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from onramp.answers import print_json
from onramp.exits import BadInputError, Exit, readable_errors
from onramp.options import HERE, AsJson, Project, ProviderName, ProviderOption, StackName, provider_of
from onramp.rollout_options import (
    Actor,
    Budget,
    Days,
    Detect,
    ErrorPercent,
    Full,
    KeepHold,
    LedgerAddress,
    Minutes,
    Named,
    Once,
    Reason,
    Record,
    RecordingFile,
    Release,
    Service,
    Steps,
    TakeOver,
    ToTheEnd,
)

if TYPE_CHECKING:
    from onramp.rolling.doing import Limits, Outcome
    from onramp.rolling.session import Session

rollout = typer.Typer(help="Take a new version live in watched steps, and back when it is worse.", no_args_is_help=True)


@rollout.command()
def plan(
    stack: StackName,
    service: Service = None,
    ledger: LedgerAddress = None,
    provider: ProviderOption = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
    project: Project = HERE,
) -> None:
    """Show what a rollout would be, step by step, and everything that forbids it. Touches nothing."""
    with _session(project, stack, provider, ledger, None, as_json=as_json) as session:
        from onramp.rolling.documents import plan_document
        from onramp.rolling.looking import look
        from onramp.screens.rollout_plan import show_plan

        found = look(session, service)
        if as_json:
            print_json(plan_document(found))
        else:
            show_plan(_console(), found)
    raise typer.Exit(Exit.BAD_INPUT if found.problems else Exit.FINE)


@rollout.command()
def start(  # noqa: PLR0913, PLR0917 - as in plan
    stack: StackName,
    service: Service = None,
    minutes: Minutes = None,
    once: Once = False,  # noqa: FBT002 - a flag
    to_the_end: ToTheEnd = False,  # noqa: FBT002 - a flag
    ledger: LedgerAddress = None,
    actor: Actor = None,
    provider: ProviderOption = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
    project: Project = HERE,
) -> None:
    """Build the new version (`pulumi up`, with the pack on) and take it live in watched steps, or back."""
    with _session(project, stack, provider, ledger, actor, as_json=as_json) as session:
        from onramp.rolling import doing
        from onramp.rolling.looking import look
        from onramp.screens.rollout_plan import show_notes

        limits = doing.Limits(minutes=minutes, once=once)
        if to_the_end:
            _deliver(session, service, limits, as_json=as_json)
        else:
            found = look(session, service)
            show_notes(Console(stderr=True, highlight=False), found)
            _end(session, [doing.start(session, found, limits)], as_json=as_json)


@rollout.command()
def check(
    stack: StackName,
    service: Named,
    release: Release,
    ledger: LedgerAddress = None,
    project: Project = HERE,
) -> None:
    """End with 0 when the stack file may name this release, and with 2 while a rollout of another one is open."""
    with _session(project, stack, None, ledger, None, as_json=False) as session:
        from onramp.rolling.delivering import check as see_that_it_may

        see_that_it_may(session, service, release)


@rollout.command()
def resume(  # noqa: PLR0913, PLR0917 - as in plan
    stack: StackName,
    service: Service = None,
    minutes: Minutes = None,
    once: Once = False,  # noqa: FBT002 - a flag
    take_over: TakeOver = False,  # noqa: FBT002 - a flag
    keep_hold: KeepHold = False,  # noqa: FBT002 - a flag
    ledger: LedgerAddress = None,
    actor: Actor = None,
    provider: ProviderOption = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
    project: Project = HERE,
) -> None:
    """Go on with an open rollout, or with all of a stack; one that is held is let go."""
    with _session(project, stack, provider, ledger, actor, as_json=as_json) as session:
        from onramp.rolling import doing

        limits = doing.Limits(minutes=minutes, once=once)
        opened = [found for found, _ in session.all() if found.is_open]
        if service is not None or len(opened) == 1:
            found = session.open_one(service)
            done = [doing.resume(session, found, limits, take_over=take_over, keep_hold=keep_hold)]
        else:
            done = doing.resume_all(session, opened, limits, take_over=take_over, keep_hold=keep_hold)
        _end(session, done, as_json=as_json)


@rollout.command()
def status(
    stack: StackName,
    service: Service = None,
    ledger: LedgerAddress = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
    project: Project = HERE,
) -> None:
    """Show where the rollouts of a stack are, and who is at work on them. Needs the ledger, and nothing else."""
    with _session(project, stack, None, ledger, None, as_json=as_json) as session:
        from onramp.rolling.documents import status_document
        from onramp.screens.rollout_past import show_status

        found = [each for each in session.all() if service in {None, each[0].service}]
        if service is not None and not found:
            session.open_one(service)
        if as_json:
            print_json(status_document(found, session.place.address))
        else:
            show_status(_console(), found, stack, session.around.clock.now())


@rollout.command()
def hold(  # noqa: PLR0913, PLR0917 - as in plan
    stack: StackName,
    service: Service = None,
    reason: Reason = "somebody wants to look at it",
    ledger: LedgerAddress = None,
    actor: Actor = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
    project: Project = HERE,
) -> None:
    """Take no further step until somebody resumes it, whoever is at work on it."""
    with _session(project, stack, None, ledger, actor, as_json=as_json) as session:
        from onramp.rolling import doing

        _end(session, [doing.hold(session, session.open_one(service), reason)], as_json=as_json)


@rollout.command()
def promote(  # noqa: PLR0913, PLR0917 - as in plan
    stack: StackName,
    service: Service = None,
    full: Full = False,  # noqa: FBT002 - a flag
    minutes: Minutes = None,
    once: Once = False,  # noqa: FBT002 - a flag
    ledger: LedgerAddress = None,
    actor: Actor = None,
    provider: ProviderOption = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
    project: Project = HERE,
) -> None:
    """Call the present step good without waiting for its sample, and go on."""
    with _session(project, stack, provider, ledger, actor, as_json=as_json) as session:
        from onramp.rolling import doing

        limits = doing.Limits(minutes=minutes, once=once)
        done = doing.promote(session, session.open_one(service), limits, is_full=full)
        _end(session, [done], as_json=as_json)


@rollout.command()
def abort(  # noqa: PLR0913, PLR0917 - as in plan
    stack: StackName,
    service: Service = None,
    reason: Reason = "aborted by hand",
    minutes: Minutes = None,
    once: Once = False,  # noqa: FBT002 - a flag
    ledger: LedgerAddress = None,
    actor: Actor = None,
    provider: ProviderOption = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
    project: Project = HERE,
) -> None:
    """Take all traffic off the new version now, whoever is at work on it. Needs neither Pulumi nor its state."""
    with _session(project, stack, provider, ledger, actor, as_json=as_json) as session:
        from onramp.rolling import doing

        limits = doing.Limits(minutes=minutes, once=once)
        _end(session, [doing.abort(session, session.open_one(service), limits, reason)], as_json=as_json)


@rollout.command()
def history(  # noqa: PLR0913, PLR0917 - as in plan
    stack: StackName,
    service: Service = None,
    days: Days = 30,
    record: Record = None,
    ledger: LedgerAddress = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
    project: Project = HERE,
) -> None:
    """Show past rollouts and the DORA figures, or the recorded minutes of one rollout."""
    with _session(project, stack, None, ledger, None, as_json=as_json) as session:
        from onramp.rolling.documents import history_document
        from onramp.rolling.remembering import past_rollouts, recording
        from onramp.screens.rollout_past import show_history
        from rollouts.dora import figures

        if record is not None:
            sys.stdout.write(recording(session, service, record))
            return
        now = session.around.clock.now()
        found = past_rollouts(session, service, now - timedelta(days=days))
        numbers = figures(found, days=days, now=now)
        if as_json:
            print_json(history_document(found, numbers))
        else:
            show_history(_console(), found, numbers)


@rollout.command()
def replay(
    file: RecordingFile,
    steps: Steps = None,
    detect: Detect = None,
    error_percent: ErrorPercent = None,
    budget_percent: Budget = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Show what the gates would have said of recorded minutes, with these bounds or the usual ones."""
    with readable_errors(as_json=as_json):
        from onramp.rolling.documents import replay_document
        from onramp.rolling.remembering import Bounds, replayed
        from onramp.screens.rollout_past import show_replay

        bounds = Bounds(steps=steps, detect=detect, error_percent=error_percent, budget_percent=budget_percent)
        looks, judged_by = replayed(file, bounds)
        if as_json:
            print_json(replay_document(looks))
        else:
            show_replay(_console(), looks, judged_by)
    raise typer.Exit(Exit.RULES_SAY_NO if any(each.verdict.verdict == "unhealthy" for each in looks) else Exit.FINE)


@rollout.command()
def permissions(
    stack: StackName,
    ledger: LedgerAddress = None,
    provider: ProviderOption = None,
    project: Project = HERE,
) -> None:
    """Print the IAM policy of whoever rolls this stack out: the least it takes, besides `pulumi up`."""
    with _session(project, stack, provider, ledger, None, as_json=False) as session:
        from rollouts.ledger.address import Table, read_address
        from rollouts.permissions import policy

        place = read_address(session.place.address)
        print_json(policy(session.builder().targets().values(), place if isinstance(place, Table) else None))


@contextmanager
def _session(
    project: Path,
    stack: str,
    provider: ProviderName | None,
    ledger: str | None,
    actor: str | None,
    *,
    as_json: bool,
) -> Generator["Session"]:
    """A command at work: errors are readable, progress is on stderr."""
    with readable_errors(as_json=as_json):
        from onramp.rolling.session import open_session
        from onramp.rolling.surroundings import Asked
        from onramp.rolling.trouble import readable_trouble
        from onramp.screens.rollout_live import screen_of

        console = Console(stderr=True, highlight=False)
        asked = Asked(project=project, stack=stack, provider=provider_of(provider))
        with readable_trouble(""):
            yield open_session(asked, ledger, actor, screen_of(console))


def _deliver(session: "Session", service: str | None, limits: "Limits", *, as_json: bool) -> None:
    """As a pipeline does: stay with it, and end as it ends."""
    from onramp.rolling.delivering import deliver

    if service is None:
        raise BadInputError(
            f"Which service of {session.asked.stack}?\n    fix: name it; --to-the-end is for one service"
        )
    done = deliver(session, service, limits)
    if not isinstance(done, str):
        _end(session, [done], as_json=as_json)
    elif as_json:
        print_json({"ok": True, "exit": Exit.FINE, "rollout": None, "note": done})
    else:
        _console().print(done, markup=False, soft_wrap=True)


def _end(session: "Session", outcomes: Sequence["Outcome"], *, as_json: bool) -> None:
    """Show how the command has left its rollouts, and end as the worst of them."""
    from onramp.rolling.documents import outcome_document
    from onramp.rolling.doing import worst_of
    from onramp.screens.rollout_end import show_outcome

    if as_json and len(outcomes) == 1:
        print_json(outcome_document(outcomes[0].rollout, outcomes[0].code))
    elif as_json:
        print_json({"rollouts": [outcome_document(done.rollout, done.code) for done in outcomes]})
    for done in () if as_json else outcomes:
        show_outcome(_console(), done, session.around.clock.now())
    if not outcomes and not as_json:
        _console().print(f"No rollout of {session.asked.stack} is open, so there is nothing to go on with.")
    raise typer.Exit(worst_of(done.code for done in outcomes))


def _console() -> Console:
    return Console(highlight=False, soft_wrap=False)
