"""The stand-in provider on a local port, as the engine meets it, with shorter ways to call it."""

from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2 as proto
from pulumi.runtime.proto import provider_pb2_grpc

from simulator.graph import Json
from simulator.plugin.servicer import StandIn
from simulator.wire import json_of, struct_of

Inputs = Mapping[str, Json]


def urn_of(kind: str, name: str = "one", stack: str = "dev") -> str:
    return f"urn:pulumi:{stack}::shop::x:y:Parent${kind}::{name}"


class Client:
    """Calls the provider for resources called `one` unless told otherwise; answers are plain."""

    def __init__(self, port: int) -> None:
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub: Any = provider_pb2_grpc.ResourceProviderStub(self.channel)

    def configure(self, region: str = "eu-west-1") -> None:
        self.stub.Configure(proto.ConfigureRequest(args=struct_of({"region": region})))

    def check(self, kind: str, news: Inputs, olds: Inputs | None = None) -> tuple[dict[str, Json], list[str]]:
        request = proto.CheckRequest(urn=urn_of(kind), news=struct_of(news), olds=struct_of(olds or {}))
        answer = self.stub.Check(request)
        return json_of(answer.inputs), [f"{one.property}: {one.reason}" for one in answer.failures]

    def diff(self, kind: str, olds: Inputs, news: Inputs, ignored: tuple[str, ...] = ()) -> proto.DiffResponse:
        return self.stub.Diff(
            proto.DiffRequest(urn=urn_of(kind), old_inputs=struct_of(olds), news=struct_of(news), ignoreChanges=ignored)
        )

    def create(self, kind: str, inputs: Inputs, name: str = "one", *, preview: bool = False) -> tuple[str, Inputs]:
        request = proto.CreateRequest(urn=urn_of(kind, name), properties=struct_of(inputs), preview=preview)
        answer = self.stub.Create(request)
        return answer.id, json_of(answer.properties)

    def read(self, kind: str, id_: str, known: Inputs, inputs: Inputs) -> tuple[str, Inputs, Inputs]:
        request = proto.ReadRequest(urn=urn_of(kind), id=id_, properties=struct_of(known), inputs=struct_of(inputs))
        answer = self.stub.Read(request)
        return answer.id, json_of(answer.properties), json_of(answer.inputs)

    def update(self, kind: str, id_: str, olds: Inputs, news: Inputs, *, preview: bool = False) -> Inputs:
        request = proto.UpdateRequest(
            urn=urn_of(kind), id=id_, olds=struct_of(olds), news=struct_of(news), preview=preview
        )
        return json_of(self.stub.Update(request).properties)

    def delete(self, kind: str, id_: str, known: Inputs) -> None:
        self.stub.Delete(proto.DeleteRequest(urn=urn_of(kind), id=id_, properties=struct_of(known)))


@contextmanager
def serving(state: Path, package: str = "aws") -> Generator[Client]:
    """A provider whose state is in the file `state`."""
    server = grpc.server(ThreadPoolExecutor(16))
    servicer = StandIn(package, "1.2.3", state_of=lambda _project, _stack: state)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    client = Client(port)
    client.configure()
    try:
        yield client
    finally:
        client.channel.close()
        server.stop(grace=None).wait()


def refusal_of(error: pytest.ExceptionInfo[grpc.RpcError]) -> str:
    call = error.value
    assert isinstance(call, grpc.Call)
    assert call.code() is grpc.StatusCode.FAILED_PRECONDITION
    return call.details() or ""
