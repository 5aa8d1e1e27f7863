"""The Pulumi program: load the stack, build its environment."""

from pathlib import Path

import pulumi

from components.environment import build
from stacks.load import CONFIG_KEYS, load_running
from stacks.problems import StackFileError


def configured(key: str) -> str | None:
    """The raw value of a configuration key of this stack, objects as JSON."""
    namespace, _, name = key.partition(":")
    return pulumi.Config(namespace).get(name)


try:
    stack = load_running(Path(__file__).parent, pulumi.get_stack(), {key: configured(key) for key in CONFIG_KEYS})
except StackFileError as error:
    raise pulumi.RunError(error.render()) from None
build(stack)
