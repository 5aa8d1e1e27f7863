"""The signs, colours and short words that all screens share."""

from collections.abc import Mapping
from typing import Final

SIGNS: Final[Mapping[str, str]] = {
    "pass": "[green]✓[/]",
    "fail": "[bold red]✗[/]",
    "undecided": "[yellow]?[/]",
    "attested": "[cyan]a[/]",
    "waived": "[magenta]w[/]",
    "not-applicable": "[dim]·[/]",
}
LEGEND: Final = "[dim]✓ pass   ✗ fail   ? undecided   a attested   w waived   · not applicable[/]"
SEVERITY_STYLE: Final[Mapping[str, str]] = {
    "critical": "bold red",
    "high": "red",
    "medium": "yellow",
    "low": "dim",
}


def short_type(pulumi_type: str) -> tuple[str, str]:
    """AWS service and kind of a type token: `aws:ecs/service:Service` is `ecs`, `Service`."""
    package, module, kind = pulumi_type.split(":")
    return (module.split("/")[0] if package == "aws" else package), kind


def plural(count: int, word: str) -> str:
    """`1 service`, `2 services`."""
    return f"{count} {word}{'' if count == 1 else 's'}"
