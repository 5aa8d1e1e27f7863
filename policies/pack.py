"""The policies as the Pulumi engine runs them: one that collects inputs, two that report what the judge found.

The engine hands inputs to resource policies and outputs to stack policies. Outputs lose input-only properties, and a
map with one unknown value becomes unknown as a whole; so the judge gets the inputs, joined with what only the stack
policy is told: parents and dependencies. One evaluation serves both levels, because the SDK reads all resources
anew for each policy.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol, cast

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from policies.graph import Graph, Resource
from policies.judge import judge
from policies.rule import Level
from policies.values import Value, clean
from policies.verdicts import Judgement

_LEVELS: Final[Mapping[Level, EnforcementLevel]] = {
    "mandatory": EnforcementLevel.MANDATORY,
    "advisory": EnforcementLevel.ADVISORY,
}


class _Proxy(Protocol):
    """What the SDK wraps values in: reading an unknown one raises, unless the target is asked for."""

    def __getitem__(self, key: str) -> object: ...


def build_policies(on_judgement: Callable[[Judgement], None] | None = None) -> list[Policy]:
    """The policies of the pack. `on_judgement` is given each judgement as data, once per preview."""
    run = _Run(on_judgement)
    collector = ResourceValidationPolicy(
        name="onramp-inputs",
        description="Collects the inputs of resources for the judge; reports nothing itself.",
        validate=run.collect,
        enforcement_level=EnforcementLevel.ADVISORY,
    )
    return [collector, run.policy("mandatory"), run.policy("advisory")]


class _Run:
    """The state of one preview; the first resource after a judgement starts the next one."""

    def __init__(self, on_judgement: Callable[[Judgement], None] | None) -> None:
        self._on_judgement = on_judgement
        self._inputs: dict[str, Mapping[str, Value]] = {}
        self._judgement: Judgement | None = None

    def collect(self, args: ResourceValidationArgs, report_violation: ReportViolation) -> None:  # noqa: ARG002 - the SDK's signature
        """Keep what the program asked for, by URN."""
        if self._judgement is not None:
            self._inputs, self._judgement = {}, None
        self._inputs[args.urn] = _inputs(args.props)

    def policy(self, level: Level) -> StackValidationPolicy:
        """The policy that reports the violations of one level."""

        def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
            for violation in self._judged(args.resources).violations:
                if violation.level == level:
                    report_violation(violation.render(), violation.urn or None)

        return StackValidationPolicy(
            name=f"onramp-{level}",
            description=f"The {level} rules of the onboarding checklist.",
            validate=validate,
            enforcement_level=_LEVELS[level],
        )

    def _judged(self, resources: Sequence[PolicyResource]) -> Judgement:
        if self._judgement is None:
            self._judgement = judge(Graph(self._resource(each) for each in resources))
            if self._on_judgement is not None:
                self._on_judgement(self._judgement)
        return self._judgement

    def _resource(self, resource: PolicyResource) -> Resource:
        collected = self._inputs.get(resource.urn)
        return Resource(
            urn=resource.urn,
            type=resource.resource_type,
            name=resource.name,
            parent=resource.parent.urn if resource.parent else resource.opts.parent or "",
            inputs=_inputs(resource.props) if collected is None else collected,
            dependencies=tuple(each.urn for each in resource.dependencies),
            property_dependencies={
                key: tuple(each.urn for each in found) for key, found in resource.property_dependencies.items()
            },
        )


def _inputs(props: Mapping[str, object]) -> Mapping[str, Value]:
    return cast("Mapping[str, Value]", clean(_plain(props)))


def _plain(value: object) -> object:
    """A value without the SDK's proxies, unknown ones still as their sentinels."""
    if isinstance(value, Mapping):
        target = cast("Mapping[str, object]", cast("_Proxy", value)["__target"])
        return {key: _plain(inner) for key, inner in target.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        target = cast("Sequence[object]", cast("_Proxy", value)["__target"])
        return [_plain(inner) for inner in target]
    return value
