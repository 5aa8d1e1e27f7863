import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, plugin_pb2
from pulumi.runtime.proto import provider_pb2 as proto

from simulator.graph import UNKNOWN, Json
from simulator.wire import json_of, struct_of
from tests.simulator.plugin_server import Client, refusal_of, serving

QUEUE = "aws:sqs/queue:Queue"
ROLE = "aws:iam/role:Role"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
GROUP = "aws:lb/targetGroup:TargetGroup"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
RULE = "aws:lb/listenerRule:ListenerRule"
FUNCTION = "aws:lambda/function:Function"
LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/services/1/2"


class EngineLog(engine_pb2_grpc.EngineServicer):
    """An engine that keeps what it is told."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.told = threading.Event()

    def Log(self, request: engine_pb2.LogRequest, context: object) -> empty_pb2.Empty:  # noqa: ARG002, N802 - gRPC's
        self.messages.append(request.message)
        self.told.set()
        return empty_pb2.Empty()


@pytest.mark.parametrize("introduce", ["Handshake", "Attach"])
def test_it_tells_the_engine_once_that_it_is_a_stand_in(aws: Client, introduce: str) -> None:
    log, server = EngineLog(), grpc.server(ThreadPoolExecutor(2))
    engine_pb2_grpc.add_EngineServicer_to_server(log, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    if introduce == "Handshake":
        answer = aws.stub.Handshake(proto.ProviderHandshakeRequest(engine_address=address))
        assert not answer.accept_secrets
    else:
        aws.stub.Attach(plugin_pb2.PluginAttach(address=address))
    aws.configure()
    aws.configure()
    assert log.told.wait(timeout=10)
    server.stop(grace=None).wait()
    assert log.messages == ["stand-in aws provider: nothing reaches AWS"]


def test_only_the_component_provider_takes_secrets(state: Path) -> None:
    with serving(state, "awsx") as awsx:
        assert awsx.stub.Handshake(proto.ProviderHandshakeRequest(engine_address="127.0.0.1:1")).accept_secrets


def test_it_says_its_version_and_in_its_schema_what_it_is(aws: Client) -> None:
    assert aws.stub.GetPluginInfo(empty_pb2.Empty()).version == "1.2.3"
    schema = json.loads(aws.stub.GetSchema(proto.GetSchemaRequest()).schema)
    assert (schema["name"], schema["version"]) == ("aws", "1.2.3")
    assert "stand-in" in schema["description"]


def test_a_provider_takes_any_configuration_and_is_never_replaced(aws: Client) -> None:
    given = struct_of({"region": "eu-west-1"})
    assert aws.stub.CheckConfig(proto.CheckRequest(news=given)).inputs == given
    diff = aws.stub.DiffConfig(proto.DiffRequest(old_inputs=given, news=struct_of({"region": "us-east-1"})))
    assert (diff.changes, list(diff.diffs), list(diff.replaces)) == (proto.DiffResponse.DIFF_SOME, ["region"], [])


def test_check_leaves_complete_inputs_as_they_are(aws: Client) -> None:
    given: dict[str, Json] = {"name": "work", "tags": {"App": "x"}, "delaySeconds": 3}
    assert aws.check(QUEUE, given) == (given, [])


def test_a_name_nobody_gave_is_the_resources_and_seven_digits_and_stays(aws: Client) -> None:
    first, failures = aws.check(QUEUE, {})
    name = str(first["name"])
    assert not failures
    assert name.startswith("one-")
    assert len(name) == len("one-") + 7
    assert aws.check(QUEUE, {}) == (first, [])
    assert aws.check(QUEUE, {"delaySeconds": 3}, first) == ({"delaySeconds": 3, "name": name}, [])


def test_the_replacement_of_a_resource_with_such_a_name_gets_another_one(aws: Client) -> None:
    first, _ = aws.check(QUEUE, {})
    aws.create(QUEUE, first)
    second, _ = aws.check(QUEUE, {})
    assert second["name"] != first["name"]


@pytest.mark.parametrize(
    ("kind", "inputs", "words"),
    [
        (QUEUE, {"name": "q" * 81}, r"name: Stand-in AWS: expected length of name to be in the range \(1 - 80\)"),
        (ROLE, {"name": "r" * 65}, r"\(1 - 64\)"),
        (
            TASK,
            {"cpu": "256", "memory": "4096", "requiresCompatibilities": ["FARGATE"]},
            "cpu: Stand-in AWS: ClientException: No Fargate configuration exists for given values: 256 CPU, 4096",
        ),
        ("aws:cloudwatch/logGroup:LogGroup", {"retentionInDays": 8}, r"one of \[0 1 3 5 7 14 .* 3653\], got 8"),
        (RULE, {"priority": 50001}, r"range \(1 - 50000\), got 50001"),
    ],
)
def test_what_aws_refuses_at_once_fails_the_check(aws: Client, kind: str, inputs: dict[str, Json], words: str) -> None:
    _, failures = aws.check(kind, inputs)
    assert len(failures) == 1
    assert re.search(words, failures[0])


def test_what_is_not_known_yet_is_not_refused(aws: Client) -> None:
    task: dict[str, Json] = {"cpu": UNKNOWN, "memory": "4096", "requiresCompatibilities": ["FARGATE"]}
    assert aws.check(TASK, task) == (task, [])
    assert aws.check(GROUP, {"name": UNKNOWN}) == ({"name": UNKNOWN}, [])


def test_a_preview_knows_the_inputs_and_what_follows_from_them(aws: Client, state: Path) -> None:
    id_, outputs = aws.create(QUEUE, {"name": "work", "tags": {"App": "x"}}, preview=True)
    assert id_ == ""
    assert outputs == {
        "arn": UNKNOWN,
        "name": "work",
        "region": "eu-west-1",
        "tags": {"App": "x"},
        "tagsAll": {"App": "x"},
        "url": UNKNOWN,
    }
    assert not state.exists()


def test_what_exists_has_ids_and_arns_of_the_right_shape(aws: Client) -> None:
    id_, outputs = aws.create(QUEUE, {"name": "work"})
    assert id_ == outputs["url"] == "https://sqs.eu-west-1.amazonaws.com/123456789012/work"
    assert outputs["arn"] == "arn:aws:sqs:eu-west-1:123456789012:work"


def test_a_write_only_value_is_not_told_back(aws: Client) -> None:
    kind = "aws:secretsmanager/secretVersion:SecretVersion"
    inputs: dict[str, Json] = {"secretId": "arn:s", "secretStringWo": "hush", "secretStringWoVersion": 1}
    id_, outputs = aws.create(kind, inputs)
    assert "secretStringWo" not in outputs
    assert aws.read(kind, id_, outputs, inputs)[2] == inputs


def test_a_type_without_a_shape_can_be_previewed_and_not_created(aws: Client) -> None:
    assert aws.create("aws:new/thing:Thing", {"size": 3}, preview=True) == ("", {"size": 3})
    with pytest.raises(grpc.RpcError) as error:
        aws.create("aws:new/thing:Thing", {"size": 3})
    assert refusal_of(error).startswith("The stand-in knows no aws:new/thing:Thing.")


def test_no_difference_is_no_change(aws: Client) -> None:
    same: dict[str, Json] = {"name": "work", "tags": {"a": "1"}, "list": [1, {"x": True}]}
    diff = aws.diff(QUEUE, same, same)
    assert (diff.changes, list(diff.diffs), dict(diff.detailedDiff)) == (proto.DiffResponse.DIFF_NONE, [], {})


def test_a_change_is_told_property_by_property(aws: Client) -> None:
    diff = aws.diff(
        QUEUE,
        {"name": "work", "delaySeconds": 1, "tags": {"App": "a", "a.b": "c"}, "gone": True},
        {"name": "work", "delaySeconds": 2, "tags": {"App": "b", "Env": "dev"}},
    )
    kinds = {path: (one.kind, one.inputDiff) for path, one in diff.detailedDiff.items()}
    assert kinds == {
        "delaySeconds": (proto.PropertyDiff.UPDATE, True),
        "gone": (proto.PropertyDiff.DELETE, True),
        "tags.App": (proto.PropertyDiff.UPDATE, True),
        "tags.Env": (proto.PropertyDiff.ADD, True),
        'tags["a.b"]': (proto.PropertyDiff.DELETE, True),
    }
    assert (list(diff.diffs), list(diff.replaces)) == (["delaySeconds", "gone", "tags"], [])


def test_a_forcing_property_replaces_and_a_kept_name_deletes_first(aws: Client) -> None:
    diff = aws.diff(GROUP, {"name": "blue", "port": 80}, {"name": "blue", "port": 81})
    assert (list(diff.replaces), diff.deleteBeforeReplace) == (["port"], True)
    assert diff.detailedDiff["port"].kind == proto.PropertyDiff.UPDATE_REPLACE
    renamed = aws.diff(GROUP, {"name": "blue", "port": 80}, {"name": "green", "port": 81})
    assert (list(renamed.replaces), renamed.deleteBeforeReplace) == (["name", "port"], False)


def test_a_name_that_nobody_gave_is_no_reason_to_delete_first(aws: Client) -> None:
    first, _ = aws.check(GROUP, {"port": 80})
    second, _ = aws.check(GROUP, {"port": 81}, first)
    diff = aws.diff(GROUP, first, second)
    assert (second["name"], list(diff.replaces), diff.deleteBeforeReplace) == (first["name"], ["port"], False)


def test_a_value_that_is_not_known_yet_replaces_where_a_change_would(aws: Client) -> None:
    diff = aws.diff(GROUP, {"name": "blue", "vpcId": "vpc-1"}, {"name": "blue", "vpcId": UNKNOWN})
    assert list(diff.replaces) == ["vpcId"]


def test_ignored_properties_are_no_change(aws: Client) -> None:
    diff = aws.diff(RULE, {"actions": [1]}, {"actions": [2]}, ignored=("actions",))
    assert diff.changes == proto.DiffResponse.DIFF_NONE


def test_a_new_revision_exists_beside_the_old_one_until_that_is_deleted(aws: Client) -> None:
    task: dict[str, Json] = {"family": "news", "containerDefinitions": "[1]"}
    first_id, first = aws.create(TASK, task)
    second_id, second = aws.create(TASK, {**task, "containerDefinitions": "[2]"})
    assert first_id == second_id == "news"
    assert str(first["arn"]).endswith("task-definition/news:1")
    assert (str(second["arn"])[-2:], second["revision"]) == (":2", 2)
    aws.delete(TASK, first_id, first)
    assert aws.read(TASK, second_id, second, task)[1] == second
    assert aws.read(TASK, first_id, first, task)[0] == ""


def test_an_update_keeps_what_is_computed_and_publishes_what_moves(aws: Client) -> None:
    id_, before = aws.create(FUNCTION, {"name": "f", "memorySize": 128, "timeout": 3})
    previewed = aws.update(FUNCTION, id_, before, {"name": "f", "memorySize": 256}, preview=True)
    assert (previewed["version"], previewed["arn"], previewed["memorySize"]) == (UNKNOWN, before["arn"], 256)
    after = aws.update(FUNCTION, id_, before, {"name": "f", "memorySize": 256})
    assert (before["version"], after["version"]) == ("1", "2")
    assert after["qualifiedArn"] == f"{before['arn']}:2"
    assert "timeout" not in after
    assert aws.read(FUNCTION, id_, after, {"name": "f"})[1] == after


def test_an_update_of_something_that_is_gone_is_refused(aws: Client) -> None:
    with pytest.raises(grpc.RpcError) as error:
        aws.update(QUEUE, "https://gone", {}, {"name": "q"})
    assert refusal_of(error) == f"Stand-in AWS: ResourceNotFoundException: there is no {QUEUE} https://gone."


def test_state_survives_a_restart(state: Path) -> None:
    inputs: dict[str, Json] = {"name": "work", "fifoQueue": False, "tags": {"ä": "ü"}}
    with serving(state) as before:
        id_, outputs = before.create(QUEUE, inputs)
    with serving(state) as after:
        assert after.read(QUEUE, id_, outputs, inputs) == (id_, outputs, inputs)
        after.delete(QUEUE, id_, outputs)
        assert after.read(QUEUE, id_, outputs, inputs) == ("", {}, {})
    assert json.loads(state.read_text())["resources"] == []


def test_what_somebody_changed_in_the_file_is_drift(aws: Client, state: Path) -> None:
    inputs: dict[str, Json] = {"name": "work", "delaySeconds": 1}
    id_, outputs = aws.create(QUEUE, inputs)
    state.write_text(state.read_text().replace('"delaySeconds": 1', '"delaySeconds": 99'))
    _, properties, found = aws.read(QUEUE, id_, outputs, inputs)
    assert (properties["delaySeconds"], found["delaySeconds"]) == (99, 99)


def test_a_file_that_somebody_broke_is_a_clean_refusal(aws: Client, state: Path) -> None:
    id_, outputs = aws.create(QUEUE, {"name": "work"})
    whole = state.read_text()
    state.write_text(whole[:-5])
    for call in (lambda: aws.read(QUEUE, id_, outputs, {}), lambda: aws.check(QUEUE, {})):
        with pytest.raises(grpc.RpcError) as error:
            call()
        assert f"state {state} is not what it wrote" in refusal_of(error)
    state.write_text(whole)
    assert aws.read(QUEUE, id_, outputs, {})[0] == id_


def test_a_resource_can_be_imported_by_its_id_alone(aws: Client) -> None:
    inputs: dict[str, Json] = {"name": "work", "delaySeconds": 1}
    id_, outputs = aws.create(QUEUE, inputs)
    assert aws.read(QUEUE, id_, {}, {}) == (id_, outputs, inputs)


def test_deleting_what_is_gone_is_fine(aws: Client) -> None:
    aws.delete(QUEUE, "https://gone", {})


def test_functions_are_answered_in_the_providers_region(aws: Client) -> None:
    request = proto.InvokeRequest(tok="aws:index/getRegion:getRegion")
    assert json_of(getattr(aws.stub.Invoke(request), "return"))["region"] == "eu-west-1"


def test_a_function_nobody_taught_is_refused_by_its_token(aws: Client) -> None:
    with pytest.raises(grpc.RpcError) as error:
        aws.stub.Invoke(proto.InvokeRequest(tok="aws:ec2/getAmi:getAmi"))
    assert "The stand-in has no answer for the function aws:ec2/getAmi:getAmi" in refusal_of(error)


def test_there_is_nothing_to_cancel(aws: Client) -> None:
    assert aws.stub.Cancel(empty_pb2.Empty()) == empty_pb2.Empty()
