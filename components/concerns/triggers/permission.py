"""Who may invoke a function without a role of their own: services of AWS, each for one thing of ours."""

import pulumi
import pulumi_aws as aws

from components.concerns.concern import Concern
from stacks import limits
from stacks.naming import physical_name


def permit(
    concern: Concern, alias: aws.lambda_.Alias, role: str, principal: str, source: pulumi.Output[str]
) -> aws.lambda_.Permission:
    """Let `principal` invoke the alias on behalf of `source`, an ARN."""
    return aws.lambda_.Permission(
        f"{concern.name}-{role}-permission",
        statement_id=physical_name(limits.NAME_LAMBDA_STATEMENT, role),
        action="lambda:InvokeFunction",
        function=alias.function_name,
        qualifier=alias.name,
        principal=principal,
        source_arn=source,
        opts=concern.child,
    )
