"""Previewing a stack in process and judging it: the real program, the real pack, no CLI, no account, no network."""

import contextlib
import gc
import itertools
import json
import os
import sys
import time
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from onramp.exits import BadInputError, EngineError
from rollouts.place import LEDGER_VARIABLE, NO_LEDGER
from stacks.load import Stack, load_stack_file

if TYPE_CHECKING:
    from pulumi_policy import Policy

    from onramp.report import Report
    from simulator.analyzer import Analyzer
    from simulator.graph import Json

PROJECT: Final = "onramp"
PACK: Final = "onramp"

Progress = Callable[[str], None]
"""Told what is being done, in words for a person."""


def find_project(start: Path) -> Path:
    """The folder of Pulumi.yaml at `start` or above it.

    Raises:
        BadInputError: when there is none.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / "Pulumi.yaml").is_file():
            return folder
    raise BadInputError(f"There is no Pulumi.yaml in {start} or above it.\n    fix: go there, or use --project")


def load(project: Path, name: str) -> Stack:
    """The stack called `name`.

    Raises:
        StackFileError: with everything that is wrong with its file.
    """
    return load_stack_file(project / f"Pulumi.{name}.yaml", rules=_waivable)


def _waivable() -> Mapping[str, bool]:
    from policies.catalog import WAIVABLE

    return WAIVABLE


def evaluate(project: Path, name: str, progress: Progress, policy_config: Path | None = None) -> "Report":
    """Load, preview and judge the stack called `name`, with the levels in the file `policy_config` when there is one.

    Raises:
        StackFileError: when its file is wrong, or the file with the levels.
        BadInputError: when the program refuses the stack, with a clean message.
        EngineError: when the program fails.
    """
    started = time.perf_counter()
    stack = load(project, name)
    return evaluate_stack(project, stack, progress, {"load": time.perf_counter() - started}, policy_config)


def evaluate_stack(
    project: Path, stack: Stack, progress: Progress, timings: dict[str, float], policy_config: Path | None = None
) -> "Report":
    """Preview and judge a stack that is loaded; `timings` (seconds by phase) are added to.

    Raises:
        StackFileError: when the file with the levels is wrong.
        BadInputError: when the program refuses the stack, with a clean message.
        EngineError: when the program fails.
    """
    progress("loading the Pulumi SDK")
    with _timed(timings, "import"):
        from components.environment import build
        from onramp.policy_config import read_policy_config
        from onramp.report import Report
        from policies.catalog import RULES
        from policies.config import with_levels
        from policies.pack import build_policies
        from policies.verdicts import Judgement
        from simulator.analyzer import judge
        from simulator.embedded import ProgramCrash, ProgramError, preview

        config = read_policy_config(policy_config)
        if config.remedies:
            on = ", ".join(config.remedies)
            raise BadInputError(f"Remedies take the real engine ({on}).\n    fix: add --engine pulumi")
        _ = build  # imported here, so that the time for the SDK is not counted as the program's
        # What is loaded by now stays: the collector need not walk through it again for every few resources.
        gc.freeze()
    with _timed(timings, "preview"):
        try:
            # What a program prints is not a report.
            with contextlib.redirect_stdout(sys.stderr), _no_ledger():
                graph = preview(
                    project,
                    project=PROJECT,
                    stack=stack.name,
                    config=config_of(stack),
                    region=stack.region,
                    references=_references(stack),
                    on_resource=_counting(progress),
                )
        except ProgramError as error:
            raise BadInputError(f"The program refused the stack.\n{error}") from error
        except ProgramCrash as error:
            raise EngineError(f"The program did not finish.\n{error}") from error
    progress(f"judging {len(graph.resources)} resources")
    gc.freeze()  # and so does the graph
    with _timed(timings, "judge"):
        judgements: list[Judgement] = []
        judge(servicer(build_policies(judgements.append, with_levels(RULES, config.levels))), graph)
    return Report(
        stack=stack, graph=graph, judgement=config.applied(judgements[-1]), engine="embedded", timings=timings
    )


def _counting(progress: Progress) -> Callable[[str, str], None]:
    count = itertools.count(1)

    def seen(_type: str, name: str) -> None:
        progress(f"resource {next(count)}: {name}")

    return seen


def servicer(policies: list["Policy"]) -> "Analyzer":
    """The policy SDK's own analyzer around `policies`; it offers no public way to run one without its server."""
    from pulumi_policy import policy as sdk

    analyzer: type[Analyzer] = sdk._PolicyAnalyzerServicer  # noqa: SLF001 # pyright: ignore[reportPrivateUsage, reportAssignmentType]
    return analyzer(PACK, "0.1.0", policies, sdk.EnforcementLevel.ADVISORY)  # pyright: ignore[reportCallIssue]


def config_of(stack: Stack) -> dict[str, str]:
    """The configuration as the engine hands it over: text as it is, the rest as JSON, keys sorted."""
    written = stack.source.values["config"]
    items = written.items() if isinstance(written, dict) else ()
    return {key: value if isinstance(value, str) else json.dumps(value, sort_keys=True) for key, value in items}


def _references(stack: Stack) -> Mapping[str, Mapping[str, "Json"]]:
    """What another stack would publish, made up: embedded, nothing is asked of a backend."""
    from components.foundation.interface import API, OUTPUT_NAME, PUBLISHED, PUBLISHED_API

    reference = stack.environment.foundation
    if reference is None:
        return {}
    made_up: dict[str, Json] = {name: f"stand-in-{name.replace('_', '-')}" for name in PUBLISHED}
    for kind in ("private", "public"):
        made_up[f"{kind}_subnet_ids"] = [f"stand-in-{kind}-{zone}" for zone in range(stack.environment.network.zones)]
    made_up["vpc_cidr"] = stack.environment.network.cidr
    made_up[API] = {name: f"stand-in-api-{name.replace('_', '-')}" for name in PUBLISHED_API}
    return {reference.stack: {OUTPUT_NAME: made_up}}


@contextlib.contextmanager
def _no_ledger() -> Generator[None]:
    """Embedded, no ledger is asked for open rollouts unless the environment names one."""
    named = os.environ.get(LEDGER_VARIABLE)
    os.environ[LEDGER_VARIABLE] = named or NO_LEDGER
    try:
        yield
    finally:
        if named is None:
            del os.environ[LEDGER_VARIABLE]


@contextlib.contextmanager
def _timed(timings: dict[str, float], phase: str) -> Generator[None]:
    started = time.perf_counter()
    yield
    timings[phase] = time.perf_counter() - started
