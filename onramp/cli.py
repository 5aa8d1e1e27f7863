"""The commands. Each asks one question, prints the answer, and ends with one of the exit codes of `exits`."""

import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from onramp.answers import check_service, print_json
from onramp.evaluate import Progress, evaluate, find_project, load
from onramp.exits import BadInputError, Exit, readable_errors
from onramp.formats.targets import wanted
from onramp.options import (
    HERE,
    Against,
    AsAnnotations,
    AsJson,
    Base,
    BaselineFile,
    CodequalityFile,
    EngineName,
    HtmlFile,
    JunitFile,
    Link,
    MarkdownFile,
    OnlyNew,
    PolicyConfigFile,
    Project,
    ProviderName,
    ProviderOption,
    ReportsFolder,
    SarifFile,
    StackName,
    provider_of,
)
from onramp.rollout import rollout
from stacks.schema import schema_text
from stacks.stanzas import STANZAS

if TYPE_CHECKING:
    from onramp.ratchet import Baseline
    from onramp.report import Report

app = typer.Typer(
    help="A few lines about a service become a judged production graph on AWS.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(rollout, name="rollout")


@app.command()
def preview(  # noqa: PLR0913, PLR0917 - each is an option of the command, and the framework passes them by name
    stack: StackName,
    engine: Annotated[EngineName, typer.Option(help="In process, or the Pulumi CLI.")] = EngineName.EMBEDDED,
    provider: ProviderOption = None,
    plan: Annotated[Path | None, typer.Option(help="Save what `deploy --plan` will do, and nothing else.")] = None,
    policy_config: PolicyConfigFile = None,
    sarif: SarifFile = None,
    junit: JunitFile = None,
    markdown: MarkdownFile = None,
    html: HtmlFile = None,
    codequality: CodequalityFile = None,
    baseline: BaselineFile = None,
    against: Against = None,
    only_new: OnlyNew = False,  # noqa: FBT002 - a flag
    annotations: AsAnnotations = False,  # noqa: FBT002 - a flag
    as_json: AsJson = False,  # noqa: FBT002 - a flag
    project: Project = HERE,
) -> None:
    """Build the graph, judge it, and report. In process, it takes no AWS account and no network."""
    with readable_errors(as_json=as_json):
        _only_one(annotations=annotations, as_json=as_json)
        files = wanted(
            sarif=sarif, junit=junit, markdown=markdown, html=html, codequality=codequality, baseline=baseline
        )
        earlier = _earlier(stack, against, baseline, only_new=only_new)
        if engine is EngineName.EMBEDDED and (plan is not None or provider is not None):
            raise BadInputError("--plan and --provider are for the real engine.\n    fix: add --engine pulumi")
        if engine is EngineName.PULUMI:
            report, ran_with = _previewed(project, stack, provider, plan, policy_config)
        else:
            report, ran_with = _evaluated(project, stack, policy_config), "embedded engine, a stand-in for AWS"
        if earlier is not None:
            from onramp.ratchet import compare

            found = report.judgement
            report = replace(report, ratchet=compare(found.violations, earlier, found.waived))
        _write_reports(report, files)
        if as_json:
            print_json(report.document())
        else:
            from onramp.screens.preview import show_preview

            show_preview(_screen(), report, ran_with)
        if annotations:
            from onramp.formats.annotations import annotations_text

            sys.stdout.write(annotations_text(report))
    held = report.ratchet.ok if only_new and report.ratchet is not None else report.ok
    raise typer.Exit(Exit.FINE if held else Exit.RULES_SAY_NO)


@app.command()
def review(  # noqa: PLR0913, PLR0917 - as in preview
    base: Base,
    reports: ReportsFolder = None,
    link: Link = "",
    only_new: OnlyNew = False,  # noqa: FBT002 - a flag
    annotations: AsAnnotations = False,  # noqa: FBT002 - a flag
    as_json: AsJson = False,  # noqa: FBT002 - a flag
    project: Project = HERE,
) -> None:
    """Preview every stack that a branch touches, and tell what is new since it left its base."""
    with readable_errors(as_json=as_json):
        _only_one(annotations=annotations, as_json=as_json)
        from onramp import review as pull_request
        from onramp.screens.review import annotations_of, review_document, show_review

        with _progress() as progress:
            parts = pull_request.review(find_project(project), base, progress)
        if reports is not None:
            pull_request.write_review(parts, reports, link, datetime.now())  # noqa: DTZ005 - as in the reports of preview
        if as_json:
            print_json(review_document(parts))
        else:
            show_review(_screen(), parts)
        if annotations:
            sys.stdout.write(annotations_of(parts))
    raise typer.Exit(pull_request.code(parts, only_new=only_new))


@app.command()
def deploy(  # noqa: PLR0913, PLR0917 - as in preview
    stack: StackName,
    provider: ProviderOption = None,
    plan: Annotated[Path | None, typer.Option(help="Do exactly what this preview saved.")] = None,
    policy_config: PolicyConfigFile = None,
    unlock: Annotated[bool, typer.Option("--unlock", help="Remove the lock of a killed update, and stop.")] = False,  # noqa: FBT002 - a flag
    as_json: AsJson = False,  # noqa: FBT002 - a flag
    project: Project = HERE,
) -> None:
    """Update the stack with the real engine (`pulumi up`), with the pack on."""
    with readable_errors(as_json=as_json):
        from onramp import real
        from onramp.screens.deploy import deployment_document, show_deployment, show_unlocked

        root = find_project(project)
        with _progress() as progress:
            if unlock:
                show_unlocked(_screen(), stack, real.unlock(root, stack, provider_of(provider), progress))
                raise typer.Exit(Exit.FINE)
            done = real.deploy(root, stack, provider_of(provider), plan, progress, policy_config)
        if as_json:
            print_json(deployment_document(done))
        else:
            show_deployment(_screen(), done)
    if not done.report.ok:
        raise typer.Exit(Exit.RULES_SAY_NO)
    raise typer.Exit(Exit.FINE if done.succeeded else Exit.ENGINE_FAILED)


@app.command()
def checklist(
    stack: StackName,
    service: Annotated[str | None, typer.Argument(help="One service, with the cause of every verdict.")] = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
    project: Project = HERE,
) -> None:
    """Show the matrix of services and checklist items, or all items of one service."""
    with readable_errors(as_json=as_json):
        report = _evaluated(project, stack)
        if service is not None:
            check_service(service, report.judgement.verdicts)
        if as_json:
            verdicts = report.checklist()
            print_json(verdicts if service is None else {service: verdicts[service]})
        else:
            from onramp.screens.checklist import show_matrix, show_service

            if service is None:
                show_matrix(_screen(), report.judgement)
            else:
                show_service(_screen(), service, report.judgement.verdicts[service])
    raise typer.Exit(Exit.FINE if report.ok else Exit.RULES_SAY_NO)


@app.command()
def explain(
    stack: StackName,
    service: Annotated[str, typer.Argument(help="A service of the stack.", show_default=False)],
    as_json: AsJson = False,  # noqa: FBT002 - a flag
    project: Project = HERE,
) -> None:
    """Show every effective value with its origin, the resources it becomes, and what they cost in a month."""
    with readable_errors(as_json=as_json):
        check_service(service, load(find_project(project), stack).services)
        report = _evaluated(project, stack)
        from onramp.explanation import explain_service

        explanation = explain_service(report, service)
        if as_json:
            print_json(explanation.document())
        else:
            from onramp.screens.explain import show_explanation

            show_explanation(_screen(), explanation)


@app.command()
def rule(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]",
            help="A rule; or an item, a group or a control (ECS.5), for its rules; none for all.",
        ),
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Show what a rule wants, why, what it looks like when it is broken, and how to mend or waive it."""
    with readable_errors(as_json=as_json):
        from onramp.rulebook import find_rules
        from onramp.screens.rules import show_rule, show_rules

        today = datetime.now().date()  # noqa: DTZ005 - a waiver ends on a day of whoever writes it
        found = find_rules(name)
        if as_json:
            print_json([entry.document(today) for entry in found])
        elif len(found) == 1:
            show_rule(_screen(), found[0], today)
        else:
            show_rules(_screen(), found)


@app.command()
def new(
    service: Annotated[str, typer.Argument(help="The name of the new service.", show_default=False)],
    compute: Annotated[str, typer.Option(help="What it runs on: " + ", ".join(STANZAS) + ".", show_default=False)],
    stack: Annotated[str, typer.Option(help="The stack whose file gets it.")] = "dev",
    as_json: AsJson = False,  # noqa: FBT002 - a flag
    project: Project = HERE,
) -> None:
    """Add a service to a stack file: the least it has to write; the tier has the rest."""
    with readable_errors(as_json=as_json):
        from onramp.new import add_service

        path = find_project(project) / f"Pulumi.{stack}.yaml"
        stanza = add_service(path, service, compute)
        if as_json:
            print_json({"file": path.name, "service": service, "written": stanza})
        else:
            console = _screen()
            console.print(f"[bold]{service}[/] is in {path.name} now:")
            for key, value in stanza.items():
                console.print(f"    {key}: {value}", markup=False)
            console.print(f"next: [bold]onramp preview {stack}[/], and [bold]onramp explain {stack} {service}[/]")


@app.command()
def schema() -> None:
    """Print the JSON Schema of a stack file, for editors."""
    sys.stdout.write(schema_text())


def main() -> None:
    """The entry point of the `onramp` command."""
    app()


def _evaluated(project: Path, stack: str, policy_config: Path | None = None) -> "Report":
    with _progress() as progress:
        return evaluate(find_project(project), stack, progress, policy_config)


def _previewed(
    project: Path, stack: str, provider: ProviderName | None, plan: Path | None, policy_config: Path | None
) -> tuple["Report", str]:
    from onramp.real import preview_real

    with _progress() as progress:
        return preview_real(find_project(project), stack, provider_of(provider), plan, progress, policy_config)


def _earlier(stack: str, against: Path | None, baseline: Path | None, *, only_new: bool) -> "Baseline | None":
    """What was wrong before, read before the preview takes its time."""
    if against is None:
        if only_new:
            fix = f"add --against FILE; onramp preview {stack} --baseline FILE writes one"
            raise BadInputError(f"--only-new needs something to compare with.\n    fix: {fix}")
        return None
    if baseline is not None:
        fix = "leave one out; a baseline is for people to write, when they accept what is wrong"
        raise BadInputError(f"--baseline with --against would accept what is new, unseen.\n    fix: {fix}")
    from onramp.against import read_baseline

    return read_baseline(against, stack)


def _write_reports(report: "Report", files: Mapping[str, Path]) -> None:
    if files:
        from onramp.formats.files import write_reports

        write_reports(report, files, datetime.now())  # noqa: DTZ005 - JUnit's time has no zone, and is read as local


def _only_one(*, annotations: bool, as_json: bool) -> None:
    if annotations and as_json:
        raise BadInputError("--annotations and --json both print to stdout.\n    fix: choose one of them")


def _screen() -> Console:
    return Console(highlight=False, soft_wrap=False)


@contextmanager
def _progress() -> Generator[Progress]:
    """Progress on stderr: a line that rewrites itself for a person, nothing for a program."""
    console = Console(stderr=True)
    with console.status("reading the stack file") as status:
        yield status.update
