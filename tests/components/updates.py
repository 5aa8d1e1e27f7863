"""What an update would do, from two previews: which resources change, and which of them are made anew."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from simulator.changes import changes
from simulator.graph import UNKNOWN, Graph, Json, Resource
from simulator.outputs import is_autonamed


def updates(before: Graph, after: Graph) -> dict[str, str]:
    """By name, `update` or `replace` for every resource of AWS that differs.

    A value that only the deployment knows differs when it comes from a resource that is made anew, and so does a name
    that nobody gave to one.
    """
    old = {each.urn: each for each in before.resources}
    assert set(old) == {each.urn for each in after.resources}, "resources come or go"
    custom = [each for each in after.resources if each.custom]
    anew: set[str] = set()
    while True:
        names = _generated(after, anew)
        found = {each.urn: _tops(old[each.urn], _renamed(each, names), after, anew) for each in custom}
        replaced = {urn for urn, tops in found.items() if any(tops.values())}
        if replaced == anew:
            break
        anew = replaced
    return {each.name: "replace" if each.urn in anew else "update" for each in after.resources if found.get(each.urn)}


def _generated(after: Graph, anew: AbstractSet[str]) -> AbstractSet[str]:
    """The names that nobody gave to what is made anew: the engine gives it others."""
    among = (each for each in after.resources if each.urn in anew)
    return {str(each.inputs["name"]) for each in among if is_autonamed(each.type, each.urn, each.inputs)}


def _renamed(new: Resource, names: AbstractSet[str]) -> Resource:
    """With `names` as values that nobody knows yet."""
    return replace(new, inputs={key: _without(value, names) for key, value in new.inputs.items()})


def _without(value: Json, names: AbstractSet[str]) -> Json:
    if isinstance(value, dict):
        return {key: _without(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without(inner, names) for inner in value]
    return UNKNOWN if any(name in str(value) for name in names) else value


def _tops(old: Resource, new: Resource, after: Graph, anew: set[str]) -> dict[str, bool]:
    """The top-level properties that change, but those that somebody else owns."""
    ignored = set(after.wire[new.urn].options.ignoreChanges)
    return {top: forced for top, forced in _changed(old, new, anew).items() if top not in ignored}


def _changed(old: Resource, new: Resource, anew: set[str]) -> Mapping[str, bool]:
    """By top-level property that changes, whether it takes a new resource."""
    from_anew = {key for key, urns in new.property_dependencies.items() if anew & set(urns)}
    olds = {key: _known(value) for key, value in old.inputs.items()}
    # A marker that nothing equals stands for a value of a resource that is made anew.
    news = {key: _known(value, UNKNOWN if key in from_anew else _SAME) for key, value in new.inputs.items()}
    found: dict[str, bool] = {}
    for change in changes(new.type, olds, news):
        found[change.top] = found.get(change.top, False) or change.replaces
    return found


_SAME = "as it was"


def _known(value: Json, unknown: str = _SAME) -> Json:
    """The value with what is not known yet written as `unknown`."""
    if isinstance(value, dict):
        return {key: _known(inner, unknown) for key, inner in value.items()}
    if isinstance(value, list):
        return [_known(inner, unknown) for inner in value]
    return unknown if value == UNKNOWN else value
