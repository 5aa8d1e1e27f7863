import socket
from typing import Any, NoReturn

import pytest
from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs] - botocore has no types
    ClientError,
    ParamValidationError,
    ReadTimeoutError,
)
from moto import mock_aws

from simulator.world.api import Document, WorldError
from simulator.world.client import NotHandledError
from simulator.world.faults import Killed, Kind
from simulator.world.world import World
from tests.simulator.world.scene import Shop, shop


def code(error: Any) -> str:
    return error.value.response["Error"]["Code"]


def weights(shop: Shop) -> list[int]:
    rules = shop.world.client("elbv2").describe_rules(RuleArns=[shop.rule.arn])["Rules"]
    return [group["Weight"] for group in rules[0]["Actions"][0]["ForwardConfig"]["TargetGroups"]]


def shift(shop: Shop) -> None:
    shop.world.client("elbv2").modify_rule(RuleArn=shop.rule.arn, Actions=shop.forward(95, 5))


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> NoReturn:
        raise AssertionError("somebody opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("no_network")
class TestNoNetwork:
    def test_an_operation_that_nothing_answers_is_named(self, world: World) -> None:
        with pytest.raises(NotHandledError, match=r"elbv2\.CreateRule"):
            world.client("elbv2").create_rule(ListenerArn="a", Conditions=[], Priority=1, Actions=[])

    def test_a_service_that_nothing_answers_is_named(self, world: World) -> None:
        with pytest.raises(NotHandledError, match=r"ec2\.DescribeVpcs"):
            world.client("ec2").describe_vpcs()

    def test_a_call_that_slips_past_the_world_does_not_leave(self, world: World) -> None:
        client = world.client("elbv2")
        client.meta.events.unregister("before-call", world._clients._answer)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - the hole to test
        with pytest.raises(NotHandledError, match="gone to the network"):
            client.describe_rules()

    def test_dynamodb_is_motos_and_goes_nowhere_without_it(self, world: World) -> None:
        with pytest.raises(NotHandledError, match="is moto started"):
            world.client("dynamodb").list_tables()

    def test_dynamodb_is_numbered_and_meets_faults_like_any_other(self, world: World) -> None:
        with mock_aws():
            client = world.client("dynamodb")
            key: list[Document] = [{"AttributeName": "id", "AttributeType": "S"}]
            world.faults.on("lost", "dynamodb.CreateTable")
            with pytest.raises(ReadTimeoutError):
                client.create_table(
                    TableName="t",
                    AttributeDefinitions=key,
                    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                    BillingMode="PAY_PER_REQUEST",
                )
            assert client.list_tables()["TableNames"] == ["t"]
            world.faults.on("repeated", "dynamodb.PutItem")
            put = {"TableName": "t", "Item": {"id": {"S": "a"}}, "ConditionExpression": "attribute_not_exists(id)"}
            with pytest.raises(client.exceptions.ConditionalCheckFailedException):
                client.put_item(**put)
        assert [call.operation for call in world.calls] == ["CreateTable", "ListTables", "PutItem"]
        assert world.calls[-1].params == put


def test_botocore_itself_checks_what_is_asked(world: World) -> None:
    with pytest.raises(ParamValidationError, match="RuleArn"):
        world.client("elbv2").modify_rule(Actions=[])
    assert world.calls == []


def test_a_value_that_is_not_in_the_models_enumeration_is_refused(a_shop: Shop) -> None:
    with pytest.raises(WorldError, match=r"Actions\[0\]\.Type is 'forwards'"):
        a_shop.world.client("elbv2").modify_rule(RuleArn=a_shop.rule.arn, Actions=[{"Type": "forwards"}])


@pytest.mark.parametrize(
    ("rule", "problem"),
    [({"Weights": 1}, "Weights"), ({"Priority": 1}, "Priority"), ({"Actions": [{"Type": "forwards"}]}, "forwards")],
)
def test_an_answer_that_aws_would_never_give_is_refused(world: World, rule: Document, problem: str) -> None:
    def answer(_: Document) -> Document:
        return {"Rules": [rule]}

    world.services["elbv2"] = {"DescribeRules": answer}
    with pytest.raises(WorldError, match=problem):
        world.client("elbv2").describe_rules()


def test_an_error_is_raised_as_the_sdks_own_class(world: World) -> None:
    client = world.client("elbv2")
    with pytest.raises(client.exceptions.RuleNotFoundException):
        client.describe_rules(RuleArns=["nothing"])


def test_every_call_is_remembered_as_it_was_made(a_shop: Shop) -> None:
    shift(a_shop)
    weights(a_shop)
    first, second = a_shop.world.calls
    assert (first.number, first.service, first.operation) == (1, "elbv2", "ModifyRule")
    assert first.params == {"RuleArn": a_shop.rule.arn, "Actions": a_shop.forward(95, 5)}
    assert (second.number, second.operation) == (2, "DescribeRules")


def test_what_a_caller_does_with_an_answer_does_not_change_the_world(a_shop: Shop) -> None:
    answer = a_shop.world.client("elbv2").describe_rules(RuleArns=[a_shop.rule.arn])
    answer["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"].clear()
    assert weights(a_shop) == [100, 0]


class TestFaults:
    @pytest.mark.parametrize(
        ("kind", "answered"),
        [
            ("throttle", "ThrottlingException"),
            ("unavailable", "ServiceUnavailable"),
            ("expired", "ExpiredTokenException"),
        ],
    )
    def test_a_refused_call_has_no_effect(self, a_shop: Shop, kind: Kind, answered: str) -> None:
        a_shop.world.faults.on(kind, "elbv2.ModifyRule")
        with pytest.raises(ClientError) as error:
            shift(a_shop)
        assert code(error) == answered
        assert weights(a_shop) == [100, 0]
        shift(a_shop)
        assert weights(a_shop) == [95, 5]

    def test_a_lost_answer_had_its_effect(self, a_shop: Shop) -> None:
        a_shop.world.faults.at_call("lost", 1)
        with pytest.raises(ReadTimeoutError):
            shift(a_shop)
        assert weights(a_shop) == [95, 5]

    @pytest.mark.parametrize(("kind", "left"), [("kill-before", [100, 0]), ("kill-after", [95, 5])])
    def test_a_caller_dies_before_or_after_the_effect(self, a_shop: Shop, kind: Kind, left: list[int]) -> None:
        weights(a_shop)
        a_shop.world.faults.at_call(kind, 2)
        with pytest.raises(Killed, match=r"call 2, elbv2\.ModifyRule"):
            shift(a_shop)
        assert weights(a_shop) == left

    def test_the_sdks_own_repetition_meets_its_own_effect(self, world: World) -> None:
        function = world.lambda_.add_function("f")
        function.publish()
        function.publish()
        world.lambda_.add_alias(function, "live", "1")
        client = world.client("lambda")
        known = client.get_alias(FunctionName="f", Name="live")["RevisionId"]
        world.faults.on("repeated", "lambda.UpdateAlias")
        with pytest.raises(client.exceptions.PreconditionFailedException):
            client.update_alias(FunctionName="f", Name="live", FunctionVersion="2", RevisionId=known)
        assert client.get_alias(FunctionName="f", Name="live")["FunctionVersion"] == "2"

    def test_faults_are_counted_by_operation(self, a_shop: Shop) -> None:
        a_shop.world.faults.on("throttle", "elbv2.DescribeRules", nth=2, times=2)
        outcomes = list[bool]()
        for _ in range(4):
            shift(a_shop)
            try:
                weights(a_shop)
                outcomes.append(True)
            except ClientError:
                outcomes.append(False)
        assert outcomes == [True, False, False, True]

    def test_expired_credentials_stay_expired_until_they_are_renewed(self, a_shop: Shop) -> None:
        a_shop.world.faults.on("expired", "", times=None)
        alarms, rules = a_shop.world.client("cloudwatch"), a_shop.world.client("elbv2")
        for call in (rules.describe_rules, alarms.describe_alarms, rules.describe_target_groups):
            with pytest.raises(ClientError, match="ExpiredToken"):
                call()
        a_shop.world.faults.clear()
        assert weights(a_shop) == [100, 0]

    def test_something_that_is_no_aws_call_can_be_killed_too(self, world: World) -> None:
        written = list[str]()
        world.faults.on("kill-after", "ledger")
        with pytest.raises(Killed):
            world.gate.perform("ledger", "append", {}, lambda: written.append("x"))
        assert written == ["x"]
        assert world.calls[0].operation == "append"

    def test_a_fault_that_does_not_exist_is_refused(self, world: World) -> None:
        with pytest.raises(WorldError, match="there is no fault slow"):
            world.faults.on("slow", "elbv2")  # pyright: ignore[reportArgumentType] - the mistake to test


def test_the_same_seed_and_the_same_calls_give_the_same_world() -> None:
    def story(seed: int) -> list[float]:
        one = shop(seed)
        one.world.clock.advance(3)
        shift(one)
        one.world.clock.advance(10)
        return one.read("TargetResponseTime", "p99", one.green) + one.read("RequestCount", "Sum", one.green)

    assert story(1) == story(1)
    assert story(1) != story(2)
