import pytest
from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs] - botocore has no types
    ClientError,
)

from simulator.world.apprunner import RunnerRoute, Service
from simulator.world.metrics import Metric
from simulator.world.traffic import Quality, constant
from simulator.world.world import World
from tests.simulator.world.scene import START


@pytest.fixture
def service(world: World) -> Service:
    """A service with 1000 requests a minute."""
    service = world.apprunner.add_service("blog", "registry/blog:1")
    world.traffic.add(RunnerRoute(world.metrics, service), constant(1_000))
    world.traffic.behave("registry/blog:1", Quality())
    world.traffic.behave("registry/blog:2", Quality(error_rate=0.2))
    return service


def statuses(world: World, service: Service) -> tuple[str, list[str]]:
    client = world.client("apprunner")
    found = client.list_operations(ServiceArn=service.arn)["OperationSummaryList"]
    status = client.describe_service(ServiceArn=service.arn)["Service"]["Status"]
    return status, [operation["Status"] for operation in found]


def errors(world: World, service: Service) -> float:
    """In the minute before the last."""
    metric = Metric.of("AWS/AppRunner", "5xxStatusResponses", {"ServiceName": "blog", "ServiceID": service.id})
    found = world.metrics.read(metric, START, world.clock.now())
    return found.total if found else 0


def test_a_deployment_replaces_everything_at_once(world: World, service: Service) -> None:
    world.apprunner.update(service, "registry/blog:2")
    assert statuses(world, service) == ("OPERATION_IN_PROGRESS", ["PENDING"])
    world.clock.advance(3)
    assert statuses(world, service) == ("OPERATION_IN_PROGRESS", ["IN_PROGRESS"])
    assert errors(world, service) == 0
    world.clock.advance(5)
    assert statuses(world, service) == ("RUNNING", ["SUCCEEDED"])
    assert errors(world, service) > 0


def test_an_image_that_is_not_healthy_is_rolled_back(world: World, service: Service) -> None:
    world.apprunner.fail("registry/blog:2")
    world.apprunner.update(service, "registry/blog:2")
    world.clock.sleep(200)
    assert statuses(world, service) == ("OPERATION_IN_PROGRESS", ["ROLLBACK_IN_PROGRESS"])
    world.clock.advance(2)
    assert statuses(world, service) == ("RUNNING", ["ROLLBACK_SUCCEEDED"])
    assert service.image == "registry/blog:1"
    world.clock.advance(5)
    assert errors(world, service) == 0


def test_everything_else_is_refused_meanwhile(world: World, service: Service) -> None:
    client = world.client("apprunner")
    client.start_deployment(ServiceArn=service.arn)
    with pytest.raises(ClientError, match="InvalidStateException"):
        client.update_service(ServiceArn=service.arn, SourceConfiguration=service.source)
    with pytest.raises(ClientError, match="OPERATION_IN_PROGRESS"):
        client.start_deployment(ServiceArn=service.arn)


def test_the_newest_operation_comes_first_page_by_page(world: World, service: Service) -> None:
    for number in (2, 1, 2):
        world.apprunner.update(service, f"registry/blog:{number}")
        world.clock.advance(5)
    client = world.client("apprunner")
    first = client.list_operations(ServiceArn=service.arn, MaxResults=2)
    second = client.list_operations(ServiceArn=service.arn, MaxResults=2, NextToken=first["NextToken"])
    started = [each["StartedAt"] for page in (first, second) for each in page["OperationSummaryList"]]
    assert started == sorted(started, reverse=True)
    assert len(started) == 3
    assert "NextToken" not in second


def test_a_service_that_is_not_there(world: World) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        world.client("apprunner").describe_service(ServiceArn="arn:aws:apprunner:eu-west-1:123456789012:service/a/b")
