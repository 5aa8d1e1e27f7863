"""Writes onramp/rule_examples.yaml: the first breakage of each rule, what the rule says of it, and the way back.

`make docs` runs it. What people read about a broken rule is what a test breaks.
"""

import json
import sys
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final, cast

from onramp.rulebook import EXAMPLES_FILE
from tests.policies.breaks import Break
from tests.policies.draft import Draft, Json, Node, Text
from tests.policies.test_breakages import ALL_BREAKS, judged

_SHOWN_CHARS: Final = 76
_LINES_MAX: Final = 8
_UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How the engine writes a string that it does not know yet."""

_Inputs = dict[str, str]


def examples_text() -> str:
    """The file, with the rules in the order of the alphabet."""
    first: dict[str, Break] = {}
    for broken in ALL_BREAKS:
        first.setdefault(broken.rule, broken)
    note = "# Written by `make docs` from the breakages of the tests: - is broken, + is right.\n"
    return note + "".join(_example(first[rule]) for rule in sorted(first))


def _example(broken: Break) -> str:
    right, wrong = broken.start(broken.tier), broken.start(broken.tier)
    broken.change(wrong)
    says = next(each.message for each in judged(wrong).violations if each.rule == broken.rule)
    change = "".join(f"    {line}\n" for line in _changes(right, wrong))
    return f"{broken.rule}:\n  says: {json.dumps(says, ensure_ascii=False)}\n  change: |2\n{change}"


def _changes(right: Draft, wrong: Draft) -> Iterator[str]:
    for name in {**right.nodes, **wrong.nodes}:
        nodes = [draft.nodes[name] for draft in (wrong, right) if name in draft.nodes]
        stated = {key for node in nodes for key in node.inputs}
        before, after = (_inputs(draft.nodes.get(name), stated) for draft in (wrong, right))
        if before == after and len(nodes) > 1:
            continue
        if len(nodes) > 1:
            yield f"  {nodes[0].type} {name}"
            yield from _differences(before, after)
        else:
            sign, shown = ("-", before) if name in wrong.nodes else ("+", after)
            yield f"{sign} {nodes[0].type} {name}"
            lines = [_line(sign, path, shown) for path in shown if not path.startswith("tags")]
            yield from lines[:_LINES_MAX]
            if len(lines) > _LINES_MAX:
                yield f"{sign}   ..."


def _differences(before: _Inputs, after: _Inputs) -> Iterator[str]:
    for path in {**after, **before}:
        if before.get(path) != after.get(path):
            yield from (_line(sign, path, side) for sign, side in (("-", before), ("+", after)) if path in side)


def _line(sign: str, path: str, inputs: _Inputs) -> str:
    text = inputs[path]
    return f"{sign}   {path}: {text if len(text) <= _SHOWN_CHARS else f'{text[: _SHOWN_CHARS - 3]}...'}"


def _inputs(node: Node | None, stated: AbstractSet[str]) -> _Inputs:
    """Every single value of a resource by its path, and what it refers to at inputs that are nowhere stated."""
    if node is None:
        return {}
    sources = {key: f"from {', '.join(names)}" for key, names in node.refers.items()}
    values = {path: _shown(value, sources.get(path)) for path, value in _values(node.inputs, "")}
    changed = {key: source for key, source in sources.items() if key not in stated or _has_parts(node.inputs.get(key))}
    options = {"options.ignoreChanges": _shown([*node.ignores], None)} if node.ignores is not None else {}
    return values | changed | options


def _has_parts(value: Json) -> bool:
    return isinstance(value, dict | list | Text)


def _values(value: Json, path: str) -> Iterator[tuple[str, Json]]:
    inner = value.body if isinstance(value, Text) else value
    if isinstance(inner, dict) and inner:
        for key, each in cast("dict[str, Json]", inner).items():
            yield from _values(each, f"{path}.{key}" if path else key)
    elif isinstance(inner, list) and inner and not isinstance(inner[0], list):
        for place, each in enumerate(cast("list[Json]", inner)):
            yield from _values(each, f"{path}.{place}")
    else:
        yield path, inner


def _shown(value: Json, source: str | None) -> str:
    if source or value == _UNKNOWN:
        return source or "(known after the deployment)"
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    EXAMPLES_FILE.write_text(examples_text(), encoding="utf-8")
    sys.stderr.write(f"{EXAMPLES_FILE.name}\n")
