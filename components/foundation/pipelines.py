"""What the pipelines of a stack share: where artifacts and logs lie, and the builds that deploy and that ask."""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.foundation.bucket import LogBucket, bucket_name_of
from components.foundation.builds import Build, PipelineStore, build_project
from components.foundation.interface import Foundation
from components.iam import Statement
from components.scope import Scope
from stacks import limits
from stacks.models import PipelinePlan
from stacks.naming import fingerprint
from stacks.standards import LOG_RETENTION_DAYS

FOLDER: Final = "pipelines"
"""The part of their log groups that no service has."""
ARTIFACT_DAYS: Final = 30
"""An execution that waits for approval ends after seven days; a month leaves time to look at what it had."""
DEPLOY_MINUTES: Final = 240
"""A rollout with a bake, and the wait for another deployment of the same stack."""
ROLLOUT_MINUTES: Final = limits.CODEPIPELINE_BUILD_MINUTES_MAX
"""A rollout takes as long as its gates need; longer than this, the pipeline does not see its end."""
HUB_BLOCKS: Final = ("CRITICAL", "HIGH")
"""Severities of Security Hub that keep an image from prod until somebody has dealt with them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PipelineParts:
    """The shared parts, as the pipeline of a service uses them; names are text, so that a preview shows them."""

    stack: str
    store: PipelineStore
    bucket: str
    key_arn: pulumi.Output[str]
    logs_key_arn: pulumi.Output[str]
    deploy_project: str
    """Runs `onramp deploy` or `onramp rollout start`; see buildspecs/deploy.yml for its variables."""
    findings_project: str
    """Asks Security Hub about an image; empty outside prod."""
    approvals_topic_arn: str
    """Where a promotion that waits is told; empty outside prod."""

    @property
    def plan(self) -> PipelinePlan:
        """What the stack file says about pipelines."""
        return self.store.plan


class Pipelines(pulumi.ComponentResource):
    """Artifact bucket, log group, and the projects that deploy and, in prod, ask Security Hub.

    With `rolls_out`, the one that deploys has the time for rollouts as well.

    Costs what is stored and what runs: nothing while nothing is delivered.
    """

    parts: PipelineParts

    def __init__(
        self,
        name: str,
        scope: Scope,
        plan: PipelinePlan,
        foundation: Foundation,
        *,
        rolls_out: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("onramp:foundation:Pipelines", name, {"environment": scope.env}, opts)
        self._name, self._scope, self._plan = name, scope, plan
        self._child = pulumi.ResourceOptions(parent=self)
        self._tags = scope.tags("foundation")
        self._stack = pulumi.get_stack()
        self._own = () if self._stack == scope.env else (fingerprint(self._stack),)
        store = self._store(foundation)
        self.parts = PipelineParts(
            stack=self._stack,
            store=store,
            bucket=bucket_name_of(scope, store.artifacts),
            key_arn=foundation.data_key_arn,
            logs_key_arn=foundation.logs_key_arn,
            deploy_project=self._deploy(store, ROLLOUT_MINUTES if rolls_out else DEPLOY_MINUTES),
            findings_project=self._findings(store) if scope.is_prod else "",
            approvals_topic_arn=self._approvals(foundation) if scope.is_prod else "",
        )
        self.register_outputs({})

    def _store(self, foundation: Foundation) -> PipelineStore:
        artifacts = "-".join(("artifacts", *self._own))
        bucket = LogBucket(
            f"{self._name}-artifacts",
            self._scope,
            artifacts,
            [],
            expiry_days=ARTIFACT_DAYS,
            key_arn=foundation.data_key_arn,
            opts=self._child,
        )
        group = "/".join((f"/onramp/{self._scope.env}/{FOLDER}/builds", *self._own))
        logs = aws.cloudwatch.LogGroup(
            f"{self._name}-logs",
            name=group,
            retention_in_days=LOG_RETENTION_DAYS[self._scope.tier],
            kms_key_id=foundation.logs_key_arn,
            tags=self._tags,
            opts=self._child,
        )
        return PipelineStore(plan=self._plan, artifacts=artifacts, log_group=group, ready=(bucket.ready, logs))

    def _deploy(self, store: PipelineStore, minutes: int) -> str:
        plan, scope = self._plan, self._scope
        role = plan.deploy_role if plan.deploy_role.startswith("arn:") else scope.role_arn(plan.deploy_role)
        build = Build(
            project=scope.name(limits.NAME_CODEBUILD, *self._own, "deploy"),
            buildspec="deploy",
            statements=[
                Statement(sid="Deploy", actions=["sts:AssumeRole"], resources=[role]),
                Statement(
                    sid="TagImage",
                    actions=["ecr:BatchGetImage", "ecr:DescribeImages", "ecr:PutImage"],
                    resources=[scope.arn("ecr", f"repository/*/{scope.env}")],
                ),
            ],
            variables={
                "BRANCH": plan.branch,
                "DEPLOY_ROLE": role,
                "ENVIRONMENT": scope.env,
                "PULUMI_BACKEND_URL": plan.backend,
                "STACK": self._stack,
            },
            secrets={} if plan.token is None else {"PULUMI_ACCESS_TOKEN": plan.token},
            pushes=True,
            timeout_minutes=minutes,
        )
        build_project(f"{self._name}-deploy", scope, store, build, self._tags, self._child)
        return build.project

    def _findings(self, store: PipelineStore) -> str:
        scope = self._scope
        build = Build(
            project=scope.name(limits.NAME_CODEBUILD, *self._own, "findings"),
            buildspec="findings",
            statements=[
                Statement(
                    sid="Findings",
                    actions=["securityhub:GetFindings"],
                    resources=[scope.arn("securityhub", "hub/default")],
                )
            ],
            variables={"REPOSITORIES": scope.arn("ecr", "repository"), "SEVERITIES": " ".join(HUB_BLOCKS)},
        )
        build_project(f"{self._name}-findings", scope, store, build, self._tags, self._child)
        return build.project

    def _approvals(self, foundation: Foundation) -> str:
        """A topic of its own: a promotion that waits is no reason to wake somebody."""
        name = self._scope.name(limits.NAME_SNS_TOPIC, *self._own, "approvals")
        topic = aws.sns.Topic(
            f"{self._name}-approvals",
            name=name,
            display_name=f"Promotions to {self._scope.env}",
            kms_master_key_id=foundation.data_key_arn,
            tags=self._tags,
            opts=self._child,
        )
        for place, approver in enumerate(self._plan.approvers):
            aws.sns.TopicSubscription(
                f"{self._name}-approver-{place}",
                topic=topic.arn,
                protocol="email",
                endpoint=approver,
                opts=self._child,
            )
        return self._scope.arn("sns", name)
