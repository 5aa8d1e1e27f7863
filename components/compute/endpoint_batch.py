"""A transform job by schedule: what starts it, who hears when it fails, and what is seen of it."""

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.concern import Concern
from components.iam import Statement, service_role, use_key
from components.scope import ServiceScope, compact_json
from components.signals.widget import Widget, body
from stacks import instances, limits
from stacks.models import EndpointSpec
from stacks.models.endpoint_parts import BatchPlan
from stacks.source import Json

CREATE_JOB: Final = "arn:{partition}:scheduler:::aws-sdk:sagemaker:createTransformJob"
EXECUTION: Final = "<aws.scheduler.execution-id>"
"""EventBridge Scheduler puts the id of each start here, 36 characters at most, so that no two jobs share a name."""
EXECUTION_CHARS: Final = 36
RETRIES: Final = 3
START_WITHIN_SECONDS: Final = 3_600
"""Our own: a start that has not worked within an hour waits in the dead-letter queue for a person."""
TRANSFORM_LOGS: Final = "/aws/sagemaker/TransformJobs"
"""SageMaker writes the logs of all transform jobs of an account here; the group belongs to no service."""


def job_prefix(scope: ServiceScope) -> str:
    """How the names of all jobs of the service begin."""
    return f"{scope.name(limits.NAME_SAGEMAKER - EXECUTION_CHARS - 1)}-"


def failed_rule_name(scope: ServiceScope) -> str:
    """The rule that sees jobs fail; its metric counts them."""
    return scope.name(limits.NAME_EVENTBRIDGE_RULE, "transform-failed")


def start_by_schedule(  # noqa: PLR0913 - where, what, from where to where, and the two of Pulumi
    name: str,
    scope: ServiceScope,
    spec: EndpointSpec,
    plan: BatchPlan,
    *,
    model: pulumi.Output[str],
    output: str,
    dead: aws.sqs.Queue,
    opts: pulumi.ResourceOptions,
) -> None:
    """EventBridge Scheduler creates the jobs; a start that fails for good goes to the queue `dead`."""
    role, policy = service_role(
        f"{name}-role",
        scope=scope.scope,
        role_name=scope.name(limits.NAME_IAM_ROLE, "schedule"),
        principal="scheduler.amazonaws.com",
        statements=_start_statements(scope, dead_name=scope.name(limits.NAME_SQS_QUEUE, "unstarted")),
        tags=dict(scope.tags),
        opts=pulumi.ResourceOptions(parent=opts.parent),
    )
    aws.scheduler.Schedule(
        name,
        name=scope.name(limits.NAME_SCHEDULE, "transform"),
        description=f"Starts the transform jobs of {scope.service}",
        schedule_expression=plan.schedule,
        schedule_expression_timezone="UTC",
        flexible_time_window={"mode": "OFF"},
        target={
            "arn": CREATE_JOB.format(partition=scope.scope.partition),
            "role_arn": role.arn,
            "input": model.apply(lambda name: compact_json(_job(scope, spec, plan, name, output))),
            "dead_letter_config": {"arn": dead.arn},
            "retry_policy": {
                "maximum_retry_attempts": RETRIES,
                "maximum_event_age_in_seconds": START_WITHIN_SECONDS,
            },
        },
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[policy])),
    )


def _job(scope: ServiceScope, spec: EndpointSpec, plan: BatchPlan, model: str, output: str) -> dict[str, Json]:
    """The job as CreateTransformJob takes it. The key is named by its alias, so that all of it is known at preview."""
    key = scope.scope.arn("kms", scope.scope.key_alias("data"))
    resources: dict[str, Json] = {"InstanceType": spec.instance, "InstanceCount": plan.instances}
    if spec.instance is not None and not instances.has_local_disk(spec.instance):
        resources["VolumeKmsKeyId"] = key
    source: dict[str, Json] = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": plan.input}}
    tags: list[Json] = [{"Key": name, "Value": value} for name, value in scope.tags.items()]
    return {
        "TransformJobName": f"{job_prefix(scope)}{EXECUTION}",
        "ModelName": model,
        "BatchStrategy": plan.strategy,
        "MaxConcurrentTransforms": plan.max_concurrent,
        "MaxPayloadInMB": plan.max_payload_mib,
        "TransformInput": {"DataSource": source, "ContentType": plan.content_type, "SplitType": plan.split},
        "TransformOutput": {
            "S3OutputPath": output,
            "AssembleWith": "Line" if plan.split == "Line" else "None",
            "KmsKeyId": key,
        },
        "TransformResources": resources,
        "Tags": tags,
    }


def _start_statements(scope: ServiceScope, *, dead_name: str) -> list[Statement]:
    """Create and tag this service's jobs, encrypt their volumes, and put away starts that failed."""
    arn = scope.scope.arn
    return [
        Statement(
            sid="Start",
            actions=["sagemaker:AddTags", "sagemaker:CreateTransformJob"],
            resources=[arn("sagemaker", f"transform-job/{job_prefix(scope)}*")],
        ),
        Statement(
            sid="SealVolumes",
            actions=["kms:CreateGrant"],
            resources=[arn("kms", "key/*")],
            condition={
                "ForAnyValue:StringEquals": {"kms:ResourceAliases": scope.scope.key_alias("data")},
                "Bool": {"kms:GrantIsForAWSResource": "true"},
            },
        ),
        Statement(sid="Failed", actions=["sqs:SendMessage"], resources=[arn("sqs", dead_name)]),
        use_key(scope.scope, "data", ["sagemaker", "sqs"]),
    ]


class TransformObservability(Concern):
    """A saved question about the logs of the jobs, and a dashboard (3 USD a month)."""

    def __init__(self, scope: ServiceScope, widgets: Sequence[Widget], opts: pulumi.ResourceOptions) -> None:
        super().__init__("Observability", scope, opts)
        aws.cloudwatch.QueryDefinition(
            f"{self.name}-query-errors",
            name=f"{scope.scope.env}/{scope.service}/errors",
            log_group_names=[TRANSFORM_LOGS],
            query_string=f'filter @logStream like "{job_prefix(scope)}" | filter @message like /(?i)error|exception/'
            " | sort @timestamp desc",
            opts=self.child,
        )
        aws.cloudwatch.Dashboard(
            f"{self.name}-dashboard",
            dashboard_name=scope.name(limits.NAME_DASHBOARD),
            dashboard_body=body(scope.scope.region, widgets),
            opts=self.child,
        )
        self.register_outputs({})


class TransformDelivery(Concern):
    """Who hears of a job that failed. A new model is in the next job; nothing is shifted."""

    def __init__(self, scope: ServiceScope, opts: pulumi.ResourceOptions) -> None:
        super().__init__("Delivery", scope, opts)
        pattern: dict[str, Json] = {
            "source": ["aws.sagemaker"],
            "detail-type": ["SageMaker Transform Job State Change"],
            "detail": {"TransformJobName": [{"prefix": job_prefix(scope)}], "TransformJobStatus": ["Failed"]},
        }
        rule = aws.cloudwatch.EventRule(
            f"{self.name}-failed",
            name=failed_rule_name(scope),
            description=f"A transform job of {scope.service} failed",
            event_pattern=compact_json(pattern),
            tags=self.tags,
            opts=self.child,
        )
        aws.cloudwatch.EventTarget(
            f"{self.name}-failed-page",
            rule=rule.name,
            target_id="paging",
            arn=scope.paging_topic_arn,
            opts=self.child,
        )
        self.register_outputs({})
