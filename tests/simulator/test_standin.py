import pytest

from simulator.embedded import ProgramError
from simulator.graph import UNKNOWN
from simulator.standin import STAND_IN_ACCOUNT, Cloud, RefusedError
from tests.simulator.conftest import Run, named


def test_the_program_sees_the_account_the_region_and_its_zones(run: Run) -> None:
    graph = run(
        """
        import pulumi_aws as aws
        pulumi.export('account', aws.get_caller_identity().account_id)
        pulumi.export('region', aws.get_region().region)
        pulumi.export('partition', aws.get_partition().partition)
        pulumi.export('zones', aws.get_availability_zones(state='available').names)
        """
    )
    assert graph.outputs == {
        "account": STAND_IN_ACCOUNT,
        "region": "eu-west-1",
        "partition": "aws",
        "zones": ["eu-west-1a", "eu-west-1b", "eu-west-1c"],
    }


def test_a_hosted_zone_is_found_by_its_name(run: Run) -> None:
    graph = run(
        """
        import pulumi_aws as aws
        zone = aws.route53.get_zone_output(name='example.com.')
        pulumi.export('zone', [zone.zone_id, zone.name])
        """
    )
    assert graph.outputs == {"zone": ["Z0STANDIN0000000000", "example.com"]}


def test_a_function_of_an_unknown_is_unknown_and_not_asked(run: Run) -> None:
    graph = run(
        """
        import pulumi_aws as aws
        pulumi.export('zone', aws.route53.get_zone_output(name=Thing('one').computed).zone_id)
        """
    )
    assert graph.outputs == {"zone": UNKNOWN}


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [
        ("eu-west-1", "aws", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
    ],
)
def test_the_partition_follows_the_region(region: str, partition: str, suffix: str) -> None:
    cloud = Cloud(region=region)
    answer = cloud.invoke("aws:index/getPartition:getPartition", {})
    identity = cloud.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})
    assert (answer["partition"], answer["dnsSuffix"]) == (partition, suffix)
    assert str(identity["arn"]).startswith(f"arn:{partition}:sts::{STAND_IN_ACCOUNT}:")


def test_an_unknown_function_is_refused_by_its_token(run: Run) -> None:
    with pytest.raises(ProgramError, match="no answer for the function aws:ec2/getAmi:getAmi"):
        run("import pulumi_aws as aws\naws.ec2.get_ami(owners=['amazon'])")


def test_an_unknown_function_is_a_refusal() -> None:
    with pytest.raises(RefusedError, match="aws:x/y:z"):
        Cloud(region="eu-west-1").invoke("aws:x/y:z", {})


def test_the_outputs_of_another_stack_are_known(run: Run) -> None:
    graph = run(
        """
        base = pulumi.StackReference('org/onramp/prod')
        Thing('one', {'vpc': base.require_output('vpcId'), 'subnets': base.get_output('subnets')})
        pulumi.export('missing', base.get_output('nothing'))
        """,
        references={"org/onramp/prod": {"vpcId": "vpc-1", "subnets": ["subnet-1", "subnet-2"]}},
    )
    assert named(graph, "one").inputs == {"vpc": "vpc-1", "subnets": ["subnet-1", "subnet-2"]}
    reference = named(graph, "org/onramp/prod")
    assert (reference.type, reference.external) == ("pulumi:pulumi:StackReference", True)
    assert named(graph, "one").property_dependencies["vpc"] == (reference.urn,)


def test_a_stack_whose_outputs_were_not_given_is_refused_by_name(run: Run) -> None:
    with pytest.raises(ProgramError, match=r"refers to the stack org/onramp/prod.*Given: org/onramp/dev"):
        run("pulumi.StackReference('org/onramp/prod')", references={"org/onramp/dev": {}})


def test_a_resource_that_is_read_keeps_its_id_and_knows_nothing_else(run: Run) -> None:
    graph = run(
        """
        import pulumi_aws as aws
        key = aws.kms.Key.get('shared', 'key-1')
        Thing('one', {'keyId': key.id, 'arn': key.arn})
        """
    )
    assert named(graph, "one").inputs == {"keyId": "key-1", "arn": UNKNOWN}
    assert named(graph, "shared").external


def test_a_remote_component_without_a_stand_in_is_refused_by_type(run: Run) -> None:
    with pytest.raises(ProgramError, match=r"no stand-in for the remote component other:index:Thing \(far\)"):
        run(
            """
            class Far(pulumi.ComponentResource):
                def __init__(self, name):
                    super().__init__('other:index:Thing', name, {}, remote=True)
            Far('far')
            """
        )
