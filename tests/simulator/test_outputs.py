import re
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.graph import UNKNOWN, Json
from simulator.outputs import Place, checked, created, inputs_of, is_autonamed, known_id, previewed, updated
from simulator.shapes import SHAPES
from simulator.standin import RefusedError

PLACE = Place(region="eu-west-1", account="123456789012")
URN = "urn:pulumi:dev::shop::aws:x::one"
ARN = "arn:aws:{}:eu-west-1:123456789012:{}".format
INPUTS: dict[str, Json] = {
    "analyzerName": "a", "alarmName": "a", "apiId": "a1", "appName": "app", "arn": ARN("sns", "t"), "bucket": "logs",
    "certificateArn": ARN("acm", "certificate/c"), "clusterIdentifier": "main", "identifier": "legacy",
    "cluster": ARN("ecs", "cluster/services"), "clusterName": "services", "dashboardName": "d", "groupName": "g",
    "deploymentConfigName": "slow", "deploymentGroupName": "live", "domainName": "example.com", "family": "news",
    "functionName": "f", "key": "code.zip", "listenerArn": ARN("elasticloadbalancing", "listener/app/lb/1/2"),
    "loadBalancerArn": ARN("elasticloadbalancing", "loadbalancer/app/lb/1"), "name": "one", "qualifier": "live",
    "queueUrl": "https://q", "repository": "r", "resourceArn": ARN("elasticloadbalancing", "loadbalancer/app/lb/1"),
    "resourceId": "service/a/b", "role": "task", "routeTableId": "rtb-1", "rule": "r", "ruleName": "r",
    "secretId": ARN("secretsmanager", "secret:s"), "statementId": "s",
    "targetGroupArn": ARN("elasticloadbalancing", "targetgroup/t/1"), "targetId": "live", "targetKeyId": "k",
    "topic": ARN("sns", "t"), "type": "A", "webAclArn": ARN("wafv2", "regional/webacl/a/1"),
    "zoneId": "Z1", "autoScalingConfigurationName": "a", "instanceId": "i", "observabilityConfigurationName": "o",
    "serviceArn": ARN("apprunner", "service/s/1"), "serviceId": "srv-1", "serviceName": "s", "vpcConnectorName": "v",
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(SHAPES))
def test_every_type_gets_an_id_and_well_formed_arns(kind: str) -> None:
    inputs = {key: value for key, value in INPUTS.items() if key != "arn" or kind == "aws:sns/topicPolicy:TopicPolicy"}
    answer = created(kind, URN, inputs, PLACE, 1)
    assert answer.id
    assert not re.search(r"[{}>]", answer.id)
    arns = [value for key, value in answer.outputs.items() if key.lower().endswith("arn") and key not in inputs]
    for arn in arns:
        assert isinstance(arn, str)
        if arn not in inputs.values():  # what is an input here is a plain word
            assert re.fullmatch(r"arn:aws:[a-z0-9-]+:([a-z]+-[a-z]+-\d)?:(\d{12}|lambda)?:[^{}<>]+", arn)


@pytest.mark.parametrize("kind", sorted(SHAPES))
def test_a_preview_knows_no_more_than_there_will_be(kind: str) -> None:
    before, after = previewed(kind, INPUTS, PLACE).outputs, created(kind, URN, INPUTS, PLACE, 1).outputs
    known = {key: value for key, value in before.items() if value != UNKNOWN}
    assert known.items() <= after.items()
    assert set(after) <= set(before)
    assert previewed(kind, INPUTS, PLACE).id == UNKNOWN


@pytest.mark.parametrize(
    ("kind", "id_", "arn"),
    [
        ("aws:ec2/vpc:Vpc", r"vpc-[0-9a-f]{17}", r"arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-[0-9a-f]{17}"),
        ("aws:iam/role:Role", "one", "arn:aws:iam::123456789012:role/one"),
        ("aws:s3/bucket:Bucket", "logs", "arn:aws:s3:::logs"),
        (
            "aws:lb/targetGroup:TargetGroup",
            r"arn:.*",
            r"arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/one/[0-9a-f]{16}",
        ),
        ("aws:lb/listener:Listener", r"arn:.*", r"arn:aws:.*:listener/app/lb/1/[0-9a-f]{16}"),
        ("aws:ecs/service:Service", r"arn:.*", "arn:aws:ecs:eu-west-1:123456789012:service/services/one"),
        ("aws:secretsmanager/secret:Secret", r"arn:.*", r"arn:aws:secretsmanager:.*:secret:one-[0-9a-f]{6}"),
        ("aws:kms/key:Key", r"[0-9a-f-]{36}", r"arn:aws:kms:eu-west-1:123456789012:key/[0-9a-f-]{36}"),
    ],
)
def test_ids_and_arns_have_the_shape_of_their_type(kind: str, id_: str, arn: str) -> None:
    inputs = {key: value for key, value in INPUTS.items() if key != "arn"}
    answer = created(kind, URN, inputs, PLACE, 1)
    assert re.fullmatch(id_, answer.id)
    assert re.fullmatch(arn, str(answer.outputs["arn"]))


def test_ids_depend_on_the_resource_and_its_turn_alone() -> None:
    def of(urn: str, serial: int) -> str:
        return created("aws:ec2/vpc:Vpc", urn, {}, PLACE, serial).id

    assert of("a::b", 1) == of("a::b", 1)
    assert len({of("a::b", 1), of("a::b", 2), of("a::c", 1)}) == 3


def test_a_resource_with_a_region_of_its_own_is_there() -> None:
    outputs = created("aws:sqs/queue:Queue", URN, {"name": "q", "region": "cn-north-1"}, PLACE, 1).outputs
    assert outputs["region"] == "cn-north-1"
    assert str(outputs["url"]).startswith("https://sqs.cn-north-1.")


def test_what_belongs_to_no_region_has_none() -> None:
    assert "region" not in previewed("aws:iam/role:Role", {"name": "r"}, PLACE).outputs


def test_a_certificate_and_its_wildcard_are_proved_by_one_record() -> None:
    inputs: dict[str, Json] = {"domainName": "example.com", "subjectAlternativeNames": ["*.example.com"]}
    outputs = created("aws:acm/certificate:Certificate", URN, inputs, PLACE, 1).outputs
    one, wild = cast("list[dict[str, Json]]", outputs["domainValidationOptions"])
    assert one["resourceRecordName"] == wild["resourceRecordName"]
    assert (one["domainName"], wild["domainName"]) == ("example.com", "*.example.com")


def test_what_aws_adds_within_a_block_is_unknown_until_it_is_there_and_never_an_input() -> None:
    kind = "aws:apigatewayv2/domainName:DomainName"
    inputs: dict[str, Json] = {"domainName": "api.a.com", "domainNameConfiguration": {"endpointType": "REGIONAL"}}
    before = previewed(kind, inputs, PLACE).outputs["domainNameConfiguration"]
    assert before == {"endpointType": "REGIONAL", "hostedZoneId": UNKNOWN, "targetDomainName": UNKNOWN}
    there = created(kind, URN, inputs, PLACE, 1).outputs
    after = cast("dict[str, Json]", there["domainNameConfiguration"])
    assert re.fullmatch(r"d-[0-9a-f]{10}\.execute-api\.eu-west-1\.amazonaws\.com", str(after["targetDomainName"]))
    assert updated(kind, URN, inputs, there, PLACE, 1)["domainNameConfiguration"] == after
    assert inputs_of(kind, there, inputs) == inputs


def test_what_aws_takes_when_nobody_gives_it_is_part_of_the_id_and_gives_way_to_what_is_given() -> None:
    kind = "aws:scheduler/schedule:Schedule"
    for inputs, group in (({"name": "nightly"}, "default"), ({"name": "nightly", "groupName": "own"}, "own")):
        answer = created(kind, URN, inputs, PLACE, 1)
        assert answer.id == known_id(kind, inputs, PLACE) == f"{group}/nightly"
        assert answer.outputs["groupName"] == group
        assert answer.outputs["arn"] == ARN("scheduler", f"schedule/{group}/nightly")


def test_a_missing_input_is_named() -> None:
    with pytest.raises(RefusedError, match=r"lacks an input of aws:s3/bucketPolicy:BucketPolicy .*\{bucket\}"):
        created("aws:s3/bucketPolicy:BucketPolicy", URN, {}, PLACE, 1)


@given(st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=300), st.sampled_from(sorted(SHAPES)))
def test_a_generated_name_is_the_resources_with_seven_digits_and_always_the_same(name: str, kind: str) -> None:
    shape, urn = SHAPES[kind], f"urn:pulumi:dev::shop::{kind}::{name}"
    inputs = checked(kind, urn, {}, {})
    assert inputs == checked(kind, urn, {}, {})
    if not shape.name:
        assert inputs == {}
        return
    assert re.fullmatch(rf"{name}-[0-9a-f]{{7}}", str(inputs[shape.name]))
    assert is_autonamed(kind, urn, inputs)
    assert not is_autonamed(kind, urn, {shape.name: name})
    assert checked(kind, urn, {}, {}, taken=1) != inputs == checked(kind, urn, {}, inputs)


def test_templates_within_lists_and_mappings_are_filled_in() -> None:
    inputs = {"domainName": "shop.example.com", "serviceArn": "arn:aws:apprunner:eu-west-1:1:service/shop/1"}
    kind = "aws:apprunner/customDomainAssociation:CustomDomainAssociation"
    place = Place(region="eu-west-1", account="111122223333")
    records = created(kind, "urn:pulumi:dev::onramp::x::shop", inputs, place, 1).outputs["certificateValidationRecords"]
    assert isinstance(records, list)
    names = [each["name"] for each in records if isinstance(each, dict)]
    assert names == ["_0.shop.example.com.", "_1.shop.example.com."]
