"""What an update leaves alone while a rollout is open, and what it does not bring back when one has failed.

The program states each open rollout: what it moves as the ledger has it (`was`), and as the program builds it (`now`).
It states the version that the last rollout took back where an update would deploy a version of the same release.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from policies import kinds
from policies.graph import Graph, Resource
from policies.rule import ALWAYS, Fail, Meta, Outcome, stack_rule
from policies.values import UNKNOWN, Value, has_unknown, objects

_FREE: Final = frozenset({"alarms", "gates", "release", "tasks", "topic"})
"""What may change at any time: a rollout goes on with what it began with, and a release is seen by what it builds."""
_EMPTY: Final[tuple[Value, ...]] = (None, "", 0, [], {})
_REVISION: Final = "revision"
_BROUGHT_ALONG: Final = frozenset(
    {
        *(_REVISION, "image"),
        *("asks", "bakeMinutes", "intervalMinutes", "keepMinutes", "percent", "stepMinutes", "steps"),
    }
)
"""What may change with the candidate, and no more when that is built."""


@stack_rule(
    Meta(
        id="open-rollout-undisturbed",
        item=None,
        title="An update leaves an open rollout alone",
        why=(
            "Between two steps both versions have traffic: whoever takes one away, or brings a third, decides what "
            "users get, and nobody watches."
        ),
        fix=(
            "put back what the message names, or end the rollout first: onramp rollout resume goes on with it, "
            "onramp rollout abort goes back to the live version"
        ),
        severity="critical",
        url="https://docs.aws.amazon.com/wellarchitected/latest/framework/ops_mit_deploy_risks_deploy_mgmt_sys.html",
        levels=ALWAYS,
        frameworks=("OPS06-BP03",),
    )
)
def open_rollout_undisturbed(graph: Graph) -> Iterator[Outcome]:
    """The service of each open rollout is there, is moved in the same way, and gets no third version."""
    for rollout in graph.of(kinds.OPEN_ROLLOUT):
        for path, what in _disturbances(rollout):
            yield Fail(resource=rollout, path=path, message=f"{_named(rollout)}, and {what}; {_ways_out(rollout)}")


def _disturbances(rollout: Resource) -> Iterator[tuple[str, str]]:
    """Where it shows, and what it is."""
    service = rollout.text("service")
    before, after = (_told(rollout, key) for key in ("was", "now"))
    if not after:
        yield "now", f"the stack has no {service} any more that could be rolled out"
        return
    candidate = rollout.text("candidate")
    ours = _FREE if candidate else _FREE | _BROUGHT_ALONG
    for key in sorted({*before, *after} - ours - {_REVISION}):
        if before.get(key) != after.get(key):
            yield f"now.{key}", _change(key, before, after)
    if candidate and after.get("image") == before.get("image") and after.get(_REVISION) != candidate:
        yield f"now.{_REVISION}", f"this update builds another version than {candidate}"


def _told(rollout: Resource, key: str) -> Mapping[str, Value]:
    """What is told of a target; the ledger also has what is empty, and the program need not."""
    return {name: value for found in objects(rollout.get(key)) for name, value in found.items() if value not in _EMPTY}


def _change(key: str, before: Mapping[str, Value], after: Mapping[str, Value]) -> str:
    if has_unknown(after.get(key)):
        return f"this update makes its {key} anew"
    return f"its {key} would be {_shown(after.get(key))} instead of {_shown(before.get(key))}"


def _shown(value: Value) -> str:
    """As people write it: the analyzer knows no whole numbers, and makes 50.0 of 50."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(_shown, value))
    if isinstance(value, int | float):
        return f"{value:g}"
    return "unset" if value in (None, "") or value is UNKNOWN else str(value)


def _named(rollout: Resource) -> str:
    weight = rollout.get("weight")
    share = f"{weight:g} % of the traffic on the candidate" if isinstance(weight, int | float) else "under way"
    who, since = rollout.text("actor"), _moment(rollout.text("since"))
    return f"{rollout.text('id')} of {rollout.text('service')} is open since {since} UTC ({who}, {share})"


def _moment(text: str) -> str:
    return text[:16].replace("T", " ")


def _ways_out(rollout: Resource) -> str:
    at = f"{rollout.text('stack')} {rollout.text('service')}"
    return f"onramp rollout resume {at} goes on with it, onramp rollout abort {at} goes back"


@stack_rule(
    Meta(
        id="taken-back-version-stays-out",
        item=None,
        title="What a rollout took back is not deployed again by an update",
        why=(
            "The stack file still names the version that was judged bad: the next update of anybody, perhaps for "
            "another service, would give it all the users, and nobody watches."
        ),
        fix=(
            "put the former version back into onramp:images of the stack file (git log -p shows which it was), or roll "
            "it out on purpose, watched: onramp rollout start"
        ),
        severity="critical",
        url="https://docs.aws.amazon.com/wellarchitected/latest/framework/ops_mit_deploy_risks_auto_testing_and_rollback.html",
        levels=ALWAYS,
        frameworks=("OPS06-BP04",),
    )
)
def taken_back_version_stays_out(graph: Graph) -> Iterator[Outcome]:
    """The revision that an update would deploy is another one, and not made anew of the same release."""
    for taken in graph.of(kinds.TAKEN_BACK):
        revision, release = taken.get(_REVISION), taken.text("release")
        if revision == taken.text("candidate"):
            what = "this update would deploy it again"
        elif release and has_unknown(revision):
            what = f"this update would deploy {release} again, with other settings"
        else:
            continue
        yield Fail(resource=taken, path=_REVISION, message=f"{_judged(taken)}, and {what}; {_ways_on(taken)}")


def _judged(taken: Resource) -> str:
    who, when = taken.text("actor"), _moment(taken.text("ended"))
    begun = f"{taken.text('id')} of {taken.text('service')} ({who})"
    return f"{begun} took {taken.text('candidate')} back at {when} UTC ({taken.text('why')})"


def _ways_on(taken: Resource) -> str:
    service, former = taken.text("service"), taken.text("former") or f"the one of {taken.text('live')}"
    line = f"onramp:images.{service}: {former}"
    start = f"onramp rollout start {taken.text('stack')} {service}"
    return f"put the former version back ({line}), or roll this one out on purpose, watched: {start}"
