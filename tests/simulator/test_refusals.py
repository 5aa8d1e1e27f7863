"""What AWS would refuse, the stand-in refuses too, and it leaves nothing behind."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from simulator.graph import Json
from tests.simulator.plugin_server import Client, refusal_of, serving

QUEUE = "aws:sqs/queue:Queue"
ROLE = "aws:iam/role:Role"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
GROUP = "aws:lb/targetGroup:TargetGroup"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
RULE = "aws:lb/listenerRule:ListenerRule"
FUNCTION = "aws:lambda/function:Function"
LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/services/1/2"


def test_one_physical_name_exists_once(aws: Client) -> None:
    aws.create(ROLE, {"name": "task"}, name="a")
    with pytest.raises(grpc.RpcError) as error:
        aws.create(ROLE, {"name": "task"}, name="b")
    assert refusal_of(error) == "Stand-in AWS: EntityAlreadyExists: Role (name task) already exists, as task."


def test_what_is_not_given_is_what_aws_takes(aws: Client) -> None:
    schedule = "aws:scheduler/schedule:Schedule"
    aws.create(schedule, {"name": "nightly"}, name="a")
    aws.create(schedule, {"name": "nightly", "groupName": "own"}, name="b")
    with pytest.raises(grpc.RpcError) as error:
        aws.create(schedule, {"name": "nightly"}, name="c")
    assert "(groupName default, name nightly) already exists, as default/nightly." in refusal_of(error)


def test_the_same_name_in_another_region_is_another_thing_except_for_buckets(aws: Client) -> None:
    aws.create(QUEUE, {"name": "work"}, name="a")
    aws.create("aws:s3/bucket:Bucket", {"bucket": "logs"}, name="a")
    aws.configure("us-east-1")
    assert aws.create(QUEUE, {"name": "work"}, name="b")[0].startswith("https://sqs.us-east-1.")
    with pytest.raises(grpc.RpcError) as error:
        aws.create("aws:s3/bucket:Bucket", {"bucket": "logs"}, name="b")
    assert "BucketAlreadyOwnedByYou" in refusal_of(error)


def test_two_rules_of_a_listener_have_two_priorities(aws: Client) -> None:
    id_, first = aws.create(RULE, {"listenerArn": LISTENER, "priority": 5}, name="one")
    assert id_.startswith(LISTENER.replace(":listener/", ":listener-rule/"))
    aws.create(RULE, {"listenerArn": LISTENER, "priority": 6}, name="b")
    with pytest.raises(grpc.RpcError) as created:
        aws.create(RULE, {"listenerArn": LISTENER, "priority": 5}, name="c")
    with pytest.raises(grpc.RpcError) as moved:
        aws.update(RULE, id_, first, {"listenerArn": LISTENER, "priority": 6})
    assert "PriorityInUse: Priority" in refusal_of(created)
    assert "PriorityInUse: Priority" in refusal_of(moved)
    assert aws.update(RULE, id_, first, {"listenerArn": LISTENER, "priority": 5, "tags": {}})["priority"] == 5


def test_a_protected_load_balancer_is_not_deleted(aws: Client) -> None:
    inputs: dict[str, Json] = {"name": "services", "enableDeletionProtection": True}
    id_, outputs = aws.create(BALANCER, inputs)
    with pytest.raises(grpc.RpcError) as error:
        aws.delete(BALANCER, id_, outputs)
    assert "OperationNotPermitted" in refusal_of(error)
    assert "because deletion protection is enabled" in refusal_of(error)
    opened = aws.update(BALANCER, id_, outputs, {**inputs, "enableDeletionProtection": False})
    aws.delete(BALANCER, id_, opened)
    assert aws.read(BALANCER, id_, opened, inputs)[0] == ""


def test_what_others_use_is_not_deleted(aws: Client) -> None:
    vpc_id, vpc = aws.create("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"})
    subnet_id, _ = aws.create("aws:ec2/subnet:Subnet", {"vpcId": vpc_id, "cidrBlock": "10.0.0.0/24"})
    with pytest.raises(grpc.RpcError) as error:
        aws.delete("aws:ec2/vpc:Vpc", vpc_id, vpc)
    assert f"DependencyViolation: '{vpc_id}'" in refusal_of(error)
    assert subnet_id in refusal_of(error)


def test_a_target_group_is_not_deleted_while_a_rule_sends_to_it(aws: Client) -> None:
    group_id, group = aws.create(GROUP, {"name": "blue"})
    forward: Json = [{"type": "forward", "forward": {"targetGroups": [{"arn": group_id, "weight": 100}]}}]
    rule_id, rule = aws.create(RULE, {"listenerArn": LISTENER, "priority": 1, "actions": forward})
    with pytest.raises(grpc.RpcError) as error:
        aws.delete(GROUP, group_id, group)
    assert f"{rule_id} uses it" in refusal_of(error)
    aws.delete(RULE, rule_id, rule)
    aws.delete(GROUP, group_id, group)


def test_a_container_service_takes_only_target_groups_that_something_sends_to(aws: Client) -> None:
    group_id, _ = aws.create(GROUP, {"name": "blue"})
    service: dict[str, Json] = {"name": "s", "cluster": "c", "loadBalancers": [{"targetGroupArn": group_id}]}
    with pytest.raises(grpc.RpcError) as error:
        aws.create("aws:ecs/service:Service", service)
    assert "does not have an associated load balancer" in refusal_of(error)
    default: Json = [{"type": "forward", "targetGroupArn": group_id}]
    aws.create("aws:lb/listener:Listener", {"loadBalancerArn": "x/loadbalancer/app/lb/1", "defaultActions": default})
    assert aws.create("aws:ecs/service:Service", service)[0].endswith(":service/c/s")


def test_a_refused_call_leaves_nothing_behind(aws: Client, state: Path) -> None:
    aws.create(QUEUE, {"name": "work"})
    before = state.read_text()
    with pytest.raises(grpc.RpcError):
        aws.create(QUEUE, {"name": "work"})
    assert state.read_text() == before


def test_calls_at_once_lose_nothing(aws: Client, state: Path) -> None:
    with serving(state) as other, ThreadPoolExecutor(16) as threads:

        def create(index: int) -> str:
            client = aws if index % 2 else other
            return client.create(QUEUE, {"name": f"q{index}"}, name=f"q{index}")[0]

        ids = list(threads.map(create, range(80)))
    assert len(set(ids)) == 80
    assert sorted(ids) == sorted(one["id"] for one in json.loads(state.read_text())["resources"])


def test_of_many_who_want_one_name_one_gets_it(aws: Client) -> None:
    def create(index: int) -> bool:
        try:
            return bool(aws.create(QUEUE, {"name": "same"}, name=f"q{index}"))
        except grpc.RpcError:
            return False

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(create, range(16))) == 1
