"""The seven tags, on everything that takes tags; which types do is asked of the provider's SDK."""

import importlib
import keyword

import pytest

from simulator.graph import Graph, Json, Resource
from stacks.standards import REQUIRED_TAGS
from tests.components.conftest import below, component, named

GRAPHS = ("dev_file", "prod_file", "web", "orders", "worker", "busy", "front")


def takes_tags(resource: Resource) -> bool:
    """Whether the SDK's class of this resource has `tags`."""
    package, module, kind = resource.type.split(":")
    if package != "aws":
        return False
    name = module.split("/")[0]
    parent = importlib.import_module(f"pulumi_aws.{name}_" if keyword.iskeyword(name) else f"pulumi_aws.{name}")
    sdk_class = getattr(parent, kind)
    assert sdk_class.pulumi_type == resource.type
    return hasattr(sdk_class, "tags")


def required(resource: Resource) -> dict[str, Json]:
    tags = resource.inputs.get("tags")
    assert isinstance(tags, dict), resource.urn
    return {key: tags.get(key) for key in REQUIRED_TAGS}


@pytest.mark.parametrize("name", GRAPHS)
def test_everything_taggable_has_the_seven_tags(request: pytest.FixtureRequest, name: str) -> None:
    graph: Graph = request.getfixturevalue(name)
    tagged = [each for each in graph.resources if takes_tags(each)]
    assert len(tagged) > 50
    for each in tagged:
        found = required(each)
        assert all(isinstance(value, str) and value for value in found.values()), each.urn
        assert found["ManagedBy"] == "onramp"


def test_the_foundation_bears_the_environments_tags_and_so_do_the_plugins_children(dev_file: Graph) -> None:
    foundation = named(dev_file, "test", "onramp:foundation:Foundation")
    tagged = [each for each in below(dev_file, foundation.urn) if takes_tags(each)]
    assert {"aws:ec2/subnet:Subnet", "aws:ec2/natGateway:NatGateway", "aws:ec2/vpc:Vpc", "aws:ec2/eip:Eip"} <= {
        each.type for each in tagged
    }
    for each in tagged:
        assert required(each) == {
            "App": "dev",
            "Env": "test",
            "Owner": "platform",
            "CostCenter": "1001",
            "DataClass": "internal",
            "Service": "foundation",
            "ManagedBy": "onramp",
        }, each.urn


@pytest.mark.parametrize(
    ("service", "owner", "cost_center", "data_class"),
    [("orders", "sales", "2002", "confidential"), ("caller", "platform", "1001", "internal")],
)
def test_what_a_service_writes_about_itself_is_on_all_it_owns(
    orders: Graph, service: str, owner: str, cost_center: str, data_class: str
) -> None:
    tagged = [each for each in below(orders, component(orders, service).urn) if takes_tags(each)]
    assert len(tagged) > 15
    for each in tagged:
        assert required(each) == {
            "App": "example",
            "Env": "prod",
            "Owner": owner,
            "CostCenter": cost_center,
            "DataClass": data_class,
            "Service": service,
            "ManagedBy": "onramp",
        }, each.urn
