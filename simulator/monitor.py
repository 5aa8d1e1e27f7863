"""The engine's side of a preview: takes every registration the Pulumi SDK sends, answers as a first preview would."""

# ruff: noqa: N802 - the SDK calls these methods by the names in the engine's protobuf services

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn, cast

from google.protobuf import empty_pb2
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import analyzer_pb2, engine_pb2, resource_pb2
from pulumi.runtime.proto.source_pb2 import StackTrace

from simulator.awsx import construct
from simulator.graph import UNKNOWN, Graph, Resource, Source, in_tree_order, plain, stack_urn, urn_of
from simulator.outputs import Place, checked, previewed
from simulator.refusals import refused
from simulator.registrar import Registered, Registration
from simulator.source import SourceFinder
from simulator.standin import Cloud, RefusedError
from simulator.wire import json_of, struct_of

OnResource = Callable[[str, str], None]
"""Told the type and the name of each resource as it is registered."""

_STACK_REFERENCE: Final = "pulumi:pulumi:StackReference"

# What the SDK may use. Output values and resource references stay off: without them the SDK sends plain unknowns and
# plain ids, which is also what the real engine shows to a policy. Transforms and hooks would need a callback server.
_FEATURES: Final = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
)


class Log:
    """The engine's log: keeps the program's warnings and errors, drops the SDK's chatter."""

    def __init__(self) -> None:
        self.warnings: set[str] = set()

    def Log(self, request: engine_pb2.LogRequest) -> empty_pb2.Empty:
        """Keep one message if a person should see it."""
        if request.severity >= engine_pb2.WARNING:
            self.warnings.add(request.message)
        return empty_pb2.Empty()

    def RequirePulumiVersion(self, _request: Message) -> engine_pb2.RequirePulumiVersionResponse:
        """Every version will do: there is no engine whose version could matter."""
        return engine_pb2.RequirePulumiVersionResponse()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """A resource as registered: the protobuf for the analyzer and the few facts that are not in it."""

    wire: analyzer_pb2.AnalyzerResource
    custom: bool
    source: Source | None
    external: bool = False


class Monitor:
    """The engine's resource monitor for one preview of a stack that does not exist yet.

    A custom resource answers with its inputs and what follows from them; its id and every other output are unknown.
    """

    def __init__(self, *, project: str, stack: str, project_dir: Path, cloud: Cloud, on_resource: OnResource) -> None:
        self._project = project
        self._stack = stack
        self._cloud = cloud
        self._place = Place(region=cloud.region, account=cloud.account)
        self._sources = SourceFinder(project_dir)
        self._on_resource = on_resource
        self._entries: dict[str, _Entry] = {}
        self._outputs: dict[str, Struct] = {}

    def graph(self, warnings: tuple[str, ...]) -> Graph:
        """Everything registered so far as plain data."""
        own_urn = stack_urn(self._project, self._stack)
        own_outputs = self._outputs.get(own_urn)
        return Graph(
            project=self._project,
            stack=self._stack,
            resources=in_tree_order(_resource(entry) for entry in self._entries.values()),
            outputs=plain(own_outputs) if own_outputs is not None else {},
            warnings=warnings,
            wire={urn: entry.wire for urn, entry in self._entries.items()},
            registered=self._outputs,
        )

    def GetDeploymentInfo(self, _request: Message) -> resource_pb2.DeploymentInfo:
        """Tell the SDK what it may use."""
        return resource_pb2.DeploymentInfo(supportedFeatures=_FEATURES)

    def RegisterPackage(self, request: resource_pb2.RegisterPackageRequest) -> resource_pb2.RegisterPackageResponse:
        """Accept a parameterised package; its name is reference enough, because no plugin is started."""
        return resource_pb2.RegisterPackageResponse(ref=request.parameterization.name or request.name)

    def SignalAndWaitForShutdown(self, _request: Message) -> empty_pb2.Empty:
        """There is nothing to wait for."""
        return empty_pb2.Empty()

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> resource_pb2.RegisterResourceResponse:
        """Take one resource of the program, and the children of a remote component with it."""
        urn = self._urn(request.parent, request.type, request.name)
        wire = analyzer_pb2.AnalyzerResource(
            urn=urn,
            type=request.type,
            name=request.name,
            properties=self._checked(request.type, urn, request.object) if request.custom else request.object,
            parent=request.parent,
            dependencies=sorted(request.dependencies),
            propertyDependencies={
                key: analyzer_pb2.AnalyzerPropertyDependencies(urns=sorted(value.urns))
                for key, value in request.propertyDependencies.items()
                if value.urns
            },
            options=_options(request),
        )
        self._take(_Entry(wire=wire, custom=request.custom, source=self._sources.find(_trace(request))))
        if request.remote:
            return self._construct(wire)
        # A local component has no outputs until it registers them.
        outputs = self._previewed(wire) if request.custom else None
        return resource_pb2.RegisterResourceResponse(urn=urn, object=outputs)

    def RegisterResourceOutputs(self, request: resource_pb2.RegisterResourceOutputsRequest) -> empty_pb2.Empty:
        """Keep the outputs of a component or of the stack."""
        self._outputs[request.urn] = request.outputs
        return empty_pb2.Empty()

    def ReadResource(self, request: resource_pb2.ReadResourceRequest) -> resource_pb2.ReadResourceResponse:
        """Read a resource the program does not manage: another stack's outputs, or its id and nothing else."""
        properties = request.properties
        if request.type == _STACK_REFERENCE:
            outputs = self._cloud.stack_outputs(request.id)
            properties = struct_of({"name": request.id, "outputs": dict(outputs), "secretOutputNames": []})
        wire = analyzer_pb2.AnalyzerResource(
            urn=self._urn(request.parent, request.type, request.name),
            type=request.type,
            name=request.name,
            properties=properties,
            parent=request.parent,
            dependencies=sorted(request.dependencies),
        )
        self._take(_Entry(wire=wire, custom=True, source=self._sources.find(_trace(request)), external=True))
        return resource_pb2.ReadResourceResponse(urn=wire.urn, id=request.id, properties=properties)

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest) -> resource_pb2.ResourceInvokeResponse:
        """Answer a provider function from the stand-in cloud."""
        answer = self._cloud.invoke(request.tok, json_of(request.args))
        response = resource_pb2.ResourceInvokeResponse()
        getattr(response, "return").CopyFrom(struct_of(answer))  # the field's name is a Python keyword
        return response

    def Call(self, request: resource_pb2.ResourceCallRequest) -> NoReturn:
        """Refuse methods of remote components: there is no provider behind them."""
        raise RefusedError(f"The embedded engine cannot call the component method {request.tok}.")

    def register(self, registration: Registration) -> Registered:
        """Take a child that a stand-in component makes; it has the component's place in the program."""
        urn = self._urn(registration.parent, registration.type, registration.name)
        wire = analyzer_pb2.AnalyzerResource(
            urn=urn,
            type=registration.type,
            name=registration.name,
            properties=self._checked(registration.type, urn, struct_of(registration.values())),
            parent=registration.parent,
            dependencies=registration.dependencies(),
            propertyDependencies={
                key: analyzer_pb2.AnalyzerPropertyDependencies(urns=sorted(urns))
                for key, urns in registration.property_dependencies().items()
            },
            options=analyzer_pb2.AnalyzerResourceOptions(parent=registration.parent),
        )
        self._take(_Entry(wire=wire, custom=True, source=self._entries[registration.parent].source))
        return Registered(urn=urn, id=UNKNOWN, outputs=json_of(self._previewed(wire)))

    def _construct(self, wire: analyzer_pb2.AnalyzerResource) -> resource_pb2.RegisterResourceResponse:
        args = json_of(wire.properties)
        outputs = construct(self, self._cloud, kind=wire.type, name=wire.name, urn=wire.urn, args=args)
        values = struct_of({key: given.value for key, given in outputs.items()})
        self._outputs[wire.urn] = values
        sources = {
            key: resource_pb2.RegisterResourceResponse.PropertyDependencies(urns=given.sources)
            for key, given in outputs.items()
        }
        return resource_pb2.RegisterResourceResponse(urn=wire.urn, object=values, propertyDependencies=sources)

    def _checked(self, kind: str, urn: str, given: Struct) -> Struct:
        asked = json_of(given)
        inputs = checked(kind, urn, asked, {})
        for refusal in refused(kind, inputs):
            raise RefusedError(f"{urn}: {refusal.property}: {refusal.reason}")
        return given if inputs == asked else struct_of(inputs)

    def _previewed(self, wire: analyzer_pb2.AnalyzerResource) -> Struct:
        """What a resource answers with that does not exist yet; also what the rules about the whole stack see."""
        outputs = struct_of(previewed(wire.type, json_of(wire.properties), self._place).outputs)
        self._outputs[wire.urn] = outputs
        return outputs

    def _take(self, entry: _Entry) -> None:
        wire = entry.wire
        if wire.urn in self._entries:
            raise RefusedError(f"Duplicate resource URN '{wire.urn}'; try giving it a unique name.")
        self._entries[wire.urn] = entry
        self._on_resource(wire.type, wire.name)

    def _urn(self, parent: str, kind: str, name: str) -> str:
        return urn_of(project=self._project, stack=self._stack, parent=parent, kind=kind, name=name)


def _resource(entry: _Entry) -> Resource:
    wire = entry.wire
    return Resource(
        urn=wire.urn,
        type=wire.type,
        name=wire.name,
        parent=wire.parent,
        custom=entry.custom,
        inputs=plain(wire.properties),
        dependencies=tuple(wire.dependencies),
        property_dependencies={key: tuple(value.urns) for key, value in sorted(wire.propertyDependencies.items())},
        protect=wire.options.protect,
        source=entry.source,
        external=entry.external,
    )


def _trace(request: resource_pb2.RegisterResourceRequest | resource_pb2.ReadResourceRequest) -> StackTrace:
    return cast("StackTrace", request.stackTrace)  # pyright: ignore[reportUnknownMemberType] - the SDK's stub lacks it


def _options(request: resource_pb2.RegisterResourceRequest) -> analyzer_pb2.AnalyzerResourceOptions:
    return analyzer_pb2.AnalyzerResourceOptions(
        protect=request.protect,
        ignoreChanges=request.ignoreChanges,
        deleteBeforeReplace=request.deleteBeforeReplace,
        deleteBeforeReplaceDefined=request.deleteBeforeReplaceDefined,
        additionalSecretOutputs=request.additionalSecretOutputs,
        parent=request.parent,
    )
