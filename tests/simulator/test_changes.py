from simulator.changes import changes
from simulator.force_new import ABSENT, BY_HAND, CLOUDFORMATION, RENAMED, TARGET, render
from simulator.shapes import SHAPES

SERVICE = "aws:servicediscovery/service:Service"


def test_the_committed_list_is_what_its_sources_give() -> None:
    assert TARGET.read_text() == render()


def test_every_type_has_a_source_or_nothing_that_forces() -> None:
    without = set(SHAPES) - set(CLOUDFORMATION) - set(BY_HAND)
    assert without == {
        "aws:apigateway/account:Account",  # one per account and region
        "aws:ec2/internetGateway:InternetGateway",  # is attached and detached
        "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",  # one per registry
    }
    assert {*CLOUDFORMATION, *BY_HAND, *RENAMED} <= set(SHAPES)
    assert ABSENT


def test_a_nested_forcing_property_forces_and_its_neighbours_do_not() -> None:
    found = changes(
        SERVICE,
        {"dnsConfig": {"namespaceId": "a", "dnsRecords": [{"ttl": 1}]}},
        {"dnsConfig": {"namespaceId": "b", "dnsRecords": [{"ttl": 2}]}},
    )
    assert [(one.path, one.replaces) for one in found] == [
        ("dnsConfig.dnsRecords[0].ttl", False),
        ("dnsConfig.namespaceId", True),
    ]


def test_adding_what_holds_a_forcing_property_forces() -> None:
    (added,) = changes(SERVICE, {}, {"dnsConfig": {"namespaceId": "b"}})
    assert (added.path, added.kind, added.replaces) == ("dnsConfig", "add", True)


def test_a_list_of_another_length_changes_as_a_whole() -> None:
    (one,) = changes("aws:ecs/service:Service", {"loadBalancers": [1]}, {"loadBalancers": [1, 2]})
    assert (one.path, one.kind, one.top) == ("loadBalancers", "update", "loadBalancers")


def test_the_top_of_a_path_is_its_property() -> None:
    (one,) = changes("x", {"tags": {"a.b": "1"}}, {"tags": {"a.b": "2"}})
    assert (one.path, one.top) == ('tags["a.b"]', "tags")
