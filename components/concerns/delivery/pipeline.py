"""The pipeline of one service: its role, what starts it, and who hears when it fails."""

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.concern import Concern
from components.concerns.delivery.notices import notify_failures
from components.concerns.delivery.pipeline_actions import IMAGE_SOURCE, Stage
from components.foundation.builds import Build, artifact_statements, build_project, connection_statement
from components.foundation.pipelines import PipelineParts
from components.iam import Statement, service_role
from components.scope import ServiceScope, compact_json
from stacks import limits
from stacks.naming import physical_name
from stacks.source import Json
from stacks.standards import LOG_RETENTION_DAYS

EVENT: Final = "CodePipeline Pipeline Execution State Change"
"""What EventBridge calls the end of an execution (CodePipeline user guide, monitoring events)."""


class Pipeline(Concern):
    """Projects, role, log group and events of a service's pipeline; `pipeline_kinds` says what it does.

    Executions queue, so that no commit overtakes another one. Actions cost 0.002 USD a minute (the first 100 minutes a
    month are free), builds what CodeBuild costs; a pipeline that does not run costs nothing.
    """

    def __init__(self, scope: ServiceScope, parts: PipelineParts, opts: pulumi.ResourceOptions) -> None:
        super().__init__("Pipeline", scope, opts)
        self.parts = parts
        self.pipeline_name = pipeline_name(scope.scope.env, scope.service)

    def project_name(self, kind: str) -> str:
        """The name of one of the service's own projects."""
        return self.scope.name(limits.NAME_CODEBUILD, kind)

    def project(self, kind: str, build: Build) -> None:
        """Make one of the service's own projects."""
        build_project(f"{self.name}-{kind}", self.scope.scope, self.parts.store, build, self.tags, self.child)

    def run(
        self, stages: Sequence[Stage], projects: Sequence[str], statements: Sequence[Statement], folder: str
    ) -> aws.codepipeline.Pipeline:
        """Make the pipeline itself.

        Args:
            stages: what it does.
            projects: the names of all projects that it runs, shared ones included.
            statements: what else its role may do.
            folder: the folder whose changes start an execution; empty where only events and people do.
        """
        logs = aws.cloudwatch.LogGroup(
            f"{self.name}-logs",
            name=log_group_name(self.pipeline_name),
            retention_in_days=LOG_RETENTION_DAYS[self.scope.scope.tier],
            kms_key_id=self.parts.logs_key_arn,
            tags=self.tags,
            opts=self.child,
        )
        role, policy = service_role(
            f"{self.name}-role",
            scope=self.scope.scope,
            role_name=self.scope.name(limits.NAME_IAM_ROLE, "pipeline"),
            principal="codepipeline.amazonaws.com",
            statements=[*self._statements(projects), *statements],
            tags=self.tags,
            opts=self.child,
        )
        plan = self.parts.plan
        pipeline = aws.codepipeline.Pipeline(
            f"{self.name}-pipeline",
            name=self.pipeline_name,
            pipeline_type="V2",
            execution_mode="QUEUED",
            role_arn=role.arn,
            artifact_stores=[
                {
                    "type": "S3",
                    "location": self.parts.bucket,
                    "encryption_key": {"type": "KMS", "id": self.parts.key_arn},
                }
            ],
            stages=list(stages),
            triggers=[_push(plan.branch, folder)] if folder else None,
            tags=self.tags,
            opts=self.after(policy, logs, *self.parts.store.ready),
        )
        pattern: dict[str, Json] = {
            "source": ["aws.codepipeline"],
            "detail-type": [EVENT],
            "detail": {"pipeline": [self.pipeline_name], "state": ["FAILED"]},
        }
        notify_failures(self, pattern, "pipeline")
        return pipeline

    def started_by(self, pattern: dict[str, Json], revision: str = "") -> None:
        """Start an execution at each event that matches; `revision` says where its digest is, for an image."""
        arn = self.scope.scope.arn("codepipeline", self.pipeline_name)
        role, policy = service_role(
            f"{self.name}-start",
            scope=self.scope.scope,
            role_name=self.scope.name(limits.NAME_IAM_ROLE, "start-pipeline"),
            principal="events.amazonaws.com",
            statements=[Statement(sid="Start", actions=["codepipeline:StartPipelineExecution"], resources=[arn])],
            tags=self.tags,
            opts=self.child,
        )
        rule = aws.cloudwatch.EventRule(
            f"{self.name}-promote",
            name=self.scope.name(limits.NAME_EVENTBRIDGE_RULE, "promote"),
            description=f"Something of {self.scope.service} can be promoted",
            event_pattern=compact_json(pattern),
            tags=self.tags,
            opts=self.child,
        )
        aws.cloudwatch.EventTarget(
            f"{self.name}-promote-start",
            rule=rule.name,
            target_id="pipeline",
            arn=arn,
            role_arn=role.arn,
            input_transformer=_of_digest(revision) if revision else None,
            opts=self.after(policy),
        )

    def _statements(self, projects: Sequence[str]) -> list[Statement]:
        """Artifacts, the connection, the builds, the log of what AWS runs itself, and the topic of approvals."""
        arn = self.scope.scope.arn
        group = arn("logs", f"log-group:{log_group_name(self.pipeline_name)}")
        topic = self.parts.approvals_topic_arn
        publish = [Statement(sid="AskForApproval", actions=["sns:Publish"], resources=[topic])] if topic else []
        return [
            *artifact_statements(self.scope.scope, self.parts.store, ["s3", *(["sns"] if topic else [])]),
            connection_statement(self.parts.plan, pushes=True),
            Statement(
                sid="Build",
                actions=["codebuild:BatchGetBuilds", "codebuild:StartBuild"],
                resources=[arn("codebuild", f"project/{name}") for name in projects],
            ),
            Statement(
                sid="Log",
                actions=["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[group, f"{group}:*"],
            ),
            *publish,
        ]


def pipeline_name(environment: str, service: str) -> str:
    """The name of a service's pipeline in an environment."""
    return physical_name(limits.NAME_CODEPIPELINE, environment, service)


def log_group_name(pipeline: str) -> str:
    """Where CodePipeline writes what it runs itself, such as a scan."""
    return f"/aws/codepipeline/{pipeline}"


def _push(branch: str, folder: str) -> aws.codepipeline.PipelineTriggerArgsDict:
    return {
        "provider_type": "CodeStarSourceConnection",
        "git_configuration": {
            "source_action_name": "Source",
            # The second pattern is for folders within it, and does not match the files of the first.
            "pushes": [
                {"branches": {"includes": [branch]}, "file_paths": {"includes": [f"{folder}/*", f"{folder}/**"]}}
            ],
        },
    }


def _of_digest(path: str) -> aws.cloudwatch.EventTargetInputTransformerArgsDict:
    """CodePipeline user guide, ECR source: an event replaces the revision of the source by the digest that it names."""
    override: dict[str, Json] = {
        "actionName": IMAGE_SOURCE,
        "revisionType": "IMAGE_DIGEST",
        "revisionValue": "<digest>",
    }
    return {"input_paths": {"digest": path}, "input_template": compact_json({"sourceRevisions": [override]})}
