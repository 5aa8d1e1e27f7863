"""What people are told of a rollout while it goes on: every change of its state, with why, numbers and what to do.

A notice that cannot be sent never stops a rollout. There is nothing secret in it: names, numbers and reasons.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from rollouts.advice import advice, headline, short
from rollouts.aws import Aws
from rollouts.gates import GateVerdict, StepVerdict
from rollouts.record import Rollout, said

SUBJECT_CHARS_MAX: Final = 99
"""SNS API, Publish: fewer than 100 ASCII characters, no line breaks."""
_TITLES: Final = {
    "started": "started",
    "built": "built, and not live yet",
    "shifted": "shifted",
    "held": "HELD",
    "resumed": "resumed",
    "promote": "step called good by hand",
    "abort": "ABORTED",
    "rolled-back": "ROLLED BACK by AWS",
    "stuck": "STUCK",
    "not-verified": "NOT VERIFIED",
    "ended": "ended",
}
"""The changes that somebody wants to hear of; the ledger has all of them."""
_BAD: Final = frozenset({"abort", "rolled-back", "stuck", "not-verified"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """One change of state, for people.

    Args:
        kind: as the ledger has it.
        is_bad: whether somebody should look at it.
        subject: one line.
        lines: all of it.
    """

    kind: str
    is_bad: bool
    subject: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it, as a mail."""
        return "\n".join(self.lines) + "\n"


Hear = Callable[[Rollout, Notice], None]
"""Somebody who hears of a change."""


class Notices:
    """Tells everybody.

    Args:
        hearers: who hears.
        latest: the newest verdict of this process, for its numbers; None when there is none.
        complain: told when a notice could not be sent.
    """

    def __init__(
        self, hearers: Sequence[Hear], latest: Callable[[], StepVerdict | None], complain: Callable[[str], None]
    ) -> None:
        self._hearers, self._latest, self._complain = hearers, latest, complain

    def __call__(self, rollout: Rollout, kind: str, data: Mapping[str, JsonValue]) -> None:
        """Tell of a change, if it is one that people want to hear of."""
        notice = notice_of(rollout, kind, data, self._latest())
        for hear in self._hearers if notice is not None else ():
            assert notice is not None  # noqa: S101 - for the type checker: there are no hearers without one
            try:
                hear(rollout, notice)
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not stop a rollout
                self._complain(f"The notice of `{kind}` was not sent: {error}")


def by_topic(aws: Aws) -> Hear:
    """Publishes to the topic that the stack has given the service."""

    def publish(rollout: Rollout, notice: Notice) -> None:
        if not rollout.target.topic:
            return
        facts = {"kind": notice.kind, "stack": rollout.stack, "service": rollout.service, "rollout": rollout.id}
        aws.ask(
            "sns",
            "publish",
            TopicArn=rollout.target.topic,
            Subject=notice.subject.encode("ascii", "replace").decode()[:SUBJECT_CHARS_MAX],
            Message=notice.text,
            MessageAttributes={name: {"DataType": "String", "StringValue": value} for name, value in facts.items()},
        )

    return publish


def notice_of(rollout: Rollout, kind: str, data: Mapping[str, JsonValue], verdict: StepVerdict | None) -> Notice | None:
    """What is said of a change; None of those that nobody wants to hear of."""
    if kind not in _TITLES:
        return None
    title = f"{rollout.stack}/{rollout.service}: {_title(rollout, kind)}"
    reason = str(data.get("reason") or rollout.reason)
    return Notice(
        kind=kind,
        is_bad=kind in _BAD or (kind == "ended" and rollout.ending in {"aborted", "rolled-back"}),
        subject=title,
        lines=(
            title,
            headline(rollout),
            *([f"why: {reason}"] if reason else []),
            *(f"counted: {line}" for line in _numbers(verdict, kind)),
            f"candidate: {short(rollout.candidate) or 'not built yet'}, with {said(rollout.weight)} of the traffic",
            f"live before: {short(rollout.live)}",
            f"who: {data.get('actor') or rollout.actor}, rollout {rollout.id}",
            *([f"left to do: {rollout.note}"] if rollout.note else []),
            *(f"next: {each}" for each in advice(rollout)),
        ),
    )


def _title(rollout: Rollout, kind: str) -> str:
    if kind == "shifted":
        return f"{said(rollout.weight)} of the traffic"
    if kind == "ended":
        return f"ended, {rollout.ending or 'nothing to do'}"
    return _TITLES[kind]


def _numbers(verdict: StepVerdict | None, kind: str) -> list[str]:
    """Those that the change stands on; before the first step, and of a person's doing, there are none."""
    if verdict is None or kind in {"started", "built"}:
        return []
    return [_line(gate) for gate in verdict.gates if gate.canary is not None]


def _line(gate: GateVerdict) -> str:
    beside = f", beside {gate.baseline}" if gate.baseline is not None else ""
    return f"{gate.gate}: {gate.canary}{beside}, {gate.verdict}"
