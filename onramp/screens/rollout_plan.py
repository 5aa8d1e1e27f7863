"""What a rollout would be, on a screen, before anything is touched."""

from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from onramp.rolling.looking import Look
from rollouts.advice import short
from rollouts.gates import StepForecast
from rollouts.preflight import LOOK_BACK_MINUTES, Traffic
from rollouts.record import ALL, Step, said
from stacks.targets import BalancerTarget, Target


def show_plan(console: Console, look: Look) -> None:
    """Everything a person wants to know before `start`."""
    _head(console, look)
    console.print()
    console.print(_steps(look))
    _total(console, look)
    console.print()
    console.print(_gates(look.target, look.outlook.traffic))
    gates = look.target.gates
    then = "the rollout goes back" if gates.on_deadline == "abort" else "it is held until a person decides"
    console.print(
        f"A step that is undecided after [bold]{gates.deadline_minutes} minutes[/]: {then}. Of a hundred rollouts of "
        f"good versions at most {gates.budget_percent:g} are taken back, however long they are watched."
    )
    show_notes(console, look)
    _end(console, look)


def show_notes(console: Console, look: Look) -> None:
    """What a person should know, and nothing forbids."""
    for note in look.notes:
        console.print(f"[yellow]note[/] {escape(note)}", soft_wrap=True)


def _head(console: Console, look: Look) -> None:
    target, outlook = look.target, look.outlook
    live = short(outlook.survey.live) or "no single version"
    console.print(
        f"[bold]{look.stack} {target.service}[/]  {target.compute}, {target.region}: live is [bold]{escape(live)}[/]"
    )
    if target.repository:
        wanted = escape(look.image or "none")
        same = " (as it was built last)" if look.image == target.image else ""
        console.print(f"to roll out: image [bold]{wanted}[/]{same} of {escape(target.repository)}")
    elif target.revision != outlook.survey.live:
        built = escape(short(target.revision))
        console.print(
            f"to roll out: [bold]{built}[/], built and not live yet, or what `pulumi up` makes of later changes"
        )
    else:
        console.print("to roll out: what `pulumi up` builds from the stack file and the code as they are now")
    if (traffic := outlook.traffic) is not None:
        console.print(
            f"traffic: {traffic.requests_per_minute:,.0f} requests a minute in the last {LOOK_BACK_MINUTES} minutes, "
            f"{traffic.failed:.2%} of them failed"
        )


def _steps(look: Look) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("step")
    for title in ("share", "watched at least", "requests a minute", "requests needed", "can decide after"):
        table.add_column(title, justify="right")
    forecast = look.outlook.forecast
    for index, step in enumerate(look.steps):
        expected = forecast.steps[index] if forecast is not None else None
        table.add_row(str(index + 1), said(step.weight), f"{step.minutes} min", *_expected(expected))
    if not look.steps:
        table.add_row("-", "all at once", "", "", "", "[dim]AWS replaces it; watched afterwards[/]")
    return table


def _expected(step: StepForecast | None) -> tuple[str, str, str]:
    if step is None:
        return "", "", "[dim]not known[/]"
    needed = ", ".join(f"{each.gate} {each.needed:,}" if each.needed is not None else each.gate for each in step.gates)
    minutes = f"{step.minutes} min" if step.minutes is not None else "never"
    style = "green" if step.decides else "bold red"
    return f"{step.requests_per_minute:,.0f}", needed, f"[{style}]{minutes}[/]"


def _total(console: Console, look: Look) -> None:
    forecast = look.outlook.forecast
    if forecast is None:
        return
    waits = [step.minutes for step in forecast.steps]
    if None not in waits:
        total = sum(map(_longer, look.steps, forecast.steps))
        console.print(f"[dim]All steps take about {total} minutes at this traffic, after the candidate is built.[/]")


def _longer(step: Step, expected: StepForecast) -> int:
    return max(step.minutes, expected.minutes or 0)


def _gates(target: Target, traffic: Traffic | None) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("gate", no_wrap=True)
    table.add_column("stops the new version when", overflow="fold")
    table.add_column("because", overflow="fold")
    for row in _gate_rows(target, traffic):
        table.add_row(row[0], *map(escape, row[1:]))
    return table


def _gate_rows(target: Target, traffic: Traffic | None) -> Iterator[tuple[str, str, str]]:
    gates = target.gates
    if traffic is not None:
        yield (
            "5xx",
            f"it fails more often than the live one beside it; at 100 %, more than {gates.error_percent:g} %",
            f"{gates.detect:g} times as many are caught 95 times of 100; live fails {traffic.failed * ALL:.2g} % now",
        )
    if traffic is not None and traffic.threshold is not None:
        yield (
            "p99",
            f"more of its requests than of the live one's take longer than {traffic.threshold.milliseconds:.0f} ms",
            f"that is {traffic.threshold.reason}",
        )
    if target.alarms:
        yield "alarms", "one fires: " + ", ".join(target.alarms), "the service's own; quiet now, or it is refused"
    if isinstance(target, BalancerTarget):
        yield "targets", "one fails its health check for 3 minutes, or none passes", "the load balancer asks them"
    for each in gates.metrics:
        bounds = [f"under {each.least:g}" if each.least is not None else ""]
        bounds += [f"over {each.most:g}" if each.most is not None else ""]
        yield (
            each.name,
            f"{each.statistic} of {each.metric} is {' or '.join(filter(None, bounds))} for {each.minutes} minutes",
            "gates.metrics in the stack file",
        )


def _end(console: Console, look: Look) -> None:
    console.print()
    if not look.problems:
        at = f"{look.stack} {look.target.service}"
        console.print(f"[bold green]It may start.[/] Nothing was touched. Next: onramp rollout start {at}")
        return
    console.print("[bold red]It would be refused.[/] Nothing was touched:")
    for problem in look.problems:
        console.print(f"  [red]-[/] {escape(problem)}")
