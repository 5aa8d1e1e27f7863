"""What the rollout commands take, as types; what they share with the other commands is in `options`."""

from pathlib import Path
from typing import Annotated

import typer

Service = Annotated[
    str | None, typer.Argument(help="A service of the stack; not needed when there is only one.", show_default=False)
]
LedgerAddress = Annotated[
    str | None,
    typer.Option(
        "--ledger",
        metavar="ADDRESS",
        envvar="ONRAMP_LEDGER",
        help="dynamodb://TABLE?region=REGION or sqlite:///PATH; otherwise environment.ledger of the stack file, "
        "or a file of this machine.",
        show_default=False,
    ),
]
Actor = Annotated[
    str | None,
    typer.Option(help="Who gives the command; otherwise GITHUB_ACTOR, or your name.", show_default=False),
]
Minutes = Annotated[
    float | None,
    typer.Option("--for", metavar="MINUTES", min=0, help="Work so long at most; then end with 4.", show_default=False),
]
Once = Annotated[bool, typer.Option("--once", help="One tick, and no more; ends with 4 unless that was the last.")]
TakeOver = Annotated[bool, typer.Option("--take-over", help="Take it from whoever is at work on it; he may be dead.")]
KeepHold = Annotated[bool, typer.Option("--keep-hold", help="What is held stays held, and is watched; for schedules.")]
ToTheEnd = Annotated[
    bool,
    typer.Option(
        "--to-the-end",
        help="As a pipeline does: go on with what is open of this version, wait for whoever is at work on it or holds "
        "it, and end as it ends.",
    ),
]
Release = Annotated[str, typer.Argument(help="What is to be written under onramp:images of the stack file.")]
Named = Annotated[str, typer.Argument(metavar="SERVICE", help="A service of the stack.", show_default=False)]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why, for everybody who hears of it.")]
Full = Annotated[bool, typer.Option("--full", help="Call all steps good but the last one, which is still watched.")]
Days = Annotated[int, typer.Option(metavar="N", min=1, help="How far back.")]
Record = Annotated[
    str | None,
    typer.Option(
        metavar="ROLLOUT", help="Print the minutes of this rollout instead, for `replay`.", show_default=False
    ),
]
RecordingFile = Annotated[Path, typer.Argument(help="Recorded minutes, as `history --record` prints them.")]
Steps = Annotated[str | None, typer.Option(metavar="PERCENTS", help="The steps: 5,25,50,100.", show_default=False)]
Detect = Annotated[float | None, typer.Option(help="How many times as bad must be caught.", show_default=False)]
ErrorPercent = Annotated[
    float | None, typer.Option(metavar="PERCENT", help="Failed requests that are too many.", show_default=False)
]
Budget = Annotated[
    float | None,
    typer.Option(
        "--budget-percent",
        metavar="PERCENT",
        help="Of a hundred good versions so many may be stopped.",
        show_default=False,
    ),
]
