"""A pipeline read as a list of steps: what runs, in which order, and what a build does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from policies import kinds
from policies.graph import Graph, Resource, Service
from policies.values import MISSING, UNKNOWN, Value, get, has_unknown, objects

DEPLOYS = "onramp deploy"
ROLLS_OUT = "onramp rollout start"
COPIES = "crane copy"
ASKS_HUB = "securityhub get-findings"
"""What the buildspec of a project says when it does one of these."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One action of a pipeline, and where it stands: a step comes before another one when its `place` is smaller."""

    place: tuple[int, float]
    action: Mapping[str, Value]
    buildspec: str
    """Of the CodeBuild project that it runs; empty where it runs none, or none of this graph."""

    @property
    def provider(self) -> str:
        """What runs it, such as CodeBuild."""
        return str(self.action.get("provider", ""))

    def configured(self, key: str) -> Value:
        """A key of its configuration."""
        return get(self.action, f"configuration.{key}")

    @property
    def changes(self) -> bool:
        """Whether something in the environment changes by it: a deployment, or an image that comes in."""
        return DEPLOYS in self.buildspec or (COPIES in self.buildspec and '"STEP","value":"copy"' in self._variables)

    @property
    def rolls_out(self) -> bool:
        """Whether it deploys by a rollout, and ends as that does: its variable says so."""
        return ROLLS_OUT in self.buildspec and '"ROLLOUT_MINUTES"' in self._variables

    @property
    def _variables(self) -> str:
        return str(self.configured("EnvironmentVariables"))


def pipelines(service: Service) -> tuple[Resource, ...]:
    """The pipelines of a service."""
    return service.of(kinds.PIPELINE)


def steps(pipeline: Resource, graph: Graph) -> Sequence[Step] | None:
    """The steps of a pipeline in their order; None while they are unknown."""
    stages = pipeline.get("stages")
    if stages is UNKNOWN or has_unknown([stage.get("actions") for stage in objects(stages)]):
        return None
    return sorted(_steps(stages, graph), key=lambda step: step.place)


def before(found: Sequence[Step], gate: Step) -> bool:
    """Whether a gate comes before everything that changes the environment."""
    return all(gate.place < step.place for step in found if step.changes)


def _steps(stages: Value, graph: Graph) -> Iterator[Step]:
    for index, stage in enumerate(objects(stages)):
        for action in objects(stage.get("actions")):
            order = action.get("runOrder", 1)
            place = index, float(order) if isinstance(order, int | float) else 1.0
            yield Step(place=place, action=action, buildspec=_buildspec(action, graph))


def _buildspec(action: Mapping[str, Value], graph: Graph) -> str:
    name = get(action, "configuration.ProjectName")
    if name is MISSING or not isinstance(name, str):
        return ""
    return "\n".join(project.text("source.buildspec") for project in graph.named(name, kinds.BUILD_PROJECT))
