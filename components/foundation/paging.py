"""The topic that all alarms go to, and the on-call service that listens."""

import pulumi
import pulumi_aws as aws

from components.foundation.keys import COST_SERVICES, Keys
from components.scope import Scope, compact_json, paging_topic_arn, paging_topic_name


class Paging(pulumi.ComponentResource):
    """An encrypted SNS topic with PagerDuty or Opsgenie subscribed over HTTPS."""

    ready: pulumi.Resource
    """Who is looked at by AWS before it may send must wait for this: the policy that lets it."""

    def __init__(self, name: str, scope: Scope, keys: Keys, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("onramp:foundation:Paging", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        topic = aws.sns.Topic(
            f"{name}-topic",
            name=paging_topic_name(scope),
            display_name=f"Alarms of {scope.env}",
            kms_master_key_id=keys.data_arn,
            tags=scope.tags("foundation"),
            opts=child,
        )
        self.ready = aws.sns.TopicPolicy(
            f"{name}-topic-policy", arn=topic.arn, policy=_publish_policy(scope), opts=child
        )
        paging = scope.environment.paging
        integration = aws.secretsmanager.get_secret_version_output(
            secret_id=paging.secret, opts=pulumi.InvokeOutputOptions(parent=self)
        )
        aws.sns.TopicSubscription(
            f"{name}-{paging.provider}",
            topic=topic.arn,
            protocol="https",
            endpoint=pulumi.Output.secret(integration.secret_string),
            endpoint_auto_confirms=True,
            opts=child,
        )
        self.register_outputs({"topicArn": topic.arn})


def _publish_policy(scope: Scope) -> str:
    """Alarms and cost notices of this account may publish, and EventBridge, which does not say for which it does."""
    return compact_json(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Alarms",
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudwatch.amazonaws.com"},
                    "Action": "sns:Publish",
                    "Resource": paging_topic_arn(scope),
                    "Condition": {"StringEquals": {"aws:SourceAccount": scope.account}},
                },
                {
                    "Sid": "Costs",
                    "Effect": "Allow",
                    "Principal": {"Service": [*COST_SERVICES]},
                    "Action": "sns:Publish",
                    "Resource": paging_topic_arn(scope),
                    "Condition": {"StringEquals": {"aws:SourceAccount": scope.account}},
                },
                {
                    "Sid": "Events",
                    "Effect": "Allow",
                    "Principal": {"Service": "events.amazonaws.com"},
                    "Action": "sns:Publish",
                    "Resource": paging_topic_arn(scope),
                },
            ],
        }
    )
