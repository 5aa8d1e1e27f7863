"""CodePipeline and CodeBuild."""

from collections.abc import Mapping
from typing import Final

from simulator.shapes.shape import Shape, by_arn, named
from stacks import limits

PIPELINES: Final[Mapping[str, Shape]] = {
    "aws:codebuild/project:Project": by_arn(
        "codebuild", "project/{name}", name="name", limit=limits.NAME_CODEBUILD, badgeUrl="", publicProjectAlias=""
    ),
    "aws:codepipeline/pipeline:Pipeline": named(
        "codepipeline", "{name}", "name", limits.NAME_CODEPIPELINE, triggerAlls=[]
    ),
}
