"""Everything about one service, as data: each effective value with its origin, its resources, its cost."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from onramp.cost import Cost, monthly_cost
from onramp.report import Report
from simulator.graph import Json, Resource
from stacks.origins import Effective, service_values


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """One service of a stack."""

    stack: str
    service: str
    values: Sequence[Effective]
    resources: Sequence[Resource]
    cost: Cost

    def document(self) -> dict[str, Json]:
        """The explanation for a program."""
        return {
            "stack": self.stack,
            "service": self.service,
            "values": [asdict(value) for value in self.values],
            "resources": [{"type": found.type, "name": found.name, "urn": found.urn} for found in self.resources],
            "cost": {
                "usdPerMonth": round(self.cost.total, 2),
                "asOf": self.cost.as_of,
                "lines": [asdict(line) for line in self.cost.lines],
            },
        }


def explain_service(report: Report, service: str) -> Explanation:
    """All about `service` of a previewed stack."""
    resources = report.resources_of(service)
    return Explanation(
        stack=report.stack.name,
        service=service,
        values=service_values(report.stack, service),
        resources=resources,
        cost=monthly_cost(resources),
    )
