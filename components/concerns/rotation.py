"""The function that changes a password: AWS's own, from the Serverless Application Repository."""

from collections.abc import Mapping
from typing import Final

import pulumi_aws as aws

from components.concerns.concern import Concern
from components.foundation.interface import Foundation
from stacks import limits
from stacks.naming import physical_name
from stacks.standards import HTTPS_PORT, STORE_PORTS

REPOSITORY: Final = "arn:aws:serverlessrepo:us-east-1:297356227824:applications"
"""Where AWS publishes its rotation functions, for all regions (Secrets Manager user guide, rotation templates)."""
APPLICATIONS: Final[Mapping[tuple[str, bool], str]] = {
    ("postgres", False): "SecretsManagerRDSPostgreSQLRotationSingleUser",
    ("postgres", True): "SecretsManagerRDSPostgreSQLRotationMultiUser",
    ("redis", False): "SecretsManagerElasticacheUserRotation",
}
"""By what the credential opens, and whether two users alternate."""


class RotationFunction:
    """One rotation function of a service, with a security group that reaches its store and AWS, and nothing else."""

    arn: str
    stack: aws.serverlessrepository.CloudFormationStack

    def __init__(self, concern: Concern, kind: str, foundation: Foundation, *, alternating: bool) -> None:
        role = f"rotate-{kind}{'-alternating' if alternating else ''}"
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
        for port, use in ((STORE_PORTS[kind], kind), (HTTPS_PORT, "https")):
            aws.vpc.SecurityGroupEgressRule(
                f"{concern.name}-{role}-to-{use}",
                security_group_id=group.id,
                description=f"To {use} inside the VPC",
                cidr_ipv4=foundation.vpc_cidr,
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
            application_id=f"{REPOSITORY}/{APPLICATIONS[(kind, alternating)]}",
            capabilities=["CAPABILITY_IAM", "CAPABILITY_RESOURCE_POLICY"],
            parameters={
                "functionName": function,
                "endpoint": f"https://secretsmanager.{scope.scope.region}.amazonaws.com",
                "kmsKeyArn": foundation.data_key_arn,
                "vpcSubnetIds": foundation.private_subnet_ids.apply(",".join),
                "vpcSecurityGroupIds": group.id,
            },
            tags=concern.tags,
            opts=concern.child,
        )
