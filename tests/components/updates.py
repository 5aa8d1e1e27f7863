"""What an update would do, from two previews: which resources change, and which of them are made anew."""

from collections.abc import Mapping

from simulator.changes import changes
from simulator.graph import UNKNOWN, Graph, Json, Resource


def updates(before: Graph, after: Graph) -> dict[str, str]:
    """By name, `update` or `replace` for every resource of AWS that differs.

    A value that only the deployment knows differs when it comes from a resource that is made anew.
    """
    old = {each.urn: each for each in before.resources}
    assert set(old) == {each.urn for each in after.resources}, "resources come or go"
    anew: set[str] = set()
    while True:
        found = {each.urn: _tops(old[each.urn], each, after, anew) for each in after.resources if each.custom}
        replaced = {urn for urn, tops in found.items() if any(tops.values())}
        if replaced == anew:
            break
        anew = replaced
    return {each.name: "replace" if each.urn in anew else "update" for each in after.resources if found.get(each.urn)}


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
