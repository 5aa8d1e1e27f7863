"""How the error budget of a rollout is divided: over its steps, its gates, and their looks.

All parts together are the whole, whatever is looked at and for how long. The probability that any of several things
happens is at most the sum of theirs, whether they depend on each other or not; so a good version is stopped at most as
often as the budget says. Decision 10 has why it is divided like this.
"""

from typing import Final

ERROR_BUDGET: Final = 0.05
"""Of the whole rollout, unless the stack file says another."""
FIRST_STEP: Final = 0.5
"""The part of the first step, which waits longest for its sample; the other steps share the rest evenly."""
DECISIVE_LOOK: Final = 0.8
"""The part of the one look at which the sample is complete."""
WATCH: Final = 1 - DECISIVE_LOOK
"""The part of all looks together, before and after: for what is far worse than what must be caught, at once."""


def of_gate(total: float, *, steps: int, step: int, gates: int) -> float:
    """What one gate may spend in one step.

    Args:
        total: of the rollout.
        steps: how many are judged.
        step: which one, from 0.
        gates: how many share it.
    """
    if steps == 1:
        return total / gates
    return total * (FIRST_STEP if step == 0 else (1 - FIRST_STEP) / (steps - 1)) / gates
