"""The policies as the Pulumi engine runs them: one that reads inputs, two that report what the judge found, remedies.

The engine hands inputs to resource policies and outputs to stack policies. Outputs lose input-only properties, and a
map with one unknown value becomes unknown as a whole; so the judge gets the inputs, joined with what only the stack
policy is told: parents and dependencies. One evaluation serves both levels, because the SDK reads all resources
anew for each policy. For remedies it does not: each rule's is a policy of its own, off until it is asked for.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol, cast

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyResource,
    ReportViolation,
    ResourceRemediation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from policies.catalog import RULES
from policies.config import (
    ADVISORY_POLICY,
    LEVELS_KEY,
    LEVELS_SCHEMA,
    MANDATORY_POLICY,
    NO_INPUTS,
    RULES_POLICY,
    PolicyConfigError,
    levels_of,
    refuse_config,
    remedy_policy,
    with_levels,
)
from policies.graph import Graph, Resource
from policies.judge import judge
from policies.remedies import Place, Remediable, changes, describe, put, remediable, types_of
from policies.rule import Level, Rule
from policies.values import Value, clean
from policies.verdicts import Judgement

_REPORTS: Final[Mapping[Level, tuple[str, EnforcementLevel]]] = {
    "mandatory": (MANDATORY_POLICY, EnforcementLevel.MANDATORY),
    "advisory": (ADVISORY_POLICY, EnforcementLevel.ADVISORY),
}


class _Proxy(Protocol):
    """What the SDK wraps values in: reading an unknown one raises, unless the target is asked for."""

    def __getitem__(self, key: str) -> object: ...


def build_policies(
    on_judgement: Callable[[Judgement], None] | None = None, rules: Iterable[Rule] = RULES
) -> list[Policy]:
    """The policies of the pack. `on_judgement` is given each judgement as data, once per preview."""
    run = _Run(tuple(rules), on_judgement)
    reader = ResourceValidationPolicy(
        name=RULES_POLICY,
        description="Reads the resources for the rules, and takes the levels of single rules; reports nothing itself.",
        validate=run.read,
        enforcement_level=EnforcementLevel.ADVISORY,
        config_schema=PolicyConfigSchema(properties={LEVELS_KEY: dict(LEVELS_SCHEMA)}),
    )
    return [reader, run.report("mandatory"), run.report("advisory"), *map(run.remedy, remediable(RULES))]


class _Run:
    """The state of one preview; the first resource after a judgement starts the next one."""

    def __init__(self, rules: tuple[Rule, ...], on_judgement: Callable[[Judgement], None] | None) -> None:
        self._given = rules
        self._on_judgement = on_judgement
        self._rules: Mapping[str, Rule] = {}
        self._known: dict[str, Resource] = {}
        self._judgement: Judgement | None = None

    def read(self, args: ResourceValidationArgs, report_violation: ReportViolation) -> None:  # noqa: ARG002 - the SDK's signature
        """Keep what the program asked for, by URN."""
        if self._judgement is not None or not self._known:
            configured = with_levels(self._given, levels_of(args.get_config()))
            self._rules = {rule.meta.id: rule for rule in configured}
            self._known, self._judgement = {}, None
        self._known[args.urn] = _resource(args, _inputs(args.props))

    def report(self, level: Level) -> StackValidationPolicy:
        """The policy that reports the violations of one level."""
        name, enforcement_level = _REPORTS[level]

        def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
            refuse_config(name, args.get_config())
            for violation in self._judged(args.resources).violations:
                if violation.level == level:
                    report_violation(violation.render(), violation.urn or None)

        return StackValidationPolicy(
            name=name,
            description=f"{level.capitalize()} by the onboarding checklist; `onramp rule ID` says why.",
            validate=validate,
            enforcement_level=enforcement_level,
        )

    def remedy(self, rule: Remediable) -> ResourceValidationPolicy:
        """The policy that mends one rule, before the resource is read and judged."""
        name, types = remedy_policy(rule.meta.id), types_of(rule)

        def remediate(args: ResourceValidationArgs) -> Mapping[str, object] | None:
            refuse_config(name, args.get_config())
            if args.resource_type not in types:
                return None
            resource = _resource(args, cast("Mapping[str, Value]", clean(_revealed(args.props))))
            configured = cast("Remediable", self._rules.get(rule.meta.id, rule))
            found = changes(configured, resource, self._known)
            done = [put(cast("Place", args.props), change.path, change.value) for change in found]
            return args.props if any(done) else None

        return ResourceValidationPolicy(
            name=name,
            description=describe(rule),
            remediate=cast("ResourceRemediation", remediate),
            enforcement_level=EnforcementLevel.DISABLED,
        )

    def _judged(self, resources: Sequence[PolicyResource]) -> Judgement:
        if not self._known:
            raise PolicyConfigError([NO_INPUTS])
        if self._judgement is None:
            graph = Graph(self._joined(each) for each in resources)
            self._judgement = judge(graph, rules=self._rules.values())
            if self._on_judgement is not None:
                self._on_judgement(self._judgement)
        return self._judgement

    def _joined(self, resource: PolicyResource) -> Resource:
        """What was read, with what only the stack policy is told; what is only read by the program never was."""
        known = self._known.get(resource.urn) or Resource(
            urn=resource.urn, type=resource.resource_type, name=resource.name, inputs=_inputs(resource.props)
        )
        return replace(
            known,
            parent=resource.parent.urn if resource.parent else resource.opts.parent or "",
            dependencies=tuple(each.urn for each in resource.dependencies),
            property_dependencies={
                key: tuple(each.urn for each in found) for key, found in resource.property_dependencies.items()
            },
        )


def _resource(args: ResourceValidationArgs, inputs: Mapping[str, Value]) -> Resource:
    return Resource(
        urn=args.urn,
        type=args.resource_type,
        name=args.name,
        parent=args.opts.parent or "",
        inputs=inputs,
        ignores=tuple(args.opts.ignore_changes),
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


def _revealed(value: object) -> object:
    """A value without the proxies that remedies get, which keep secrets and let unknown values be read."""
    if isinstance(value, Mapping):
        return {key: _revealed(inner) for key, inner in cast("Mapping[str, object]", value).items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_revealed(inner) for inner in cast("Sequence[object]", value)]
    return value
