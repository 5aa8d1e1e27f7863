"""What the commands take, as types: each option is said once, and means the same wherever it is taken."""

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from onramp.workspace import Provider

StackName = Annotated[str, typer.Argument(help="The stack: dev, for Pulumi.dev.yaml.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document for a program.")]
Project = Annotated[Path, typer.Option("--project", help="The folder of Pulumi.yaml, or one below it.")]
HERE: Final = Path()


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
PolicyConfigFile = Annotated[
    Path | None,
    typer.Option("--policy-config", metavar="FILE", help="Levels of rules, as for pulumi's --policy-pack-config."),
]
OnlyNew = Annotated[bool, typer.Option("--only-new", help="End with 1 only for what is new since then.")]
Base = Annotated[str, typer.Argument(help="Where the branch goes: main, or HEAD^1 of a merge.", show_default=False)]
ReportsFolder = Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write comment.md and all reports there.")]
Link = Annotated[str, typer.Option(metavar="URL", help="Where people find the reports; the comment links it.")]
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


def provider_of(name: ProviderName | None) -> "Provider | None":
    """What was chosen, as the engine's side says it; None leaves it to the engine."""
    choices: dict[ProviderName | None, Provider] = {ProviderName.AWS: "aws", ProviderName.STAND_IN: "stand-in"}
    return choices.get(name)
