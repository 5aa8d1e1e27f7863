"""A rollout in words: what has happened, and what a person does next. Notices and screens say the same."""

from typing import Final

from rollouts.record import Phase, Rollout, said

_DOING: Final[dict[Phase, str]] = {
    "building": "pulumi up builds the candidate",
    "preparing": "the candidate comes up, without traffic",
    "stepping": "watched",
    "promoting": "the former version's capacity is removed",
    "aborting": "all traffic is being taken back",
    "verifying": "what runs is compared with what was asked for",
    "reconciling": "Pulumi's state is made to agree",
    "ended": "ended",
}


def short(revision: str) -> str:
    """A revision as people say it: the end of an ARN is enough, and a number alone is too little."""
    return f"version {revision}" if revision.isdigit() else revision.rpartition("/")[2]


def headline(rollout: Rollout) -> str:
    """What has become of it, in one sentence."""
    new, old = short(rollout.candidate) or "the candidate", short(rollout.live)
    if rollout.is_open:
        return _open(rollout, new)
    match rollout.ending:
        case "promoted":
            return f"{new} is live and verified; before it was {old}"
        case "aborted" if not rollout.candidate:
            return f"nothing was built and nothing was touched; {old} is live"
        case "aborted":
            return f"{new} was taken back; {old} has all the traffic"
        case "rolled-back":
            return f"{new} is not what runs: AWS has rolled it back, or something else is live"
        case None:
            return f"there was nothing to roll out; {old} is live"


def _open(rollout: Rollout, new: str) -> str:
    place = f"{said(rollout.weight)} of the traffic on {new}"
    if rollout.hold is not None:
        return f"held with {place}, by {rollout.hold.by}"
    if rollout.stuck_since is not None:
        return f"STUCK since {rollout.stuck_since:%Y-%m-%d %H:%M} UTC: {_DOING[rollout.phase]}, and AWS does not do it"
    if rollout.phase == "stepping" and rollout.step:
        return f"step {rollout.step} of {max(len(rollout.steps), rollout.step)}: {place}"
    return _DOING[rollout.phase]


def advice(rollout: Rollout) -> tuple[str, ...]:
    """The commands that make sense now, each with what it does; the first is the usual one."""
    at = f"{rollout.stack} {rollout.service}"
    if not rollout.is_open:
        return _afterwards(rollout, at)
    watch = f"onramp rollout status {at}  (where it is)"
    if rollout.hold is not None:
        return (
            f"onramp rollout resume {at}  (let it go on, with a new deadline)",
            f"onramp rollout promote {at}  (call this step good)",
            f"onramp rollout abort {at}  (all traffic back to {short(rollout.live)}, at once)",
        )
    if rollout.may_abort:
        return (watch, f"onramp rollout abort {at}  (all traffic back to {short(rollout.live)}, at once)")
    if rollout.stuck_since is not None:
        return (f"onramp rollout resume {at}  (ask AWS again, with new patience)", watch)
    return (watch,)


def _afterwards(rollout: Rollout, at: str) -> tuple[str, ...]:
    record = f"onramp rollout history {at} --record {rollout.id}  (every minute that was judged)"
    match rollout.ending:
        case "promoted":
            return (f"onramp rollout history {rollout.stack}",)
        case "aborted" if not rollout.candidate:
            return (f"onramp preview {rollout.stack}, mend what it says, then onramp rollout start {at}",)
        case "aborted":
            return (record, _mend(rollout, at))
        case "rolled-back":
            return (
                record,
                "look at what AWS says of the deployment in its console: the reason above is its own",
                _mend(rollout, at),
            )
        case None:
            return (f"change the image or the code, then onramp rollout start {at}",)


def _mend(rollout: Rollout, at: str) -> str:
    mend = f"mend it, then onramp rollout start {at}"
    if not rollout.former:
        return mend
    return f"write {rollout.service}: {rollout.former} under onramp:images of Pulumi.{rollout.stack}.yaml; or {mend}"
