"""A broken rule that people have decided to live with for a while."""

from datetime import date
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from stacks.models.base import Model, TagValue

REASON_CHARS_MIN: Final = 10

RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=80)]
ResourceName = Annotated[str, StringConstraints(pattern=r"^\S+$", max_length=200)]
"""A resource as Pulumi calls it: the last part of its URN, which a violation names."""


class Waiver(Model):
    """One rule that does not count, for one resource or for all that stand beside it, until a day."""

    rule: RuleId
    """The rule, as `onramp rule` lists it."""
    component: ResourceName | None = None
    """The one resource that it is about, as the violation names it; without it, every one."""
    reason: Annotated[
        str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", min_length=REASON_CHARS_MIN, max_length=500)
    ]
    """Why it may stay broken, in one line."""
    owner: TagValue
    """Who will mend it."""
    approver: TagValue
    """Who has agreed; somebody else than the owner."""
    ticket: TagValue
    """Where the work is planned."""
    expires: date
    """The last day on which it counts."""


Waivers = Annotated[tuple[Waiver, ...], Field(max_length=100)]
"""In the order of the file; a hundred are not exceptions any more, but no rule."""
