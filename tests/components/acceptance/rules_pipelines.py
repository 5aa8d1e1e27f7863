"""CodePipeline: what its structure and its actions ask beyond the model of the call."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from simulator.graph import Graph
from tests.components.acceptance.looking import Inputs, listed, of

PIPELINE: Final = "aws:codepipeline/pipeline:Pipeline"
PROJECT: Final = "aws:codebuild/project:Project"
SOURCES: Final = ("CodeStarSourceConnection", "ECR")
KEYS: Final[Mapping[tuple[str, str], tuple[set[str], set[str]]]] = {
    ("Source", "CodeStarSourceConnection"): (
        {"ConnectionArn", "FullRepositoryId", "BranchName"},
        {"OutputArtifactFormat", "DetectChanges"},
    ),
    ("Source", "ECR"): ({"RepositoryName"}, {"ImageTag"}),
    ("Build", "CodeBuild"): ({"ProjectName"}, {"PrimarySource", "EnvironmentVariables"}),
    ("Test", "CodeBuild"): ({"ProjectName"}, {"PrimarySource", "EnvironmentVariables"}),
    ("Invoke", "InspectorScan"): (
        {"InspectorRunMode"},
        {"ECRRepositoryName", "ImageTag", *(f"{level}Threshold" for level in ("Critical", "High", "Medium", "Low"))},
    ),
    ("Approval", "Manual"): (set(), {"NotificationArn", "CustomData", "ExternalEntityLink"}),
}
"""Required and optional keys of the configuration (CodePipeline user guide, action structure reference)."""
VARIABLE: Final = re.compile(r"#\{([A-Za-z0-9@_-]+)\.[A-Za-z0-9@_-]+\}")


def pipelines_have_a_legal_structure(graph: Graph) -> Iterator[str]:
    """CodePipeline user guide, pipeline structure requirements: sources first and only there, unique names."""
    for resource, inputs in of(graph, PIPELINE):
        first, *others = inputs["stages"]
        found = [
            f"{stage['name']}: a source after the first stage" for stage in others if _providers(stage) & {*SOURCES}
        ]
        if not others or _providers(first) - {*SOURCES}:
            found.append("sources first, then something else")
        if first.get("onFailure"):
            found.append("the source stage cannot roll back")
        names = [stage["name"] for stage in inputs["stages"]]
        spaces = [action["namespace"] for action in _actions(inputs) if action.get("namespace")]
        made = [name for action in _actions(inputs) for name in listed(action.get("outputArtifacts"))]
        for what, values in (("stages", names), ("namespaces", spaces), ("artifacts", made)):
            if len(values) != len(set(values)):
                found.append(f"{what} {values}")
        yield from (f"{resource.name}: {problem}" for problem in found)


def pipeline_actions_are_configured(graph: Graph) -> Iterator[str]:
    """CodePipeline user guide, action structure reference: keys by provider, and values of them."""
    for resource, inputs in of(graph, PIPELINE):
        for action in _actions(inputs):
            where = f"{resource.name}: {action['name']}"
            kind = action["category"], action["provider"]
            configured = cast("dict[str, Any]", action["configuration"])
            if kind not in KEYS:
                yield f"{where}: no provider {kind}"
                continue
            required, optional = KEYS[kind]
            if not required <= configured.keys() <= required | optional:
                yield f"{where}: {sorted(configured)}"
            if configured.get("InspectorRunMode", "ECRImageScan") not in ("ECRImageScan", "SourceCodeScan"):
                yield f"{where}: {configured['InspectorRunMode']}"
            if configured.get("OutputArtifactFormat", "CODE_ZIP") not in ("CODE_ZIP", "CODEBUILD_CLONE_REF"):
                yield f"{where}: {configured['OutputArtifactFormat']}"
            for variable in json.loads(configured.get("EnvironmentVariables", "[]")):
                if not variable["name"] or not variable["value"] or variable["type"] != "PLAINTEXT":
                    yield f"{where}: {variable}"


def pipeline_inputs_come_from_before(graph: Graph) -> Iterator[str]:
    """The same guide: artifacts and variables are those of actions that ran before, and a build has an artifact."""
    for resource, inputs in of(graph, PIPELINE):
        made: set[str] = set()
        spaces: set[str] = set()
        for stage in inputs["stages"]:
            for order in sorted({action.get("runOrder", 1) for action in stage["actions"]}):
                now = [action for action in stage["actions"] if action.get("runOrder", 1) == order]
                for action in now:
                    given = set(listed(action.get("inputArtifacts")))
                    used = set(VARIABLE.findall(json.dumps(action["configuration"])))
                    if given - made or used - spaces or (action["provider"] == "CodeBuild" and not given):
                        yield f"{resource.name}: {action['name']}: {sorted(given)} {sorted(used)}"
                made |= {name for action in now for name in listed(action.get("outputArtifacts"))}
                spaces |= {action["namespace"] for action in now if action.get("namespace")}


def pipelines_run_projects_that_are_there(graph: Graph) -> Iterator[str]:
    """CodeBuild API, CreateProject: what a pipeline runs takes its source and its artifacts from the pipeline."""
    projects = {inputs["name"]: inputs for _, inputs in of(graph, PROJECT)}
    for resource, inputs in of(graph, PIPELINE):
        for action in _actions(inputs):
            name = action["configuration"].get("ProjectName")
            project = projects.get(name)
            if name is not None and project is None:
                yield f"{resource.name}: no project {name}"
            elif project is not None and {project["source"]["type"], project["artifacts"]["type"]} != {"CODEPIPELINE"}:
                yield f"{resource.name}: {name} has a source of its own"


def _actions(inputs: Inputs) -> Iterator[dict[str, Any]]:
    for stage in inputs["stages"]:
        yield from stage["actions"]


def _providers(stage: Mapping[str, Any]) -> set[str]:
    return {action["provider"] for action in stage["actions"]}


RULES: Final = (
    pipelines_have_a_legal_structure,
    pipeline_actions_are_configured,
    pipeline_inputs_come_from_before,
    pipelines_run_projects_that_are_there,
)
