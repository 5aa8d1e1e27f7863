"""What goes wrong between a caller and AWS, and at which call."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal, TypeVar, get_args

from botocore.exceptions import ReadTimeoutError  # pyright: ignore[reportMissingTypeStubs] - botocore has no types

from simulator.world.api import AwsError, WorldError

Kind = Literal["throttle", "unavailable", "expired", "lost", "repeated", "kill-before", "kill-after"]
"""What happens to a call.

- `throttle`, `unavailable`, `expired`: refused, without any effect.
- `lost`: it has its effect, and the caller gets a timeout instead of the answer.
- `repeated`: the answer was lost, and the SDK itself asked a second time: two effects, the second answer.
- `kill-before`, `kill-after`: the caller dies, before the effect or after it.
"""

T = TypeVar("T")

_REFUSALS: Final = {
    "throttle": ("ThrottlingException", "Rate exceeded", 400),
    "unavailable": ("ServiceUnavailable", "The service is unavailable", 503),
    "expired": ("ExpiredTokenException", "The security token has expired", 403),
}
COMMON_CODES: Final = {code for code, _, _ in _REFUSALS.values()} | {"ValidationError", "ValidationException"}
"""What any operation may answer (API references, Common Errors); the models list only what is special."""


class Killed(BaseException):
    """The caller's process ends here; nothing but a test catches it."""


@dataclass(kw_only=True, slots=True)
class _Fault:
    kind: Kind
    call: int | None
    on: str
    skip: int
    times: int | None

    def strikes(self, number: int, name: str) -> bool:
        if self.call is not None:
            return number == self.call
        if self.on and name != self.on and not name.startswith(f"{self.on}."):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is None:
            return True
        self.times -= 1
        return self.times >= 0


class Faults:
    """The faults to come, in the order of asking; one call meets at most one."""

    def __init__(self) -> None:
        self._faults: list[_Fault] = []

    def at_call(self, kind: Kind, number: int) -> None:
        """Let the call with this number (1 is the world's first) go wrong."""
        self._add(_Fault(kind=kind, call=number, on="", skip=0, times=1))

    def on(self, kind: Kind, operation: str, *, nth: int = 1, times: int | None = 1) -> None:
        """Let calls of `operation` go wrong.

        Args:
            kind: how.
            operation: `lambda.UpdateAlias`; only the service (`lambda`) is all of its operations, empty is everything.
            nth: the first of them that does, counted from now.
            times: how many in a row; None is every one from then on.
        """
        self._add(_Fault(kind=kind, call=None, on=operation, skip=nth - 1, times=times))

    def clear(self) -> None:
        """Nothing goes wrong any more; expired credentials are renewed."""
        self._faults.clear()

    def meet(self, number: int, name: str, effect: Callable[[], T]) -> T:
        """Let `effect` happen as call `number` of the operation `name`, with what goes wrong there."""
        struck = [fault.kind for fault in self._faults if fault.strikes(number, name)]
        if not struck:
            return effect()
        kind = struck[0]
        if kind in _REFUSALS:
            code, message, status = _REFUSALS[kind]
            raise AwsError(code=code, message=message, status=status)
        if kind == "kill-before":
            raise Killed(f"before call {number}, {name}")
        if kind == "repeated":
            effect()
            return effect()
        with suppress(AwsError):  # a refusal is an answer, too
            effect()
        if kind == "kill-after":
            raise Killed(f"after call {number}, {name}")
        raise ReadTimeoutError(endpoint_url=name)

    def _add(self, fault: _Fault) -> None:
        if fault.kind not in get_args(Kind):
            raise WorldError(f"there is no fault {fault.kind}; there are {', '.join(get_args(Kind))}")
        self._faults.append(fault)
