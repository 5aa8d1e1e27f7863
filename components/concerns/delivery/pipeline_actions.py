"""The actions of a pipeline, as CodePipeline spells them (CodePipeline user guide, action structure reference)."""

import json
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import pulumi_aws as aws

from stacks.models import PipelinePlan

Action: TypeAlias = aws.codepipeline.PipelineStageActionArgsDict
Stage: TypeAlias = aws.codepipeline.PipelineStageArgsDict

CODE: Final = "code"
"""The artifact that every build gets: a reference to the repository, which it clones whole, so that it can push."""
COMMIT: Final = "#{Source.CommitId}"
"""The commit that started an execution."""
IMAGE_SOURCE: Final = "Image"
"""The action whose revision a promotion replaces by a digest."""
CANDIDATE_DIGEST: Final = f"#{{{IMAGE_SOURCE}.ImageDigest}}"
CRITICAL_ALLOWED: Final = "0"
"""More critical findings than this fail the scan (the action's CriticalThreshold)."""


def git_source(plan: PipelinePlan) -> Action:
    """The branch. What starts an execution is a trigger or an event, because the pipeline itself pushes to it."""
    return {
        "name": "Source",
        "category": "Source",
        "owner": "AWS",
        "provider": "CodeStarSourceConnection",
        "version": "1",
        "namespace": "Source",
        "output_artifacts": [CODE],
        "configuration": {
            "ConnectionArn": plan.connection,
            "FullRepositoryId": plan.repository,
            "BranchName": plan.branch,
            "OutputArtifactFormat": "CODEBUILD_CLONE_REF",
            "DetectChanges": "false",
        },
    }


def image_source(repository: str) -> Action:
    """The image to promote. Whoever starts an execution names its digest; there is no tag that moves to follow."""
    return {
        "name": IMAGE_SOURCE,
        "category": "Source",
        "owner": "AWS",
        "provider": "ECR",
        "version": "1",
        "namespace": IMAGE_SOURCE,
        "output_artifacts": ["image"],
        "configuration": {"RepositoryName": repository},
    }


def build_action(
    name: str, project: str, variables: Mapping[str, str], *, category: str = "Build", order: int = 1
) -> Action:
    """Run a CodeBuild project with `variables`; what it exports is `#{<name>.<variable>}`."""
    environment = [{"name": key, "value": value, "type": "PLAINTEXT"} for key, value in variables.items()]
    return {
        "name": name,
        "category": category,
        "owner": "AWS",
        "provider": "CodeBuild",
        "version": "1",
        "namespace": name,
        "run_order": order,
        "input_artifacts": [CODE],
        "configuration": {
            "ProjectName": project,
            "EnvironmentVariables": json.dumps(environment, separators=(",", ":")),
        },
    }


def scan_action(repository: str, tag: str, order: int = 1) -> Action:
    """Inspector looks at an image, and one critical finding fails the action."""
    return {
        "name": "Scan",
        "category": "Invoke",
        "owner": "AWS",
        "provider": "InspectorScan",
        "version": "1",
        "namespace": "Scan",
        "run_order": order,
        "output_artifacts": ["sbom"],
        "configuration": {
            "InspectorRunMode": "ECRImageScan",
            "ECRRepositoryName": repository,
            "ImageTag": tag,
            "CriticalThreshold": CRITICAL_ALLOWED,
        },
    }


def approval_action(topic_arn: str, message: str) -> Action:
    """Wait until somebody approves, seven days at most."""
    return {
        "name": "Approve",
        "category": "Approval",
        "owner": "AWS",
        "provider": "Manual",
        "version": "1",
        "configuration": {"NotificationArn": topic_arn, "CustomData": message},
    }


def stage(name: str, actions: Sequence[Action], *, rolls_back: bool = False) -> Stage:
    """A stage; one that `rolls_back` runs again with what it last succeeded with when it fails."""
    found: Stage = {"name": name, "actions": list(actions)}
    if rolls_back:
        found["on_failure"] = {"result": "ROLLBACK"}
    return found
