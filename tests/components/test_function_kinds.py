"""From what a function is made, on what it runs, what is kept warm, and who judges its versions."""

import pytest

from simulator.changes import changes
from simulator.graph import UNKNOWN, Graph, Resource
from tests.components.conftest import (
    ACCOUNT,
    DIGEST,
    FUNCTION,
    REGION,
    below,
    component,
    graph_of,
    inputs,
    named,
    of,
    parsed,
    shared_graph,
    stack_text,
)
from tests.components.test_fargate import refers
from tests.components.test_function_events import statement

OTHER: str = "sha256:" + "1" * 64
IMAGE = "match: {compute: lambda, package: image, route: /match/*, secrets: [DATABASE_URL]}"


def image(digest: str | None = DIGEST) -> Graph:
    return shared_graph(stack_text(IMAGE, images={} if digest is None else {"match": digest}))


def test_an_image_comes_from_the_services_repository_and_takes_no_layers() -> None:
    function = inputs(named(image(), "match-function"))
    uri = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/match/dev@{DIGEST}"
    assert (function["packageType"], function["imageUri"], function["architectures"]) == ("Image", uri, ["arm64"])
    assert {"handler", "runtime", "code", "layers"} & set(function) == set()
    environment = function["environment"]
    assert isinstance(environment, dict)
    variables = environment["variables"]
    assert isinstance(variables, dict)
    assert "AWS_LAMBDA_EXEC_WRAPPER" not in variables
    assert variables["SECRETS_MANAGER_TTL"] == "300"


def test_lambda_may_pull_for_this_function_alone_before_it_is_made() -> None:
    graph = image()
    policy = named(graph, "match-images-lambda")
    document = parsed(policy, "policy")
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:dev-match"
    assert isinstance(document, dict)
    assert document["Statement"] == [
        {
            "Sid": "Lambda",
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Condition": {"ArnLike": {"aws:SourceArn": [arn, f"{arn}:*"]}},
        }
    ]
    assert policy.urn in named(graph, "match-function").dependencies


def test_without_an_image_everything_is_there_but_the_function_and_what_calls_it() -> None:
    released, waiting = image(), image(None)

    def kinds(graph: Graph) -> set[str]:
        return {f"{each.type} {each.name}" for each in below(graph, component(graph, "match").urn)}

    assert kinds(waiting) < kinds(released)
    assert kinds(released) - kinds(waiting) == {
        "aws:lambda/alias:Alias match-alias",
        "aws:lambda/function:Function match-function",
        "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig match-failures",
        "aws:lambda/permission:Permission match-ingress-load-balancer-permission",
        "aws:lb/targetGroupAttachment:TargetGroupAttachment match-ingress-attachment",
    }
    assert component(waiting, "match").inputs["unreleased"] is True
    assert "unreleased" not in component(released, "match").inputs


def updated(before: Graph, after: Graph) -> dict[str, set[str]]:
    """The inputs that differ, by resource; no resource comes or goes, and nothing is replaced."""
    olds, news = ({each.urn: each for each in graph.resources} for graph in (before, after))
    assert olds.keys() == news.keys()

    def differences(old: Resource, new: Resource) -> set[str]:
        found = changes(old.type, old.inputs, new.inputs)
        # A value that is unknown in both previews tells nothing.
        real = [each for each in found if UNKNOWN not in (old.inputs.get(each.top), new.inputs.get(each.top))]
        told = {each.top for each in real if old.inputs.get(each.top) != new.inputs.get(each.top)}
        assert not any(each.replaces for each in real if each.top in told)
        return told

    found = {news[urn].name: differences(old, news[urn]) for urn, old in olds.items()}
    return {name: keys for name, keys in found.items() if keys}


def test_another_digest_updates_the_function_and_replaces_nothing() -> None:
    assert updated(image(DIGEST), image(OTHER)) == {"match-function": {"imageUri"}}


def test_other_code_updates_the_function_and_replaces_nothing() -> None:
    text = stack_text(f"f: {{{FUNCTION}, route: /f/*, secrets: [DATABASE_URL], queue: {{}}}}")
    other = text.replace("./services/thumbnails", "./stacks")
    assert updated(shared_graph(text), shared_graph(other)) == {"f-function": {"code"}}


@pytest.fixture(scope="session")
def warm() -> Graph:
    """A function whose executions are kept warm, judged before and after a shift by another one."""
    services = f"""\
f: {{{FUNCTION}, scaling: {{provisioned: {{min: 5, max: 20}}}}, rollout: {{hooks: {{before: judge, after: judge}}}}}}
judge: {{{FUNCTION}, snapStart: true}}
"""
    return shared_graph(stack_text(services, tier="prod"))


def test_executions_are_kept_warm_on_the_alias_and_follow_the_use_of_them(warm: Graph) -> None:
    assert inputs(named(warm, "f-warm")) == {
        "functionName": "prod-f",
        "qualifier": "live",
        "provisionedConcurrentExecutions": 5,
    }
    target = named(warm, "f-scaling")
    assert inputs(target) == {
        "serviceNamespace": "lambda",
        "scalableDimension": "lambda:function:ProvisionedConcurrency",
        "resourceId": "function:prod-f:live",
        "minCapacity": 5,
        "maxCapacity": 20,
    }
    assert named(warm, "f-warm").urn in target.dependencies
    assert named(warm, "f-scaling-utilization").inputs["targetTrackingScalingPolicyConfiguration"] == {
        "targetValue": 0.7,
        "predefinedMetricSpecification": {"predefinedMetricType": "LambdaProvisionedConcurrencyUtilization"},
    }


def test_the_hook_may_be_asked_and_may_answer_for_this_deployment_group(warm: Graph) -> None:
    assert statement(warm, "f-delivery-role", "Ask")["Resource"] == [
        f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:prod-judge"
    ]
    assert statement(warm, "judge-role", "Judge") == {
        "Sid": "Judge",
        "Effect": "Allow",
        "Action": ["codedeploy:PutLifecycleEventHookExecutionStatus"],
        "Resource": [f"arn:aws:codedeploy:{REGION}:{ACCOUNT}:deploymentgroup:prod-f/live"],
    }


def test_the_hooks_are_told_as_an_appspec_names_them(warm: Graph) -> None:
    names = {"BeforeAllowTraffic": "prod-judge", "AfterAllowTraffic": "prod-judge"}
    assert component(warm, "f").inputs["hooks"] == names
    assert component(warm, "judge").inputs["judges"] == ["f"]


def test_a_snapshot_is_taken_of_published_versions(warm: Graph) -> None:
    assert named(warm, "judge-function").inputs["snapStart"] == {"applyOn": "PublishedVersions"}
    assert "snapStart" not in named(warm, "f-function").inputs


def test_shared_instances_are_made_once_with_a_role_that_starts_them_for_lambda_alone() -> None:
    text = stack_text(f"f: {{{FUNCTION}, memory: 2048, instances: {{}}}}", environment="capacity: {}\n")
    graph = shared_graph(text)
    (provider,) = of(graph, ":CapacityProvider")
    found = inputs(provider)
    assert found["instanceRequirements"] == [
        {
            "architectures": ["arm64"],
            "allowedInstanceTypes": ["m6g.large", "m6g.xlarge", "m7g.large", "m7g.xlarge"],
            "excludedInstanceTypes": [],
        }
    ]
    assert found["capacityProviderScalingConfigs"] == [
        {"maxVcpuCount": 64, "scalingMode": "Auto", "scalingPolicies": []}
    ]
    assert refers(graph, provider, "permissionsConfig") == ["dev-capacity-operator"]
    run = statement(graph, "dev-capacity-operator", "Run")
    assert run["Condition"] == {"StringEquals": {"ec2:ManagedResourceOperator": "scaler.lambda.amazonaws.com"}}


def test_a_function_on_shared_instances_has_their_network_and_no_reservation() -> None:
    text = stack_text(f"f: {{{FUNCTION}, memory: 2048, instances: {{}}}}", environment="capacity: {}\n")
    graph = shared_graph(text)
    function = named(graph, "f-function")
    assert {"vpcConfig", "reservedConcurrentExecutions", "snapStart"} & set(function.inputs) == set()
    assert function.inputs["capacityProviderConfig"] == {
        "lambdaManagedInstancesCapacityProviderConfig": {
            "capacityProviderArn": UNKNOWN,
            "executionEnvironmentMemoryGibPerVcpu": 2,
            "perExecutionEnvironmentMaxConcurrency": 4,
        }
    }
    assert refers(graph, function, "capacityProviderConfig") == ["dev-capacity-provider"]
    alarm = named(graph, "f-alerting-memory").inputs
    assert (alarm["metricName"], alarm["dimensions"]) == (
        "ExecutionEnvironmentMemoryUtilization",
        {"CapacityProviderName": "dev-functions", "FunctionName": "dev-f"},
    )


@pytest.mark.parametrize(
    ("service", "said"),
    [
        (IMAGE, "match: no image in onramp:images yet, so there is no function"),
        (f"f: {{{FUNCTION}, scaling: {{max: 5, provisioned: {{min: 1, max: 3}}}}}}", "no room for twice as many"),
    ],
)
def test_what_an_update_would_miss_is_said_at_preview(service: str, said: str) -> None:
    (warning,) = graph_of(stack_text(service)).warnings
    assert said in warning
