"""Asks a policy pack's real analyzer about a graph, with the messages and in the order of the real engine."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import analyzer_pb2

from simulator.graph import Graph, stack_urn

Level = Literal["advisory", "mandatory", "disabled", "remediate"]
Severity = Literal["", "low", "medium", "high", "critical"]

_LEVELS: Final[dict[int, Level]] = {
    analyzer_pb2.ADVISORY: "advisory",
    analyzer_pb2.MANDATORY: "mandatory",
    analyzer_pb2.DISABLED: "disabled",
    analyzer_pb2.REMEDIATE: "mandatory",  # still violated after its remediation (engine, analyze_snapshot.go)
}
_SEVERITIES: Final[dict[int, Severity]] = {
    analyzer_pb2.POLICY_SEVERITY_UNSPECIFIED: "",
    analyzer_pb2.POLICY_SEVERITY_LOW: "low",
    analyzer_pb2.POLICY_SEVERITY_MEDIUM: "medium",
    analyzer_pb2.POLICY_SEVERITY_HIGH: "high",
    analyzer_pb2.POLICY_SEVERITY_CRITICAL: "critical",
}


class Analyzer(Protocol):
    """The part of the policy SDK's servicer that the engine calls (`pulumi_policy.policy._PolicyAnalyzerServicer`)."""

    def ConfigureStack(  # noqa: N802 - the protobuf service's name
        self, request: analyzer_pb2.AnalyzerStackConfigureRequest, _context: None, /
    ) -> Message:
        """Told once which stack is judged."""
        ...

    def Analyze(  # noqa: N802 - the protobuf service's name
        self, request: analyzer_pb2.AnalyzeRequest, _context: None, /
    ) -> analyzer_pb2.AnalyzeResponse:
        """Judge the inputs of one resource."""
        ...

    def AnalyzeStack(  # noqa: N802 - the protobuf service's name
        self, request: analyzer_pb2.AnalyzeStackRequest, _context: None, /
    ) -> analyzer_pb2.AnalyzeResponse:
        """Judge all resources together."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnostic:
    """One finding. `urn` is the resource it is about, or the stack's; a severity nobody set is empty."""

    policy: str
    level: Level
    severity: Severity
    urn: str
    message: str


def judge(servicer: Analyzer, graph: Graph) -> tuple[Diagnostic, ...]:
    """All findings of `servicer` about `graph`: resource by resource in the graph's order, then the whole stack's.

    As in the real engine, a resource is judged by its inputs and the stack by outputs: a custom resource shows what it
    answered, a component only what it registered, and a resource that is merely read is judged with the stack
    alone. A rule that raises anything but the SDK's own signals raises here, as it fails a real preview.
    """
    servicer.ConfigureStack(
        analyzer_pb2.AnalyzerStackConfigureRequest(stack=graph.stack, project=graph.project, dry_run=True), None
    )
    found: list[Diagnostic] = []
    for resource in graph.resources:
        if not resource.external:
            response = servicer.Analyze(_about(graph.wire[resource.urn]), None)
            found.extend(_diagnostic(one, resource.urn) for one in response.diagnostics)
    whole = analyzer_pb2.AnalyzeStackRequest(resources=_with_outputs(graph))
    known = {resource.urn for resource in graph.resources}
    root = stack_urn(graph.project, graph.stack)
    found.extend(
        _diagnostic(one, one.urn if one.urn in known else root)
        for one in servicer.AnalyzeStack(whole, None).diagnostics
    )
    return tuple(found)


def _about(wire: analyzer_pb2.AnalyzerResource) -> analyzer_pb2.AnalyzeRequest:
    return analyzer_pb2.AnalyzeRequest(
        urn=wire.urn, type=wire.type, name=wire.name, properties=wire.properties, options=wire.options
    )


def _with_outputs(graph: Graph) -> Iterator[analyzer_pb2.AnalyzerResource]:
    for resource in graph.resources:
        wire = graph.wire[resource.urn]
        if resource.external:
            yield wire
            continue
        yield analyzer_pb2.AnalyzerResource(
            urn=wire.urn,
            type=wire.type,
            name=wire.name,
            properties=graph.registered.get(wire.urn, Struct()),
            options=wire.options,
            parent=wire.parent,
            dependencies=wire.dependencies,
            propertyDependencies=wire.propertyDependencies,
        )


def _diagnostic(raw: analyzer_pb2.AnalyzeDiagnostic, urn: str) -> Diagnostic:
    return Diagnostic(
        policy=raw.policyName,
        level=_LEVELS[raw.enforcementLevel],
        severity=_SEVERITIES[raw.severity],
        urn=urn,
        message=raw.message,
    )
