"""What a preview found, as data: the one form that every output is made from."""

from collections.abc import Mapping
from dataclasses import dataclass

from onramp.ratchet import Ratchet
from policies.verdicts import Judgement, Violation, Waived
from simulator.graph import Graph, Json, Resource
from stacks.load import SERVICES_KEY, Stack

COMPONENT_PREFIX = "onramp:compute:"


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A previewed and judged stack. `timings` are in seconds, by phase, and the only part that differs between runs.

    `ratchet` tells what is new, when it was asked for.
    """

    stack: Stack
    graph: Graph
    judgement: Judgement
    engine: str
    timings: Mapping[str, float]
    ratchet: Ratchet | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing mandatory is broken."""
        return self.judgement.ok

    def resources_of(self, service: str) -> tuple[Resource, ...]:
        """The resources under a service's component, without components."""
        owners = owners_of(self.graph)
        return tuple(found for found in self.graph.resources if found.custom and owners[found.urn] == service)

    def document(self) -> dict[str, Json]:
        """The JSON contract of `onramp preview --json`."""
        owners = owners_of(self.graph)
        return {
            "stack": self.stack.name,
            "tier": self.stack.environment.tier,
            "engine": self.engine,
            "ok": self.ok,
            "resources": [_resource(found, owners[found.urn]) for found in self.graph.resources],
            "violations": [self._violation(found) for found in self.judgement.violations],
            "waived": [self._waived(each) for each in self.judgement.waived],
            "checklist": self.checklist(),
            "warnings": [*self.graph.warnings],
            "timings": {phase: round(seconds, 3) for phase, seconds in self.timings.items()},
            **({} if self.ratchet is None else {"against": _against(self.ratchet)}),
        }

    def checklist(self) -> dict[str, Json]:
        """Verdict and cause, by service and item."""
        return {
            service: {item: {"verdict": found.verdict, "because": found.because} for item, found in items.items()}
            for service, items in self.judgement.verdicts.items()
        }

    def _violation(self, found: Violation) -> dict[str, Json]:
        file, line = self.source_of(found)
        return {
            "rule": found.rule,
            "item": found.item,
            "level": found.level,
            "severity": found.severity,
            "service": found.service,
            "urn": found.urn,
            "path": found.path,
            "message": found.message,
            "fix": found.fix,
            "url": found.url,
            "source": {"file": file, "line": line},
            **({} if self.ratchet is None else {"new": self.ratchet.is_new(found)}),
        }

    def _waived(self, each: Waived) -> dict[str, Json]:
        waiver: dict[str, Json] = {
            "reason": each.reason,
            "owner": each.owner,
            "approver": each.approver,
            "ticket": each.ticket,
            "expires": each.expires,
        }
        return {**self._violation(each.violation), "waiver": waiver}

    def source_of(self, found: Violation) -> tuple[str, int]:
        """Where a person changes it: the service's lines in the stack file, or the environment's."""
        path = f"config.{SERVICES_KEY}.{found.service}" if found.service else "config.onramp:environment"
        return self.stack.file, self.stack.source.line(path)


def owners_of(graph: Graph) -> dict[str, str | None]:
    """By URN, the service that a resource belongs to; None for what all share."""
    owners: dict[str, str | None] = {}
    for found in graph.resources:  # parents come before children
        own = found.name if found.type.startswith(COMPONENT_PREFIX) else None
        owners[found.urn] = own or owners.get(found.parent)
    return owners


def _against(ratchet: Ratchet) -> dict[str, Json]:
    counts: dict[str, Json] = {"new": len(ratchet.new), "known": len(ratchet.known), "gone": ratchet.gone}
    return {"file": ratchet.file, "ok": ratchet.ok, **counts}


def _resource(found: Resource, service: str | None) -> dict[str, Json]:
    return {
        "urn": found.urn,
        "type": found.type,
        "name": found.name,
        "parent": found.parent or None,
        "service": service,
        "inputs": dict(found.inputs),
    }
