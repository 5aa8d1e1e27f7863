from collections.abc import Callable

import pytest
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.policy import (
    _PolicyAnalyzerServicer,  # pyright: ignore[reportPrivateUsage] - the SDK's only analyzer without a server around it
)

from simulator.analyzer import Diagnostic, judge
from simulator.graph import Graph
from tests.simulator.conftest import Run, named

STACK_URN = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"


def _pack(*policies: Policy, level: EnforcementLevel = EnforcementLevel.MANDATORY) -> _PolicyAnalyzerServicer:
    return _PolicyAnalyzerServicer("pack", "1.0.0", list(policies), level)


def _resource_policy(validate: Callable[[ResourceValidationArgs, ReportViolation], None]) -> ResourceValidationPolicy:
    return ResourceValidationPolicy("each", "Each thing", validate, severity=Severity.HIGH)


def _stack_policy(validate: Callable[[StackValidationArgs, ReportViolation], None]) -> StackValidationPolicy:
    return StackValidationPolicy("whole", "The whole stack", validate)


def _needs_size(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if args.resource_type == "test:index:Thing" and not args.props.get("size"):
        report(f"{args.name} has no size", None)


def test_a_resource_rule_names_the_resource(run: Run) -> None:
    graph = run("Thing('small', {'size': 1}); Thing('none')")
    assert judge(_pack(_resource_policy(_needs_size)), graph) == (
        Diagnostic(
            policy="each",
            level="mandatory",
            severity="high",
            urn=named(graph, "none").urn,
            message="Each thing\nnone has no size",
        ),
    )


def test_a_rule_that_meets_an_unknown_is_an_advisory(run: Run) -> None:
    graph = run("Thing('user', {'size': Thing('one', {'size': 1}).computed})")
    (found,) = judge(_pack(_resource_policy(_needs_size)), graph)
    assert (found.level, found.severity, found.urn) == ("advisory", "", named(graph, "user").urn)
    assert "can't run policy 'each'" in found.message


def _seen(graph: Graph) -> tuple[list[str], dict[str, dict[str, object]]]:
    """The names that resource rules see, and by name the properties that stack rules see."""
    each: list[str] = []
    whole: dict[str, dict[str, object]] = {}

    def note_each(args: ResourceValidationArgs, _report: ReportViolation) -> None:
        each.append(args.name)

    def note_whole(args: StackValidationArgs, _report: ReportViolation) -> None:
        whole.update({resource.name: dict(resource.props) for resource in args.resources})

    assert judge(_pack(_resource_policy(note_each), _stack_policy(note_whole)), graph) == ()
    return each, whole


def test_resource_rules_see_every_resource_that_is_not_merely_read(run: Run) -> None:
    each, whole = _seen(
        run("Thing('one'); Group('group'); pulumi.StackReference('other')", references={"other": {"x": 1}})
    )
    assert sorted(each) == ["group", "one", "shop-dev"]
    assert sorted(whole) == ["group", "one", "other", "shop-dev"]


def test_stack_rules_see_a_component_by_its_outputs_and_a_resource_by_its_inputs(run: Run) -> None:
    _, whole = _seen(
        run(
            """
            Thing('one', {'size': 1})
            group = Group('group', {'given': 1})
            group.register_outputs({'made': 2})
            Group('silent', {'given': 1})
            pulumi.export('out', 3)
            """
        )
    )
    assert whole == {"one": {"size": 1}, "group": {"made": 2}, "silent": {}, "shop-dev": {"out": 3}}


def test_stack_rules_see_parents_and_dependencies(run: Run) -> None:
    graph = run(
        """
        group = Group('group')
        key = Thing('key', opts=ResourceOptions(parent=group))
        Thing('user', {'keyArn': key.computed})
        """
    )
    seen: dict[str, tuple[str | None, list[str], list[str]]] = {}

    def note(args: StackValidationArgs, _report: ReportViolation) -> None:
        for resource in args.resources:
            key_sources = resource.property_dependencies.get("keyArn", [])
            seen[resource.name] = (
                resource.parent.name if resource.parent else None,
                [one.name for one in resource.dependencies],
                [one.name for one in key_sources],
            )

    judge(_pack(_stack_policy(note)), graph)
    assert seen == {
        "shop-dev": (None, [], []),
        "group": ("shop-dev", [], []),
        "key": ("group", [], []),
        "user": ("shop-dev", ["key"], ["key"]),
    }


def test_a_stack_finding_without_a_resource_belongs_to_the_stack(run: Run) -> None:
    def complain(_args: StackValidationArgs, report: ReportViolation) -> None:
        report("about nothing", None)
        report("about a stranger", "urn:pulumi:dev::shop::a:b:C::stranger")
        report("about one", "urn:pulumi:dev::shop::test:index:Thing::one")

    found = judge(_pack(_stack_policy(complain), level=EnforcementLevel.ADVISORY), run("Thing('one')"))
    assert [(one.urn, one.level) for one in found] == [
        (STACK_URN, "advisory"),
        (STACK_URN, "advisory"),
        ("urn:pulumi:dev::shop::test:index:Thing::one", "advisory"),
    ]


def test_rules_see_secrets_in_clear_and_options(run: Run) -> None:
    graph = run("Thing('one', {'password': Output.secret('hunter2')}, ResourceOptions(protect=True))")
    seen: list[tuple[object, bool, str]] = []

    def note(args: ResourceValidationArgs, _report: ReportViolation) -> None:
        if args.name == "one":
            seen.append((args.props["password"], args.opts.protect, args.opts.parent or ""))

    judge(_pack(_resource_policy(note)), graph)
    assert seen == [("hunter2", True, STACK_URN)]


def test_a_rule_that_breaks_fails_the_judgement(run: Run) -> None:
    def broken(_args: ResourceValidationArgs, _report: ReportViolation) -> None:
        raise LookupError("a bug in the rule")

    with pytest.raises(LookupError, match="a bug in the rule"):
        judge(_pack(_resource_policy(broken)), run("Thing('one')"))


def test_the_same_graph_can_be_judged_again(run: Run) -> None:
    graph = run("Thing('b'); Thing('a')")
    pack = _pack(_resource_policy(_needs_size))
    assert judge(pack, graph) == judge(pack, graph)
    assert [one.message.rpartition("\n")[2] for one in judge(pack, graph)] == ["a has no size", "b has no size"]
