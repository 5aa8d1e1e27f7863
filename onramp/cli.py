"""The commands. Each asks one question, prints the answer, and ends with one of the exit codes of `exits`."""

import enum
import json
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from onramp.evaluate import Progress, evaluate, find_project, load
from onramp.exits import BadInputError, Exit, readable_errors
from onramp.formats.targets import wanted
from stacks.problems import did_you_mean
from stacks.schema import schema_text
from stacks.stanzas import STANZAS

if TYPE_CHECKING:
    from onramp.ratchet import Baseline
    from onramp.report import Report
    from onramp.workspace import Provider

app = typer.Typer(
    help="A few lines about a service become a judged production graph on AWS.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

StackName = Annotated[str, typer.Argument(help="The stack: dev, for Pulumi.dev.yaml.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document for a program.")]
Project = Annotated[Path, typer.Option("--project", help="The folder of Pulumi.yaml, or one below it.")]
HERE = Path()


def _file(option: str, what: str) -> typer.models.OptionInfo:
    return typer.Option(option, metavar="FILE", help=f"Write {what}.")


SarifFile = Annotated[Path | None, _file("--sarif", "SARIF 2.1.0, for code scanning")]
JunitFile = Annotated[Path | None, _file("--junit", "JUnit XML, a case for each checklist item")]
MarkdownFile = Annotated[Path | None, _file("--markdown", "Markdown for the pull request")]
HtmlFile = Annotated[Path | None, _file("--html", "one HTML page with the matrix")]
CodequalityFile = Annotated[Path | None, _file("--codequality", "GitLab's code quality report")]
BaselineFile = Annotated[Path | None, _file("--baseline", "what is wrong now, for a later --against")]
Against = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Tell what is new since a baseline, an earlier --json, or a stack export."),
]
OnlyNew = Annotated[bool, typer.Option("--only-new", help="With --against: end with 1 only for what is new.")]
AsAnnotations = Annotated[bool, typer.Option("--annotations", help="Print GitHub annotations, after everything else.")]


class EngineName(enum.StrEnum):
    """Which engine previews."""

    EMBEDDED = "embedded"
    PULUMI = "pulumi"


class ProviderName(enum.StrEnum):
    """Who answers for AWS under the real engine."""

    AWS = "aws"
    STAND_IN = "stand-in"


ProviderOption = Annotated[
    ProviderName | None,
    typer.Option(help="Who answers for AWS; by default AWS with the official engine, else a stand-in."),
]


@app.command()
def preview(  # noqa: PLR0913, PLR0917 - each is an option of the command, and the framework passes them by name
    stack: StackName,
    engine: Annotated[EngineName, typer.Option(help="In process, or the Pulumi CLI.")] = EngineName.EMBEDDED,
    provider: ProviderOption = None,
    plan: Annotated[Path | None, typer.Option(help="Save what `deploy --plan` will do, and nothing else.")] = None,
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
        if annotations and as_json:
            raise BadInputError("--annotations and --json both print to stdout.\n    fix: choose one of them")
        files = wanted(
            sarif=sarif, junit=junit, markdown=markdown, html=html, codequality=codequality, baseline=baseline
        )
        earlier = _earlier(stack, against, baseline, only_new=only_new)
        if engine is EngineName.EMBEDDED and (plan is not None or provider is not None):
            raise BadInputError("--plan and --provider are for the real engine.\n    fix: add --engine pulumi")
        if engine is EngineName.PULUMI:
            report, ran_with = _previewed(project, stack, provider, plan)
        else:
            report, ran_with = _evaluated(project, stack), "embedded engine, a stand-in for AWS"
        if earlier is not None:
            from onramp.ratchet import compare

            report = replace(report, ratchet=compare(report.judgement.violations, earlier))
        _write_reports(report, files)
        if as_json:
            _print_json(report.document())
        else:
            from onramp.screens.preview import show_preview

            show_preview(_screen(), report, ran_with)
        if annotations:
            from onramp.formats.annotations import annotations_text

            sys.stdout.write(annotations_text(report))
    held = report.ratchet.ok if only_new and report.ratchet is not None else report.ok
    raise typer.Exit(Exit.FINE if held else Exit.RULES_SAY_NO)


@app.command()
def deploy(
    stack: StackName,
    provider: ProviderOption = None,
    plan: Annotated[Path | None, typer.Option(help="Do exactly what this preview saved.")] = None,
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
                show_unlocked(_screen(), stack, real.unlock(root, stack, _provider(provider), progress))
                raise typer.Exit(Exit.FINE)
            done = real.deploy(root, stack, _provider(provider), plan, progress)
        if as_json:
            _print_json(deployment_document(done))
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
            _known(service, report.judgement.verdicts)
        if as_json:
            verdicts = report.checklist()
            _print_json(verdicts if service is None else {service: verdicts[service]})
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
        _known(service, load(find_project(project), stack).services)
        report = _evaluated(project, stack)
        from onramp.explanation import explain_service

        explanation = explain_service(report, service)
        if as_json:
            _print_json(explanation.document())
        else:
            from onramp.screens.explain import show_explanation

            show_explanation(_screen(), explanation)


@app.command()
def rule(
    rule_id: Annotated[str | None, typer.Argument(help="A rule's id or a checklist item; none lists all.")] = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Show what a rule wants, why, and how to fix what breaks it."""
    with readable_errors(as_json=as_json):
        from onramp.screens.rules import find_rules, rule_document, show_rule, show_rules

        found = find_rules(rule_id)
        if as_json:
            _print_json([rule_document(meta) for meta in found])
        elif rule_id is None:
            show_rules(_screen(), found)
        else:
            for meta in found:
                show_rule(_screen(), meta)


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
            _print_json({"file": path.name, "service": service, "written": stanza})
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


def _evaluated(project: Path, stack: str) -> "Report":
    with _progress() as progress:
        return evaluate(find_project(project), stack, progress)


def _previewed(project: Path, stack: str, provider: ProviderName | None, plan: Path | None) -> tuple["Report", str]:
    from onramp.real import preview_real

    with _progress() as progress:
        return preview_real(find_project(project), stack, _provider(provider), plan, progress)


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


def _provider(name: ProviderName | None) -> "Provider | None":
    choices: dict[ProviderName | None, Provider] = {ProviderName.AWS: "aws", ProviderName.STAND_IN: "stand-in"}
    return choices.get(name)


def _known(service: str, services: Mapping[str, object]) -> None:
    if service not in services:
        guess = did_you_mean(service, list(services))
        fix = f"did you mean `{guess}`?" if guess else f"services here: {', '.join(services) or 'none'}"
        raise BadInputError(f"There is no service {service!r} in this stack.\n    fix: {fix}")


def _screen() -> Console:
    return Console(highlight=False, soft_wrap=False)


@contextmanager
def _progress() -> Generator[Progress]:
    """Progress on stderr: a line that rewrites itself for a person, nothing for a program."""
    console = Console(stderr=True)
    with console.status("reading the stack file") as status:
        yield status.update


def _print_json(document: object) -> None:
    sys.stdout.write(json.dumps(document, indent=2, sort_keys=False, ensure_ascii=False) + "\n")
