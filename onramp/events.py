"""What the engine says while it works, as data: the resources of a preview, what failed, and progress for a person."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from pulumi.automation.events import EngineEvent, StepEventMetadata

from simulator.graph import Json, Resource, in_tree_order, masked

STACK_TYPE: Final = "pulumi:pulumi:Stack"
_PLUGIN_ON_PATH: Final = "using pulumi-"
"""How the engine begins when a plugin is not from its own cache; which ones run is said in every report's head."""
_WORDS: Final = {
    "create": "creating",
    "update": "updating",
    "delete": "deleting",
    "replace": "replacing",
    "refresh": "looking at",
    "read": "reading",
}
"""The steps worth a word; the engine has more, for what it does behind each of them."""


@dataclass(kw_only=True, slots=True)
class Listener:
    """Hears every event of one run. `found` are resources by URN, `errors` and `warnings` what the engine printed."""

    progress: Callable[[str], None]
    found: dict[str, Resource] = field(default_factory=dict[str, Resource])
    errors: list[str] = field(default_factory=list[str])
    warnings: set[str] = field(default_factory=set[str])
    policies: list[str] = field(default_factory=list[str])
    changes: dict[str, int] = field(default_factory=dict[str, int])

    def hear(self, event: EngineEvent) -> None:
        """Take one event in."""
        if event.resource_pre_event is not None:
            self._step(event.resource_pre_event.metadata)
        if event.diagnostic_event is not None and not event.diagnostic_event.ephemeral:
            text = event.diagnostic_event.message.strip()
            if event.diagnostic_event.severity == "error":
                self.errors.append(text)
            elif event.diagnostic_event.severity == "warning" and not text.startswith(_PLUGIN_ON_PATH):
                self.warnings.add(text.removeprefix("warning: "))
        if event.policy_event is not None:
            self.policies.append(event.policy_event.message.strip())
        if event.summary_event is not None:
            self.changes = {str(kind): count for kind, count in (event.summary_event.resource_changes or {}).items()}

    def graph(self) -> tuple[Resource, ...]:
        """The resources of the run, parents before children."""
        return in_tree_order(self.found.values())

    def _step(self, step: StepEventMetadata) -> None:
        kind = str(getattr(step.op, "value", step.op))
        name = step.urn.rpartition("::")[2]
        if kind in _WORDS:
            self.progress(f"{_WORDS[kind]} {name} ({len(self.found) + 1})")
        if step.new is None or step.type.startswith("pulumi:providers:"):
            return
        inputs: dict[str, Json] = dict(step.new.inputs or {})
        self.found[step.urn] = Resource(
            urn=step.urn,
            type=step.type,
            name=name,
            parent=step.new.parent,
            custom=bool(step.new.custom),
            inputs=masked(inputs),
            dependencies=(),
            property_dependencies={},
            protect=bool(step.new.protect),
            source=None,
        )
