"""The Pulumi program: load the stack, ask which rollouts are open, build its environment."""

from pathlib import Path

import pulumi

from components.environment import build
from rollouts.standing import LedgerSilent, standing
from stacks.load import CONFIG_KEYS, load_running
from stacks.problems import StackFileError

ROOT = Path(__file__).parent


def configured(key: str) -> str | None:
    """The raw value of a configuration key of this stack, objects as JSON."""
    namespace, _, name = key.partition(":")
    return pulumi.Config(namespace).get(name)


try:
    stack = load_running(ROOT, pulumi.get_stack(), {key: configured(key) for key in CONFIG_KEYS})
    is_update = not pulumi.runtime.is_dry_run()
    opened = standing(ROOT, stack, must_know=is_update)
except StackFileError as error:
    raise pulumi.RunError(error.render()) from None
except LedgerSilent as error:
    raise pulumi.RunError(str(error)) from None
build(stack, opened)
