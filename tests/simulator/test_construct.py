from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2 as proto
from pulumi.runtime.proto import resource_pb2, resource_pb2_grpc

from simulator.graph import UNKNOWN, Graph, Resource, stack_urn
from simulator.monitor import Monitor
from simulator.plugin.engine import version_of
from simulator.standin import Cloud
from simulator.wire import json_of
from tests.simulator.conftest import Run, named
from tests.simulator.plugin_server import serving

VPC = """
    import pulumi_awsx as awsx
    vpc = awsx.ec2.Vpc(
        'net', cidr_block='10.0.0.0/16', number_of_availability_zones=2, subnet_strategy='Auto',
        nat_gateways={'strategy': 'OnePerAz'}, tags={'App': 'news'}, vpc_endpoint_strategy='Auto',
        vpc_endpoint_specs=[
            {'service_name': 's3'}, {'service_name': 'ecr', 'vpc_endpoint_type': 'Interface', 'tags': {'A': 'b'}}
        ],
        subnet_specs=[
            {'type': 'Isolated', 'name': 'data', 'cidr_blocks': ['10.0.96.0/24', '10.0.97.0/24']},
            {'type': 'Private', 'cidr_blocks': ['10.0.0.0/20', '10.0.16.0/20']},
            {'type': 'Public', 'cidr_blocks': ['10.0.32.0/20', '10.0.48.0/20']},
        ],
    )
    """


class RemoteMonitor(resource_pb2_grpc.ResourceMonitorServicer):
    """The embedded engine's monitor behind gRPC, as the real one is; keeps what it is asked."""

    def __init__(self, monitor: Monitor) -> None:
        self.monitor = monitor
        self.requests: list[resource_pb2.RegisterResourceRequest] = []

    def RegisterResource(  # noqa: N802 - gRPC's name
        self,
        request: resource_pb2.RegisterResourceRequest,
        context: object,  # noqa: ARG002 - gRPC's
    ) -> resource_pb2.RegisterResourceResponse:
        self.requests.append(request)
        return self.monitor.RegisterResource(request)

    def RegisterResourceOutputs(  # noqa: N802 - gRPC's name
        self,
        request: resource_pb2.RegisterResourceOutputsRequest,
        context: object,  # noqa: ARG002 - gRPC's
    ) -> empty_pb2.Empty:
        return self.monitor.RegisterResourceOutputs(request)


@pytest.fixture
def remote(tmp_path: Path) -> Generator[tuple[RemoteMonitor, str]]:
    """A monitor and its address."""
    monitor = Monitor(
        project="shop",
        stack="dev",
        project_dir=tmp_path,
        cloud=Cloud(region="eu-west-1"),
        on_resource=lambda _kind, _name: None,
    )
    servicer, server = RemoteMonitor(monitor), grpc.server(ThreadPoolExecutor(4))
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(servicer, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield servicer, address
    server.stop(grace=None).wait()


def request_for(graph: Graph, address: str) -> proto.ConstructRequest:
    """What the engine would send for the component `net` of `graph`."""
    (net,) = (one for one in graph.resources if one.type == "awsx:ec2:Vpc")
    return proto.ConstructRequest(
        project="shop",
        stack="dev",
        dryRun=True,
        monitorEndpoint=address,
        type=net.type,
        name=net.name,
        parent=net.parent,
        inputs=graph.wire[net.urn].properties,
    )


def resources_of(graph: Graph) -> list[Resource]:
    return [replace(one, source=None) for one in graph.resources if one.parent]


def test_a_component_gets_exactly_the_children_that_the_embedded_engine_makes(
    run: Run, remote: tuple[RemoteMonitor, str], tmp_path: Path
) -> None:
    embedded = run(VPC)
    servicer, address = remote
    with serving(tmp_path / "state.json", "awsx") as awsx:
        answer = awsx.stub.Construct(request_for(embedded, address))
    built = servicer.monitor.graph(())
    assert len(resources_of(embedded)) > 25
    # The stack itself is not here; the embedded engine's graph starts below it.
    assert {one.urn: one for one in _all(servicer)} == {one.urn: one for one in resources_of(embedded)}
    (net,) = (one for one in embedded.resources if one.type == "awsx:ec2:Vpc")
    assert answer.urn == net.urn
    assert answer.state == embedded.registered[net.urn] == built.registered[net.urn]
    assert json_of(answer.state)["privateSubnetIds"] == [UNKNOWN, UNKNOWN]
    subnets = [one.urn for one in embedded.resources if one.name.startswith("net-private") and "Table" not in one.type]
    assert sorted(answer.stateDependencies["privateSubnetIds"].urns) == sorted(
        urn for urn in subnets if urn.split("::")[2].endswith("subnet:Subnet")
    )


def _all(servicer: RemoteMonitor) -> list[Resource]:
    """Everything registered, although its root, the stack, is not."""
    monitor = servicer.monitor
    monitor.RegisterResource(resource_pb2.RegisterResourceRequest(type="pulumi:pulumi:Stack", name="shop-dev"))
    return resources_of(monitor.graph(()))


def test_children_ask_for_the_programs_version_of_aws_and_for_its_provider(
    run: Run, remote: tuple[RemoteMonitor, str], tmp_path: Path
) -> None:
    servicer, address = remote
    request = request_for(run(VPC), address)
    request.providers["aws"] = "urn::mine"
    request.protect = True
    with serving(tmp_path / "state.json", "awsx") as awsx:
        awsx.stub.Construct(request)
    component, *children = servicer.requests
    assert not component.custom
    assert all(set(one.propertyDependencies) == set(one.object.fields) for one in servicer.requests)
    assert component.parent == stack_urn("shop", "dev")
    assert {(one.custom, one.provider, one.version, one.protect) for one in children} == {
        (True, "urn::mine", version_of("aws"), True)
    }


def test_a_component_without_a_stand_in_is_refused(run: Run, remote: tuple[RemoteMonitor, str], tmp_path: Path) -> None:
    request = request_for(run(VPC), remote[1])
    request.type = "awsx:ecs:FargateService"
    with serving(tmp_path / "state.json", "awsx") as awsx, pytest.raises(grpc.RpcError) as error:
        awsx.stub.Construct(request)
    assert "There is no stand-in for the remote component awsx:ecs:FargateService (net)" in str(error.value)


def test_a_group_that_the_component_does_not_name_gets_the_same_name_everywhere(run: Run) -> None:
    assert named(run(VPC), "ecr-sg").inputs["name"] == named(run(VPC), "ecr-sg").inputs["name"]
