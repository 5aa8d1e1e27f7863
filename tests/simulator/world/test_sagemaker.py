from typing import Any

import pytest
from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs] - botocore has no types
    ClientError,
)

from simulator.world.alarms import Condition
from simulator.world.api import WorldError
from simulator.world.endpoint_update import Endpoint
from simulator.world.metrics import Metric
from simulator.world.traffic import Quality, constant
from simulator.world.variant_route import VariantRoute
from simulator.world.world import World
from tests.simulator.world.scene import START

CANARY = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {
            "Type": "CANARY",
            "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 25},
            "WaitIntervalInSeconds": 300,
        },
        "TerminationWaitInSeconds": 60,
    },
    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
}


@pytest.fixture
def endpoint(world: World) -> Endpoint:
    """An endpoint with 1000 invocations a minute, and a second configuration, whose model fails a fifth of them."""
    for number in (1, 2):
        world.sagemaker.add_config(f"config-{number}", {"main": world.sagemaker.add_model(f"model-{number}")})
    world.sagemaker.add_config("both", {"main": "model-1", "other": "model-2"})
    endpoint = world.sagemaker.add_endpoint("churn", "config-1")
    world.traffic.add(VariantRoute(world.metrics, endpoint), constant(1_000))
    world.traffic.behave("model-1", Quality())
    world.traffic.behave("model-2", Quality(error_rate=0.2))
    world.alarms.add("errors")
    return endpoint


def describe(world: World) -> dict[str, Any]:
    return world.client("sagemaker").describe_endpoint(EndpointName="churn")


def weigh(world: World, **weights: float) -> None:
    wanted = [{"VariantName": name, "DesiredWeight": weight} for name, weight in weights.items()]
    client = world.client("sagemaker")
    client.update_endpoint_weights_and_capacities(EndpointName="churn", DesiredWeightsAndCapacities=wanted)


def states(world: World) -> tuple[str, str]:
    found = describe(world)
    return found["EndpointStatus"], found["EndpointConfigName"]


def per_minute(world: World, metric: str, stat: str, **dimensions: str) -> list[float]:
    """The last ten minutes' values, oldest first."""
    named = [{"Name": name, "Value": value} for name, value in {"EndpointName": "churn", **dimensions}.items()]
    query = {
        "Id": "a",
        "MetricStat": {
            "Metric": {"Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": named},
            "Period": 60,
            "Stat": stat,
        },
    }
    answer = world.client("cloudwatch").get_metric_data(
        MetricDataQueries=[query], StartTime=START, EndTime=world.clock.now(), ScanBy="TimestampAscending"
    )
    return answer["MetricDataResults"][0]["Values"][-10:]


@pytest.mark.usefixtures("endpoint")
class TestUpdate:
    def test_a_canary_goes_through_its_stages(self, world: World) -> None:
        world.sagemaker.update("churn", "config-2", CANARY)
        seen: list[str] = []
        while world.sagemaker.endpoint("churn").status == "Updating":
            (variant,) = describe(world)["PendingDeploymentSummary"]["ProductionVariants"]
            seen += [status["Status"] for status in variant["VariantStatus"] if [status["Status"]] != seen[-1:]]
            world.clock.sleep(5)
        assert seen == ["Creating", "ActivatingTraffic", "Baking", "ActivatingTraffic", "Baking"]
        assert states(world) == ("InService", "config-2")
        assert describe(world)["LastDeploymentConfig"] == CANARY

    def test_an_alarm_brings_the_old_configuration_back_and_nothing_says_so(self, world: World) -> None:
        world.sagemaker.update("churn", "config-2", CANARY)
        world.clock.advance(6)
        world.alarms.hold("errors", "ALARM")
        world.clock.sleep(11)
        assert states(world) == ("RollingBack", "config-1")
        world.clock.advance(3)
        assert states(world) == ("InService", "config-1")
        assert "FailureReason" not in describe(world)

    def test_without_a_policy_it_is_all_at_once_and_no_alarm_stops_it(self, world: World) -> None:
        world.alarms.hold("errors", "ALARM")
        world.sagemaker.update("churn", "config-2")
        world.clock.advance(5)
        assert states(world) == ("InService", "config-2")

    def test_a_model_that_does_not_start_leaves_the_old_one_and_a_reason(self, world: World) -> None:
        world.sagemaker.add_config("broken", {"main": world.sagemaker.add_model("model-3", starts=False)})
        world.sagemaker.update("churn", "broken")
        world.clock.advance(5)
        assert states(world) == ("InService", "config-1")
        assert "ping health check" in describe(world)["FailureReason"]

    def test_the_old_fleet_may_fail_to_come_back(self, world: World) -> None:
        world.sagemaker.endpoint("churn").goes_back = False
        world.alarms.hold("errors", "ALARM")
        world.sagemaker.update("churn", "config-2", CANARY)
        world.clock.advance(6)
        assert states(world) == ("UpdateRollbackFailed", "config-1")

    def test_instances_are_kept_when_that_is_asked_for(self, world: World) -> None:
        client = world.client("sagemaker")
        wanted = [{"VariantName": "main", "DesiredInstanceCount": 5}]
        client.update_endpoint_weights_and_capacities(EndpointName="churn", DesiredWeightsAndCapacities=wanted)
        world.clock.advance(2)
        client.update_endpoint(EndpointName="churn", EndpointConfigName="config-2", RetainAllVariantProperties=True)
        world.clock.advance(5)
        assert describe(world)["ProductionVariants"][0]["CurrentInstanceCount"] == 5


@pytest.mark.usefixtures("endpoint")
class TestRefusals:
    @pytest.mark.parametrize("seconds", [1, 239, 250])
    def test_every_change_while_there_is_one(self, world: World, seconds: float) -> None:
        world.sagemaker.update("churn", "config-2", CANARY)
        world.clock.sleep(seconds)
        client = world.client("sagemaker")
        with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
            client.update_endpoint(EndpointName="churn", EndpointConfigName="config-1")
        with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
            weigh(world, main=1)

    def test_what_is_not_there(self, world: World) -> None:
        client = world.client("sagemaker")
        with pytest.raises(ClientError, match="Could not find endpoint "):
            client.describe_endpoint(EndpointName="nowhere")
        with pytest.raises(ClientError, match="Could not find endpoint configuration"):
            client.delete_endpoint_config(EndpointConfigName="nowhere")
        with pytest.raises(ClientError, match="Could not find variant"):
            weigh(world, other=1)

    def test_a_configuration_of_the_same_name(self, world: World) -> None:
        client = world.client("sagemaker")
        variants = client.describe_endpoint_config(EndpointConfigName="config-1")["ProductionVariants"]
        with pytest.raises(ClientError, match="already existing"):
            client.create_endpoint_config(EndpointConfigName="config-1", ProductionVariants=variants)

    def test_whoever_deletes_the_configuration_in_use_has_a_fault(self, world: World) -> None:
        with pytest.raises(WorldError, match="in use"):
            world.client("sagemaker").delete_endpoint_config(EndpointConfigName="config-1")


@pytest.mark.usefixtures("endpoint")
class TestTraffic:
    def test_weights_split_it_between_variants_some_time_after_they_were_asked_for(self, world: World) -> None:
        world.sagemaker.update("churn", "both")
        world.clock.advance(5)
        weigh(world, main=80, other=20)
        found = {each["VariantName"]: each for each in describe(world)["ProductionVariants"]}
        assert (found["other"]["CurrentWeight"], found["other"]["DesiredWeight"]) == (1, 20)
        world.clock.advance(20)
        assert per_minute(world, "Invocations", "Sum", VariantName="other")[-3] == pytest.approx(200, rel=0.3)
        assert sum(per_minute(world, "Invocation5XXErrors", "Sum", VariantName="main")) == 0
        assert sum(per_minute(world, "Invocation5XXErrors", "Sum", VariantName="other")) > 0

    def test_both_fleets_of_an_update_are_counted_as_one_and_apart(self, world: World) -> None:
        world.sagemaker.update("churn", "config-2", CANARY)
        world.clock.advance(9)
        together = per_minute(world, "Invocations", "Sum", VariantName="main")[-2]
        new = per_minute(world, "Invocations", "Sum", VariantName="main", EndpointConfigName="config-2")[-2]
        assert together == 1_000
        assert new == pytest.approx(250, rel=0.3)

    def test_latencies_are_in_microseconds(self, world: World) -> None:
        world.clock.advance(10)
        assert per_minute(world, "ModelLatency", "p99", VariantName="main")[-2] == pytest.approx(250_000, rel=0.3)
        assert 0 < per_minute(world, "OverheadLatency", "p50", VariantName="main")[-2] < 10_000


def test_an_alarm_without_data_that_ignores_that_stays_as_it_is_set(world: World) -> None:
    silent = Metric.of("Onramp", "Brake", {})
    world.alarms.add("brake", Condition(metric=silent, stat="Sum", threshold=0, treat_missing_data="ignore"))
    client = world.client("cloudwatch")
    client.set_alarm_state(AlarmName="brake", StateValue="ALARM", StateReason="test")
    world.clock.advance(30)
    (alarm,) = client.describe_alarms(AlarmNames=["brake"])["MetricAlarms"]
    assert alarm["StateValue"] == "ALARM"
    with pytest.raises(ClientError, match="not found"):
        client.set_alarm_state(AlarmName="nowhere", StateValue="OK", StateReason="test")
