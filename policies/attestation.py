"""Statements of people: they count for a while, with a name and evidence (ATTESTATION_DAYS)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from policies.graph import Service
from policies.rule import Fail, NotApplicable, Undecided
from policies.values import MISSING, has_unknown
from stacks.standards import ATTESTATION_DAYS

_ENDPOINTS: Final = "HLTH-1"
"""The statement that the application serves liveness and readiness endpoints."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attested:
    """People have stated it, recently enough."""

    because: str


def attested(service: Service, item: str, today: date) -> Attested | Fail | Undecided | NotApplicable:
    """What the service states about `item`, as it counts on `today`."""
    if item == _ENDPOINTS and service.is_scheduled:
        return NotApplicable(because="a task that ends serves no endpoint")
    path = f"attest.{item}"
    stated = service.fact(path)
    if stated is MISSING:
        return Undecided(because="only people can know, and nobody has stated it")
    if has_unknown(stated):
        return Undecided(because=f"{path} is only known after the deployment")
    who, evidence, on = (service.component.text(f"{path}.{key}") for key in ("by", "evidence", "on"))
    day = _day(on)
    if not who or not evidence or day is None:
        message = f"the statement on {item} lacks who, evidence, or a day such as 2026-01-31"
    elif day > today:
        message = f"the statement on {item} is of {on}, which is still to come"
    elif today - day > timedelta(days=ATTESTATION_DAYS):
        message = f"the statement on {item} by {who} of {on} is older than {ATTESTATION_DAYS} days"
    else:
        return Attested(because=f"stated by {who} on {on}: {evidence}")
    return Fail(resource=service.component, path=path, message=message)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
