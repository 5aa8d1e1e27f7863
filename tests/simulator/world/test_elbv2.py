from typing import Any, Final

import boto3
import pytest
from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs] - botocore has no types
    ClientError,
)
from moto import mock_aws

from simulator.world.world import World
from tests.simulator.world.scene import START, Shop

_SDK: Final[Any] = boto3  # it has no types
_SPLITS: Final = ((100, 0), (95, 5), (0, 999))


def split(answer: dict[str, Any]) -> list[int]:
    return [group["Weight"] for group in answer["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"]]


def test_a_weight_is_from_0_to_999(a_shop: Shop) -> None:
    client = a_shop.world.client("elbv2")
    assert split(client.modify_rule(RuleArn=a_shop.rule.arn, Actions=a_shop.forward(0, 999))) == [0, 999]
    for wrong in (-1, 1_000):
        with pytest.raises(ClientError, match="between 0 and 999"):
            client.modify_rule(RuleArn=a_shop.rule.arn, Actions=a_shop.forward(100, wrong))
    assert split(client.describe_rules(RuleArns=[a_shop.rule.arn])) == [0, 999]


def test_an_unknown_target_group_is_refused(a_shop: Shop) -> None:
    client = a_shop.world.client("elbv2")
    actions = a_shop.forward(1, 1)
    actions[0]["ForwardConfig"]["TargetGroups"][1]["TargetGroupArn"] += "x"
    with pytest.raises(client.exceptions.TargetGroupNotFoundException):
        client.modify_rule(RuleArn=a_shop.rule.arn, Actions=actions)


def test_a_target_group_twice_and_too_many_are_refused(a_shop: Shop) -> None:
    client, entry = a_shop.world.client("elbv2"), {"TargetGroupArn": a_shop.blue.arn, "Weight": 1}
    with pytest.raises(ClientError, match="unique"):
        client.modify_rule(
            RuleArn=a_shop.rule.arn, Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": [entry, entry]}}]
        )
    with pytest.raises(ClientError, match="1 to 5"):
        client.modify_rule(
            RuleArn=a_shop.rule.arn, Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": [entry] * 6}}]
        )


def test_stickiness_is_kept_only_as_it_is_given(a_shop: Shop) -> None:
    client = a_shop.world.client("elbv2")
    actions = a_shop.forward(90, 10)
    actions[0]["ForwardConfig"]["TargetGroupStickinessConfig"] = {"Enabled": True, "DurationSeconds": 60}
    client.modify_rule(RuleArn=a_shop.rule.arn, Actions=actions)

    def sticky() -> dict[str, Any]:
        rule = client.describe_rules(RuleArns=[a_shop.rule.arn])["Rules"][0]
        return rule["Actions"][0]["ForwardConfig"]["TargetGroupStickinessConfig"]

    assert sticky() == {"Enabled": True, "DurationSeconds": 60}
    client.modify_rule(RuleArn=a_shop.rule.arn, Actions=a_shop.forward(80, 20))
    assert sticky() == {"Enabled": False}


def test_stickiness_lasts_at_most_a_week(a_shop: Shop) -> None:
    actions = a_shop.forward(90, 10)
    actions[0]["ForwardConfig"]["TargetGroupStickinessConfig"] = {"Enabled": True, "DurationSeconds": 604_801}
    with pytest.raises(ClientError, match="604800"):
        a_shop.world.client("elbv2").modify_rule(RuleArn=a_shop.rule.arn, Actions=actions)


def test_a_listener_has_its_default_action_and_its_rules(a_shop: Shop) -> None:
    client = a_shop.world.client("elbv2")
    (listener,) = client.describe_listeners(LoadBalancerArn=a_shop.rule.load_balancer)["Listeners"]
    assert listener["ListenerArn"] == a_shop.rule.listener
    client.modify_listener(ListenerArn=a_shop.rule.listener, DefaultActions=a_shop.forward(1, 2))
    own, default = client.describe_rules(ListenerArn=a_shop.rule.listener)["Rules"]
    assert (own["IsDefault"], own["Conditions"][0]["Values"]) == (False, ["/shop/*"])
    assert default["IsDefault"]
    assert [one["Weight"] for one in default["Actions"][0]["ForwardConfig"]["TargetGroups"]] == [1, 2]


def test_what_does_not_exist_is_named(a_shop: Shop) -> None:
    client = a_shop.world.client("elbv2")
    with pytest.raises(client.exceptions.ListenerNotFoundException):
        client.describe_listeners(ListenerArns=["x"])
    with pytest.raises(client.exceptions.RuleNotFoundException):
        client.modify_rule(RuleArn="x", Actions=[])
    with pytest.raises(client.exceptions.TargetGroupNotFoundException):
        client.describe_target_groups(Names=["x"])
    with pytest.raises(client.exceptions.TargetGroupNotFoundException):
        client.describe_target_health(TargetGroupArn="x")


class TestHealth:
    @staticmethod
    def states(shop: Shop) -> dict[str, str]:
        answer = shop.world.client("elbv2").describe_target_health(TargetGroupArn=shop.green.arn)
        return {one["Target"]["Id"]: one["TargetHealth"]["State"] for one in answer["TargetHealthDescriptions"]}

    def test_a_target_is_healthy_only_after_its_checks(self, a_shop: Shop) -> None:
        a_shop.green.register("new", "green")
        a_shop.green.register("sick", "green", passes=False)
        assert self.states(a_shop) == {"green-1": "healthy", "new": "initial", "sick": "initial"}
        a_shop.world.clock.sleep(10)
        assert self.states(a_shop) == {"green-1": "healthy", "new": "healthy", "sick": "unhealthy"}

    def test_a_target_drains_before_it_is_gone(self, a_shop: Shop) -> None:
        a_shop.green.deregister("green-1")
        assert self.states(a_shop) == {"green-1": "draining"}
        a_shop.world.clock.sleep(59)
        assert self.states(a_shop) == {"green-1": "draining"}
        a_shop.world.clock.sleep(1)
        assert self.states(a_shop) == {}

    def test_only_healthy_targets_are_asked_unless_there_are_none(self, a_shop: Shop) -> None:
        a_shop.green.register("sick", "sick", passes=False, long_ago=True)
        assert a_shop.green.shares(a_shop.world.clock.now()) == {"green": 1.0}
        a_shop.green.set_health("green", "unhealthy")
        assert a_shop.green.shares(a_shop.world.clock.now()) == {"green": 0.5, "sick": 0.5}

    def test_a_target_that_fails_while_it_is_checked_stays_failed(self, a_shop: Shop) -> None:
        a_shop.green.register("new", "new")
        a_shop.green.set_health("new", "unhealthy")
        a_shop.world.clock.sleep(30)
        assert self.states(a_shop)["new"] == "unhealthy"


class TestLikeMoto:
    """The same calls to moto and to the world have the same answers, where moto is right."""

    @pytest.fixture
    def answers(self) -> list[tuple[list[Any], list[Any]]]:
        with mock_aws():
            moto = self._moto()
            mine = self._mine()
            return [
                (self._story(*moto, weights), self._story(*mine, weights)) for weights in ((100, 0), (95, 5), (0, 999))
            ]

    def _mine(self) -> tuple[Any, dict[str, str]]:
        world = World(1, START)
        blue, green = world.elbv2.add_target_group("blue"), world.elbv2.add_target_group("green")
        listener = world.elbv2.add_listener("public", {blue.arn: 1})
        rule = world.elbv2.add_rule(listener.listener, "/shop/*", {blue.arn: 1})
        names = {"blue": blue.arn, "green": green.arn, "listener": listener.listener, "rule": rule.arn}
        return world.client("elbv2"), names

    def _moto(self) -> tuple[Any, dict[str, str]]:
        ec2, client = _SDK.client("ec2", "eu-west-1"), _SDK.client("elbv2", "eu-west-1")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"eu-west-1{zone}")["Subnet"]
            for n, zone in enumerate("ab")
        ]
        balancer = client.create_load_balancer(Name="public", Subnets=[one["SubnetId"] for one in subnets])
        groups = {
            name: client.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")[
                "TargetGroups"
            ][0]["TargetGroupArn"]
            for name in ("blue", "green")
        }
        forward = [{"Type": "forward", "TargetGroupArn": groups["blue"]}]
        listener = client.create_listener(
            LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"],
            Port=80,
            Protocol="HTTP",
            DefaultActions=forward,
        )["Listeners"][0]["ListenerArn"]
        condition = {"Field": "path-pattern", "Values": ["/shop/*"]}
        rule = client.create_rule(ListenerArn=listener, Priority=1, Conditions=[condition], Actions=forward)
        return client, {**groups, "listener": listener, "rule": rule["Rules"][0]["RuleArn"]}

    def _story(self, client: Any, names: dict[str, str], weights: tuple[int, int]) -> list[Any]:
        entries = [
            {"TargetGroupArn": names[name], "Weight": weight}
            for name, weight in zip(("blue", "green"), weights, strict=True)
        ]
        actions = [{"Type": "forward", "ForwardConfig": {"TargetGroups": entries}}]
        told = [
            client.modify_rule(RuleArn=names["rule"], Actions=actions)["Rules"][0],
            client.describe_rules(RuleArns=[names["rule"]])["Rules"][0],
            *client.describe_rules(ListenerArn=names["listener"])["Rules"],
        ]
        called = {arn: name for name, arn in names.items()}
        return [self._plain(rule, called) for rule in told]

    def _plain(self, rule: dict[str, Any], called: dict[str, str]) -> Any:
        split = {
            called[group["TargetGroupArn"]]: group["Weight"]
            for group in rule["Actions"][0].get("ForwardConfig", {}).get("TargetGroups", [])
        }
        return rule["IsDefault"], [one["Values"] for one in rule["Conditions"]], split

    def test_weights_are_changed_and_read_back_alike(self, answers: list[tuple[list[Any], list[Any]]]) -> None:
        for moto, mine in answers:
            own = [told for told in moto if not told[0]]
            assert own == [told for told in mine if not told[0]]
            assert len(own) == 3

    def test_the_same_things_are_refused(self) -> None:
        with mock_aws():
            for client, names in (self._moto(), self._mine()):
                unknown = [{"TargetGroupArn": names["blue"] + "x", "Weight": 1}]
                with pytest.raises(client.exceptions.TargetGroupNotFoundException):
                    client.modify_rule(
                        RuleArn=names["rule"],
                        Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": unknown}}],
                    )
                with pytest.raises(client.exceptions.RuleNotFoundException):
                    client.describe_rules(RuleArns=[names["rule"] + "0"])
