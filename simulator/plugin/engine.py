"""What the plugin says to the engine: a line in its log, and the resources of a remote component."""

# ruff: noqa: N802 - the engine's services have these methods

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Final, Protocol, cast

import grpc
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, resource_pb2, resource_pb2_grpc

from simulator.graph import UNKNOWN
from simulator.registrar import Registered, Registration
from simulator.wire import json_of, struct_of

DISTRIBUTIONS: Final[Mapping[str, str]] = {"aws": "pulumi-aws", "awsx": "pulumi-awsx"}
"""The Python package that comes with each provider: plugin and package have one version."""
CHANNEL: Final = (("grpc.max_receive_message_length", 400 * 1024 * 1024),)
"""The engine's own limit for one message (sdk/go/common/util/rpcutil)."""


class _EngineService(Protocol):
    """The engine's log; the SDK's own stub lacks the types."""

    def Log(self, request: engine_pb2.LogRequest, /) -> Message: ...


class _MonitorService(Protocol):
    """The engine's resource monitor, as far as a component needs it."""

    def RegisterResource(
        self, request: resource_pb2.RegisterResourceRequest, /
    ) -> resource_pb2.RegisterResourceResponse: ...

    def RegisterResourceOutputs(self, request: resource_pb2.RegisterResourceOutputsRequest, /) -> Message: ...


def version_of(package: str) -> str:
    """The version that the program's SDK asks the engine for."""
    return version(DISTRIBUTIONS[package])


class Engine:
    """The engine's log."""

    def __init__(self, address: str) -> None:
        channel = grpc.insecure_channel(address, options=CHANNEL)
        self._service = cast("_EngineService", engine_pb2_grpc.EngineStub(channel))

    def say(self, message: str) -> None:
        """Show one line to whoever looks at the deployment."""
        self._service.Log(engine_pb2.LogRequest(severity=engine_pb2.INFO, message=message))


class EngineRegistrar:
    """Registers a remote component and its children with the engine that asked for it."""

    def __init__(self, request: provider_pb2.ConstructRequest) -> None:
        self._request = request
        self._provider = request.providers.get("aws", "")
        self._version = version_of("aws")
        self._channel = grpc.insecure_channel(request.monitorEndpoint, options=CHANNEL)
        self._monitor = cast("_MonitorService", resource_pb2_grpc.ResourceMonitorStub(self._channel))

    def component(self) -> str:
        """Register the component itself; its URN."""
        asked = self._request
        request = resource_pb2.RegisterResourceRequest(
            type=asked.type,
            name=asked.name,
            parent=asked.parent,
            object=asked.inputs,
            protect=asked.protect,
            dependencies=asked.dependencies,
            propertyDependencies=_dependencies(
                asked.inputs, {key: given.urns for key, given in asked.inputDependencies.items()}
            ),
            providers=asked.providers,
            aliases=asked.aliases,  # pyright: ignore[reportUnknownMemberType] - the SDK's stub names a missing module
            retainOnDelete=asked.retainOnDelete,
            supportsPartialValues=True,
        )
        return self._monitor.RegisterResource(request).urn

    def register(self, registration: Registration) -> Registered:
        """Register one child and say what is known about it."""
        inputs = struct_of(registration.values())
        request = resource_pb2.RegisterResourceRequest(
            type=registration.type,
            name=registration.name,
            parent=registration.parent,
            custom=True,
            object=inputs,
            protect=self._request.protect,
            provider=self._provider,
            version=self._version,
            dependencies=registration.dependencies(),
            propertyDependencies=_dependencies(inputs, registration.property_dependencies()),
            retainOnDelete=self._request.retainOnDelete,
            supportsPartialValues=True,
        )
        answer = self._monitor.RegisterResource(request)
        return Registered(urn=answer.urn, id=answer.id or UNKNOWN, outputs=json_of(answer.object))

    def finish(self, urn: str, outputs: Struct) -> None:
        """Register the component's outputs."""
        self._monitor.RegisterResourceOutputs(resource_pb2.RegisterResourceOutputsRequest(urn=urn, outputs=outputs))
        self._channel.close()


def _dependencies(
    inputs: Struct, sources: Mapping[str, Sequence[str]]
) -> dict[str, resource_pb2.RegisterResourceRequest.PropertyDependencies]:
    """Where each input comes from. All are named: given none at all, the engine takes every dependency for each."""
    return {
        key: resource_pb2.RegisterResourceRequest.PropertyDependencies(urns=sources.get(key, ()))
        for key in inputs.fields
    }
