"""The table of what delivers: pipelines and builds."""

from collections.abc import Mapping
from typing import Final

from tests.components.acceptance.row import Row

_IN_PIPELINE: Final = {
    "name": "pipeline.name",
    "pipelineType": "pipeline.pipelineType",
    "executionMode": "pipeline.executionMode",
    "roleArn": "pipeline.roleArn",
    "artifactStores": "pipeline.artifactStore",
    "stages": "pipeline.stages",
    "triggers": "pipeline.triggers",
}
_ACTION_TYPE: Final = {
    f"stages.actions.{key}": f"actionTypeId.{key}" for key in ("category", "owner", "provider", "version")
}
_ARTIFACTS: Final = {
    "stages.actions.inputArtifacts": "inputArtifacts[].name",
    "stages.actions.outputArtifacts": "outputArtifacts[].name",
    "triggers.gitConfiguration.pushes": "push",
}

PIPELINES: Final[Mapping[str, Row]] = {
    "aws:codebuild/project:Project": Row(
        calls=("codebuild:CreateProject",),
        schema="AWS::CodeBuild::Project",
        names={"buildTimeout": "timeoutInMinutes", "logsConfig.cloudwatchLogs": "cloudWatchLogs"},
        in_schema={"source.buildspec": "BuildSpec"},
    ),
    "aws:codepipeline/pipeline:Pipeline": Row(
        calls=("codepipeline:CreatePipeline",),
        schema="AWS::CodePipeline::Pipeline",
        names={**_ACTION_TYPE, **_ARTIFACTS},
        in_call=_IN_PIPELINE,
        in_schema={"artifactStores": "ArtifactStore"},
    ),
}
