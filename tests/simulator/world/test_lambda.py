from typing import Any

import pytest
from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs] - botocore has no types
    ClientError,
)

from simulator.world.alias_route import AliasRoute
from simulator.world.lambda_ import Function
from simulator.world.traffic import Quality, constant
from simulator.world.world import World
from tests.simulator.world.scene import START


@pytest.fixture
def function(world: World) -> Function:
    """Two versions, of which `live` names the first, and 1000 invocations a minute."""
    function = world.lambda_.add_function("thumbnails")
    for _ in range(2):
        function.publish()
    alias = world.lambda_.add_alias(function, "live", "1")
    world.traffic.add(AliasRoute(world.metrics, function, alias), constant(1_000))
    world.traffic.behave("thumbnails:1", Quality())
    world.traffic.behave("thumbnails:2", Quality(error_rate=0.2))
    return function


def update(world: World, **given: Any) -> dict[str, Any]:
    return world.client("lambda").update_alias(FunctionName="thumbnails", Name="live", **given)


def weigh(**weights: float) -> dict[str, Any]:
    return {"AdditionalVersionWeights": {name.removeprefix("v"): weight for name, weight in weights.items()}}


def get(world: World) -> dict[str, Any]:
    answer = world.client("lambda").get_alias(FunctionName="thumbnails", Name="live")
    return {name: answer.get(name) for name in ("FunctionVersion", "RoutingConfig", "RevisionId")}


@pytest.mark.usefixtures("function")
class TestAlias:
    def test_a_revision_id_that_is_not_the_latest_is_refused(self, world: World) -> None:
        known = get(world)["RevisionId"]
        update(world, RoutingConfig=weigh(v2=0.05), RevisionId=known)
        now = get(world)
        assert now["RevisionId"] != known
        client = world.client("lambda")
        with pytest.raises(client.exceptions.ClientError, match="PreconditionFailedException"):
            update(world, FunctionVersion="2", RevisionId=known)
        assert get(world) == now

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"RoutingConfig": weigh(v2=1.5)}, "from 0 to 1"),
            ({"RoutingConfig": weigh(v2=0.1, v3=0.1)}, "greater than 1"),
            ({"RoutingConfig": weigh(v1=0.1)}, "cannot be the same"),
            ({"RoutingConfig": {"AdditionalVersionWeights": {"$LATEST": 0.1}}}, "LATEST"),
            ({"FunctionVersion": "$LATEST", "RoutingConfig": weigh(v2=0.1)}, "LATEST"),
            ({"RoutingConfig": weigh(v9=0.1)}, "not found"),
            ({"FunctionVersion": "9"}, "not found"),
        ],
    )
    def test_what_lambda_refuses_is_refused_and_changes_nothing(
        self, world: World, given: dict[str, Any], message: str
    ) -> None:
        before = get(world)
        with pytest.raises(ClientError, match=message):
            update(world, **given)
        assert get(world) == before

    def test_versions_with_different_roles_do_not_share_an_alias(self, world: World, function: Function) -> None:
        function.publish(role="other")
        with pytest.raises(ClientError, match="same execution role"):
            update(world, RoutingConfig=weigh(v3=0.1))
        update(world, FunctionVersion="3")

    def test_what_an_update_does_not_name_stays(self, world: World) -> None:
        update(world, RoutingConfig=weigh(v2=0.25))
        update(world, Description="x")
        assert get(world)["RoutingConfig"] == weigh(v2=0.25)
        with pytest.raises(ClientError, match="cannot be the same"):
            update(world, FunctionVersion="2")
        update(world, FunctionVersion="2", RoutingConfig={"AdditionalVersionWeights": {}})
        assert (get(world)["FunctionVersion"], get(world)["RoutingConfig"]) == ("2", None)


@pytest.mark.usefixtures("function")
class TestVersions:
    def test_a_qualifier_is_a_version_or_an_alias(self, world: World) -> None:
        client = world.client("lambda")
        by_alias = client.get_function_configuration(FunctionName="thumbnails", Qualifier="live")
        by_number = client.get_function(FunctionName="thumbnails", Qualifier="1")["Configuration"]
        newest = client.get_function_configuration(FunctionName="thumbnails")
        assert by_alias["Version"] == by_number["Version"] == "1"
        assert newest["Version"] == "$LATEST"
        assert newest["CodeSha256"] != by_alias["CodeSha256"]

    def test_all_versions_are_listed(self, world: World) -> None:
        listed = world.client("lambda").list_versions_by_function(FunctionName="thumbnails")["Versions"]
        assert [one["Version"] for one in listed] == ["$LATEST", "1", "2"]

    def test_what_does_not_exist_is_not_found(self, world: World) -> None:
        client = world.client("lambda")
        for call, arguments in (
            (client.get_alias, {"FunctionName": "thumbnails", "Name": "x"}),
            (client.get_alias, {"FunctionName": "x", "Name": "live"}),
            (client.get_function, {"FunctionName": "thumbnails", "Qualifier": "7"}),
        ):
            with pytest.raises(client.exceptions.ResourceNotFoundException):
                call(**arguments)

    def test_provisioned_concurrency_is_by_qualifier(self, world: World, function: Function) -> None:
        client = world.client("lambda")
        with pytest.raises(client.exceptions.ProvisionedConcurrencyConfigNotFoundException):
            client.get_provisioned_concurrency_config(FunctionName="thumbnails", Qualifier="live")
        function.provisioned["live"] = 3
        answer = client.get_provisioned_concurrency_config(FunctionName="thumbnails", Qualifier="live")
        assert (answer["RequestedProvisionedConcurrentExecutions"], answer["Status"]) == (3, "READY")
        (listed,) = client.list_provisioned_concurrency_configs(FunctionName="thumbnails")[
            "ProvisionedConcurrencyConfigs"
        ]
        assert listed["FunctionArn"].endswith(":thumbnails:live")


@pytest.mark.usefixtures("function")
def test_invocations_split_by_chance_and_publish_as_lambda_does(world: World) -> None:
    update(world, RoutingConfig=weigh(v2=0.05))
    world.clock.advance(32)

    def read(name: str, stat: str = "Sum", **dimensions: str) -> list[float]:
        named = [{"Name": key, "Value": value} for key, value in {"FunctionName": "thumbnails", **dimensions}.items()]
        metric = {"Namespace": "AWS/Lambda", "MetricName": name, "Dimensions": named}
        answer = world.client("cloudwatch").get_metric_data(
            MetricDataQueries=[{"Id": "a", "MetricStat": {"Metric": metric, "Period": 60, "Stat": stat}}],
            StartTime=START,
            EndTime=world.clock.now(),
            ScanBy="TimestampAscending",
        )
        return answer["MetricDataResults"][0]["Values"][1:30]

    live = {"Resource": "thumbnails:live"}
    new = read("Invocations", **live, ExecutedVersion="2")
    assert sum(new) == pytest.approx(29 * 50, rel=0.1)
    assert len(set(new)) > 10
    assert read("Invocations", **live) == [1_000] * 29
    assert set(read("Errors", **live, ExecutedVersion="1")) == {0}
    rate = read("Errors", "Average", **live, ExecutedVersion="2")
    assert sum(rate) / 29 == pytest.approx(0.2, rel=0.15)
    assert read("Duration", "p99", **live)[0] == pytest.approx(250, rel=0.3)
    assert read("Invocations") == [1_000] * 29
