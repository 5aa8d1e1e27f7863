"""Recorded minutes as JSON lines, one a minute, to replay them against a plan.

A line has the fields of `Minute`; only `at` and `step` must be there. In one line:

    {"at": "2026-01-01T12:00:00Z", "step": 0,
     "counts": {"5xx": {"canary": {"total": 50, "bad": 1}, "baseline": {"total": 950, "bad": 9}}},
     "values": {"lag": 3.5}, "alarms": {"errors": "OK"}, "targets": {"healthy": 2, "unhealthy": 0}}
"""

from collections.abc import Iterable
from typing import Final

from pydantic import TypeAdapter, ValidationError

from rollouts.errors import Refused
from rollouts.gates.minutes import Minute

_MINUTE: Final = TypeAdapter(Minute)


def read(lines: Iterable[str]) -> tuple[Minute, ...]:
    """The minutes of a recording; empty lines are left out.

    Args:
        lines: of the file.

    Raises:
        Refused: when lines are not as above; all of them at once.
    """
    minutes: list[Minute] = []
    wrong: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            minutes.append(_MINUTE.validate_json(line))
        except ValidationError as error:
            wrong += [f"line {number}: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
    if wrong:
        raise Refused(*wrong)
    return tuple(minutes)


def write(minutes: Iterable[Minute]) -> str:
    """The lines of a recording."""
    return "".join(f"{_MINUTE.dump_json(minute).decode()}\n" for minute in minutes)
