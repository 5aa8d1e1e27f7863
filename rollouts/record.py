"""One rollout as the ledger keeps it: everything that is needed to go on, or back, after a kill at any point."""

from base64 import b64decode, b64encode
from datetime import datetime
from typing import Annotated, Final, Literal, Self
from zlib import compress, decompress

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, TypeAdapter

from rollouts.gates import Minute
from stacks.targets import Target

Phase = Literal["building", "preparing", "stepping", "promoting", "aborting", "verifying", "reconciling", "ended"]
"""Where a rollout is; each tick does a little of one phase."""
Ending = Literal["promoted", "aborted", "rolled-back"]
"""How it ends: the candidate is live; we took it back; AWS runs something else than what was asked for."""
ALL: Final = 100
"""The whole of the traffic, in percent."""
_MINUTES: Final = TypeAdapter(tuple[Minute, ...])


def said(weight: float | None) -> str:
    """A share as people read it; None is a split that no rollout of ours makes."""
    return "another split" if weight is None else f"{weight:g} %"


class Record(BaseModel):
    """What the ledger keeps is strict and closed, like a stack file: a document of another version is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _packed(minutes: tuple[Minute, ...]) -> str:
    """A day of minutes in plain JSON is more than an item of DynamoDB holds; the events have them in plain JSON."""
    return b64encode(compress(_MINUTES.dump_json(minutes))).decode()


def _unpacked(found: object) -> object:
    return _MINUTES.validate_json(decompress(b64decode(found))) if isinstance(found, str) else found


class Step(Record):
    """One share of the traffic, and how long it is watched at least."""

    weight: Annotated[float, Field(ge=0, le=ALL)]
    """Percent of the requests that reach the candidate."""
    minutes: Annotated[int, Field(ge=0)]
    """Complete minutes that are watched at least."""


class Hold(Record):
    """Why nobody goes on by himself, and who said so; the gates' own name when nobody did."""

    by: str
    reason: str
    at: datetime


class Rollout(Record):
    """An open rollout, or one that has ended.

    `live` and `candidate` are revisions in the terms of the compute type: a task definition, a version of a function,
    an endpoint configuration, a digest. `weight` is the candidate's share as last read back from AWS, and `intent` the
    one that is being written: it is in the ledger before AWS is asked, so whoever goes on knows what may have happened.
    """

    id: str
    stack: str
    service: str
    actor: str
    started_at: datetime
    target: Target
    live: str
    former: str = ""
    """What the stack file named for the live version; empty where nobody knows."""
    side: str = ""
    """Which of two sides the candidate has, where AWS has two of everything (blue, green)."""
    candidate: str = ""
    """Empty until it is built."""
    handle: str = ""
    """What AWS calls the deployment that it runs for us, so that one call stops it; empty where it runs none."""
    steps: tuple[Step, ...]
    phase: Phase = "building"
    phase_at: datetime
    """When the phase began."""
    step: int = 0
    """How many of the steps have been taken."""
    weight: float = 0
    intent: float | None = None
    watched_since: datetime | None = None
    """From when on the minutes of this step count; None until AWS has made its weight true everywhere."""
    judged_from: datetime | None = None
    """Minutes of this step before this one that were not judged then never are: it was held, or nobody was at work."""
    slow_ms: float | None = None
    """From where on a request is slow, in milliseconds: fixed before the start; None when nobody knows."""
    seen: Annotated[tuple[Minute, ...], BeforeValidator(_unpacked), PlainSerializer(_packed)] = ()
    """The minutes of this step that were judged; those of earlier steps are in the events."""
    verdict: str = ""
    """What they said last, in words."""
    healthy_at: datetime | None = None
    """When they last were all for going on with this step; what they do not know for a moment then is not overdue."""
    waits: str = ""
    """What it waited for at the last look, where it is not the gates."""
    stuck_since: datetime | None = None
    """Since when AWS has not done what has to be done, once that takes too long and people know; else None."""
    skip: bool = False
    """Somebody said that this step is good enough."""
    hold: Hold | None = None
    guard_until: datetime | None = None
    """Until when a former owner of the lease may still be at work, and the traffic is looked after."""
    ending: Ending | None = None
    reason: str = ""
    """Why it ends so."""
    ended_at: datetime | None = None
    note: str = ""
    """What is left for a person to do."""

    @property
    def document(self) -> str:
        """The JSON that the ledger keeps."""
        return self.model_dump_json(by_alias=True)

    @property
    def is_open(self) -> bool:
        """Whether there is anything left to do."""
        return self.phase != "ended"

    @property
    def next_step(self) -> Step | None:
        """The step to take when this one is good; None after the last."""
        return self.steps[self.step] if self.step < len(self.steps) else None

    @property
    def least_minutes(self) -> int:
        """Complete minutes that the present step is watched at least."""
        return self.steps[self.step - 1].minutes if 0 < self.step <= len(self.steps) else 0

    @property
    def may_abort(self) -> bool:
        """Whether the traffic can still be taken back."""
        return self.phase in {"building", "preparing", "stepping"}

    def to(self, phase: Phase, now: datetime) -> Self:
        """The same in another phase."""
        return self.model_copy(update={"phase": phase, "phase_at": now, "waits": "", "stuck_since": None})

    def but(self, **changes: object) -> Self:
        """The same with some fields changed, checked again."""
        return type(self).model_validate({**dict(self), **changes})
