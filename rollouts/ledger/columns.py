"""Rows and events as flat columns of text and whole numbers, which are the same in both stores."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from pydantic import JsonValue

from rollouts.ledger.rows import Row
from rollouts.ledger.values import Event, Key, Lease

Columns: TypeAlias = dict[str, str | int]
"""Without a lease, its columns are empty or 0."""


def of_row(row: Row) -> Columns:
    """How a row is stored."""
    lease = row.lease
    return {
        "stack": row.key.stack,
        "service": row.key.service,
        "revision": row.revision,
        "version": row.version,
        "state": row.state,
        "token": row.token,
        "last_event": row.last_event,
        "fence": row.fence,
        "owner": lease.owner if lease else "",
        "until": _text(lease.until) if lease else "",
        "seconds": lease.seconds if lease else 0,
    }


def to_row(columns: Columns) -> Row:
    """A row as it was stored."""
    text, number = _readers(columns)
    key, fence = Key(stack=text("stack"), service=text("service")), number("fence")
    lease = None
    if until := text("until"):
        lease = Lease(
            key=key,
            owner=text("owner"),
            fence=fence,
            until=datetime.fromisoformat(until),
            seconds=number("seconds"),
        )
    return Row(
        key=key,
        revision=number("revision"),
        version=number("version"),
        state=text("state"),
        token=text("token"),
        last_event=number("last_event"),
        fence=fence,
        lease=lease,
    )


def of_event(event: Event) -> Columns:
    """How an event is stored."""
    return {
        "stack": event.key.stack,
        "service": event.key.service,
        "seq": event.seq,
        "at": _text(event.at),
        "kind": event.kind,
        "rollout": event.rollout,
        "actor": event.actor,
        "fence": event.fence,
        "data": data_text(event.data),
    }


def to_event(columns: Columns) -> Event:
    """An event as it was stored."""
    text, number = _readers(columns)
    return Event(
        key=Key(stack=text("stack"), service=text("service")),
        seq=number("seq"),
        at=datetime.fromisoformat(text("at")),
        kind=text("kind"),
        rollout=text("rollout"),
        actor=text("actor"),
        fence=number("fence"),
        data=json.loads(text("data")),
    )


def data_text(data: Mapping[str, JsonValue]) -> str:
    """JSON, as strict as JSON is: no infinity."""
    return json.dumps(dict(data), allow_nan=False)


def _text(moment: datetime) -> str:
    """ISO 8601 in UTC, readable by whoever looks into the store."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _readers(columns: Columns) -> tuple[Callable[[str], str], Callable[[str], int]]:
    return (lambda name: str(columns[name]), lambda name: int(columns[name]))
