from collections.abc import Mapping
from typing import Any

from onramp.adopt import take_over
from simulator.outputs import Place, created, known_id

PLACE = Place(region="eu-west-1", account="123456789012")
GROUP = "aws:cloudwatch/logGroup:LogGroup"


def creating(name: str, kind: str = "creating") -> dict[str, Any]:
    return {"type": kind, "resource": {"urn": f"urn::{name}", "type": GROUP, "inputs": {"name": name}}}


def by_name(resource: Mapping[str, Any]) -> str | None:
    name = resource["inputs"]["name"]
    return None if name == "generated" else str(name)


def test_what_was_being_made_becomes_a_resource_under_its_id() -> None:
    found = take_over({"version": 1, "resources": [{"urn": "urn::a"}], "pending_operations": [creating("b")]}, by_name)
    assert found.deployment == {
        "version": 1,
        "resources": [
            {"urn": "urn::a"},
            {"urn": "urn::b", "type": GROUP, "inputs": {"name": "b"}, "id": "b", "outputs": {"name": "b"}},
        ],
        "pending_operations": [],
    }
    assert (found.adopted, found.unknown) == (("urn::b",), ())


def test_what_has_a_generated_id_or_was_not_being_made_stays_pending() -> None:
    pending = [creating("generated"), creating("c", kind="updating")]
    found = take_over({"pending_operations": pending}, by_name)
    assert found.deployment["pending_operations"] == pending
    assert (found.adopted, found.unknown) == ((), ("urn::generated", "urn::c"))


def test_a_stack_that_nothing_has_been_made_of_is_left_alone() -> None:
    assert take_over({}, by_name).adopted == ()


def test_an_id_that_follows_from_the_inputs_is_the_one_that_is_given() -> None:
    role: dict[str, Any] = {"name": "prod-api-task", "assumeRolePolicy": "{}"}
    assert known_id("aws:iam/role:Role", role, PLACE) == "prod-api-task"
    assert created("aws:iam/role:Role", "urn", role, PLACE, 1).id == "prod-api-task"


def test_an_id_that_aws_makes_up_is_not_known() -> None:
    assert known_id("aws:ec2/securityGroup:SecurityGroup", {"name": "x"}, PLACE) is None
    assert known_id("aws:unheard/of:Thing", {"name": "x"}, PLACE) is None


def test_an_arn_without_its_account_is_not_known() -> None:
    topic: dict[str, Any] = {"name": "prod-paging"}
    assert known_id("aws:sns/topic:Topic", topic, PLACE) == "arn:aws:sns:eu-west-1:123456789012:prod-paging"
    assert known_id("aws:sns/topic:Topic", topic, Place(region="eu-west-1", account="")) is None
