"""Who calls whom: the address in the environment, and the right to use it."""

import json

from simulator.graph import Graph, Json
from tests.components.conftest import FUNCTION, graph_of, named, stack_text

SERVICES = f"""
users: {{compute: fargate, port: 8080, discovery: {{cloudMap: true}}}}
resize: {{{FUNCTION}, calls: [users]}}
api: {{compute: fargate, port: 80, calls: [users, resize]}}
"""
RESIZE = "arn:aws:lambda:eu-west-1:111122223333:function:dev-resize:live"


def graph() -> Graph:
    return graph_of(stack_text(SERVICES))


def container_environment(found: Graph, task: str) -> dict[str, str]:
    main, *_ = json.loads(str(named(found, task).inputs["containerDefinitions"]))
    return {entry["name"]: entry["value"] for entry in main["environment"]}


def actions(found: Graph, policy: str) -> dict[str, list[Json]]:
    document = json.loads(str(named(found, policy).inputs["policy"]))
    return {action: statement["Resource"] for statement in document["Statement"] for action in statement["Action"]}


def test_a_container_finds_another_through_service_connect_and_a_function_by_its_alias() -> None:
    variables = container_environment(graph(), "api-task-definition")
    assert variables["ONRAMP_CALL_USERS"] == "http://users:8080"
    assert variables["ONRAMP_CALL_RESIZE"] == RESIZE


def test_a_function_finds_a_container_service_in_cloud_map() -> None:
    inputs = named(graph(), "resize-function").inputs
    environment = inputs["environment"]
    assert isinstance(environment, dict)
    variables = environment["variables"]
    assert isinstance(variables, dict)
    assert variables["ONRAMP_CALL_USERS"] == "http://users.dev.example.internal:8080"


def test_only_the_caller_of_a_function_may_invoke_it_and_only_that_one() -> None:
    found = graph()
    assert actions(found, "api-task-policy")["lambda:InvokeFunction"] == [RESIZE]
    assert "lambda:InvokeFunction" not in actions(found, "resize-role-policy")


def test_a_function_opens_no_port_to_its_callers() -> None:
    names = {resource.name for resource in graph().resources}
    assert "api-sg-users-out" in names
    assert not {name for name in names if name.startswith("api-sg-resize")}
