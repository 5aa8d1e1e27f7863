"""What a service's model cannot see of its delivery: a pipeline that takes its versions live by `onramp rollout`."""

from collections.abc import Iterator, Mapping
from typing import Final

from stacks.models import Environment, FunctionSpec, Service
from stacks.problems import Problem
from stacks.source import Source
from stacks.standards import PIPELINE_ROLLOUT_MINUTES

_PIPELINE: Final = "config.onramp:environment.pipeline"


def rolled_out(source: Source, environment: Environment, services: Mapping[str, Service]) -> Iterator[Problem]:
    """Whether each rollout of a pipeline is written down where the next build finds it, and ends before its build does.

    Args:
        source: the file.
        environment: of the stack.
        services: those that are right in themselves.
    """
    if environment.pipeline is None:
        return
    delivered = {name: each for name, each in services.items() if each.has_image or isinstance(each, FunctionSpec)}
    waiting = {name: each for name, each in delivered.items() if each.waits_for_rollout}
    if waiting and environment.ledger is None:
        names = ", ".join(waiting)
        yield source.problem(
            _PIPELINE,
            f"takes {names} live by onramp rollout, and a build keeps no file in which a rollout could be written down",
            got="no ledger",
            allowed="ledger: dynamodb, or the address of a table",
            fix="write `ledger: dynamodb` in onramp:environment, or let AWS shift (another rollout.strategy)",
        )
    for name, service in waiting.items():
        if service.rollout_minutes > PIPELINE_ROLLOUT_MINUTES:
            yield source.problem(
                f"config.onramp:services.{name}.rollout",
                "takes longer than the pipeline can stay with it",
                got=f"{service.rollout_minutes} minutes at least",
                allowed=f"up to {PIPELINE_ROLLOUT_MINUTES} minutes",
                fix="write fewer steps, or fewer minutes for each",
            )
