"""Adding a service to a stack file: what a person wrote stays as it is, comments and all."""

import dataclasses
import io
from pathlib import Path

from ruamel.yaml import YAML

from onramp.exits import BadInputError
from stacks.load import SERVICES_KEY, resolve
from stacks.problems import did_you_mean
from stacks.source import read_source
from stacks.stanzas import STANZAS, Stanza

WIDE = 4096
"""No line that a person wrote is folded."""


def add_service(path: Path, name: str, compute: str) -> Stanza:
    """Write the least stanza of a service called `name` into the stack file at `path`; returns it.

    Raises:
        BadInputError: for a compute type that there is not, or a service that there is.
        StackFileError: when the file is wrong, before or with the new service; it is left untouched.
    """
    if compute not in STANZAS:
        guess = did_you_mean(compute, list(STANZAS))
        fix = f"did you mean `{guess}`?" if guess else f"choose one of {', '.join(STANZAS)}"
        raise BadInputError(f"{compute!r} is not a compute type.\n    fix: {fix}")
    stack = path.name.removeprefix("Pulumi.").removesuffix(".yaml")
    if name in resolve(stack, read_source(path)).services:
        raise BadInputError(
            f"{path.name} has a service {name} already.\n    fix: choose another name, or change that one"
        )
    stanza = STANZAS[compute](name)
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.write_text(_with(path.read_text(encoding="utf-8"), name, stanza), encoding="utf-8")
        resolve(stack, dataclasses.replace(read_source(draft), file=path.name))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return stanza


def _with(text: str, name: str, stanza: Stanza) -> str:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = WIDE
    document = yaml.load(text)  # pyright: ignore[reportUnknownMemberType] - ruamel.yaml types neither of the two
    config = document["config"]
    if not config.get(SERVICES_KEY):
        config[SERVICES_KEY] = {}
    config[SERVICES_KEY][name] = stanza
    written = io.StringIO()
    yaml.dump(document, written)  # pyright: ignore[reportUnknownMemberType] - as above
    return written.getvalue()
