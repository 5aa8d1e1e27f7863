"""What delivers: one pipeline for each service, with the gates of its environment, and no right too many."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.concerns.delivery.pipeline_kinds import shift_minutes
from simulator.graph import Graph, Resource
from stacks import limits
from stacks.load import load_stack_file
from stacks.models import FunctionRollout
from stacks.naming import fingerprint
from stacks.quotas import usage
from tests.components.conftest import (
    ACCOUNT,
    DIGEST,
    FUNCTION,
    graph_of,
    inputs,
    named,
    of,
    parsed,
    shared_graph,
    stack_text,
)

PIPELINE, PROJECT = "pipeline:Pipeline", "project:Project"
CONNECTION = f"arn:aws:codeconnections:eu-west-1:{ACCOUNT}:connection/0a1b2c3d-1111-2222-3333-444455556666"
OWN = fingerprint("test")
"""In the names of what a stack shares that is not called like its environment; see `graph_of`."""
PLAN = f"""\
pipeline:
  connection: {CONNECTION}
  repository: example/platform
  deployRole: onramp-deploy
  token: pulumi-token
"""
SERVICES = f"""\
web: {{compute: fargate, port: 8000, route: /web/*}}
task: {{{FUNCTION}}}
"""
TO = {
    "dev": "",
    "staging": "  promotesFrom: dev\n",
    "prod": "  promotesFrom: staging\n  approvers: [ada@example.com]\n",
}


def delivered(tier: str) -> Graph:
    """A container service and a function, delivered to an environment called like its tier."""
    return shared_graph(stack_text(SERVICES, tier=tier, images={"web": DIGEST}, environment=PLAN + TO[tier]))


@pytest.mark.parametrize("tier", ["dev", "prod"])
def test_images_are_signed_with_the_profile_and_with_no_other(tier: str) -> None:
    asked = PLAN + "  signingProfile: images\n" + TO[tier]
    graph = graph_of(stack_text(SERVICES, tier=tier, images={"web": DIGEST}, environment=asked))
    kind = "build" if tier == "dev" else "promote"
    arn = f"arn:aws:signer:eu-west-1:{ACCOUNT}:/signing-profiles/images"

    (project,) = (each for each in of(graph, PROJECT) if each.name == f"web-pipeline-{kind}")
    variables = block(project, "environment")["environmentVariables"]
    assert {"name": "SIGNING_PROFILE", "value": arn, "type": "PLAINTEXT"} in variables
    assert "notation sign" in block(project, "source")["buildspec"]
    found = (each for policy in of(graph, "rolePolicy:RolePolicy") for each in statements(policy))
    allowed = [each for each in found if "signer:SignPayload" in each["Action"]]
    assert [each["Resource"] for each in allowed] == [[arn]]
    assert named(graph, "web").inputs["signedImages"] is True


@pytest.mark.parametrize("tier", TO)
def test_nothing_is_signed_unless_the_environment_asks_for_it(tier: str) -> None:
    graph = delivered(tier)
    assert "signer:" not in json.dumps([dict(each.inputs) for each in graph.resources], default=str)
    assert "signedImages" not in named(graph, "web").inputs


def blocks(resource: Resource, key: str) -> list[Any]:
    found = resource.inputs[key]
    assert isinstance(found, list)
    return found


def block(resource: Resource, key: str) -> dict[str, Any]:
    found = resource.inputs[key]
    assert isinstance(found, dict)
    return found


def flow(graph: Graph, service: str) -> list[str]:
    """Stages and actions: `Gate: Candidate, Scan 2`."""
    pipeline = named(graph, f"{service}-pipeline-pipeline")
    found: list[str] = []
    for stage in blocks(pipeline, "stages"):
        orders = [f" {action['runOrder']}" if action.get("runOrder", 1) > 1 else "" for action in stage["actions"]]
        names = [action["name"] + order for action, order in zip(stage["actions"], orders, strict=True)]
        found.append(f"{stage['name']}: {', '.join(names)}")
    return found


def action(graph: Graph, service: str, name: str) -> dict[str, Any]:
    pipeline = named(graph, f"{service}-pipeline-pipeline")
    stages = blocks(pipeline, "stages")
    return next(each for stage in stages for each in stage["actions"] if each["name"] == name)


def variables(graph: Graph, service: str, name: str) -> dict[str, str]:
    given = json.loads(action(graph, service, name)["configuration"]["EnvironmentVariables"])
    return {each["name"]: each["value"] for each in given}


def statements(policy: Resource) -> Iterator[dict[str, Any]]:
    document: Any = parsed(policy, "policy")
    yield from document["Statement"]


def allowed(graph: Graph, name: str) -> dict[str, list[str]]:
    """By action, the resources of a role's policy."""
    found: dict[str, list[str]] = {}
    for statement in statements(named(graph, f"{name}-policy")):
        for each in statement["Action"]:
            found.setdefault(each, []).extend(statement["Resource"])
    return found


def test_the_first_environment_builds_scans_and_deploys() -> None:
    assert flow(delivered("dev"), "web") == ["Source: Source", "Build: Build", "Gate: Scan", "Deploy: Deploy"]


def test_the_next_environment_copies_what_was_released() -> None:
    assert flow(delivered("staging"), "web") == [
        "Source: Source, Image",
        "Gate: Candidate, Scan 2",
        "Copy: Copy",
        "Deploy: Deploy",
    ]


def test_prod_asks_security_hub_and_somebody() -> None:
    assert flow(delivered("prod"), "web") == [
        "Source: Source, Image",
        "Gate: Candidate, Scan 2, Findings 2",
        "Approve: Approve",
        "Copy: Copy",
        "Deploy: Deploy",
    ]


def test_a_function_is_tested_deployed_and_shifted_to() -> None:
    assert flow(delivered("dev"), "task") == ["Source: Source", "Build: Test", "Deploy: Deploy", "Shift: Shift"]
    assert flow(delivered("prod"), "task")[2] == "Approve: Approve"


def test_one_critical_finding_fails_the_scan_of_exactly_this_image() -> None:
    assert action(delivered("dev"), "web", "Scan")["configuration"] == {
        "InspectorRunMode": "ECRImageScan",
        "ECRRepositoryName": "web/dev",
        "ImageTag": "#{Build.TAG}",
        "CriticalThreshold": "0",
    }
    assert action(delivered("prod"), "web", "Scan")["configuration"]["ECRRepositoryName"] == "web/staging"


def test_the_same_digest_is_asked_about_copied_and_deployed() -> None:
    graph = delivered("prod")
    digests = {variables(graph, "web", name)["DIGEST"] for name in ("Candidate", "Findings", "Copy", "Deploy")}
    assert digests == {"#{Image.ImageDigest}"}


def test_a_push_to_the_folder_of_the_service_starts_its_pipeline_and_nothing_else_does() -> None:
    pipeline = named(delivered("dev"), "task-pipeline-pipeline")
    (trigger,) = blocks(pipeline, "triggers")
    (push,) = trigger["gitConfiguration"]["pushes"]
    assert push["branches"] == {"includes": ["main"]}
    assert push["filePaths"] == {"includes": ["services/thumbnails/*", "services/thumbnails/**"]}
    assert action(delivered("dev"), "task", "Source")["configuration"]["DetectChanges"] == "false"


def test_a_release_of_the_environment_before_starts_a_promotion_with_its_digest() -> None:
    graph = delivered("prod")
    assert "triggers" not in named(graph, "web-pipeline-pipeline").inputs
    assert parsed(named(graph, "web-pipeline-promote", "eventRule:EventRule"), "eventPattern") == {
        "source": ["aws.ecr"],
        "detail-type": ["ECR Image Action"],
        "detail": {
            "action-type": ["PUSH"],
            "result": ["SUCCESS"],
            "repository-name": ["web/staging"],
            "image-tag": [{"prefix": "released-"}],
        },
    }
    target = named(graph, "web-pipeline-promote-start")
    transformer: Any = target.inputs["inputTransformer"]
    assert target.inputs["arn"] == f"arn:aws:codepipeline:eu-west-1:{ACCOUNT}:prod-web"
    assert transformer["inputPaths"] == {"digest": "$.detail.image-digest"}
    assert json.loads(transformer["inputTemplate"]) == {
        "sourceRevisions": [{"actionName": "Image", "revisionType": "IMAGE_DIGEST", "revisionValue": "<digest>"}]
    }


def test_a_function_is_promoted_after_the_pipeline_of_the_environment_before() -> None:
    pattern: Any = parsed(named(delivered("prod"), "task-pipeline-promote", "eventRule:EventRule"), "eventPattern")
    assert pattern["detail"] == {"pipeline": ["staging-task"], "state": ["SUCCEEDED"]}


def test_executions_queue_and_a_failed_deployment_rolls_back() -> None:
    pipeline = named(delivered("prod"), "web-pipeline-pipeline")
    stages = blocks(pipeline, "stages")
    assert (pipeline.inputs["pipelineType"], pipeline.inputs["executionMode"]) == ("V2", "QUEUED")
    assert {stage["name"] for stage in stages if stage.get("onFailure") == {"result": "ROLLBACK"}} == {"Deploy"}


def test_only_the_build_of_an_image_is_privileged_and_arm() -> None:
    found = {each.name: block(each, "environment") for each in of(delivered("dev"), PROJECT)}
    assert {name for name, environment in found.items() if environment["privilegedMode"]} == {"web-pipeline-build"}
    assert {environment["type"] for environment in found.values()} == {"ARM_CONTAINER"}


def test_app_runner_gets_an_image_for_its_processor_and_its_moving_tag() -> None:
    services = "shop: {compute: apprunner, port: 80, rollout: {strategy: automatic}}"
    graph = graph_of(stack_text(services, images={"shop": "live"}, environment=PLAN))
    environment: Any = named(graph, "shop-pipeline-build").inputs["environment"]
    assert environment["type"] == "LINUX_CONTAINER"
    assert {"name": "PROCESSOR", "value": "amd64", "type": "PLAINTEXT"} in environment["environmentVariables"]
    assert variables(graph, "shop", "Deploy")["MOVING_TAG"] == "live"


def test_express_gets_an_image_for_its_processor() -> None:
    graph = graph_of(stack_text("shop: {compute: express, port: 80}", images={"shop": DIGEST}, environment=PLAN))
    environment: Any = named(graph, "shop-pipeline-build").inputs["environment"]
    assert {"name": "PROCESSOR", "value": "amd64", "type": "PLAINTEXT"} in environment["environmentVariables"]


def test_the_token_of_the_backend_is_read_by_the_deployment_alone() -> None:
    graph = delivered("prod")
    readers = [each.name for each in of(graph, PROJECT) if "SECRETS_MANAGER" in json.dumps(inputs(each)["environment"])]
    assert readers == ["prod-pipelines-deploy"]
    secret = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:pulumi-token-??????"
    assert allowed(graph, "prod-pipelines-deploy-role")["secretsmanager:GetSecretValue"] == [secret]


def test_the_powerful_role_is_the_platforms_and_only_the_deployment_takes_it() -> None:
    graph = delivered("prod")
    takers = [
        each.name
        for each in of(graph, "rolePolicy:RolePolicy")
        if any("sts:AssumeRole" in statement["Action"] for statement in statements(each))
    ]
    assert takers == ["prod-pipelines-deploy-role-policy"]
    assert allowed(graph, "prod-pipelines-deploy-role")["sts:AssumeRole"] == [
        f"arn:aws:iam::{ACCOUNT}:role/onramp-deploy"
    ]


def test_what_runs_the_code_of_a_service_cannot_push_to_the_repository() -> None:
    graph = delivered("dev")
    policies = (each for each in of(graph, "rolePolicy:RolePolicy") if "UseConnection" in str(each.inputs["policy"]))
    may_push = {each.name for each in policies if "read_only" not in str(each.inputs["policy"])}
    assert may_push == {
        "dev-pipelines-deploy-role-policy",
        "task-pipeline-role-policy",
        "web-pipeline-role-policy",
    }


def test_a_promotion_reads_one_repository_and_writes_one() -> None:
    found = allowed(delivered("prod"), "web-pipeline-promote-role")
    repository = f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/web"
    assert found["ecr:PutImage"] == [f"{repository}/prod"]
    assert set(found["ecr:BatchGetImage"]) == {f"{repository}/prod", f"{repository}/staging"}


def test_a_pipeline_starts_its_own_builds_and_the_shared_ones() -> None:
    names = [arn.rpartition("/")[2] for arn in allowed(delivered("prod"), "web-pipeline-role")["codebuild:StartBuild"]]
    assert names == ["prod-web-promote", f"prod-{OWN}-findings", f"prod-{OWN}-deploy"]


def test_approvals_wake_nobody_and_tell_those_who_are_named() -> None:
    graph = delivered("prod")
    topic = action(graph, "web", "Approve")["configuration"]["NotificationArn"]
    assert topic == f"arn:aws:sns:eu-west-1:{ACCOUNT}:prod-{OWN}-approvals"
    subscription = named(graph, "prod-pipelines-approver-0")
    assert (subscription.inputs["protocol"], subscription.inputs["endpoint"]) == ("email", "ada@example.com")
    assert of(delivered("staging"), "topic:Topic", "web") == []


def test_a_failed_pipeline_pages() -> None:
    graph = delivered("dev")
    pattern: Any = parsed(named(graph, "web-pipeline-failed", "eventRule:EventRule"), "eventPattern")
    assert pattern["detail"] == {"pipeline": ["dev-web"], "state": ["FAILED"]}
    assert named(graph, "web-pipeline-failed-page").inputs["arn"] == f"arn:aws:sns:eu-west-1:{ACCOUNT}:dev-paging"


def test_releases_are_counted_apart_so_that_builds_expire_none() -> None:
    document: Any = parsed(named(delivered("prod"), "web-images-lifecycle"), "policy")
    untagged, releases, everything = [rule["selection"] for rule in document["rules"]]
    assert untagged["tagStatus"] == "untagged"
    assert releases == {
        "tagStatus": "tagged",
        "tagPrefixList": ["released-"],
        "countType": "imageCountMoreThan",
        "countNumber": 30,
    }
    assert everything == {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 30}
    assert [rule["rulePriority"] for rule in document["rules"]] == [1, 2, 3]


@pytest.mark.parametrize("tier", ["dev", "staging", "prod"])
def test_roles_and_rules_are_counted_for_the_quotas(tmp_path: Path, tier: str) -> None:
    path = tmp_path / "Pulumi.test.yaml"
    text = stack_text(SERVICES, tier=tier, images={"web": DIGEST}, environment=PLAN + TO[tier])
    path.write_text(text, encoding="utf-8")
    stack = load_stack_file(path)
    found = usage(stack.environment, stack.services)
    assert found["iam-roles"] == len(of(delivered(tier), "role:Role"))
    assert found["eventbridge-rules"] == len(of(delivered(tier), "eventRule:EventRule"))


def test_without_the_key_there_is_no_pipeline() -> None:
    graph = shared_graph(stack_text(SERVICES, images={"web": DIGEST}))
    assert of(graph, PIPELINE) == of(graph, PROJECT) == []


def test_an_image_changes_nothing_of_its_pipeline() -> None:
    other = "sha256:" + "1" * 64
    after = graph_of(stack_text(SERVICES, tier="prod", images={"web": other}, environment=PLAN + TO["prod"]))
    before = {each.urn: each.inputs for each in delivered("prod").resources}
    changed = {each.name for each in after.resources if each.inputs != before[each.urn]}
    assert changed == {"web-task-definition"}


@pytest.mark.parametrize(
    ("rollout", "minutes"),
    [
        ({"strategy": "all-at-once"}, 120),
        ({"strategy": "canary", "interval_minutes": 5}, 125),
        ({"strategy": "linear", "percent": 10, "interval_minutes": 1}, 130),
        ({"strategy": "canary", "interval_minutes": 2880}, limits.CODEBUILD_MINUTES_MAX),
    ],
)
def test_a_shift_is_waited_for(rollout: dict[str, Any], minutes: int) -> None:
    assert shift_minutes(FunctionRollout.model_construct(**rollout)) == minutes
