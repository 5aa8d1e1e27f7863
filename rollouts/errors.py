"""What stops a rollout besides its gates."""

from datetime import datetime


class RolloutError(Exception):
    """Anything that this room refuses or finds; its text is for the person at the terminal."""


class Refused(RolloutError):  # noqa: N818 - said of a request: it was refused
    """Bad input, or a state of AWS in which nothing may begin; nothing was touched.

    Args:
        problems: what is wrong and what to do, one sentence or two each, all at once.
    """

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class NoLedger(Refused):
    """There is no table at the ledger's address: nothing was ever begun there. The text says how to make it."""


class NotBuilt(RolloutError):  # noqa: N818 - said of a version: it was not built
    """The candidate was refused before anything of it was built; the text says why, and what to do."""


class Locked(RolloutError):  # noqa: N818 - said of a rollout: it is locked
    """Somebody else is at work on it.

    Args:
        owner: who.
        until: when their lease ends, unless they renew it.
    """

    def __init__(self, owner: str, until: datetime) -> None:
        self.owner, self.until = owner, until
        super().__init__(f"{owner} is at work on it until {until:%Y-%m-%d %H:%M:%S} UTC")


class LeaseLost(RolloutError):  # noqa: N818 - said of a worker: it has lost its lease
    """Somebody else has taken over; whoever gets this stops without touching anything more."""


class Drift(RolloutError):  # noqa: N818 - the field's word
    """AWS is not as the ledger says, and nobody here made it so; nothing was changed.

    Args:
        what: the thing.
        expected: how the ledger has it.
        found: how AWS has it.
    """

    def __init__(self, what: str, expected: str, found: str) -> None:
        self.what, self.expected, self.found = what, expected, found
        super().__init__(f"{what} is {found}, and should be {expected}; somebody else changed it")
