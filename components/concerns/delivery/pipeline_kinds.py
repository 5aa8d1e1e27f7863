"""The pipelines of services that run images, and of functions that run code."""

from dataclasses import replace
from math import ceil
from pathlib import PurePosixPath
from typing import Final

import pulumi

from components.concerns.delivery.functions import LIVE, application_name, deployment_group_arn
from components.concerns.delivery.pipeline import EVENT, Pipeline, pipeline_name
from components.concerns.delivery.pipeline_models import deliver_model
from components.concerns.delivery.pipeline_plan import Delivered, Projects, code_stages, image_stages
from components.concerns.images import RELEASED, pull_actions, registry_name, repository_name
from components.foundation.builds import Build
from components.foundation.pipelines import PipelineParts
from components.iam import Statement, unscoped
from components.scope import ServiceScope, compact_json
from stacks import limits
from stacks.models import AppRunnerSpec, EndpointSpec, ExpressSpec, FunctionRollout, FunctionSpec, Service
from stacks.source import Json
from stacks.standards import APP_RUNNER_LIVE_TAG

SERVICES: Final = "services"
"""The folder of the repository that has a folder for each service."""
X86: Final = (AppRunnerSpec, EndpointSpec, ExpressSpec)
"""App Runner has no other processor, nor have SageMaker's common instances; pulumi-aws cannot ask Express for one."""
HOOK_MINUTES: Final = 60
"""How long CodeDeploy waits for each of two hooks."""


def deliver(scope: ServiceScope, spec: Service, parts: PipelineParts, opts: pulumi.ResourceOptions) -> None:
    """The pipeline of a service that runs an image or code of its own, or a model of the registry."""
    if isinstance(spec, FunctionSpec) and not spec.is_image:
        deliver_code(scope, spec, parts, opts)
    elif isinstance(spec, EndpointSpec) and spec.released_package is not None:
        deliver_model(scope, spec, spec.released_package, parts, opts)
    elif spec.has_image:
        deliver_image(scope, spec, parts, opts)


def deliver_image(scope: ServiceScope, spec: Service, parts: PipelineParts, opts: pulumi.ResourceOptions) -> Pipeline:
    """Build, scan and deploy an image where nothing is promoted; else take a released one through the gates."""
    pipeline = Pipeline(scope, parts, opts)
    promotes_from = parts.plan.promotes_from
    source = f"{scope.service}/{promotes_from}" if promotes_from else repository_name(scope)
    if promotes_from:
        promote = _promote(pipeline, source)
        projects = Projects(promote=promote, findings=parts.findings_project, deploy=parts.deploy_project)
    else:
        projects = Projects(build=_build_image(pipeline, spec), deploy=parts.deploy_project)
    if isinstance(spec, FunctionSpec):
        projects = replace(projects, shift=_shift_of(pipeline, spec))
    what = _delivered(pipeline, spec, projects)
    folder = "" if promotes_from else what.folder
    pipeline.run(image_stages(what), _named(projects), _scan_statements(scope, source), folder)
    if promotes_from:
        pipeline.started_by(_released(source), "$.detail.image-digest")
    pipeline.register_outputs({})
    return pipeline


def deliver_code(
    scope: ServiceScope, spec: FunctionSpec, parts: PipelineParts, opts: pulumi.ResourceOptions
) -> Pipeline:
    """Test, deploy and shift a function; where it is promoted, after the pipeline of the environment before."""
    pipeline = Pipeline(scope, parts, opts)
    test = Build(project=pipeline.project_name("test"), buildspec="test")
    pipeline.project("test", test)
    projects = Projects(build=test.project, deploy=parts.deploy_project, shift=_shift_of(pipeline, spec))
    what = _delivered(pipeline, spec, projects)
    promotes_from = parts.plan.promotes_from
    pipeline.run(code_stages(what), _named(projects), [], "" if promotes_from else what.folder)
    if promotes_from:
        pipeline.started_by(_succeeded(pipeline_name(promotes_from, scope.service)))
    pipeline.register_outputs({})
    return pipeline


def _delivered(pipeline: Pipeline, spec: Service, projects: Projects) -> Delivered:
    scope, parts = pipeline.scope, pipeline.parts
    follows = isinstance(spec, AppRunnerSpec) and spec.rollout.strategy == "automatic"
    return Delivered(
        service=scope.service,
        environment=scope.scope.env,
        folder=_folder(scope, spec),
        plan=parts.plan,
        projects=projects,
        approvals_topic_arn=parts.approvals_topic_arn,
        moving_tag=APP_RUNNER_LIVE_TAG if follows else "",
        waits_for_rollout=spec.waits_for_rollout,
    )


def _folder(scope: ServiceScope, spec: Service) -> str:
    source = spec.source if isinstance(spec, FunctionSpec) else None
    return str(PurePosixPath(source or f"{SERVICES}/{scope.service}"))


def _named(projects: Projects) -> list[str]:
    found = (projects.build, projects.promote, projects.findings, projects.deploy, projects.shift)
    return [name for name in found if name]


def _build_image(pipeline: Pipeline, spec: Service) -> str:
    scope = pipeline.scope
    processor = "amd64" if isinstance(spec, X86) else "arm64"
    build = Build(
        project=pipeline.project_name("build"),
        buildspec="image",
        statements=[
            unscoped("RegistryToken", ["ecr:GetAuthorizationToken"]),
            _push_statement(scope),
            *_sign_statements(pipeline),
        ],
        variables={
            **_signing(pipeline),
            "ENVIRONMENT": scope.scope.env,
            "FOLDER": _folder(scope, spec),
            "PROCESSOR": processor,
            "REPOSITORY": f"{registry_name(scope.scope)}/{repository_name(scope)}",
        },
        docker=True,
        processor=processor,
    )
    pipeline.project("build", build)
    return build.project


def _promote(pipeline: Pipeline, source: str) -> str:
    scope = pipeline.scope
    build = Build(
        project=pipeline.project_name("promote"),
        buildspec="promote",
        statements=[
            unscoped("RegistryToken", ["ecr:GetAuthorizationToken"]),
            Statement(
                sid="Take",
                actions=[*pull_actions(), "ecr:DescribeImages"],
                resources=[scope.scope.arn("ecr", f"repository/{source}")],
            ),
            _push_statement(scope),
            *_sign_statements(pipeline),
        ],
        variables={
            **_signing(pipeline),
            "ENVIRONMENT": scope.scope.env,
            "FROM": source,
            "REGISTRY": registry_name(scope.scope),
            "TO": repository_name(scope),
        },
    )
    pipeline.project("promote", build)
    return build.project


def _signing(pipeline: Pipeline) -> dict[str, str]:
    """The variable that makes a build sign what it pushes; none where the environment asks for no signatures."""
    profile = pipeline.parts.plan.signing_profile
    arn = pipeline.scope.scope.arn
    return {} if profile is None else {"SIGNING_PROFILE": arn("signer", f"/signing-profiles/{profile}")}


def _sign_statements(pipeline: Pipeline) -> list[Statement]:
    """Sign with the profile, and with no other."""
    arns = list(_signing(pipeline).values())
    return [Statement(sid="Sign", actions=["signer:SignPayload"], resources=arns)] if arns else []


def _push_statement(scope: ServiceScope) -> Statement:
    """Push to the service's own repository, and see what is there."""
    return Statement(
        sid="Push",
        actions=[
            *pull_actions(),
            "ecr:CompleteLayerUpload",
            "ecr:DescribeImages",
            "ecr:InitiateLayerUpload",
            "ecr:PutImage",
            "ecr:UploadLayerPart",
        ],
        resources=[scope.scope.arn("ecr", f"repository/{repository_name(scope)}")],
    )


def _scan_statements(scope: ServiceScope, repository: str) -> list[Statement]:
    """What InspectorScan takes (CodePipeline user guide, its service role), and the look of the image source."""
    return [
        unscoped("Scan", ["ecr:GetAuthorizationToken", "inspector-scan:ScanSbom"]),
        Statement(
            sid="Image",
            actions=[*pull_actions(), "ecr:DescribeImages"],
            resources=[scope.scope.arn("ecr", f"repository/{repository}")],
        ),
    ]


def _shift_of(pipeline: Pipeline, spec: FunctionSpec) -> str:
    """What starts CodeDeploy; nothing where the deployment is a rollout."""
    return "" if spec.waits_for_rollout else _shift(pipeline, spec)


def _shift(pipeline: Pipeline, spec: FunctionSpec) -> str:
    scope = pipeline.scope
    arn, function = scope.scope.arn, scope.name(limits.NAME_LAMBDA_FUNCTION)
    application = application_name(scope.scope, scope.service)
    build = Build(
        project=pipeline.project_name("shift"),
        buildspec="shift",
        statements=[
            Statement(
                sid="Versions",
                actions=["lambda:GetAlias", "lambda:ListVersionsByFunction"],
                resources=[arn("lambda", f"function:{function}"), arn("lambda", f"function:{function}:*")],
            ),
            Statement(
                sid="Shift",
                actions=[
                    "codedeploy:CreateDeployment",
                    "codedeploy:GetApplicationRevision",
                    "codedeploy:GetDeployment",
                    "codedeploy:GetDeploymentConfig",
                    "codedeploy:RegisterApplicationRevision",
                ],
                resources=[
                    arn("codedeploy", f"application:{application}"),
                    arn("codedeploy", "deploymentconfig:*"),
                    deployment_group_arn(scope.scope, scope.service),
                ],
            ),
        ],
        variables={
            "ALIAS": LIVE,
            "APPLICATION": application,
            "FUNCTION": function,
            "GROUP": LIVE,
            "HOOKS": _hooks(scope, spec.rollout),
        },
        timeout_minutes=shift_minutes(spec.rollout),
    )
    pipeline.project("shift", build)
    return build.project


def shift_minutes(rollout: FunctionRollout) -> int:
    """How long CodeDeploy may take: the steps, and what its hooks are waited for.

    At most CodeBuild's limit; a longer shift goes on, and the pipeline does not see its end.
    """
    steps = {"all-at-once": 0, "canary": 1, "linear": ceil(100 / rollout.percent)}[rollout.strategy]
    return min(steps * rollout.interval_minutes + 2 * HOOK_MINUTES, limits.CODEBUILD_MINUTES_MAX)


def _hooks(scope: ServiceScope, rollout: FunctionRollout) -> str:
    """The part of the AppSpec that names the functions which judge."""
    hooks = rollout.hooks
    named = (("BeforeAllowTraffic", hooks.before), ("AfterAllowTraffic", hooks.after)) if hooks is not None else ()
    return compact_json(
        [{event: scope.scope.name(limits.NAME_LAMBDA_FUNCTION, name)} for event, name in named if name is not None]
    )


def _released(repository: str) -> dict[str, Json]:
    """An image of the environment before has been deployed there."""
    return {
        "source": ["aws.ecr"],
        "detail-type": ["ECR Image Action"],
        "detail": {
            "action-type": ["PUSH"],
            "result": ["SUCCESS"],
            "repository-name": [repository],
            "image-tag": [{"prefix": RELEASED}],
        },
    }


def _succeeded(pipeline: str) -> dict[str, Json]:
    return {
        "source": ["aws.codepipeline"],
        "detail-type": [EVENT],
        "detail": {"pipeline": [pipeline], "state": ["SUCCEEDED"]},
    }
