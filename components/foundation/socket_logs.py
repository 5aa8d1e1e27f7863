"""The role with which API Gateway writes the logs of WebSocket APIs; HTTP APIs need none."""

import pulumi
import pulumi_aws as aws

from components.iam import Statement, service_role
from components.scope import Scope
from stacks import limits

ACTIONS = (
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:PutLogEvents",
)
"""API Gateway tries the role out, on a log group of its own, before it takes it (API Gateway guide, CloudWatch)."""


class SocketLogs(pulumi.ComponentResource):
    """One setting of account and region: environments that share them must agree on who makes it. Free."""

    role_arn: pulumi.Output[str]

    def __init__(self, name: str, scope: Scope, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("onramp:foundation:SocketLogs", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        role_name = scope.name(limits.NAME_IAM_ROLE, "socket-logs")
        role, policy = service_role(
            f"{name}-role",
            scope=scope,
            role_name=role_name,
            principal="apigateway.amazonaws.com",
            statements=[
                Statement(
                    sid="Write",
                    actions=ACTIONS,
                    resources=[scope.arn("logs", "log-group:*")],
                )
            ],
            tags=scope.tags("foundation"),
            opts=child,
        )
        account = aws.apigateway.Account(
            f"{name}-account",
            cloudwatch_role_arn=scope.role_arn(role_name),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[role, policy]),
        )
        self.role_arn = account.cloudwatch_role_arn.apply(lambda arn: arn or "")
        self.register_outputs({"roleArn": self.role_arn})
