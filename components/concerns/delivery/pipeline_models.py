"""The pipeline of a registered model: an approval in the registry starts it, and it deploys what was approved."""

from collections.abc import Mapping
from typing import Final

import pulumi

from components.concerns.delivery.pipeline import Pipeline
from components.concerns.delivery.pipeline_actions import (
    COMMIT,
    Stage,
    approval_action,
    build_action,
    git_source,
    stage,
)
from components.concerns.delivery.pipeline_plan import rolled_out
from components.foundation.builds import Build
from components.foundation.pipelines import PipelineParts
from components.iam import unscoped
from components.scope import ServiceScope
from stacks.models import EndpointSpec
from stacks.source import Json

MODEL: Final = "Model"
PACKAGE: Final = f"#{{{MODEL}.PACKAGE}}"
"""The newest approved version, as the first build finds it; a person may start the pipeline as well."""


def deliver_model(
    scope: ServiceScope, spec: EndpointSpec, group: str, parts: PipelineParts, opts: pulumi.ResourceOptions
) -> None:
    """Find the approved version of the package group, in prod ask a person, write it down, and deploy it."""
    pipeline = Pipeline(scope, parts, opts)
    find = Build(
        project=pipeline.project_name("find"),
        buildspec="model",
        statements=[unscoped("Registry", ["sagemaker:ListModelPackages"])],
        variables={"GROUP": group},
    )
    pipeline.project("find", find)
    stages = model_stages(scope, parts, find.project, rolled_out(spec.waits_for_rollout))
    pipeline.run(stages, [find.project, parts.deploy_project], [], "")
    pipeline.started_by(approved(group))
    pipeline.register_outputs({})


def model_stages(scope: ServiceScope, parts: PipelineParts, find: str, rollout: Mapping[str, str]) -> list[Stage]:
    """Source, the approved version, somebody's consent in prod, and a deployment or, by its variable, a rollout."""
    message = f"{scope.service} {PACKAGE} to {scope.scope.env}"
    consent = [stage("Approve", [approval_action(parts.approvals_topic_arn, message)])]
    variables = {"SERVICE": scope.service, "PACKAGE": PACKAGE, "COMMIT": COMMIT, **rollout}
    return [
        stage("Source", [git_source(parts.plan)]),
        stage(MODEL, [build_action(MODEL, find, {})]),
        *(consent if parts.approvals_topic_arn else []),
        stage("Deploy", [build_action("Deploy", parts.deploy_project, variables)], rolls_back=True),
    ]


def approved(group: str) -> dict[str, Json]:
    """Somebody has approved a version (SageMaker developer guide, events, model package state change)."""
    return {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        "detail": {"ModelPackageGroupName": [group.rpartition("/")[2]], "ModelApprovalStatus": ["Approved"]},
    }
