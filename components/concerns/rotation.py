"""The function that changes a password: AWS's own, from the Serverless Application Repository."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.concern import Concern
from components.concerns.doors import chain
from components.foundation.interface import Foundation
from stacks import limits
from stacks.naming import physical_name
from stacks.standards import HTTPS_PORT, SECRET_ROTATION_DAYS, STORE_PORTS

REPOSITORY: Final = "arn:aws:serverlessrepo:us-east-1:297356227824:applications"
"""Where AWS publishes its rotation functions, for all regions (Secrets Manager user guide, rotation templates)."""
APPLICATIONS: Final[Mapping[tuple[str, bool], str]] = {
    ("postgres", False): "SecretsManagerRDSPostgreSQLRotationSingleUser",
    ("postgres", True): "SecretsManagerRDSPostgreSQLRotationMultiUser",
    ("redis", False): "SecretsManagerElasticacheUserRotation",
}
"""By what the credential opens, and whether two users alternate."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Administrator:
    """Who makes the second of two users: the secret that a function with alternating users reads as well.

    What RDS keeps is a name and a password; for the address, the function asks the API of RDS.
    """

    secret_arn: pulumi.Input[str]
    is_kept_by_rds: bool = False


class RotationFunction:
    """One rotation function of a service, with a security group that reaches its store and AWS, and nothing else.

    With an administrator two users alternate. Such a function may read one administrator's secret, so it rotates one
    credential alone. Without `store_group_id` the store is somewhere in the VPC.
    """

    arn: str
    stack: aws.serverlessrepository.CloudFormationStack

    def __init__(
        self,
        concern: Concern,
        name: str,
        kind: str,
        foundation: Foundation,
        *,
        administrator: Administrator | None = None,
        store_group_id: pulumi.Output[str] | None = None,
    ) -> None:
        role = f"rotate-{name}"
        scope = concern.scope
        # No service's own function has an underscore in its name, so these two never meet.
        function = physical_name(limits.NAME_LAMBDA_FUNCTION, f"{scope.scope.env}-{scope.service}_{role}")
        group = aws.ec2.SecurityGroup(
            f"{concern.name}-{role}-sg",
            name=scope.name(limits.NAME_SECURITY_GROUP, role),
            description=f"Rotation of {kind} credentials of {scope.service}",
            vpc_id=foundation.vpc_id,
            tags=concern.tags,
            opts=concern.child,
        )
        # The API of RDS has no endpoint in the VPC.
        aws_is_at = "0.0.0.0/0" if administrator is not None and administrator.is_kept_by_rds else foundation.vpc_cidr
        ways: list[tuple[str, int, pulumi.Input[str]]] = [("https", HTTPS_PORT, aws_is_at)]
        if store_group_id is None:
            ways.append((kind, STORE_PORTS[kind], foundation.vpc_cidr))
        else:
            chain(
                f"{concern.name}-{role}-store",
                "the store",
                source=group.id,
                target=store_group_id,
                port=STORE_PORTS[kind],
                tags=concern.tags,
                opts=concern.child,
            )
        for use, port, cidr in ways:
            aws.vpc.SecurityGroupEgressRule(
                f"{concern.name}-{role}-to-{use}",
                security_group_id=group.id,
                description=f"To {use}",
                cidr_ipv4=cidr,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                tags=concern.tags,
                opts=concern.child,
            )
        self.arn = scope.scope.arn("lambda", f"function:{function}")
        self.stack = aws.serverlessrepository.CloudFormationStack(
            f"{concern.name}-{role}",
            name=scope.name(limits.NAME_CLOUDFORMATION_STACK, role),
            application_id=f"{REPOSITORY}/{APPLICATIONS[(kind, administrator is not None)]}",
            capabilities=["CAPABILITY_IAM", "CAPABILITY_RESOURCE_POLICY"],
            parameters={
                "functionName": function,
                "endpoint": f"https://secretsmanager.{scope.scope.region}.amazonaws.com",
                "kmsKeyArn": foundation.data_key_arn,
                "vpcSubnetIds": foundation.private_subnet_ids.apply(",".join),
                "vpcSecurityGroupIds": group.id,
                **_may_read(administrator, foundation),
            },
            tags=concern.tags,
            opts=concern.child,
        )


def rotate(concern: Concern, key: str, secret: aws.secretsmanager.Secret, function: RotationFunction) -> None:
    """Let `function` change the credential `key` every 30 days, and not now: at first it is only a placeholder."""
    aws.secretsmanager.SecretRotation(
        f"{concern.name}-{key.lower().replace('_', '-')}-rotation",
        secret_id=secret.id,
        rotation_lambda_arn=function.arn,
        rotation_rules={"automatically_after_days": SECRET_ROTATION_DAYS},
        rotate_immediately=False,
        opts=concern.after(function.stack),
    )


def _may_read(administrator: Administrator | None, foundation: Foundation) -> dict[str, pulumi.Input[str]]:
    """The parameters with which the application lets its function read the administrator's secret, and its key."""
    if administrator is None:
        return {}
    return {"masterSecretArn": administrator.secret_arn, "masterSecretKmsKeyArn": foundation.data_key_arn}
