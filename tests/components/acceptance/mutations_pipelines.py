"""One wrong value at a time in what delivers."""

from typing import Any, Final

from tests.components.acceptance.mutation import GONE, Mutation
from tests.components.acceptance.rules_pipelines import PIPELINE, PROJECT

_STACK: Final = "examples/pipeline/Pulumi.example.yaml"
_SCAN: Final = "stages.1.actions.1"


def _of(rule: str, *changes: tuple[str, Any], kind: str = PIPELINE, name: str = "news-api") -> list[Mutation]:
    return [Mutation(rule=rule, kind=kind, path=path, value=value, name=name, stack=_STACK) for path, value in changes]


MUTATIONS_PIPELINES: Final = [
    *_of(
        "pipelines_have_a_legal_structure",
        ("stages.0.actions.0.provider", "CodeBuild"),
        ("stages.0.onFailure", {"result": "ROLLBACK"}),
        ("stages.1.name", "Source"),
        (f"{_SCAN}.namespace", "Source"),
        (f"{_SCAN}.outputArtifacts", ["code"]),
        ("stages.3.actions.0.provider", "ECR"),
    ),
    *_of(
        "pipeline_actions_are_configured",
        (f"{_SCAN}.category", "Test"),
        (f"{_SCAN}.configuration.InspectorRunMode", "ImageScan"),
        (f"{_SCAN}.configuration.criticalThreshold", "0"),
        ("stages.0.actions.0.configuration.ConnectionArn", GONE),
        ("stages.0.actions.0.configuration.OutputArtifactFormat", "ZIP"),
        ("stages.3.actions.0.configuration.EnvironmentVariables", '[{"name":"A","value":"","type":"PLAINTEXT"}]'),
    ),
    *_of(
        "pipeline_inputs_come_from_before",
        (f"{_SCAN}.runOrder", 1),
        ("stages.3.actions.0.inputArtifacts", ["built"]),
        ("stages.3.actions.0.inputArtifacts", []),
        ("stages.2.actions.0.configuration.CustomData", "#{Later.TAG}"),
    ),
    *_of("pipelines_run_projects_that_are_there", ("stages.3.actions.0.configuration.ProjectName", "other")),
    *_of(
        "pipelines_run_projects_that_are_there",
        ("source.type", "GITHUB"),
        kind=PROJECT,
        name="news-api-pipeline-promote",
    ),
]
