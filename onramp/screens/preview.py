"""A preview on a screen: what would be built, how it is judged, what is wrong, and what to do next."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from onramp.cost import monthly_cost
from onramp.report import Report
from onramp.screens.checklist import counts, show_matrix
from onramp.screens.words import SEVERITY_STYLE, plural, short_type
from policies.verdicts import Violation
from simulator.graph import Resource
from stacks.models import FargateSpec, Service


def show_preview(console: Console, report: Report, ran_with: str) -> None:
    """Everything a person wants to know about a stack before `pulumi up`."""
    _head(console, report, ran_with)
    console.print(_services(report))
    console.print()
    _resources(console, report)
    console.print()
    show_matrix(console, report.judgement)
    show_violations(console, report)
    show_waived(console, report)
    _warnings(console, report)
    _next(console, report)


def _head(console: Console, report: Report, ran_with: str) -> None:
    stack = report.stack
    built = sum(1 for found in report.graph.resources if found.custom)
    account = stack.environment.account or "a stand-in account"
    console.print(
        f"[bold]{stack.name}[/]  tier {stack.environment.tier}, {stack.region}, {account}: "
        f"{plural(len(stack.services), 'service')}, {plural(built, 'resource')}, "
        f"{ran_with}, {sum(report.timings.values()):.1f} s"
    )
    console.print()


def _services(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("service", "compute", "reached by"):
        table.add_column(title)
    table.add_column("resources", justify="right")
    table.add_column("USD a month", justify="right")
    table.add_column("checklist")
    for name, spec in report.stack.services.items():
        found = report.resources_of(name)
        cost = monthly_cost(found)
        table.add_row(
            f"[bold]{name}[/]",
            spec.compute_type,
            _reached_by(spec),
            str(len(found)),
            f"{cost.total:.0f}",
            counts(report.judgement.verdicts[name]),
        )
    return table


def _reached_by(spec: Service) -> str:
    ways = [spec.route] if spec.route else []
    if isinstance(spec, FargateSpec) and spec.port is not None and spec.route is None:
        ways.append(f"port {spec.port}, inside")
    ways += [f"topic {topic}" for topic in spec.consumes]
    ways += ["queue"] if spec.queue is not None and not spec.consumes else []
    for key in ("events", "schedule"):
        ways += [key] if getattr(spec, key, None) else []
    return escape(", ".join(ways) or "nothing")


def _resources(console: Console, report: Report) -> None:
    """The resources that each service becomes, by AWS service."""
    shared = [found for found in report.graph.resources if found.custom and found.type != "pulumi:pulumi:Stack"]
    for name in report.stack.services:
        own = report.resources_of(name)
        console.print(f"[bold]{name}[/] becomes {_kinds(own)}")
        urns = {found.urn for found in own}
        shared = [found for found in shared if found.urn not in urns]
    console.print(f"[bold]shared[/] by all: {_kinds(shared)}")


def _kinds(resources: Iterable[Resource]) -> str:
    by_service: dict[str, Counter[str]] = defaultdict(Counter)
    for found in resources:
        service, kind = short_type(found.type)
        by_service[service][kind] += 1
    parts = [
        f"[cyan]{service}[/] "
        + ", ".join(f"{count} {kind}" if count > 1 else kind for kind, count in sorted(kinds.items()))
        for service, kinds in sorted(by_service.items())
    ]
    return "; ".join(parts) or "nothing"


def show_violations(console: Console, report: Report) -> None:
    """Each violation with where it is and how to fix it."""
    for found in _new_first(report):
        console.print()
        age = _age(report, found)
        file, line = report.source_of(found)
        style = SEVERITY_STYLE[found.severity]
        about = f"{found.rule} ({found.item})" if found.item else found.rule
        console.print(f"{age}[{style}]{found.level} {found.severity}[/] [bold]{about}[/] {found.service or 'shared'}")
        console.print(f"  {escape(found.message)}")
        console.print(f"  [dim]where[/] {file}:{line}, {_resource_name(found)}{' ' + found.path if found.path else ''}")
        console.print(f"  [dim]fix[/]   {escape(found.fix)}")
        console.print(f"  [dim]more[/]  onramp rule {found.rule}")


def _new_first(report: Report) -> Sequence[Violation]:
    violations = report.judgement.violations
    return violations if report.ratchet is None else report.ratchet.new_first(violations)


def _age(report: Report, found: Violation) -> str:
    if report.ratchet is None:
        return ""
    return "[bold]new[/] " if report.ratchet.is_new(found) else "[dim]known[/] "


def show_waived(console: Console, report: Report) -> None:
    """Each violation that does not count for a while, with who says so."""
    waived = report.judgement.waived
    if waived:
        console.print()
        console.print(f"[magenta]{plural(len(waived), 'violation')} waived[/] by the stack file:")
    for each in waived:
        found = each.violation
        about = f"{found.rule} ({found.item})" if found.item else found.rule
        age = _age(report, found)
        console.print(f"  [magenta]w[/] {age}[bold]{about}[/] {found.service or 'shared'}, {_resource_name(found)}")
        console.print(f"    {escape(found.message)}")
        console.print(f"    [dim]why[/]   {escape(each.reason)}")
        until = f"{each.expires}, approved by {each.approver}; {each.owner} mends it ({each.ticket})"
        console.print(f"    [dim]until[/] {escape(until)}")


def _resource_name(found: Violation) -> str:
    return found.urn.rpartition("::")[2] or "the stack"


def _warnings(console: Console, report: Report) -> None:
    if report.graph.warnings:
        console.print()
    for warning in report.graph.warnings:
        console.print(f"[yellow]warning[/] {escape(warning)}")


def _next(console: Console, report: Report) -> None:
    broken = [found for found in _new_first(report) if found.level == "mandatory"]
    console.print()
    if (ratchet := report.ratchet) is not None:
        counts = f"{len(ratchet.new)} new, {len(ratchet.known)} known, {ratchet.gone} gone"
        console.print(f"Against {escape(ratchet.file)}: {counts}.", soft_wrap=True)
    name = report.stack.name
    if broken:
        console.print(f"[bold red]{plural(len(broken), 'mandatory violation')}[/]: `pulumi up` would be refused.")
        console.print(f"Next: fix {broken[0].rule} (onramp rule {broken[0].rule}), then onramp preview {name}")
    else:
        first = next(iter(report.stack.services), None)
        console.print("[bold green]The rules hold.[/]")
        console.print(
            f"Next: onramp checklist {name} {first or ''}".rstrip()
            + (f", onramp explain {name} {first}" if first else "")
            + f", or pulumi up --stack {name} --policy-pack policies"
        )
